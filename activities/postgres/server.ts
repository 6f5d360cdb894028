import pg from 'pg';
import { isNakatError, NakatError, type ErrorCode } from '../../runbook/errors/index.ts';
import type { PostgresTarget } from '../../runbook/targets/index.ts';
import type { StepContext } from '../step.ts';

export const id = (name: string): string => pg.escapeIdentifier(name);
export const literal = (text: string): string => pg.escapeLiteral(text);

/** Limits that an administrator set for applications would end our work half-way. Options of the connection win over them. */
export const noLimits = '-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0';

export interface Session {
  /** `name` stands for the statement's parameters `$1…`. Rows by column name. */
  query<R extends pg.QueryResultRow>(
    sql: string,
    values?: readonly (string | number | null | string[])[],
  ): Promise<R[]>;
  /** Number of rows that the statement touched. */
  run(sql: string, values?: readonly (string | number | null)[]): Promise<number>;
  /** The first column of the first row, as text; empty: no row, or NULL. One statement: the server refuses several. */
  first(sql: string): Promise<string>;
  /** All or nothing. */
  transaction<T>(body: () => Promise<T>, mode?: string): Promise<T>;
}

/** Connections to one PostgreSQL server: each is opened for one task and closed after it, since databases are renamed under us. */
export interface Server {
  readonly where: string;
  /** A session in that database; `signal` cancels the statement that is running. */
  in<T>(database: string, body: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** A session in the maintenance database. */
  admin<T>(body: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

export const connectServer = async (target: PostgresTarget, context: StepContext): Promise<Server> => {
  const where = `${target.host}:${target.port}`;
  const password = target.password && (await context.secret(target.password));
  const open = async (database: string): Promise<pg.Client> => {
    const client = new pg.Client({
      host: target.host,
      port: target.port,
      user: target.user,
      password,
      database,
      ssl: target.tls === 'off' ? false : { rejectUnauthorized: target.tls === 'on' },
      connectionTimeoutMillis: 20_000,
      keepAlive: true,
      application_name: 'nakat',
      options: noLimits,
    });
    // Without a listener a connection lost between two statements would end the process; the next statement reports it.
    client.on('error', (error) => context.log('connection to PostgreSQL lost', { where, reason: error.message }));
    try {
      await client.connect();
      return client;
    } catch (error) {
      throw translate(error, target, database, 'connect');
    }
  };

  const within = async <T>(
    database: string,
    body: (session: Session) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> => {
    signal?.throwIfAborted();
    const client = await open(database);
    const cancel = () => void cancelStatement(client, () => open(maintenance));
    signal?.addEventListener('abort', cancel);
    try {
      return await body(sessionOf(client));
    } catch (error) {
      if (!isNakatError(error)) signal?.throwIfAborted();
      throw translate(error, target, database, 'statement');
    } finally {
      signal?.removeEventListener('abort', cancel);
      await client.end().catch(() => undefined);
    }
  };
  return { where, in: within, admin: (body, signal) => within(maintenance, body, signal) };
};

/** Made by initdb for tools like this one: "the default database to connect to" (PostgreSQL documentation, initdb). */
const maintenance = 'postgres';

const sessionOf = (client: pg.Client): Session => {
  const session: Session = {
    query: async <R extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      (await client.query<R>(sql, [...values])).rows,
    run: async (sql, values = []) => (await client.query(sql, [...values])).rowCount ?? 0,
    async first(sql) {
      // The server reads one statement alone only when it is prepared.
      const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array', queryMode: 'extended' } as never);
      const value = rows[0]?.[0];
      return value === null || value === undefined ? '' : value instanceof Date ? value.toISOString() : String(value);
    },
    async transaction(body, mode = '') {
      await client.query(`BEGIN ${mode}`);
      try {
        const result = await body();
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    },
  };
  return session;
};

/** The server goes on with a statement whose client has gone, so it is told. */
const cancelStatement = async (client: pg.Client, open: () => Promise<pg.Client>): Promise<void> => {
  const pid = (client as { processID?: number | null }).processID;
  const other = await open().catch(() => null);
  await other?.query('SELECT pg_cancel_backend($1)', [pid]).catch(() => undefined);
  await other?.end().catch(() => undefined);
};

/** SQLSTATEs of PostgreSQL's documentation, appendix A, to the codes that an administrator meets. */
const translate = (
  error: unknown,
  target: PostgresTarget,
  database: string,
  during: 'connect' | 'statement',
): unknown => {
  if (isNakatError(error) || !(error instanceof Error)) return error;
  const { code = '', severity } = error as pg.DatabaseError;
  const options = {
    where: `${target.host}:${target.port}`,
    values: { database, user: target.user, folder: 'data' },
    vendor: error.message || code,
    cause: error,
  };
  if (severity === undefined) return new NakatError('DATABASE_UNREACHABLE', options);
  const known: Readonly<Record<string, ErrorCode>> = {
    '3D000': 'DATABASE_NOT_FOUND',
    '28000': 'DATABASE_LOGIN_REFUSED',
    '28P01': 'DATABASE_LOGIN_REFUSED',
    '42501': during === 'connect' ? 'DATABASE_LOGIN_REFUSED' : 'DATABASE_PERMISSION_DENIED',
    '53100': 'DISK_FULL',
    '53300': 'DATABASE_UNREACHABLE',
    '55006': 'DATABASE_IN_USE',
    '57P01': 'DATABASE_UNREACHABLE',
    '57P02': 'DATABASE_UNREACHABLE',
    '57P03': 'DATABASE_UNREACHABLE',
    XX001: 'DATABASE_CORRUPT',
    XX002: 'DATABASE_CORRUPT',
  };
  return new NakatError(
    known[code] ?? (code.startsWith('08') ? 'DATABASE_UNREACHABLE' : 'DATABASE_STATEMENT_FAILED'),
    options,
  );
};
