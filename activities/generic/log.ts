/** Logs of any program: only what was written after a mark counts. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { NakatError } from '../../runbook/errors/index.ts';
import type { LogMark } from '../../runbook/results.ts';
import type { Machine } from '../machines/machine.ts';
import { machineFor } from '../machines/pool.ts';
import { redact } from '../secrets.ts';
import type { StepActivity } from '../step.ts';

/** Bytes at the beginning that tell whether it is still the same file. */
const headBytes = 1024;
/** Bytes read at a time. */
const piece = 2 ** 20;

export const markLog: StepActivity<'markLog'> = async ({ machine: target, file }, _uses, context) => {
  const machine = await machineFor(target, context);
  const bytes = (await machine.stat(file))?.size ?? 0;
  return { file, bytes, head: await headOf(machine, file, bytes) };
};

export const waitForLogLine: StepActivity<'waitForLogLine'> = async (params, { since }, context) => {
  const machine = await machineFor(params.machine, context);
  const [wanted, failure] = [
    new RegExp(params.line, 'u'),
    params.failure === '' ? null : new RegExp(params.failure, 'u'),
  ];
  const decoder = new TextDecoder(
    { utf8: 'utf-8', utf16le: 'utf-16le', cp866: 'ibm866', cp1251: 'windows-1251' }[params.encoding],
  );
  const end = Date.now() + params.within * 1000;
  let position = await startOf(machine, params.file, since);
  let rest = '';
  const last: string[] = [];
  const look = (line: string): boolean => {
    last.push(line);
    if (last.length > 5) last.shift();
    if (failure?.test(line))
      throw new NakatError('LOG_SAYS_FAILURE', { values: { file: params.file }, where: machine.name, vendor: line });
    return wanted.test(line);
  };
  for (;;) {
    const size = (await machine.stat(params.file))?.size ?? 0;
    if (size < position) {
      // Begun anew while we looked.
      position = 0;
      rest = '';
    }
    while (position < size) {
      const bytes = await machine.readFile(params.file, piece, position);
      if (bytes.length === 0) break;
      position += bytes.length;
      const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines) if (look(line)) return { line: redact(line).slice(0, 500) };
    }
    context.progress({ note: redact(last.at(-1) ?? '').slice(0, 80) });
    if (Date.now() >= end) break;
    await sleep(params.every * 1000, undefined, { signal: context.signal });
  }
  // A last line without an end may have been whole after all.
  if (rest !== '' && look(rest)) return { line: redact(rest).slice(0, 500) };
  throw new NakatError('LOG_LINE_MISSING', {
    values: { file: params.file, seconds: params.within },
    where: machine.name,
    vendor: last.join('\n'),
  });
};

/** Behind the mark, or at the beginning of a file that was begun anew since. */
async function startOf(machine: Machine, file: string, since: LogMark): Promise<number> {
  const size = (await machine.stat(file))?.size ?? 0;
  const same = size >= since.bytes && (await headOf(machine, file, since.bytes)) === since.head;
  return same ? since.bytes : 0;
}

async function headOf(machine: Machine, file: string, bytes: number): Promise<string> {
  const head = bytes === 0 ? Buffer.alloc(0) : await machine.readFile(file, Math.min(bytes, headBytes));
  return createHash('sha256').update(head).digest('hex');
}
