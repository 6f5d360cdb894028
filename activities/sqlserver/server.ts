/** What the server says of itself and of its databases (Microsoft Learn: SERVERPROPERTY, sys.databases, sys.master_files). */
import { NakatError } from '../../runbook/errors/index.ts';
import type { ServerFacts } from '../databases/database.ts';
import { isMadeFile, joinPath, literal, quote, separatorOf } from './names.ts';
import type { Session } from './session.ts';

export interface Server {
  readonly version: string;
  readonly edition: string;
  /** 2 Standard, 3 Enterprise and Developer, 4 Express. */
  readonly engineEdition: number;
  readonly dataFolder: string;
  readonly logFolder: string;
}

export async function readServer(session: Session): Promise<Server> {
  const [row] = await session.query(
    `SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')) AS version, CONVERT(nvarchar(128), SERVERPROPERTY('Edition')) AS edition,
       CONVERT(int, SERVERPROPERTY('EngineEdition')) AS engine, CONVERT(nvarchar(4000), SERVERPROPERTY('InstanceDefaultDataPath')) AS data,
       CONVERT(nvarchar(4000), SERVERPROPERTY('InstanceDefaultLogPath')) AS log`,
  );
  return {
    version: String(row?.version ?? ''),
    edition: String(row?.edition ?? ''),
    engineEdition: Number(row?.engine ?? 0),
    dataFolder: String(row?.data ?? ''),
    logFolder: String(row?.log ?? ''),
  };
}

/** Database snapshots: every edition since 2016 SP1 (13.0.4001), before that Enterprise only (Microsoft Learn, "Database snapshots"). */
export function factsOf(server: Server): ServerFacts {
  const [major = 0, , build = 0] = server.version.split('.').map(Number);
  const everyEdition = major > 13 || (major === 13 && build >= 4001);
  const snapshots = server.engineEdition === 3 || (everyEdition && [2, 4].includes(server.engineEdition));
  return { version: server.version, edition: server.edition, tools: {}, snapshots };
}

export interface State {
  /** ONLINE, RESTORING, RECOVERING, RECOVERY_PENDING, SUSPECT, EMERGENCY, OFFLINE. */
  readonly state: string;
  readonly access: string;
  /** AUTO_UPDATE_STATISTICS_ASYNC: a background thread of the server may take the single seat of the database. */
  readonly asyncStatistics: boolean;
}

export async function readState(session: Session, name: string): Promise<State | null> {
  const [row] = await session.query(
    `SELECT d.state_desc AS state, d.user_access_desc AS access, d.is_auto_update_stats_async_on AS async FROM sys.databases AS d WHERE d.name = @name`,
    { name },
  );
  if (row === undefined) return null;
  return { state: String(row.state), access: String(row.access), asyncStatistics: Boolean(row.async) };
}

export async function requireDatabase(session: Session): Promise<State> {
  const state = await readState(session, session.database);
  if (state === null)
    throw new NakatError('DATABASE_NOT_FOUND', { values: { database: session.database }, where: session.where });
  return state;
}

export interface DataFile {
  readonly logical: string;
  readonly physical: string;
  /** ROWS, LOG, FILESTREAM, FULLTEXT. */
  readonly type: string;
  readonly id: number;
  readonly bytes: number;
}

export async function readFiles(session: Session, name: string): Promise<DataFile[]> {
  const rows = await session.query(
    `SELECT f.name AS logical, f.physical_name AS physical, f.type_desc AS type, f.file_id AS id, CONVERT(bigint, f.size) * 8192 AS bytes
     FROM sys.master_files AS f WHERE f.database_id = DB_ID(@name) ORDER BY f.file_id`,
    { name },
  );
  return rows.map((row) => ({
    logical: String(row.logical),
    physical: String(row.physical),
    type: String(row.type),
    id: Number(row.id),
    bytes: Number(row.bytes),
  }));
}

/** Made by a restore of nakat, and not put in place of somebody's database: its files say so, also while it is RESTORING. */
export const isOurs = (database: string, files: readonly DataFile[]): boolean =>
  files.length > 0 && files.every((file) => isMadeFile(database, file.physical));

/** Free bytes of the volumes that hold database files; a folder on another volume is not known to the server. */
export async function readRoom(
  session: Session,
  folders: { backups: string; data: string },
): Promise<{ backups: number | null; data: number | null }> {
  const volumes = await session.query(
    `SELECT DISTINCT v.volume_mount_point AS place, v.available_bytes AS free FROM sys.master_files AS f CROSS APPLY sys.dm_os_volume_stats(f.database_id, f.file_id) AS v`,
  );
  const freeAt = (folder: string): number | null => {
    const within = volumes.filter((volume) =>
      `${folder}${separatorOf(folder)}`.toLowerCase().startsWith(String(volume.place).toLowerCase()),
    );
    const nearest = within.toSorted((a, b) => String(b.place).length - String(a.place).length)[0];
    return nearest === undefined ? null : Number(nearest.free);
  };
  return {
    backups: separatorOf(folders.backups) === '\\' ? freeAt(folders.backups) : null,
    data: freeAt(folders.data),
  };
}

/**
 * Backs up `model`, a system database of a few megabytes, into the folder: the same statement, account and file system as the
 * real backup. The probe is then deleted by xp_delete_file, which maintenance plans use but Microsoft does not document: where
 * it is refused, one small file of that name stays and is overwritten by the next probe.
 */
export async function probeBackupFolder(session: Session, folder: string, signal?: AbortSignal): Promise<void> {
  const file = joinPath(folder, 'nakat-probe.bak');
  const failing = { code: 'BACKUP_FOLDER_NOT_WRITABLE' as const, values: { folder } };
  await session.batch(
    `BACKUP DATABASE ${quote('model')} TO DISK = ${literal(file)} WITH COPY_ONLY, INIT, FORMAT, CHECKSUM`,
    { signal },
    failing,
  );
  await session.batch(`EXEC master.dbo.xp_delete_file 0, ${literal(file)}`, { signal }, failing).catch(() => undefined);
}
