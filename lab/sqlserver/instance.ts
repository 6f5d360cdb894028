/**
 * The state of the stand-in: each «SQL Server database» is a PostgreSQL database, and what PostgreSQL does not know of it
 * (state, access, files, backup history) lies in one more, the stand-in's msdb. It outlives a restart of the stand-in.
 */
import { createHash } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { Client } from 'pg';
import { SqlError } from './errors.ts';
import type { Session } from './session.ts';

export interface SqlServerOptions {
  /** Superuser of a cluster that may be shared with others; only databases whose names begin with `prefix` are touched. */
  readonly postgres: { readonly host: string; readonly port: number; readonly user: string; readonly password: string };
  readonly prefix: string;
  /** Real folder that holds the backup files. */
  readonly backups: string;
  /** How clients write that folder (`D:\Backup`). Default: the real folder, as on Linux. */
  readonly backupsAs?: string;
  readonly edition?: 'standard' | 'express';
  readonly login: { readonly user: string; readonly password: string };
  /** Default 0: any free port. */
  readonly port?: number;
}

export interface DatabaseState {
  name: string;
  /** Name of the PostgreSQL database. */
  pg: string;
  state: 'ONLINE' | 'RESTORING';
  access: 'MULTI_USER' | 'SINGLE_USER';
  source: string | null;
  /** AUTO_UPDATE_STATISTICS_ASYNC. */
  asyncStatistics: boolean;
}

export interface FileState {
  readonly id: number;
  readonly logical: string;
  readonly physical: string;
  readonly type: 'ROWS' | 'LOG';
}

/** Things that go wrong on purpose; each stays until it is set back to null or removed. */
export interface Faults {
  /** Bytes after which the disk of the backup folder is full. */
  backupRoom: number | null;
  /** Cuts the connection that runs this command when it has come so far. */
  cut: {
    readonly command: 'BACKUP DATABASE' | 'RESTORE DATABASE' | 'RESTORE VERIFYONLY';
    readonly percent: number;
  } | null;
  /** Milliseconds that every batch of rows of a backup or restore takes longer. */
  slow: number;
  /** Databases with damaged pages, by name. */
  readonly corrupt: Set<string>;
}

export interface Instance {
  readonly options: SqlServerOptions;
  readonly windows: boolean;
  readonly faults: Faults;
  readonly sessions: Map<number, Session>;
  /** The session that holds the single seat of a database. */
  readonly seats: Map<string, number>;
  /** Statement on the stand-in's own msdb. */
  query<T extends object>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  all(): Promise<DatabaseState[]>;
  find(name: string): Promise<DatabaseState | null>;
  save(state: DatabaseState): Promise<void>;
  files(state: DatabaseState): Promise<FileState[]>;
  setFiles(name: string, files: readonly FileState[]): Promise<void>;
  forget(name: string): Promise<void>;
  pgName(name: string): string;
  /** A connection to a PostgreSQL database; the caller ends it. */
  connect(pg: string): Promise<Client>;
  /** Runs something in a PostgreSQL database; the connection is closed afterwards. */
  inside<T>(pg: string, work: (client: Client) => Promise<T>): Promise<T>;
  /** The real path behind a path in the backup folder; null for any other. */
  real(path: string): string | null;
  readonly dataFolder: string;
  freeBytes(): Promise<number>;
  close(): Promise<void>;
}

export const systemDatabases = ['master', 'tempdb', 'model', 'msdb'];
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export async function openInstance(options: SqlServerOptions): Promise<Instance> {
  const { host, port, user, password } = options.postgres;
  const connect = async (database: string): Promise<Client> => {
    const client = new Client({ host, port, user, password, database });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const inside = async <T>(pg: string, work: (client: Client) => Promise<T>): Promise<T> => {
    const client = await connect(pg);
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const history = `${options.prefix}msdb`;
  await inside('postgres', async (admin) => {
    const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [history]);
    if (rowCount === 0) await admin.query(`CREATE DATABASE ${quote(history)}`);
  });
  const msdb = await connect(history);
  await msdb.query(`
    CREATE TABLE IF NOT EXISTS database (name text PRIMARY KEY, pg text NOT NULL, state text NOT NULL, access text NOT NULL, source text, async boolean NOT NULL DEFAULT false);
    CREATE TABLE IF NOT EXISTS file (database text NOT NULL, id int NOT NULL, logical text NOT NULL, physical text NOT NULL, type text NOT NULL, PRIMARY KEY (database, id));
    CREATE TABLE IF NOT EXISTS backupset (id serial PRIMARY KEY, database text NOT NULL, name text, path text NOT NULL, bytes bigint NOT NULL, damaged boolean NOT NULL DEFAULT false)`);
  const query = async <T extends object>(sql: string, values: readonly unknown[] = []): Promise<T[]> =>
    (await msdb.query(sql, [...values])).rows as T[];

  const named = options.backupsAs ?? options.backups;
  const windows = named.includes('\\');
  const dataFolder = windows ? 'C:\\MSSQL\\DATA\\' : '/var/opt/mssql/data/';
  const instance: Instance = {
    options,
    windows,
    faults: { backupRoom: null, cut: null, slow: 0, corrupt: new Set() },
    sessions: new Map(),
    seats: new Map(),
    query,
    connect,
    inside,
    dataFolder,
    pgName(name) {
      const plain = options.prefix + name;
      return Buffer.byteLength(plain) <= 63
        ? plain
        : `${options.prefix}~${createHash('sha256').update(name).digest('hex').slice(0, 24)}`;
    },
    async all() {
      const known = await query<DatabaseState>(
        'SELECT name, pg, state, access, source, async AS "asyncStatistics" FROM database',
      );
      // Databases that others made in the cluster are attached as they are found.
      const present = await query<{ datname: string }>(
        'SELECT datname FROM pg_database WHERE starts_with(datname, $1) AND datname <> $2',
        [options.prefix, history],
      );
      const names = new Set(present.map((row) => row.datname));
      const found = present
        .filter(
          ({ datname }) =>
            !known.some(({ pg }) => pg === datname) && !datname.slice(options.prefix.length).startsWith('~'),
        )
        .map(({ datname }): DatabaseState => ({
          name: datname.slice(options.prefix.length),
          pg: datname,
          state: 'ONLINE',
          access: 'MULTI_USER',
          source: null,
          asyncStatistics: false,
        }));
      return [...known.filter(({ pg, state }) => names.has(pg) || state === 'RESTORING'), ...found];
    },
    find: async (name) => (await instance.all()).find((one) => same(one.name, name)) ?? null,
    async save(state) {
      await query(
        `INSERT INTO database VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (name) DO UPDATE SET pg = excluded.pg, state = excluded.state, access = excluded.access, source = excluded.source, async = excluded.async`,
        [state.name, state.pg, state.state, state.access, state.source, state.asyncStatistics],
      );
    },
    async files({ name }) {
      const stored = await query<FileState>(
        'SELECT id, logical, physical, type FROM file WHERE database = $1 ORDER BY id',
        [name],
      );
      if (stored.length > 0) return stored;
      return [
        { id: 1, logical: name, physical: `${dataFolder}${name}.mdf`, type: 'ROWS' },
        { id: 2, logical: `${name}_log`, physical: `${dataFolder}${name}_log.ldf`, type: 'LOG' },
      ];
    },
    async setFiles(name, files) {
      await query('DELETE FROM file WHERE database = $1', [name]);
      for (const file of files)
        await query('INSERT INTO file VALUES ($1, $2, $3, $4, $5)', [
          name,
          file.id,
          file.logical,
          file.physical,
          file.type,
        ]);
    },
    async forget(name) {
      await query('DELETE FROM file WHERE database = $1', [name]);
      await query('DELETE FROM database WHERE name = $1', [name]);
    },
    real(path) {
      const separator = windows ? '\\' : '/';
      if (!path.toLowerCase().startsWith(`${named}${separator}`.toLowerCase())) return null;
      const rest = path.slice(named.length + 1);
      return /[\\/]|^\.+$/.test(rest) ? null : `${options.backups}/${rest}`;
    },
    async freeBytes() {
      const disk = await statfs(options.backups);
      return disk.bavail * disk.bsize;
    },
    close: () => msdb.end(),
  };
  return instance;
}

/** The database for a statement of this session. Throws what the server says when it may not be used now. */
export async function openDatabase(instance: Instance, session: Session, name: string): Promise<DatabaseState> {
  const state = await instance.find(name);
  if (state === null)
    throw new SqlError(911, `Database '${name}' does not exist. Make sure that the name is entered correctly.`);
  if (state.state === 'RESTORING')
    throw new SqlError(927, `Database '${name}' cannot be opened. It is in the middle of a restore.`, 14);
  const seat = instance.seats.get(state.name);
  if (state.access === 'SINGLE_USER' && seat !== undefined && seat !== session.spid) {
    throw new SqlError(924, `Database '${name}' is already open and can only have one user at a time.`, 14);
  }
  return state;
}
