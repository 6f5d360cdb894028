/** What tables, files, addresses and commands say, as comparable lines. */
import { createHash } from 'node:crypto';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { ProofLine, StateRecord } from '../../runbook/results.ts';
import type { ParamsOf } from '../../runbook/steps/index.ts';
import { connectDatabase } from '../databases/connect.ts';
import { machineFor } from '../machines/pool.ts';
import { redact } from '../secrets.ts';
import { filesFingerprint } from '../site/fingerprint.ts';
import type { StepActivity, StepContext } from '../step.ts';
import { getUrl } from './url.ts';

export const recordState: StepActivity<'recordState'> = (params, _uses, context) => stateOf(params, context);

export const checkState: StepActivity<'checkState'> = async (params, { before }, context) => {
  const now = await stateOf(params, context);
  const different = compared(before, now).filter((line) => !line.equal);
  if (different.length > 0) throw new NakatError('STATE_CHANGED', { values: counted(different) });
  return now;
};

export const proveState: StepActivity<'proveState'> = async (params, { before }, context) => {
  const lines = compared(before, await stateOf(params, context));
  const different = lines.filter((line) => !line.equal);
  if (different.length === 0) return { lines };
  throw new NakatError('RESTORE_NOT_PROVED', {
    where: context.system,
    proof: lines.length > 200 ? different.slice(0, 200) : lines,
    values: counted(different),
  });
};

/** One after the other: the servers are busy enough, and the result is compared, not timed. */
async function stateOf(
  { databases, folders, urls, commands }: ParamsOf<'recordState'>,
  context: StepContext,
): Promise<StateRecord> {
  const lines: { what: string; value: string }[] = [];
  for (const { database: target, tables } of databases) {
    context.progress({ note: target.name });
    const database = await connectDatabase(target, context);
    lines.push({ what: `${target.name}: schema`, value: await database.schemaFingerprint() });
    for (const { table, rows, checksum } of await database.fingerprint(tables, {
      signal: context.signal,
      progress: context.progress,
    }))
      lines.push({ what: `${target.name}: table ${table}`, value: `${rows} rows, ${checksum}` });
  }
  for (const { machine: target, folder } of folders) {
    context.progress({ note: folder });
    const { count, bytes, sha256 } = await filesFingerprint(await machineFor(target, context), folder);
    lines.push({ what: `${target.name}: ${folder}`, value: `${count} files, ${bytes} bytes, ${sha256}` });
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
    return 'no answer';
  }
}

/** Short texts as they are, long ones as their digest: results stay small. */
const short = (text: string): string =>
  text.length <= 80 && !text.includes('\n') ? redact(text) : createHash('sha256').update(text).digest('hex');

function compared(before: StateRecord, after: StateRecord): ProofLine[] {
  const [then, now] = [before, after].map(({ lines }) => new Map(lines.map(({ what, value }) => [what, value])));
  return [...new Set([...then!.keys(), ...now!.keys()])].map((what) => {
    const [old, current] = [then!.get(what) ?? '—', now!.get(what) ?? '—'];
    return { what, before: old, after: current, equal: old === current };
  });
}

const counted = (different: readonly ProofLine[]): { count: number; differences: string } => ({
  count: different.length,
  differences: different
    .slice(0, 5)
    .map((line) => `${line.what}: ${line.before} → ${line.after}`)
    .join('; '),
});
