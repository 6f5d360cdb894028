/** What every 1C program is started with, and how its jobs are begun, followed and put away. */
import type { InfobaseTarget } from '../../runbook/targets/index.ts';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { CommandResult, JobOptions, Machine } from '../machines/machine.ts';
import type { StepContext } from '../step.ts';

/** An infobase, the machine its programs run on, and the step that works on it. */
export interface Onec {
  readonly target: InfobaseTarget;
  readonly machine: Machine;
  readonly context: StepContext;
}

export const program = ({ machine, target }: Onec, name: '1cv8' | 'ibcmd' | 'rac'): string =>
  machine.join(target.platform, machine.os === 'windows' ? `${name}.exe` : name);

/** Scratch folder of a job: logs, ibcmd's `--data`. Removed by `putAway`. */
export const scratch = ({ machine }: Onec, job: string): string => machine.join(machine.work, 'onec', job);

/** The infobase's own password; empty when it has none. */
export const password = ({ target, context }: Onec): Promise<string> | string =>
  target.password === undefined ? '' : context.secret(target.password);

/**
 * Begins the job, or follows the one of that name that an earlier attempt began. A lost one (power cut) is begun anew: all
 * jobs of 1C (dump, load, read) may be done again from the start.
 */
export async function runJob(
  onec: Onec,
  job: string,
  argv: readonly string[],
  options: JobOptions = {},
): Promise<CommandResult> {
  const { machine, context } = onec;
  try {
    return await machine.job(job, argv, { signal: context.signal, leaveRunning: context.stopping, ...options });
  } catch (error) {
    // Ended for good; after a lost connection, on the other hand, it still runs and the next attempt follows it.
    if (!isNakatError(error) || !/^JOB_(?:CANCELLED|TIMEOUT|LOST)$/.test(error.code)) throw error;
    await putAway(onec, job).catch(() => undefined);
    if (error.code === 'JOB_LOST')
      throw new NakatError('JOB_LOST', {
        values: error.failure.values,
        where: machine.name,
        vendor: error.failure.vendor,
        cause: error,
        passing: true,
      });
    throw error;
  }
}

/** Makes the job's scratch folder; anew unless the job of an earlier attempt is still there to be followed. */
export async function prepare(onec: Onec, job: string): Promise<void> {
  const { state } = await onec.machine.jobStatus(job);
  const followed = state === 'running' || state === 'ended';
  if (!followed) await putAway(onec, job);
  await onec.machine.makeFolder(scratch(onec, job));
}

/** Removes the job's folder (its command holds a password) and its scratch folder. */
export async function putAway(onec: Onec, job: string): Promise<void> {
  await onec.machine.forgetJob(job);
  await onec.machine.remove(scratch(onec, job));
}

/**
 * Turns what 1C said into an error of the catalogue. Texts as the platform writes them in Russian and English; seen in
 * v8-runner-rust's measurements of 8.3.27 (exclusive lock), ssl_3_1 and public monitoring scripts (denied sessions, login).
 */
export function onecError({ target, machine }: Onec, what: string, text: string): NakatError {
  const values = { infobase: target.name, program: what, user: target.user };
  const options = { values, where: machine.name, vendor: text };
  const kind = kinds.find(([, pattern]) => pattern.test(text));
  return new NakatError(kind?.[0] ?? 'ONEC_FAILED', options);
}

const kinds = [
  [
    'INFOBASE_DENIED',
    /Начало сеанса с информационной базой запрещено|(?:starting|start of) .*session.* (?:is )?(?:denied|not allowed|prohibited)/i,
  ],
  ['INFOBASE_BUSY', /исключительной блокировки|монопольн|exclusive (?:lock|mode)|already open in Designer|уже открыт/i],
  [
    'INFOBASE_LOGIN',
    /Идентификация пользователя не выполнена|Неправильное имя или пароль|требуется аутентификация|not authenticated|wrong (?:user ?name|name) or password|incorrect (?:user ?name|name) or password/i,
  ],
  ['ONEC_LICENSE', /Не обнаружен[ао]? .*лиценз|Не найдена лицензия|license .*not found|no .*licen[sc]e/i],
  ['INFOBASE_NOT_FOUND', /Информационная база не обнаружена|infobase (?:is )?not found/i],
] as const;
