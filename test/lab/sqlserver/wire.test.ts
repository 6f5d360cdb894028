import sql from 'mssql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contacts } from '../../activities/databases/seeds.ts';
import { startStandInFixture, type StandInFixture } from '../../activities/sqlserver/fixture.ts';

/** The stand-in seen by the real driver, without the adapter. */
describe('the stand-in on the wire', () => {
  let fixture: StandInFixture;
  const pools: sql.ConnectionPool[] = [];
  const open = async (database = 'master'): Promise<sql.ConnectionPool> => {
    const pool = await fixture.application(database);
    pools.push(pool);
    return pool;
  };
  const backup = (path: string): string =>
    `BACKUP DATABASE [big] TO DISK = N'${path}' WITH COPY_ONLY, INIT, FORMAT, CHECKSUM, STATS = 5`;
  beforeAll(async () => {
    fixture = await startStandInFixture();
    await fixture.create('big', [contacts]);
    await fixture.query(
      'big',
      `INSERT INTO "Contact" SELECT n, repeat('ж', 100), NULL, NULL FROM generate_series(100, 60000) n`,
    );
  });
  afterAll(async () => {
    for (const pool of pools) await pool.close();
    await fixture.close();
  });

  it('refuses a wrong password and an absent database', async () => {
    const { host, port, user } = fixture.target('big');
    const config = { server: host, port, user, options: { encrypt: false } };
    await expect(new sql.ConnectionPool({ ...config, password: 'wrong' }).connect()).rejects.toMatchObject({
      code: 'ELOGIN',
      message: "Login failed for user 'sa'.",
    });
    await expect(fixture.application('nowhere')).rejects.toMatchObject({ code: 'ELOGIN' });
  });

  it('refuses what it cannot parse, and runs nothing of such a batch', async () => {
    const pool = await open();
    for (const [statement, near] of [
      ['SELEC 1', 'SELEC'],
      ['SELECT COUNT_BIG(*) AS rows FROM [big].[dbo].[Contact] WHERE 1 = 1', 'WHERE'],
      ['DELETE FROM [big].[dbo].[Contact]; DROP TABLE x', 'TABLE'],
      ["BACKUP DATABASE [big] TO DISK = N'x' WITH NOINIT", 'NOINIT'],
      ['SELECT {db}', '{db}'],
    ] as const) {
      await expect(pool.request().batch(statement), statement).rejects.toMatchObject({
        number: 102,
        message: `Incorrect syntax near '${near}'.`,
      });
    }
    expect((await pool.request().batch('SELECT COUNT_BIG(*) AS rows FROM [big].[dbo].[Contact]')).recordset[0]).toEqual(
      { rows: '59905' },
    );
  });

  it('takes parameters, long texts and nulls as they are', async () => {
    const pool = await open();
    const long = "ж'\0]".replace('\0', '🦔').repeat(9000);
    const set = (value: string | null) =>
      pool
        .request()
        .input('s0', sql.NVarChar(sql.MAX), value)
        .input('w0', sql.NVarChar(sql.MAX), '1')
        .query('UPDATE [big].[dbo].[Contact] SET [Name] = @s0 WHERE [Id] = @w0');
    const read = async () =>
      (
        await pool
          .request()
          .input('w0', '1')
          .query('SELECT CONVERT(nvarchar(max), [Name]) AS a FROM [big].[dbo].[Contact] WHERE [Id] = @w0')
      ).recordset as { a: string | null }[];
    for (const value of [long, '', null, 'x']) {
      expect((await set(value)).rowsAffected).toEqual([1]);
      expect(await read()).toEqual([{ a: value }]);
    }
    await expect(
      pool
        .request()
        .input('w0', 'x')
        .query('SELECT CONVERT(nvarchar(max), [Name]) AS a FROM [big].[dbo].[Contact] WHERE [Id] = @w0'),
    ).rejects.toMatchObject({ number: 245 });
  });

  it('is stopped by an attention in the middle, and the connection lives on', async () => {
    const pool = await open();
    fixture.server.faults.slow = 50;
    const request = pool.request();
    const seen: number[] = [];
    request.on('info', (message: { number: number }) => {
      seen.push(message.number);
      request.cancel();
    });
    await expect(request.batch(backup(`${fixture.backups}/cancelled.bak`))).rejects.toMatchObject({ code: 'ECANCEL' });
    fixture.server.faults.slow = 0;
    expect(seen).toContain(3211);
    expect(seen).not.toContain(3014);
    expect((await pool.request().batch('SELECT 1')).recordset.length).toBe(1);
  });

  it('tells the cause before the end of a failed backup', async () => {
    const pool = await open();
    fixture.server.faults.backupRoom = 1_000_000;
    const failure = await pool
      .request()
      .batch(backup(`${fixture.backups}/full.bak`))
      .then(
        () => null,
        (error: unknown) => error as { number: number; precedingErrors: { number: number; message: string }[] },
      );
    fixture.server.faults.backupRoom = null;
    expect(failure?.number).toBe(3013);
    expect(failure?.precedingErrors).toEqual([
      expect.objectContaining({ number: 3202, message: expect.stringContaining('112(') as string }),
    ]);
  });

  it('keeps a single seat for the one who took it, and forgets it with the connection', async () => {
    await fixture.create('seat', [contacts]);
    const [one, two] = [await open(), await open()];
    const count = 'SELECT COUNT_BIG(*) AS rows FROM [seat].[dbo].[Contact]';
    const inside = await open('seat');
    await inside.request().batch('SELECT 1');
    await expect(one.request().batch('DROP DATABASE [seat]')).rejects.toMatchObject({ number: 3702 });
    await one.request().batch('ALTER DATABASE [seat] SET SINGLE_USER WITH ROLLBACK IMMEDIATE');
    await expect(inside.request().batch('SELECT 1')).rejects.toThrow();
    await expect(two.request().batch(count)).rejects.toMatchObject({ number: 924 });
    await expect(fixture.query('seat', 'SELECT 1')).rejects.toThrow('not currently accepting connections');
    await one.request().batch('ALTER DATABASE [seat] SET MULTI_USER');
    expect((await two.request().batch(count)).recordset[0]).toEqual({ rows: '4' });
  });
});
