/**
 * Connections to one SQL Server, all but those of `inside` in `master`: one inside the database itself would be a session that a
 * restore has to end. Other databases are named in the statements (`[db].[dbo].[table]`).
 */
import sql from 'mssql';
import type { NakatError } from '../../runbook/errors/index.ts';
import { type ErrorCode, type ErrorOptions } from '../../runbook/errors/index.ts';
import type { SqlServerTarget } from '../../runbook/targets/index.ts';
import { explain, type Place } from './errors.ts';

export type Params = Readonly<Record<string, string | null>>;
/** What the driver makes of a row: bit as boolean, int as number, bigint and everything converted as text. */
export type Result = Readonly<Record<string, string | number | boolean | null>>;

export interface Long {
  readonly signal?: AbortSignal;
  /** Informational messages as they come (STATS). */
  readonly onInfo?: (message: { number: number; message: string }) => void;
}

export interface Failing {
  readonly code: ErrorCode;
  readonly values?: ErrorOptions['values'];
}

/** One connection inside the database, in a transaction. Rows by position. */
export interface Inside {
  /** Without time limit. Its last rows. */
  batch(statement: string): Promise<unknown[][]>;
  query(statement: string, params?: Params): Promise<unknown[][]>;
}

export interface Session extends Place {
  /** Short: parameters travel beside the statement (sp_executesql), all as nvarchar. */
  query(statement: string, params?: Params, failing?: Failing): Promise<Result[]>;
  /** Like `query`; returns the number of rows changed. No time limit. */
  change(statement: string, params?: Params): Promise<number>;
  /** A plain batch on one connection, without time limit. Cancelled by the signal: the server confirms before this rejects. */
  batch(statement: string, long: Long, failing: Failing): Promise<Result[]>;
  /** A connection of its own, closed afterwards. What fails is rolled back. */
  inside<T>(end: 'commit' | 'rollback', long: Pick<Long, 'signal'>, body: (inside: Inside) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function openSession(target: SqlServerTarget, password: string): Session {
  const place: Place = { where: `${target.host}:${target.port}`, user: target.user, database: target.name };
  let pool: Promise<sql.ConnectionPool> | null = null;
  const connect = (): Promise<sql.ConnectionPool> => {
    pool ??= open(target, password).catch((error: unknown) => {
      pool = null;
      throw explain(error, place, 'DATABASE_UNREACHABLE');
    });
    return pool;
  };
  const request = async (params: Params, timeout?: number): Promise<sql.Request> => {
    // The types of mssql do not know the settings of one request yet.
    const Request = sql.Request as unknown as new (
      pool: sql.ConnectionPool,
      overrides: { requestTimeout?: number },
    ) => sql.Request;
    const made = new Request(await connect(), timeout === undefined ? {} : { requestTimeout: timeout });
    for (const [name, value] of Object.entries(params)) made.input(name, sql.NVarChar(sql.MAX), value);
    return made;
  };
  const failed = (error: unknown, failing: Failing = { code: 'DATABASE_STATEMENT_FAILED' }): NakatError =>
    explain(error, place, failing.code, failing.values);

  return {
    ...place,
    async query(statement, params = {}, failing) {
      const made = await request(params);
      try {
        return (await made.query<Result>(statement)).recordset ?? [];
      } catch (error) {
        throw failed(error, failing);
      }
    },
    async change(statement, params = {}) {
      const made = await request(params, 0);
      try {
        return (await made.query(statement)).rowsAffected[0] ?? 0;
      } catch (error) {
        throw failed(error);
      }
    },
    async batch(statement, long, failing) {
      long.signal?.throwIfAborted();
      const made = await request({}, 0);
      if (long.onInfo) made.on('info', long.onInfo);
      const cancel = (): void => void made.cancel();
      long.signal?.addEventListener('abort', cancel, { once: true });
      try {
        return (await made.batch<Result>(statement)).recordset ?? [];
      } catch (error) {
        long.signal?.throwIfAborted();
        throw failed(error, failing);
      } finally {
        long.signal?.removeEventListener('abort', cancel);
      }
    },
    async inside(end, { signal }, body) {
      signal?.throwIfAborted();
      const own = await open(target, password, target.name).catch((error: unknown) => {
        throw explain(error, place, 'DATABASE_UNREACHABLE');
      });
      const transaction = new sql.Transaction(own);
      const run = async (params: Params, act: (made: sql.Request) => Promise<sql.IResult<unknown>>) => {
        const made = new sql.Request(transaction) as sql.Request & { arrayRowMode: boolean };
        made.arrayRowMode = true;
        for (const [name, value] of Object.entries(params)) made.input(name, sql.NVarChar(sql.MAX), value);
        const cancel = (): void => void made.cancel();
        signal?.addEventListener('abort', cancel, { once: true });
        try {
          return ((await act(made)).recordsets as unknown[][][]).at(-1) ?? [];
        } finally {
          signal?.removeEventListener('abort', cancel);
        }
      };
      try {
        await transaction.begin();
        const result = await body({
          batch: (statement) => run({}, (made) => made.batch(statement)),
          query: (statement, params = {}) => run(params, (made) => made.query(statement)),
        });
        await (end === 'commit' ? transaction.commit() : transaction.rollback());
        return result;
      } catch (error) {
        await transaction.rollback().catch(() => undefined);
        signal?.throwIfAborted();
        throw failed(error);
      } finally {
        await own.close();
      }
    },
    async close() {
      const open = pool;
      pool = null;
      await (await open?.catch(() => null))?.close();
    },
  };
}

/** `inside`: one connection in that database, whose statements may take as long as they need. */
async function open(target: SqlServerTarget, password: string, inside?: string): Promise<sql.ConnectionPool> {
  const pool = new sql.ConnectionPool({
    server: target.host,
    port: target.port,
    user: target.user,
    password,
    database: inside ?? 'master',
    connectionTimeout: 15_000,
    requestTimeout: inside === undefined ? 600_000 : 0,
    pool: { min: 0, max: inside === undefined ? 4 : 1, idleTimeoutMillis: 30_000 },
    options: {
      encrypt: target.encrypt,
      trustServerCertificate: target.trustServerCertificate,
      appName: 'nakat',
      useUTC: true,
    },
  });
  // A connection that breaks while idle is replaced by the pool; the request that needs it reports its own error.
  pool.on('error', () => undefined);
  return pool.connect();
}
