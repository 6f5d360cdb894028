/**
 * The same contract against a real SQL Server. `NAKAT_TEST_SQLSERVER` holds JSON:
 * `{"host":"127.0.0.1","port":1433,"user":"sa","password":"…","backups":"/var/opt/mssql/data","trustServerCertificate":true}`.
 * The login must be sysadmin. Databases whose names begin with `k_`, `k ` and `K_` are made and DROPPED: never name a server
 * that matters. Backup files of the suite stay in the folder.
 */
import sql from 'mssql';
import { z } from 'zod';
import { connectSqlServer } from '../../../activities/sqlserver/connect.ts';
import { literal, quote } from '../../../activities/sqlserver/names.ts';
import type { SqlServerTarget } from '../../../runbook/targets/index.ts';
import { testContext } from '../databases/context.ts';
import type { Fixture } from '../databases/fixture.ts';

const settings = z.strictObject({
  host: z.string(),
  port: z.int().default(1433),
  user: z.string(),
  password: z.string(),
  backups: z.string(),
  encrypt: z.boolean().default(true),
  trustServerCertificate: z.boolean().default(false),
});

const types = { text: 'nvarchar(max)', int: 'int', bytes: 'varbinary(max)' } as const;

export async function startRealServerFixture(json: string): Promise<Fixture> {
  const { password, ...place } = settings.parse(JSON.parse(json));
  process.env.NAKAT_TEST_SQLSERVER_PASSWORD = password;
  process.env.NAKAT_TEST_SQLSERVER_WRONG = 'wrong';
  const open = async (database: string): Promise<sql.ConnectionPool> => {
    const { encrypt, trustServerCertificate } = place;
    const pool = new sql.ConnectionPool({
      server: place.host,
      port: place.port,
      user: place.user,
      password,
      database,
      requestTimeout: 0,
      pool: { max: 1, min: 0 },
      options: { encrypt, trustServerCertificate },
    });
    pool.on('error', () => undefined);
    return pool.connect();
  };
  const master = await open('master');
  const run = async (
    database: string,
    statement: string,
    values: readonly (string | null)[] = [],
  ): Promise<Record<string, unknown>[]> => {
    const request = master.request();
    for (const [index, value] of values.entries()) request.input(`p${index}`, sql.NVarChar(sql.MAX), value);
    return (await request.query<Record<string, unknown>>(`USE ${quote(database)}; ${statement}`)).recordset ?? [];
  };
  const target = (name: string): SqlServerTarget => ({
    engine: 'sqlserver',
    ...place,
    name,
    password: { env: 'NAKAT_TEST_SQLSERVER_PASSWORD' },
  });
  const isBytes = (column: string): boolean => column === 'Photo';

  const fixture: Fixture = {
    target,
    unreachable: (name) => ({ ...target(name), port: 1 }),
    refused: (name) => ({ ...target(name), password: { env: 'NAKAT_TEST_SQLSERVER_WRONG' } }),
    unwritable: (name) => ({ ...target(name), backups: `${place.backups}-none` }),
    connect: (at) => connectSqlServer(at as SqlServerTarget, testContext().context),
    async create(name, tables) {
      await run('master', `CREATE DATABASE ${quote(name)}`);
      for (const table of tables) {
        const columns = Object.entries(table.columns).map(
          ([column, type], index) =>
            `${quote(column)} ${types[type]} ${index === 0 && !table.noKey ? 'NOT NULL PRIMARY KEY' : 'NULL'}`,
        );
        await run(name, `CREATE TABLE dbo.${quote(table.name)} (${columns.join(', ')})`);
        for (const row of table.rows) await fixture.insert(name, table.name, row);
      }
    },
    async remove(name) {
      const made = await run(
        'master',
        'SELECT name FROM sys.databases WHERE name = @p0 OR source_database_id = DB_ID(@p0) ORDER BY source_database_id DESC',
        [name],
      );
      for (const one of made) {
        const online = await run(
          'master',
          `SELECT 1 AS n FROM sys.databases WHERE name = @p0 AND state = 0 AND source_database_id IS NULL`,
          [String(one.name)],
        );
        if (online.length > 0)
          await run('master', `ALTER DATABASE ${quote(String(one.name))} SET SINGLE_USER WITH ROLLBACK IMMEDIATE`);
        await run('master', `DROP DATABASE ${quote(String(one.name))}`);
      }
      // Ids are used again by the next run of the suite.
      await run('msdb', 'EXEC msdb.dbo.sp_delete_database_backuphistory @database_name = @p0', [name]);
    },
    async insert(database, table, row) {
      const columns = Object.keys(row);
      const values = columns.map((column, index) =>
        isBytes(column) ? `CONVERT(varbinary(max), @p${index}, 2)` : `@p${index}`,
      );
      await run(
        database,
        `INSERT INTO dbo.${quote(table)} (${columns.map(quote).join(', ')}) VALUES (${values.join(', ')})`,
        Object.values(row),
      );
    },
    addTextColumn: async (database, table, column) =>
      void (await run(database, `ALTER TABLE dbo.${quote(table)} ADD ${quote(column)} nvarchar(max) NULL`)),
    async session(database) {
      const pool = await open(database);
      const id = async (): Promise<unknown> =>
        (
          await pool.query<{ id: unknown }>(
            'SELECT connection_id AS id FROM sys.dm_exec_connections WHERE session_id = @@SPID',
          )
        ).recordset[0]?.id;
      const first = await id();
      return {
        alive: () =>
          id().then(
            (now) => now === first,
            () => false,
          ),
        close: () => pool.close(),
      };
    },
    // The files lie with the server: damaged with its own means.
    damages: {
      'another backup in its place': async ({ place: file }) =>
        void (await run(
          'master',
          `BACKUP DATABASE model TO DISK = ${literal(file)} WITH COPY_ONLY, INIT, FORMAT, CHECKSUM`,
        )),
      'a second backup in the file': async ({ place: file }) =>
        void (await run('master', `BACKUP DATABASE model TO DISK = ${literal(file)} WITH COPY_ONLY, NOINIT`)),
      gone: async ({ place: file }) => void (await run('master', `EXEC master.dbo.xp_delete_file 0, ${literal(file)}`)),
    },
    close: () => master.close(),
  };
  return fixture;
}
