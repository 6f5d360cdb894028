/**
 * Connections to one SQL Server, all in `master`: a connection inside the database itself would be a session that a restore
 * has to end. Other databases are named in the statements (`[db].[dbo].[table]`).
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

export interface Session extends Place {
  /** Short: parameters travel beside the statement (sp_executesql), all as nvarchar. */
  query(statement: string, params?: Params, failing?: Failing): Promise<Result[]>;
  /** Like `query`; returns the number of rows changed. No time limit. */
  change(statement: string, params?: Params): Promise<number>;
  /** A plain batch on one connection, without time limit. Cancelled by the signal: the server confirms before this rejects. */
  batch(statement: string, long: Long, failing: Failing): Promise<Result[]>;
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
    async close() {
      const open = pool;
      pool = null;
      await (await open?.catch(() => null))?.close();
    },
  };
}

async function open(target: SqlServerTarget, password: string): Promise<sql.ConnectionPool> {
  const pool = new sql.ConnectionPool({
    server: target.host,
    port: target.port,
    user: target.user,
    password,
    database: 'master',
    connectionTimeout: 15_000,
    requestTimeout: 600_000,
    pool: { min: 0, max: 4, idleTimeoutMillis: 30_000 },
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
