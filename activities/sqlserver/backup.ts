/**
 * Backups (Microsoft Learn: "BACKUP", "RESTORE VERIFYONLY", "RESTORE HEADERONLY", "msdb.dbo.backupset").
 *
 * COPY_ONLY leaves the administrator's own chain of backups alone; INIT and FORMAT overwrite a half-written file instead of
 * appending to it; CHECKSUM makes the file verifiable. A row in msdb is written only for a finished backup, and the file is
 * verified on top: only both together count. A backup lives and dies with its connection, so a worker that goes away ends it.
 */
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { Backup } from '../../runbook/results.ts';
import type { Work } from '../databases/database.ts';
import { numbersOf } from './errors.ts';
import { checkId, joinPath, literal, quote } from './names.ts';
import { follow, runLong } from './progress.ts';
import { readServer, requireDatabase } from './server.ts';
import type { Result, Session } from './session.ts';

const verified = 'RESTORE VERIFYONLY WITH CHECKSUM';
/** Backup compression is refused by this edition or its licence (Microsoft Learn, "Backup compression"). */
const compressionRefused = 1844;

export async function backUp(session: Session, folder: string, id: string, work: Work): Promise<Backup> {
  checkId(id);
  await requireDatabase(session);
  const path = joinPath(folder, `${id}.bak`);
  const head = `BACKUP DATABASE ${quote(session.database)} TO DISK = ${literal(path)}`;
  await follow(session, head, 'backup', work);
  const finished = await find(session, path, id);
  if (finished && (await stands(session, finished, work))) return finished;

  const { engineEdition } = await readServer(session);
  const run = (compression: string): Promise<Result[]> =>
    runLong(
      session,
      `${head} WITH COPY_ONLY, INIT, FORMAT, CHECKSUM, ${compression}NAME = ${literal(id)}, STATS = 5`,
      head,
      'backup',
      work,
      {
        code: 'BACKUP_FAILED',
        values: { backup: id, folder },
      },
    );
  if (engineEdition === 4) await run('');
  else {
    await run('COMPRESSION, ').catch((error: unknown) => {
      if (!isNakatError(error) || !numbersOf(error.cause).includes(compressionRefused)) throw error;
      return run('');
    });
  }
  const made = await find(session, path, id);
  if (!made)
    throw new NakatError('BACKUP_FAILED', { values: { backup: id, database: session.database }, where: session.where });
  await verify(session, made, work);
  return made;
}

/** The newest finished backup of this database in that file. */
async function find(session: Session, path: string, id: string): Promise<Backup | null> {
  const [row] = await session.query(
    `SELECT TOP (1) s.backup_size AS size, s.compressed_backup_size AS compressed FROM msdb.dbo.backupset AS s JOIN msdb.dbo.backupmediafamily AS m ON m.media_set_id = s.media_set_id
     WHERE s.database_name = @database AND m.physical_device_name = @path AND s.name = @id AND s.type = N'D' AND s.is_copy_only = 1 AND s.has_backup_checksums = 1 AND s.is_damaged = 0
     ORDER BY s.backup_set_id DESC`,
    { database: session.database, path, id },
  );
  if (row === undefined) return null;
  const bytes = Number(row.compressed ?? row.size);
  return {
    id,
    system: 'database',
    engine: 'sqlserver',
    place: path,
    machine: session.where,
    bytes,
    sha256: null,
    verified,
  };
}

const stands = (session: Session, backup: Backup, work: Work): Promise<boolean> =>
  verify(session, backup, work).then(
    () => true,
    (error: unknown) => {
      if (isNakatError(error) && (error.code === 'BACKUP_DAMAGED' || error.code === 'BACKUP_NOT_FOUND')) return false;
      throw error;
    },
  );

/** The header first: a foreign or appended file would verify well and still be the wrong one. */
export async function verify(session: Session, backup: Backup, work: Work): Promise<void> {
  const failing = { code: 'BACKUP_DAMAGED' as const, values: { backup: backup.id, place: backup.place } };
  const damaged = (reason: string): never => {
    throw new NakatError('BACKUP_DAMAGED', { values: { backup: backup.id, reason }, where: session.where });
  };
  const headers = await session.batch(
    `RESTORE HEADERONLY FROM DISK = ${literal(backup.place)}`,
    { signal: work.signal },
    failing,
  );
  const [header] = headers;
  if (header === undefined || headers.length !== 1)
    return damaged(`${headers.length} backups in the file instead of one`);
  if (header.BackupName !== backup.id) damaged(`the file holds the backup ${String(header.BackupName)}`);
  if (Number(header.BackupType) !== 1) damaged('it is not a full backup');
  if (!Number(header.IsCopyOnly)) damaged('it is not a copy-only backup');
  if (!Number(header.HasBackupChecksums)) damaged('it has no checksums');
  if (Number(header.IsDamaged)) damaged('it is marked as damaged');
  const head = `RESTORE VERIFYONLY FROM DISK = ${literal(backup.place)}`;
  await runLong(session, `${head} WITH CHECKSUM, STATS = 5`, head, 'verify', work, failing);
}
