import { NakatError } from '../../runbook/errors/index.ts';
import type { Backup } from '../../runbook/results.ts';
import type { PostgresTarget } from '../../runbook/targets/index.ts';
import type { Work } from '../databases/database.ts';
import { checkBackup, type Manifest } from './backup.ts';

import { readMark, writeMark, type Found } from './marks.ts';
import { checkedId, shortHash } from '../databases/names.ts';
import { connectionString, derivedName } from './names.ts';
import { applyProperties, localeOptions, readProperties, type Properties } from './properties.ts';
import { id, type Server, type Session } from './server.ts';
import { alone } from './sessions.ts';
import { dropDatabase, finishSwitch, switchTo } from './switch.ts';
import { toolFailure, type Tools } from './tools.ts';

interface Restore {
  readonly target: PostgresTarget;
  readonly server: Server;
  readonly tools: Tools;
  readonly id: string;
  readonly backup: Backup;
  /** `<name>_nk_<hash>`: filled beside the old database, which stays in use until the switch. */
  readonly beside: string;
  readonly job: string;
  readonly work: Work;
}

/** How far an earlier call got is read from the marks: placed (only the old one is left to drop), ready (only the switch), making. */
export const restoreBackup = async (
  target: PostgresTarget,
  server: Server,
  tools: Tools,
  restoreId: string,
  backup: Backup,
  options: { replace: boolean },
  work: Work = {},
): Promise<void> => {
  const { name } = target;
  const beside = derivedName(name, 'nk', checkedId(restoreId));
  const restore: Restore = {
    target,
    server,
    tools,
    id: restoreId,
    backup,
    beside,
    job: `restore-${restoreId}-${shortHash(server.where, name)}`,
    work,
  };
  await alone(server, name, work.signal, async (session) => {
    const old = await readMark(session, name);
    const placed = old?.mark?.state === 'placed' ? old.mark : null;
    if (placed?.id === restoreId) return finishSwitch(server, session, name, restoreId);
    if (old && !options.replace && !placed?.made)
      throw new NakatError('DATABASE_EXISTS', { where: server.where, values: { database: name } });

    const manifest = await checkBackup(tools, backup);
    const here = await session.query<{ n: string }>('SELECT system_identifier::text AS n FROM pg_control_system()');
    const isHome = manifest.database.name === name && manifest.database.system === here[0]!.n;
    const foreign = old ? !placed?.made : isHome;
    const ready = await readMark(session, beside);
    if (ready?.mark?.state !== 'ready') {
      await fill(restore, session, manifest, ready, foreign);
      const properties = (await readProperties(session, name)) ?? manifest.database;
      await applyProperties(session, beside, properties, old !== null || isHome);
      await writeMark(session, beside, { state: 'ready', id: restoreId });
    }
    await switchTo(server, session, name, beside, { id: restoreId, made: !foreign });
    await tools.machine.forgetJob(restore.job);
  });
};

/** Follows the pg_restore that an earlier call began, or begins one in an empty database. */
const fill = async (
  restore: Restore,
  session: Session,
  manifest: Manifest,
  found: Found | null,
  foreign: boolean,
): Promise<void> => {
  const { server, tools, beside, job, work, backup } = restore;
  const begun = await tools.machine.jobStatus(job);
  const goesOn =
    found?.mark?.state === 'making' && (begun.state === 'running' || (begun.state === 'ended' && begun.code === 0));
  if (!goesOn) {
    await tools.machine.forgetJob(job);
    await makeEmpty(restore, session, manifest.database, found);
  }
  try {
    // A new copy belongs to nakat's user. What replaces a system's own database keeps its owners and rights, which only a superuser can give.
    const [me] = await session.query<{ super: boolean }>(
      'SELECT rolsuper AS super FROM pg_roles WHERE rolname = current_user',
    );
    const owners = foreign && me!.super ? [] : ['--no-owner', '--no-privileges'];
    const args = [
      '--format=directory',
      `--jobs=${restore.target.jobs}`,
      '--exit-on-error',
      '--verbose',
      ...owners,
      `--dbname=${connectionString(beside)}`,
    ];
    const result = await tools.job(job, 'pg_restore', [...args, backup.place], work, manifest.tables);
    if (result.code !== 0)
      throw toolFailure('RESTORE_FAILED', result, tools.machine.name, {
        database: restore.target.name,
        backup: backup.id,
        folder: beside,
      });
    work.progress?.({ note: 'ANALYZE' });
    await server.in(beside, (own) => own.run('ANALYZE'), work.signal);
  } catch (error) {
    await clearAway(restore, session).catch(() => undefined);
    throw error;
  }
};

const makeEmpty = async (
  { server, beside, id: restoreId }: Restore,
  session: Session,
  like: Properties,
  found: Found | null,
): Promise<void> => {
  // Interrupted before its mark was written it is still empty; with content and no mark it is not ours, whatever its name.
  if (found && !found.mark && !(await isEmpty(server, beside)))
    throw new NakatError('DATABASE_EXISTS', { where: server.where, values: { database: beside } });
  await dropDatabase(server, session, beside);
  await session.run(`CREATE DATABASE ${id(beside)} ${localeOptions(like)}`);
  await writeMark(session, beside, { state: 'making', id: restoreId });
};

const isEmpty = (server: Server, database: string): Promise<boolean> =>
  server.in(database, async (session) => {
    const [row] = await session.query<{ n: string }>(
      `SELECT count(*) AS n FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S') AND oid >= 16384`,
    );
    return row!.n === '0';
  });

/** A pg_restore that goes on (only this worker stops) keeps its database for the next call. */
const clearAway = async ({ tools, server, job, beside }: Restore, session: Session): Promise<void> => {
  if ((await tools.machine.jobStatus(job)).state === 'running') return;
  await tools.machine.forgetJob(job);
  await dropDatabase(server, session, beside);
};
