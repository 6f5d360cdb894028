/** Statements on a real PostgreSQL: all or nothing, and never twice. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkSql, runSql } from '../../../activities/generic/sql.ts';
import { closeAllMachines } from '../../../activities/machines/pool.ts';
import { testContext } from '../databases/context.ts';
import { hasPostgres, startPostgresFixture, type PostgresFixture } from '../postgres/fixture.ts';

describe.runIf(hasPostgres)('SQL', () => {
  let fixture: PostgresFixture;
  const context = (step = 'production.run-sql', attempt = 1) => testContext(step, attempt).context;
  const count = async (): Promise<number> =>
    Number((await fixture.query('app', 'SELECT count(*) AS n FROM t'))[0]?.['n']);
  beforeAll(async () => {
    fixture = await startPostgresFixture();
    await fixture.cluster.createDatabase('app');
  }, 60_000);
  beforeEach(() =>
    fixture.query('app', 'DROP TABLE IF EXISTS t; CREATE TABLE t (n integer); ALTER DATABASE app RESET nakat.done'),
  );
  afterAll(async () => {
    await closeAllMachines();
    await fixture.close();
  });

  test('once, however often it is attempted; two steps do not hide each other', async () => {
    const database = fixture.target('app');
    const params = { database, sql: 'INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2)' };
    expect(await runSql(params, {}, context())).toEqual({ database: 'app', already: false });
    expect(await runSql(params, {}, context('production.run-sql', 2))).toEqual({ database: 'app', already: true });
    expect(await runSql(params, {}, context('production.more'))).toMatchObject({ already: false });
    expect(await runSql(params, {}, context())).toMatchObject({ already: true });
    expect(await count()).toBe(4);
  });

  test('of two attempts at once, one acts', async () => {
    const params = { database: fixture.target('app'), sql: 'INSERT INTO t SELECT 1 FROM pg_sleep(0.3)' };
    const done = await Promise.all([
      runSql(params, {}, context()),
      runSql(params, {}, context('production.run-sql', 2)),
    ]);
    expect(done.map((one) => one['already']).sort()).toEqual([false, true]);
    expect(await count()).toBe(1);
  });

  test('all or nothing, changes of tables too, and it may be tried again', async () => {
    const database = fixture.target('app');
    await expect(
      runSql(
        { database, sql: 'ALTER TABLE t ADD more text; INSERT INTO t VALUES (1); INSERT INTO nowhere VALUES (1)' },
        {},
        context(),
      ),
    ).rejects.toMatchObject({
      code: 'DATABASE_STATEMENT_FAILED',
      message: expect.stringContaining('nowhere') as string,
    });
    expect(await count()).toBe(0);
    expect(await runSql({ database, sql: 'ALTER TABLE t ADD more text' }, {}, context())).toMatchObject({
      already: false,
    });
  });

  test('statements that end the transaction themselves are refused as what they are', async () => {
    await expect(
      runSql(
        { database: fixture.target('app'), sql: 'INSERT INTO t VALUES (1); COMMIT; INSERT INTO t VALUES (2)' },
        {},
        context(),
      ),
    ).rejects.toMatchObject({ message: expect.stringContaining('COMMIT') as string, failure: { effect: 'unknown' } });
  });

  test('a check cannot change anything, and says what it found', async () => {
    const database = fixture.target('app');
    await fixture.query('app', 'INSERT INTO t VALUES (26)');
    expect(await checkSql({ database, sql: 'SELECT max(n) FROM t', is: '26' }, {}, context())).toEqual({ value: '26' });
    await expect(checkSql({ database, sql: 'SELECT 126', is: '26' }, {}, context())).rejects.toMatchObject({
      code: 'SQL_NOT_AS_WANTED',
      message: expect.stringContaining('126') as string,
    });
    expect(await checkSql({ database, sql: 'SELECT n FROM t WHERE n = 0', is: '' }, {}, context())).toEqual({
      value: '',
    });
    await expect(
      checkSql({ database, sql: 'DELETE FROM t RETURNING n', is: '26' }, {}, context()),
    ).rejects.toMatchObject({ code: 'DATABASE_STATEMENT_FAILED' });
    expect(await count()).toBe(1);
  });
});
