import mysql, {
  type Connection,
  type ConnectionOptions,
  type ResultSetHeader,
  type RowDataPacket,
} from 'mysql2/promise';
import { isNakatError, NakatError, type ErrorCode } from '../../runbook/errors/index.ts';
import type { MariaDbTarget } from '../../runbook/targets/index.ts';
import { isDiskFull } from '../databases/folder.ts';
import type { StepContext } from '../step.ts';

export const id = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

type Value = string | number | null;

export interface Session {
  /** `?` stands for the values. Rows by column name; numbers too big for JavaScript, decimals and times come as text. */
  query<R extends object>(sql: string, values?: readonly Value[]): Promise<R[]>;
  /** Number of rows that the statement found. */
  run(sql: string, values?: readonly Value[]): Promise<number>;
  /** The first column of the first row, as text; empty: no row, or NULL. */
  first(sql: string): Promise<string>;
  /** All or nothing, for statements that only touch rows; the server commits before and after any other. */
  transaction<T>(body: () => Promise<T>, mode?: string): Promise<T>;
  /** As the server counts sessions. */
  readonly number: number;
}

/** Connections to one server: each is opened for one task and closed after it, since tables are moved under us. */
export interface Server {
  readonly where: string;
  /** A session in that database; `signal` ends the statement that is running. `several`: statements in one text are taken. */
  in<T>(
    database: string,
    body: (session: Session) => Promise<T>,
    signal?: AbortSignal,
    options?: { readonly several?: boolean },
  ): Promise<T>;
  /** A session in no database. */
  admin<T>(body: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/**
 * What an administrator set for applications must not change what we read and write, nor end it half-way. Two of these are
 * known to one of the two products only; the others refuse what would be cut.
 */
const settings = [
  `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', lock_wait_timeout = 60,
     net_read_timeout = 600, net_write_timeout = 600, sql_select_limit = DEFAULT, sql_safe_updates = 0`,
  'SET SESSION max_statement_time = 0',
  'SET SESSION max_execution_time = 0',
  'SET SESSION information_schema_stats_expiry = 0',
];
const unknownVariable = 1193;

export const connectServer = async (target: MariaDbTarget, context: StepContext): Promise<Server> => {
  const where = `${target.host}:${target.port}`;
  const password = target.password && (await context.secret(target.password));
  const options: ConnectionOptions = {
    host: target.host,
    port: target.port,
    user: target.user,
    password,
    ...(target.tls === 'off'
      ? {}
      : { ssl: { rejectUnauthorized: target.tls === 'on', verifyIdentity: target.tls === 'on' } }),
    charset: 'utf8mb4',
    connectTimeout: 20_000,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    connectAttributes: { program_name: 'nakat' },
  };
  const open = async (database?: string, several = false): Promise<Connection> => {
    let connection: Connection | undefined;
    try {
      connection = await mysql.createConnection({ ...options, database, multipleStatements: several });
      // Without a listener a connection lost between two statements would end the process; the next statement reports it.
      connection.on('error', (error: Error) =>
        context.log('connection to MariaDB lost', { where, reason: error.message }),
      );
      for (const setting of settings) await set(connection, setting);
      return connection;
    } catch (error) {
      connection?.destroy();
      throw translate(error, target, database, 'connect');
    }
  };

  const within = async <T>(
    database: string | undefined,
    body: (session: Session) => Promise<T>,
    signal?: AbortSignal,
    { several = false }: { readonly several?: boolean } = {},
  ): Promise<T> => {
    signal?.throwIfAborted();
    const connection = await open(database, several);
    const cancel = (): void => void endStatement(connection.threadId, () => open());
    signal?.addEventListener('abort', cancel);
    try {
      return await body(sessionOf(connection));
    } catch (error) {
      if (!isNakatError(error)) signal?.throwIfAborted();
      throw translate(error, target, database, 'statement');
    } finally {
      signal?.removeEventListener('abort', cancel);
      await connection.end().catch(() => undefined);
    }
  };
  return { where, in: within, admin: (body, signal) => within(undefined, body, signal) };
};

const set = async (connection: Connection, setting: string): Promise<void> => {
  try {
    await connection.query(setting);
  } catch (error) {
    if ((error as { errno?: number }).errno !== unknownVariable) throw error;
  }
};

const sessionOf = (connection: Connection): Session => ({
  number: connection.threadId,
  query: async <R extends object>(sql: string, values: readonly Value[] = []) =>
    (await connection.query<RowDataPacket[]>(sql, [...values]))[0] as unknown as R[],
  run: async (sql, values = []) => (await connection.query<ResultSetHeader>(sql, [...values]))[0].affectedRows ?? 0,
  async first(sql) {
    const [rows] = await connection.query<RowDataPacket[][]>({ sql, rowsAsArray: true });
    const value = (rows[0] as unknown[] | undefined)?.[0];
    return value === null || value === undefined ? '' : String(value);
  },
  async transaction(body, mode = '') {
    await connection.query(`START TRANSACTION ${mode}`);
    try {
      const result = await body();
      await connection.query('COMMIT');
      return result;
    } catch (error) {
      await connection.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  },
});

/** The server goes on with a statement whose client has gone, so it is told. */
const endStatement = async (session: number, open: () => Promise<Connection>): Promise<void> => {
  const other = await open().catch(() => null);
  await other?.query('KILL QUERY ?', [session]).catch(() => undefined);
  await other?.end().catch(() => undefined);
};

/** Error numbers of MariaDB's and MySQL's documentation ("Error Codes", "Server Error Message Reference"). */
const known: Readonly<Record<number, ErrorCode>> = {
  1021: 'DISK_FULL',
  1034: 'DATABASE_CORRUPT',
  1040: 'DATABASE_UNREACHABLE',
  1044: 'DATABASE_PERMISSION_DENIED',
  1045: 'DATABASE_LOGIN_REFUSED',
  1049: 'DATABASE_NOT_FOUND',
  1053: 'DATABASE_UNREACHABLE',
  1114: 'DISK_FULL',
  1130: 'DATABASE_LOGIN_REFUSED',
  1142: 'DATABASE_PERMISSION_DENIED',
  1143: 'DATABASE_PERMISSION_DENIED',
  1194: 'DATABASE_CORRUPT',
  1195: 'DATABASE_CORRUPT',
  1203: 'DATABASE_UNREACHABLE',
  1205: 'DATABASE_IN_USE',
  1213: 'DATABASE_IN_USE',
  1227: 'DATABASE_PERMISSION_DENIED',
  1370: 'DATABASE_PERMISSION_DENIED',
  1419: 'DATABASE_PERMISSION_DENIED',
  1698: 'DATABASE_LOGIN_REFUSED',
  1712: 'DATABASE_CORRUPT',
  1820: 'DATABASE_LOGIN_REFUSED',
  1927: 'DATABASE_UNREACHABLE',
  3118: 'DATABASE_LOGIN_REFUSED',
  4151: 'DATABASE_LOGIN_REFUSED',
};

interface DriverError {
  readonly errno: number;
  readonly sqlState: string;
  readonly code: string;
  readonly fatal: boolean;
}

const translate = (
  error: unknown,
  target: MariaDbTarget,
  database: string | undefined,
  during: 'connect' | 'statement',
): unknown => {
  if (isNakatError(error) || !(error instanceof Error)) return error;
  const { errno = 0, sqlState, code = '', fatal } = error as Partial<DriverError> & Error;
  const vendor = error.message || code;
  const options = {
    where: `${target.host}:${target.port}`,
    values: { database: database ?? target.name, user: target.user, folder: 'data' },
    vendor,
    cause: error,
  };
  // A mistake of ours, not of the server.
  if (sqlState === undefined && code === '' && !fatal) return error;
  // Errors of the server have a state; all others are of the network, or of a server that went away.
  if (sqlState === undefined) return new NakatError('DATABASE_UNREACHABLE', options);
  if (isDiskFull(vendor)) return new NakatError('DISK_FULL', options);
  if (errno === 1044 && during === 'connect') return new NakatError('DATABASE_LOGIN_REFUSED', options);
  return new NakatError(known[errno] ?? 'DATABASE_STATEMENT_FAILED', options);
};

/** The number that the server gave an error, through what it was translated to; 0: none. */
export const errorNumber = (error: unknown): number => {
  const cause = isNakatError(error) ? error.cause : error;
  return (cause as { errno?: number } | undefined)?.errno ?? 0;
};
