/**
 * ibcmd, the platform's standalone administration tool. It goes to the DBMS past the cluster and does not see sessions there:
 * whoever loads with it must have ended them. Exit code 0 is success, anything else failure with words on stderr.
 * Sources: oscript-library/ibcmdrunner (commands), alkoleft's ibcmd DSL (switches), measured notes on 8.3.25 and 8.3.27.
 * The password of the DBMS goes through the file of `--config` (section `database`), readable for nakat's user only
 * and removed with the job: so it is not in the process list. The infobase user's password has no such way.
 * A user without a password makes ibcmd ask on the console and wait for ever, so both are always given together.
 */
import type { DatabaseTarget } from '../../runbook/targets/index.ts';
import { NakatError } from '../../runbook/errors/index.ts';
import { onecError, password, prepare, program, putAway, runJob, scratch, type Onec } from './onec.ts';

/** Runs as a job; stays known until `putAway`, a failed one is put away before the error is thrown. Returns its output. */
export async function ibcmd(
  onec: Onec,
  job: string,
  command: readonly string[],
  tail: readonly string[] = [],
): Promise<string> {
  const { machine, target } = onec;
  await prepare(onec, job);
  const secret = await password(onec);
  const result = await runJob(onec, job, [
    program(onec, 'ibcmd'),
    ...command,
    ...(await connection(onec, job)),
    `--data=${machine.join(scratch(onec, job), 'data')}`,
    ...(target.user === '' ? [] : [`--user=${target.user}`, `--password=${secret}`]),
    ...tail,
  ]);
  if (result.code === 0) return result.stdout;
  await putAway(onec, job);
  throw onecError(onec, 'ibcmd', `${result.stderr.trim() || result.stdout.trim()} (exit ${result.code})`);
}

export async function ibcmdGeneration(onec: Onec, job: string): Promise<string> {
  await putAway(onec, job);
  const text = await ibcmd(onec, job, ['infobase', 'config', 'generation-id']);
  await putAway(onec, job);
  const id = /\b[0-9a-f]{32,}\b/i.exec(text)?.[0];
  if (id === undefined) throw onecError(onec, 'ibcmd', text);
  return id.toLowerCase();
}

async function connection(onec: Onec, job: string): Promise<string[]> {
  const { machine, target, context } = onec;
  if (target.at.kind === 'file') return [`--db-path=${target.at.folder}`];
  const database = target.database;
  if (database === undefined) throw new NakatError('INFOBASE_NEEDS_DATABASE', { values: { infobase: target.name } });
  const file = machine.join(scratch(onec, job), 'database.yml');
  const secret = database.password === undefined ? '' : await context.secret(database.password);
  const lines = {
    dbms: database.engine === 'postgres' ? 'PostgreSQL' : 'MSSQLServer',
    server: serverOf(database),
    name: database.name,
    user: database.user,
    password: secret,
  };
  // JSON texts are YAML texts.
  await machine.writeFile(
    file,
    `database:\n${Object.entries(lines)
      .map(([key, value]) => `  ${key}: ${JSON.stringify(value)}\n`)
      .join('')}`,
    0o600,
  );
  return [`--config=${file}`];
}

/** 1C writes a port that is not the usual one as `host port=6432` (PostgreSQL) or `host,1444` (SQL Server). */
const serverOf = ({ engine, host, port }: DatabaseTarget): string =>
  engine === 'postgres' ? (port === 5432 ? host : `${host} port=${port}`) : port === 1433 ? host : `${host},${port}`;
