/** Asks an infobase from inside, where no program of 1C tells: see `inside-script.ts`. On Windows only. */
import { NakatError } from '../../runbook/errors/index.ts';
import type { CommandResult } from '../machines/machine.ts';
import { nameFor } from '../step.ts';
import { insideScript, type Ask } from './inside-script.ts';
import { onecError, password, prepare, putAway, runJob, scratch, type Onec } from './onec.ts';

export interface Named {
  readonly name: string;
  readonly vendor: string;
  readonly version: string;
}
export interface ExtensionState {
  readonly version: string;
  readonly active: boolean;
  readonly safeMode: boolean;
  readonly unsafeActionProtection: boolean;
  /** Of the content, as 1C sums it. */
  readonly hash: string;
}

/** Answers by what was asked. */
export interface Answers {
  configuration: Named & { readonly changed: boolean };
  data: { readonly pending: boolean; readonly version: string; readonly deferred: string };
  question: string;
  jobs: readonly { readonly name: string; readonly id: string; readonly use: boolean }[];
  setJobs: number;
  running: readonly string[];
  extension: ExtensionState | null;
  flags: boolean;
  /** `2026-05-01T22:15:00 event: comment` */
  errors: readonly string[];
  now: string;
  file: { readonly target: Named | null; readonly from: readonly Named[] | null };
}
type AnswersOf<A extends readonly Ask[]> = { readonly [I in keyof A]: A[I] extends Ask ? Answers[A[I]['do']] : never };

const variable = 'NAKAT_1C_PASSWORD';

/** Short questions, which may be asked again. Throws ONEC_INSIDE_FAILED, ONEC_INSIDE_WINDOWS, and what `onecError` knows. */
export async function askInside<const A extends readonly Ask[]>(onec: Onec, ...asks: A): Promise<AnswersOf<A>> {
  const { machine, context } = onec;
  // By attempt: what a killed one left is removed, and one that was thought dead does not answer for this one.
  const placeOf = (attempt: number): string => scratch(onec, `${nameFor(context, 'inside')}-${attempt}`);
  const place = placeOf(context.attempt);
  try {
    const { argv, env } = await written(onec, place, asks);
    const result = await machine.run(argv, { env, scratch: place, timeout: 900, signal: context.signal });
    return await answered<A>(onec, place, result);
  } finally {
    for (let attempt = 1; attempt <= context.attempt; attempt++) await machine.remove(placeOf(attempt));
  }
}

/** What takes long and must not be begun twice: as a job, which the caller puts away. */
export async function doInside<const A extends readonly Ask[]>(
  onec: Onec,
  job: string,
  ...asks: A
): Promise<AnswersOf<A>> {
  await prepare(onec, job);
  const place = scratch(onec, job);
  const { argv, env } = await written(onec, place, asks);
  try {
    return await answered<A>(onec, place, await runJob(onec, job, argv, { env }));
  } catch (error) {
    if ((await onec.machine.jobStatus(job)).state === 'ended') await putAway(onec, job);
    throw error;
  }
}

async function written(
  onec: Onec,
  place: string,
  asks: readonly Ask[],
): Promise<{ argv: string[]; env: Record<string, string> }> {
  const { machine, target } = onec;
  if (machine.os !== 'windows')
    throw new NakatError('ONEC_INSIDE_WINDOWS', { values: { infobase: target.name }, where: machine.name });
  const secret = await password(onec);
  await machine.makeFolder(place);
  const script = machine.join(place, 'inside.js');
  await machine.writeFile(
    script,
    insideScript({
      connection: connectionOf(onec),
      password: secret === '' ? '' : variable,
      answer: machine.join(place, 'answer.json'),
      asks,
    }),
  );
  // A 32-bit platform's connector is seen by the 32-bit script host only.
  const system = /\(x86\)/i.test(target.platform) ? 'SysWOW64' : 'System32';
  return {
    argv: [`C:\\Windows\\${system}\\cscript.exe`, '//NoLogo', '//E:JScript', script],
    env: secret === '' ? {} : { [variable]: secret },
  };
}

/** Values are quoted, quotes inside doubled. */
function connectionOf({ target }: Onec): string {
  const { at, user, permissionCode } = target;
  const parts = at.kind === 'file' ? { File: at.folder } : { Srvr: at.server, Ref: at.ref };
  const all = { ...parts, ...(user === '' ? {} : { Usr: user }), UC: permissionCode };
  return Object.entries(all)
    .map(([key, value]) => `${key}="${value.replaceAll('"', '""')}";`)
    .join('');
}

async function answered<A extends readonly Ask[]>(
  onec: Onec,
  place: string,
  result: CommandResult,
): Promise<AnswersOf<A>> {
  const { machine, target } = onec;
  const file = machine.join(place, 'answer.json');
  const failed = (vendor: string): NakatError =>
    new NakatError('ONEC_INSIDE_FAILED', { values: { infobase: target.name }, where: machine.name, vendor });
  if ((await machine.stat(file)) === null)
    throw failed(`${result.stderr.trim() || result.stdout.trim()} (exit ${result.code})`);
  const answer = JSON.parse((await machine.readFile(file)).toString('latin1')) as {
    results?: AnswersOf<A>;
    error?: string;
  };
  if (answer.results !== undefined) return answer.results;
  const known = onecError(onec, 'V83.COMConnector', answer.error ?? '');
  throw known.code === 'ONEC_FAILED' ? failed(answer.error ?? '') : known;
}
