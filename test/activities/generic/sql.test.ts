/** Statements on real PostgreSQL and MariaDB, and on the stand-in for SQL Server: never twice, and what is kept of them when they fail. */
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectDatabase } from '../../../activities/databases/connect.ts';
import { checkSql, runSql } from '../../../activities/generic/sql.ts';
import { closeAllMachines } from '../../../activities/machines/pool.ts';
import { batchesOf } from '../../../activities/sqlserver/statements.ts';
import type { DatabaseTarget } from '../../../runbook/targets/index.ts';
import { testContext } from '../databases/context.ts';
import { hasMariaDb, startMariaDbFixture, type MariaDbFixture } from '../mariadb/fixture.ts';
import { hasPostgres, startPostgresFixture, type PostgresFixture } from '../postgres/fixture.ts';
import { startStandInFixture, type StandInFixture } from '../sqlserver/fixture.ts';

const context = (step = 'production.run-sql', attempt = 1) => testContext(step, attempt).context;
const attempts = (...numbers: number[]) => numbers.map((attempt) => context('production.run-sql', attempt));

interface Server {
  readonly database: DatabaseTarget;
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** An empty table `t (n)`, and no note. */
  fresh(): Promise<unknown>;
  readonly slow: string;
}

/** What holds on all servers. */
function common(here: () => Server): void {
  const count = async (): Promise<number> => Number((await here().query('SELECT count(*) AS n FROM t'))[0]?.['n']);
  const run = (sql: string, at = context()) => runSql({ database: here().database, sql }, {}, at);
  const check = (sql: string, is: string) => checkSql({ database: here().database, sql, is }, {}, context());
  beforeEach(() => here().fresh());

  test('once, however often it is attempted; two steps do not hide each other', async () => {
    const { name } = here().database;
    const sql = 'INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2)';
    expect(await run(sql)).toEqual({ database: name, already: false });
    expect(await run(sql, attempts(2)[0])).toEqual({ database: name, already: true });
    expect(await run(sql, context('production.more'))).toMatchObject({ already: false });
    expect(await run(sql)).toMatchObject({ already: true });
    expect(await count()).toBe(4);
  });

  test('of two attempts at once, one acts', async () => {
    const done = await Promise.all(attempts(1, 2).map((at) => run(here().slow, at)));
    expect(done.map((one) => one['already']).sort()).toEqual([false, true]);
    expect(await count()).toBe(1);
  });

  test('rows: all or nothing, and it may be tried again', async () => {
    await expect(run('INSERT INTO t VALUES (1); INSERT INTO nowhere VALUES (1)')).rejects.toMatchObject({
      code: 'DATABASE_STATEMENT_FAILED',
      message: expect.stringContaining('nowhere') as string,
    });
    expect(await count()).toBe(0);
    expect(await run('INSERT INTO t VALUES (1)', attempts(2)[0])).toMatchObject({ already: false });
    expect(await count()).toBe(1);
  });

  test('the note is no part of tables, schema and rows that are compared', async () => {
    const database = await connectDatabase(here().database, context());
    const state = async () => [
      await database.tables(),
      await database.schemaFingerprint(),
      await database.fingerprint([]),
    ];
    const before = await state();
    await run('DELETE FROM t');
    expect(await state()).toEqual(before);
    await database.close();
  });

  test('a check says what it found', async () => {
    await here().query('INSERT INTO t VALUES (26)');
    expect(await check('SELECT MAX(n) FROM t', '26')).toEqual({ value: '26' });
    await expect(check('SELECT MAX(n) FROM t', '2')).rejects.toMatchObject({
      code: 'SQL_NOT_AS_WANTED',
      message: expect.stringContaining('26') as string,
    });
    await here().query('DELETE FROM t');
    expect(await check('SELECT MAX(n) FROM t', '')).toEqual({ value: '' });
  });

  test('what a check would change stays as it was, also when it ends the transaction first', async () => {
    await here().query('INSERT INTO t VALUES (26)');
    await check('DELETE FROM t', '').catch(() => undefined);
    await expect(check('COMMIT; DELETE FROM t', '')).rejects.toMatchObject({
      failure: { code: expect.anything() as string },
    });
    expect(await count()).toBe(1);
  });
}

describe.runIf(hasPostgres)('SQL on PostgreSQL', () => {
  let fixture: PostgresFixture;
  const server = (): Server => ({
    database: fixture.target('app'),
    query: (sql) => fixture.query('app', sql),
    fresh: () =>
      fixture.query('app', 'DROP TABLE IF EXISTS t; CREATE TABLE t (n integer); ALTER DATABASE app RESET nakat.done'),
    slow: 'INSERT INTO t SELECT 1 FROM pg_sleep(0.3)',
  });
  beforeAll(async () => {
    fixture = await startPostgresFixture();
    await fixture.cluster.createDatabase('app');
  });
  afterAll(async () => {
    await closeAllMachines();
    await fixture.close();
  });
  common(server);

  test('all or nothing, changes of tables too', async () => {
    const { database } = server();
    const run = (sql: string) => runSql({ database, sql }, {}, context());
    await expect(run('ALTER TABLE t ADD more text; INSERT INTO nowhere VALUES (1)')).rejects.toMatchObject({
      code: 'DATABASE_STATEMENT_FAILED',
    });
    expect(await run('ALTER TABLE t ADD more text')).toMatchObject({ already: false });
  });

  test('statements that end the transaction themselves are refused as what they are', async () => {
    await expect(
      runSql(
        { database: server().database, sql: 'INSERT INTO t VALUES (1); COMMIT; INSERT INTO t VALUES (2)' },
        {},
        context(),
      ),
    ).rejects.toMatchObject({ code: 'SQL_ENDED_TRANSACTION', failure: { effect: 'unknown' } });
  });
});

describe.runIf(hasMariaDb)('SQL on MariaDB', () => {
  let fixture: MariaDbFixture;
  const server = (): Server => ({
    database: fixture.target('app'),
    query: (sql) => fixture.query('app', sql),
    fresh: () => fixture.query('app', 'DROP TABLE IF EXISTS t, nakat_done; CREATE TABLE t (n integer)'),
    slow: 'INSERT INTO t SELECT 1 + SLEEP(0.3)',
  });
  const run = (sql: string, at = context()) => runSql({ database: server().database, sql }, {}, at);
  const columns = async () => (await fixture.query('app', 'SHOW COLUMNS FROM t')).length;
  beforeAll(async () => {
    fixture = await startMariaDbFixture();
    await fixture.server.createDatabase('app');
  });
  afterAll(async () => {
    await closeAllMachines();
    await fixture.close();
  });
  common(server);

  test('changes of tables stay, so what failed behind them is half-way: never again by itself, all of it when a person says so', async () => {
    const half =
      'INSERT INTO t (n) VALUES (1); ALTER TABLE t ADD IF NOT EXISTS more int; INSERT INTO nowhere VALUES (1)';
    await expect(run(half)).rejects.toMatchObject({
      code: 'SQL_LEFT_HALF_WAY',
      message: expect.stringContaining('nowhere') as string,
      failure: { effect: 'unknown', passing: false },
    });
    expect(await columns()).toBe(2);
    await expect(run(half, attempts(2)[0])).rejects.toMatchObject({ code: 'SQL_LEFT_HALF_WAY' });
    expect(await fixture.query('app', 'SELECT n FROM t')).toHaveLength(1);
    await fixture.query('app', 'CREATE TABLE nowhere (n integer)');
    expect(await run(half)).toMatchObject({ already: false });
    expect(await run(half, attempts(2)[0])).toMatchObject({ already: true });
    await fixture.query('app', 'DROP TABLE nowhere');
  });

  test('a worker that dies: rows are taken back and done again, what changed a table is not', async () => {
    const killed = async (sql: string): Promise<void> => {
      const running = run(sql).catch((error: unknown) => error);
      const busy = () =>
        fixture.query(
          null,
          "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE INFO LIKE '%SLEEP%' AND ID <> CONNECTION_ID()",
        );
      await expect.poll(busy).toHaveLength(1);
      const [session] = await busy();
      await fixture.query(null, `KILL CONNECTION ${Number(session?.['id'])}`);
      await running;
    };
    await killed('INSERT INTO t VALUES (1); INSERT INTO t SELECT SLEEP(20)');
    expect(await run('INSERT INTO t VALUES (1)', attempts(2)[0])).toMatchObject({ already: false });
    expect(await fixture.query('app', 'SELECT n FROM t')).toHaveLength(1);
    await server().fresh();
    await killed('ALTER TABLE t ADD more int; INSERT INTO t SELECT SLEEP(20), 1');
    await expect(run('ALTER TABLE t ADD more int', attempts(2)[0])).rejects.toMatchObject({
      code: 'SQL_LEFT_HALF_WAY',
    });
  });

  test('statements mean what they mean to everybody on this server', async () => {
    await fixture.query(null, "SET GLOBAL sql_mode = 'ANSI_QUOTES', time_zone = '+03:00'");
    try {
      await run('INSERT INTO "t" VALUES (TIMESTAMPDIFF(HOUR, UTC_TIMESTAMP(), NOW()))');
      expect(await fixture.query('app', 'SELECT n FROM t')).toEqual([{ n: 3 }]);
    } finally {
      await fixture.query(null, "SET GLOBAL sql_mode = DEFAULT, time_zone = 'SYSTEM'");
    }
  });

  test('of several columns the first is meant, whatever their names', async () => {
    const { database } = server();
    expect(await checkSql({ database, sql: "SELECT 'a' AS b, 2 AS `1`", is: 'a' }, {}, context())).toEqual({
      value: 'a',
    });
  });

  test('an account that may not make tables hears so, and nothing was changed', async () => {
    const { host, port } = fixture.server;
    await fixture.query(
      null,
      "CREATE USER only_rows IDENTIFIED BY 'right'; GRANT SELECT, INSERT ON app.* TO only_rows",
    );
    const connection = await mysql.createConnection({ host, port, user: 'only_rows', password: 'right' });
    await connection.end();
    process.env['ONLY_ROWS'] = 'right';
    const database = { ...fixture.target('app'), user: 'only_rows', password: { env: 'ONLY_ROWS' } };
    await expect(runSql({ database, sql: 'INSERT INTO t VALUES (1)' }, {}, context())).rejects.toMatchObject({
      code: 'DATABASE_PERMISSION_DENIED',
    });
    expect(await fixture.query('app', 'SELECT n FROM t')).toHaveLength(0);
  });
});

describe.runIf(hasPostgres)('SQL on the stand-in for SQL Server', () => {
  let fixture: StandInFixture;
  const server = (): Server => ({
    database: fixture.target('app'),
    query: (sql) => fixture.query('app', sql),
    fresh: () =>
      fixture.query(
        'app',
        'DROP TABLE IF EXISTS t CASCADE; CREATE TABLE t (n integer); DROP SCHEMA IF EXISTS standin_sys CASCADE',
      ),
    slow: 'INSERT INTO t VALUES (1)',
  });
  const run = (sql: string, at = context()) => runSql({ database: server().database, sql }, {}, at);
  beforeAll(async () => {
    fixture = await startStandInFixture();
    await fixture.create('app', []);
  });
  afterAll(async () => fixture.close());
  common(server);

  test('all or nothing over all batches, changes of tables too', async () => {
    const script =
      'ALTER TABLE t ADD more int;\nGO\nCREATE VIEW v AS SELECT more FROM t\ngo -- and\nINSERT INTO nowhere VALUES (1)';
    await expect(run(script)).rejects.toMatchObject({ code: 'DATABASE_STATEMENT_FAILED' });
    expect(await run(script.replace(/go -- and[^]*/, ''))).toMatchObject({ already: false });
    expect(await fixture.query('app', 'SELECT more FROM v')).toEqual([]);
  });

  test('statements that end the transaction themselves are refused as what they are', async () => {
    await expect(run('INSERT INTO t VALUES (1); COMMIT')).rejects.toMatchObject({ code: 'SQL_ENDED_TRANSACTION' });
  });

  test('the note travels with a backup, as what it is about does', async () => {
    const database = await connectDatabase(server().database, context());
    const before = await database.backUp('before');
    await run('INSERT INTO t VALUES (1)');
    await database.restore('back', before, { replace: true });
    expect(await run('INSERT INTO t VALUES (1)', attempts(2)[0])).toMatchObject({ already: false });
    await database.close();
  });
});

test('scripts are parted at GO', () => {
  expect(batchesOf('a\nGO\nb go\r\n  go 2 -- twice\nGO\n-- c\n')).toEqual(['a', 'b go', 'b go', '-- c\n']);
  expect(batchesOf('one')).toEqual(['one']);
});
