/**
 * 1C in user mode, unattended (`1cv8 ENTERPRISE … /C"…"`). It is a program with windows: a dialog that nobody answers makes it
 * wait for ever, so the step's own limit ends it. Its exit code tells little (public tools judge by the state afterwards), so
 * whoever calls this proves what it was to do.
 * Sources: 1c-syntax/ssl_3_1, template of its update script (`/WA-`, `/UC`, `/AllowExecuteScheduledJobs -Off`, `/C`).
 */
import { onecError, password, prepare, program, putAway, runJob, scratch, type Onec } from './onec.ts';
import { decodeLog } from './text.ts';

/** Runs as a job, or follows it; stays known until `putAway`. Returns what it wrote to `/Out`. Ended after `seconds`. */
export async function runClient(
  onec: Onec,
  job: string,
  { execute, command, seconds }: { execute: string; command: string; seconds: number },
): Promise<string> {
  const { machine, target } = onec;
  await prepare(onec, job);
  const log = machine.join(scratch(onec, job), 'out.txt');
  const secret = await password(onec);
  const place = target.at.kind === 'file' ? ['/F', target.at.folder] : ['/S', `${target.at.server}\\${target.at.ref}`];
  const result = await runJob(onec, job, [
    program(onec, '1cv8'), 'ENTERPRISE', ...place,
    ...(target.user === '' ? [] : ['/N', target.user]), ...(secret === '' ? [] : ['/P', secret]),
    '/WA-', '/UC', target.permissionCode, '/DisableStartupDialogs', '/DisableStartupMessages', '/AllowExecuteScheduledJobs', '-Off',
    '/Out', log, ...(execute === '' ? [] : ['/Execute', execute]), ...(command === '' ? [] : ['/C', command]),
  ], { timeout: seconds }); // prettier-ignore
  const text = (await machine.stat(log)) === null ? '' : decodeLog(await machine.readFile(log)).trim();
  if (result.code === 0) return text;
  await putAway(onec, job);
  throw onecError(
    onec,
    '1cv8 ENTERPRISE',
    `${text || result.stderr.trim() || result.stdout.trim()} (exit ${result.code})`,
  );
}
