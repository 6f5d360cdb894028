/**
 * Restores, snapshots, drops. SQL Server restores in place: sessions are ended and the database restored in one batch from
 * master on one connection, so that nobody takes the single seat in between (Microsoft Learn, "Set a database to single-user
 * mode", "RESTORE", "Revert a database to a database snapshot"). The last statement opens the database again, also when
 * RESTORE refused to start; after a broken RESTORE it stays in state RESTORING, and the same step restores it again.
 * Users keep their logins: a copy under another name on the same server knows them by the same SIDs, so none is orphaned.
 */
import { NakatError } from '../../runbook/errors/index.ts';
import type { Backup, Snapshot } from '../../runbook/results.ts';
import type { Work } from '../databases/database.ts';
import { verify } from './backup.ts';
import { readMark, writeMark } from './mark.ts';
import {
  checkDatabaseName,
  checkId,
  folderOf,
  isSnapshotName,
  joinPath,
  literal,
  quote,
  restoredFile,
  snapshotName,
} from './names.ts';
import { follow, runLong } from './progress.ts';
import { type DataFile, isOurs, readFiles, readServer, readState, requireDatabase, type State } from './server.ts';
import type { Session } from './session.ts';

const failing = (session: Session, backup: string) => ({
  code: 'RESTORE_FAILED' as const,
  values: { database: session.database, backup },
});
const option = (name: string, setting: string): string => `ALTER DATABASE ${quote(name)} SET ${setting}`;
/** The thread that updates statistics in the background would take the single seat: Microsoft says to switch it off first. */
const endSessions = (name: string, state: State | null): string =>
  state?.state !== 'ONLINE'
    ? ''
    : (state.asyncStatistics ? `${option(name, 'AUTO_UPDATE_STATISTICS_ASYNC OFF')};\n` : '') +
      `${option(name, 'SINGLE_USER WITH ROLLBACK IMMEDIATE')};\n`;
const letIn = (name: string, state: State | null): string =>
  (state?.asyncStatistics ? `;\n${option(name, 'AUTO_UPDATE_STATISTICS_ASYNC ON')}` : '') +
  `;\n${option(name, 'MULTI_USER')}`;

export async function restore(
  session: Session,
  id: string,
  backup: Backup,
  replace: boolean,
  work: Work,
): Promise<void> {
  const name = session.database;
  checkId(id);
  checkDatabaseName(name);
  const head = `RESTORE DATABASE ${quote(name)} FROM DISK = ${literal(backup.place)}`;
  await follow(session, head, 'restore', work);
  const state = await readState(session, name);
  const files = state === null ? [] : await readFiles(session, name);
  const ours = state === null || isOurs(name, files);
  if (state?.state === 'ONLINE' && state.access === 'MULTI_USER' && (await readMark(session)).restore === id) return;
  if (!ours && !replace) throw new NakatError('DATABASE_EXISTS', { values: { database: name }, where: session.where });
  await verify(session, backup, work);

  const moves = await moveClauses(session, backup, files, ours);
  // The server refuses to restore a database that has snapshots, and after the restore they would be of another state anyway.
  await dropSnapshots(session);
  const statement = `${endSessions(name, state)}${head} WITH FILE = 1, ${moves.join(', ')}, REPLACE, RECOVERY, CHECKSUM, STATS = 5${letIn(name, state)}`;
  await runLong(session, statement, head, 'restore', work, failing(session, backup.id));
  await writeMark(session, { restore: id, revert: undefined });
}

/** Each file goes where the database already has a file of that logical name, else into the server's default folders. */
async function moveClauses(
  session: Session,
  backup: Backup,
  existing: readonly DataFile[],
  made: boolean,
): Promise<string[]> {
  const server = await readServer(session);
  const listed = await session.batch(
    `RESTORE FILELISTONLY FROM DISK = ${literal(backup.place)}`,
    {},
    failing(session, backup.id),
  );
  return listed.map((file) => {
    const [logical, type] = [String(file.LogicalName), String(file.Type)];
    const kept = existing.find((one) => one.logical === logical)?.physical;
    const path =
      kept ??
      joinPath(
        type === 'L' ? server.logFolder : server.dataFolder,
        restoredFile(session.database, made, String(file.FileId), type),
      );
    return `MOVE ${literal(logical)} TO ${literal(path)}`;
  });
}

export async function snapshot(session: Session, id: string, work: Work): Promise<Snapshot> {
  checkId(id);
  await requireDatabase(session);
  const made: Snapshot = { id, database: session.database, engine: 'sqlserver' };
  if (await hasSnapshot(session, made)) return made;
  const name = snapshotName(session.database, id);
  const files = (await readFiles(session, session.database))
    .filter((file) => file.type === 'ROWS')
    .map(
      (file) =>
        `(NAME = ${quote(file.logical)}, FILENAME = ${literal(`${folderOf(file.physical)}${restoredFile(name, true, String(file.id), 'D').replace(/mdf$/, 'ss')}`)})`,
    );
  const statement = `CREATE DATABASE ${quote(name)} ON ${files.join(', ')} AS SNAPSHOT OF ${quote(session.database)}`;
  await session.batch(statement, { signal: work.signal }, { code: 'SNAPSHOT_FAILED' });
  return made;
}

export async function hasSnapshot(session: Session, { database, id }: Snapshot): Promise<boolean> {
  return (await snapshotsOf(session)).includes(snapshotName(database, id));
}

async function snapshotsOf(session: Session): Promise<string[]> {
  const rows = await session.query(
    `SELECT d.name AS name FROM sys.databases AS d WHERE d.source_database_id = DB_ID(@name) ORDER BY d.name`,
    { name: session.database },
  );
  return rows.map((row) => String(row.name));
}

export async function revert(session: Session, id: string, from: Snapshot, work: Work): Promise<void> {
  checkId(id);
  const name = session.database;
  const state = await requireDatabase(session);
  if (state.state === 'ONLINE' && state.access === 'MULTI_USER' && (await readMark(session)).revert === id) return;
  const kept = snapshotName(from.database, from.id);
  if (!(await hasSnapshot(session, from))) {
    throw new NakatError('SNAPSHOT_NOT_FOUND', { values: { snapshot: from.id, database: name }, where: session.where });
  }
  // Reverting needs every other snapshot to be gone.
  await dropSnapshots(session, kept);
  const head = `RESTORE DATABASE ${quote(name)} FROM DATABASE_SNAPSHOT = ${literal(kept)}`;
  await runLong(
    session,
    `${endSessions(name, state)}${head}${letIn(name, state)}`,
    head,
    'revert',
    work,
    failing(session, from.id),
  );
  await writeMark(session, { revert: id });
}

export async function dropSnapshot(session: Session, snapshot: Snapshot): Promise<void> {
  if (await hasSnapshot(session, snapshot)) await dropDatabase(session, snapshotName(snapshot.database, snapshot.id));
}

/** Only those of nakat: another one makes the server refuse what follows, with its own words. */
async function dropSnapshots(session: Session, except?: string): Promise<void> {
  for (const name of await snapshotsOf(session))
    if (name !== except && isSnapshotName(session.database, name)) await dropDatabase(session, name);
}

export async function drop(session: Session): Promise<void> {
  const state = await readState(session, session.database);
  if (state === null) return;
  if (!isOurs(session.database, await readFiles(session, session.database))) {
    throw new NakatError('DATABASE_NOT_OURS', { values: { database: session.database }, where: session.where });
  }
  await dropSnapshots(session);
  await session.batch(
    `${endSessions(session.database, state)}DROP DATABASE ${quote(session.database)}`,
    {},
    { code: 'DATABASE_STATEMENT_FAILED' },
  );
}

const dropDatabase = async (session: Session, name: string): Promise<void> => {
  await session.batch(`DROP DATABASE ${quote(name)}`, {}, { code: 'DATABASE_STATEMENT_FAILED' });
};
