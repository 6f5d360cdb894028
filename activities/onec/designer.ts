/**
 * The Designer in batch mode (`1cv8 DESIGNER …`). A run has succeeded only when the exit code is 0, the file of
 * `/DumpResult` says 0 and the file of `/Out` tells of no error: exit 0 with an error in the log does occur.
 * Sources: oscript-library/v8runner (switches), 1c-syntax/ssl_3_1 (`/WA-`, `/UC`, log in UTF-8), kb.1ci.com Administrator
 * guide, appendix 7. 1cv8 takes the password in its arguments only, so it is visible in the machine's process list
 * while it runs; it is in no log, message or progress note, and the job's folder is removed at the end.
 */
import { onecError, password, prepare, program, putAway, runJob, scratch, type Onec } from './onec.ts';
import { decodeLog, speaksOfError } from './text.ts';

/**
 * Runs the Designer's command as a job, or follows it. Returns what it wrote to `/Out`. The job stays known (so that a
 * second attempt finds its result) until `putAway`; a failed one is put away before the error is thrown.
 */
export async function designer(onec: Onec, job: string, command: readonly string[]): Promise<string> {
  const { machine, target } = onec;
  await prepare(onec, job);
  const log = machine.join(scratch(onec, job), 'out.txt');
  const verdict = machine.join(scratch(onec, job), 'result.txt');
  const secret = await password(onec);
  const place = target.at.kind === 'file' ? ['/F', target.at.folder] : ['/S', `${target.at.server}\\${target.at.ref}`];
  const result = await runJob(onec, job, [
    program(onec, '1cv8'),
    'DESIGNER',
    ...place,
    ...(target.user === '' ? [] : ['/N', target.user]),
    ...(secret === '' ? [] : ['/P', secret]),
    '/WA-',
    '/UC',
    target.permissionCode,
    '/DisableStartupDialogs',
    '/DisableStartupMessages',
    '/Out',
    log,
    '/DumpResult',
    verdict,
    ...command,
  ]);
  const text = await readText(onec, log);
  const number = (await readText(onec, verdict)).trim();
  if (result.code === 0 && number === '0' && !speaksOfError(text)) return text;
  await putAway(onec, job);
  throw onecError(
    onec,
    '1cv8',
    `${text.trim() || result.stderr.trim() || result.stdout.trim()} (exit ${result.code}, result ${number || '?'})`,
  );
}

/** Reads the configuration's generation: changes with every change of the configuration, and never otherwise. */
export async function designerGeneration(onec: Onec, job: string): Promise<string> {
  // An earlier attempt's answer would be an old one.
  await putAway(onec, job);
  const text = await designer(onec, job, ['/GetConfigGenerationID']);
  await putAway(onec, job);
  const id = /\b[0-9a-f]{32,}\b/i.exec(text)?.[0];
  if (id === undefined) throw onecError(onec, '1cv8', text);
  return id.toLowerCase();
}

async function readText({ machine }: Onec, path: string): Promise<string> {
  return (await machine.stat(path)) === null ? '' : decodeLog(await machine.readFile(path));
}
