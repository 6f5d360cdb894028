import type { z } from 'zod';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { Backup } from '../../runbook/results.ts';
import type { PostgresTarget } from '../../runbook/targets/index.ts';
import type { Work } from '../databases/database.ts';
import { isDiskFull } from '../databases/folder.ts';
import {
  damaged,
  manifestOf,
  readBackup,
  verifyBackup,
  writeManifest,
  type BackupKind,
} from '../databases/manifest.ts';
import { checkedId, shortHash } from '../databases/names.ts';
import { connectionString } from './names.ts';
import { propertiesSchema, readProperties } from './properties.ts';
import type { Server, Session } from './server.ts';
import { alone } from './sessions.ts';
import { allTables } from './tables.ts';
import { reasonIn, toolFailure, type Tools } from './tools.ts';

const manifestSchema = manifestOf(propertiesSchema);
export type Manifest = z.infer<typeof manifestSchema>;
const kind: BackupKind<Manifest> = { engine: 'postgres', manifest: manifestSchema };

/**
 * `pg_dump` in directory format into `<id>.partial`, verified, then renamed to `<id>`: what has that name is whole.
 * @throws BACKUP_FAILED, DISK_FULL, DATABASE_NOT_FOUND
 */
export const makeBackup = (
  target: PostgresTarget,
  server: Server,
  tools: Tools,
  backupId: string,
  work: Work = {},
): Promise<Backup> =>
  alone(server, target.name, work.signal, (session) => backUpAlone(target, server, tools, session, backupId, work));

const backUpAlone = async (
  target: PostgresTarget,
  server: Server,
  tools: Tools,
  session: Session,
  backupId: string,
  work: Work,
): Promise<Backup> => {
  const { machine } = tools;
  const place = machine.join(target.backups, checkedId(backupId));
  const partial = `${place}.partial`;
  const job = `dump-${backupId}-${shortHash(server.where, target.name)}`;
  const values = { backup: backupId, database: target.name, folder: target.backups };

  if (await machine.stat(place)) {
    await machine.forgetJob(job);
    const { backup, manifest } = await readBackup(kind, machine, backupId, place);
    if (manifest.database.name === target.name) return backup;
    throw new NakatError('BACKUP_FAILED', {
      where: machine.name,
      values,
      vendor: `${place}: ${manifest.database.name}`,
    });
  }
  const properties = await readProperties(session, target.name);
  if (!properties) throw new NakatError('DATABASE_NOT_FOUND', { where: server.where, values });
  const total = await server.in(target.name, async (session) => (await allTables(session)).length);
  const followed = await machine.jobStatus(job);
  if (
    followed.state !== 'running' &&
    !(followed.state === 'ended' && followed.code === 0 && (await machine.stat(partial)))
  ) {
    await machine.forgetJob(job);
    await machine.remove(partial);
    await machine.makeFolder(target.backups);
  }
  try {
    const args = [
      '--format=directory',
      `--jobs=${target.jobs}`,
      '--compress=1',
      '--verbose',
      `--file=${partial}`,
      `--dbname=${connectionString(target.name)}`,
    ];
    const result = await tools.job(job, 'pg_dump', args, work, total);
    if (result.code !== 0) throw toolFailure('BACKUP_FAILED', result, machine.name, values);
    const listed = await listArchive(tools, backupId, partial);
    work.progress?.({ note: 'SHA-256' });
    await writeManifest<Manifest>(machine, partial, {
      server: await versionOf(session),
      database: properties,
      tables: listed,
    });
    await machine.rename(partial, place);
  } catch (error) {
    await clearAway(tools, job, partial);
    const vendor = isNakatError(error) ? error.failure.vendor : undefined;
    // The last file to be written is the manifest, and the disk may be full just then.
    throw vendor && isDiskFull(vendor)
      ? new NakatError('DISK_FULL', { where: machine.name, values, vendor, cause: error })
      : error;
  }
  await machine.forgetJob(job);
  return (await readBackup(kind, machine, backupId, place)).backup;
};

/** @throws BACKUP_DAMAGED, BACKUP_NOT_FOUND */
export const checkBackup = async (tools: Tools, backup: Backup): Promise<Manifest> => {
  const manifest = await verifyBackup(kind, tools.machine, backup);
  await listArchive(tools, backup.id, backup.place);
  return manifest;
};

/** Reads the table of contents; returns the number of tables with data. A plain dump (a program!) is not an archive. */
const listArchive = async (tools: Tools, backupId: string, folder: string): Promise<number> => {
  const listed = await tools.run('pg_restore', ['--format=directory', '--list', folder]);
  if (listed.code !== 0) throw damaged(tools.machine, backupId, 'toc.dat', reasonIn(listed));
  return listed.stdout.split('\n').filter((line) => / TABLE DATA /.test(line)).length;
};

/** A job that goes on (only this worker stops) keeps its files; anything else is removed. The first error stays the one reported. */
const clearAway = async ({ machine }: Tools, job: string, partial: string): Promise<void> => {
  try {
    if ((await machine.jobStatus(job)).state === 'running') return;
    await machine.forgetJob(job);
    await machine.remove(partial);
  } catch (error) {
    if (!isNakatError(error)) throw error;
  }
};

const versionOf = async (session: Session): Promise<string> =>
  (await session.query<{ server_version: string }>('SHOW server_version'))[0]!.server_version;
