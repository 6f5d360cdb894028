/** What tables, files, addresses and commands say, as comparable lines. */
import { createHash } from 'node:crypto';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import { differencesOf, proofSubject } from '../../runbook/messages/proof.ts';
import type { ProofLine, StateRecord } from '../../runbook/results.ts';
import type { ParamsOf } from '../../runbook/steps/index.ts';
import { connectDatabase } from '../databases/connect.ts';
import { machineFor } from '../machines/pool.ts';
import { proved } from '../proof.ts';
import { redact } from '../secrets.ts';
import { filesFingerprint } from '../site/fingerprint.ts';
import type { StepActivity, StepContext } from '../step.ts';
import { getUrl } from './url.ts';

export const recordState: StepActivity<'recordState'> = (params, _uses, context) => stateOf(params, context);

export const checkState: StepActivity<'checkState'> = async (params, { before }, context) => {
  const now = await stateOf(params, context);
  const different = compared(before, now).filter((line) => !line.equal);
  if (different.length > 0)
    throw new NakatError('STATE_CHANGED', {
      proof: different.slice(0, 5),
      values: { count: different.length, differences: differencesOf(different, 'en') },
    });
  return now;
};

export const proveState: StepActivity<'proveState'> = async (params, { before }, context) =>
  proved(compared(before, await stateOf(params, context)), context.system, context);

/** One after the other: the servers are busy enough, and the result is compared, not timed. */
async function stateOf(
  { databases, folders, urls, commands }: ParamsOf<'recordState'>,
  context: StepContext,
): Promise<StateRecord> {
  const lines: StateRecord['lines'][number][] = [];
  for (const { database: target, tables } of databases) {
    context.progress({ note: target.name });
    const database = await connectDatabase(target, context);
    lines.push({ ...proofSubject({ kind: 'schema', of: target.name }), value: await database.schemaFingerprint() });
    for (const { table, rows, checksum } of await database.fingerprint(tables, {
      signal: context.signal,
      progress: context.progress,
    }))
      lines.push({
        ...proofSubject({ kind: 'table', name: table, of: target.name }),
        value: `${rows}, ${checksum}`,
      });
  }
  for (const { machine: target, folder } of folders) {
    context.progress({ note: folder });
    const { count, bytes, sha256 } = await filesFingerprint(await machineFor(target, context), folder);
    lines.push({
      ...proofSubject({ kind: 'filesOf', name: folder, of: target.name }),
      value: `${count}, ${bytes}, ${sha256}`,
    });
  }
  for (const url of urls) lines.push({ what: url, value: await answerOf(url, context) });
  for (const { machine: target, argv } of commands) {
    const machine = await machineFor(target, context);
    const { code, stdout } = await machine.run(argv, { timeout: 300, signal: context.signal });
    lines.push({ what: `${target.name}$ ${argv.join(' ')}`, value: `${code ?? '—'} ${short(stdout.trim())}` });
  }
  return { lines };
}

async function answerOf(url: string, context: StepContext): Promise<string> {
  try {
    const { status, body } = await getUrl(url, context);
    return `${status} ${short(body)}`;
  } catch (error) {
    context.signal.throwIfAborted();
    if (isNakatError(error)) throw error;
    return '—';
  }
}

/** Short texts as they are, long ones as their digest: results stay small. */
const short = (text: string): string =>
  text.length <= 80 && !text.includes('\n') ? redact(text) : createHash('sha256').update(text).digest('hex');

function compared(before: StateRecord, after: StateRecord): ProofLine[] {
  const [then, now] = [before, after].map(({ lines }) => new Map(lines.map((line) => [line.what, line])));
  return [...new Map([...then!, ...now!])].map(([what, { value: _value, ...subject }]) => {
    const [old, current] = [then!.get(what)?.value ?? '—', now!.get(what)?.value ?? '—'];
    return { ...subject, before: old, after: current, equal: old === current };
  });
}
