import { copyFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sql from 'mssql';
import pg from 'pg';
import { connectSqlServer } from '../../../activities/sqlserver/connect.ts';
import { type Cluster, startCluster } from '../../../lab/postgres/cluster.ts';
import { type SqlServer, type SqlServerOptions, startSqlServer } from '../../../lab/sqlserver/server.ts';
import type { SqlServerTarget } from '../../../runbook/targets/index.ts';
import type { Row } from '../../../activities/databases/database.ts';
import { testContext } from '../databases/context.ts';
import type { Fixture } from '../databases/fixture.ts';

const id = (name: string): string => pg.escapeIdentifier(name);
const types = { text: 'text', int: 'integer', bytes: 'bytea' } as const;

export interface StandInFixture extends Fixture {
  readonly server: SqlServer;
  readonly cluster: Cluster;
  /** Real folder of the backup files. */
  readonly backups: string;
  target(name: string): SqlServerTarget;
  /** A connection as an application has it: the real driver, inside the database. */
  application(database: string): Promise<sql.ConnectionPool>;
  query(database: string, statement: string, values?: readonly (string | null)[]): Promise<Record<string, unknown>[]>;
  /** How many finished backups of that id the server knows. */
  history(id: string): Promise<number>;
  restart(): Promise<void>;
}

/** A stand-in over a cluster of its own. `options` as for `startSqlServer`. */
export async function startStandInFixture(
  options: Partial<Pick<SqlServerOptions, 'edition' | 'backupsAs'>> = {},
): Promise<StandInFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'nakat-mssql-'));
  const cluster = await startCluster({ dir: join(folder, 'cluster') });
  const backups = join(folder, 'backups');
  const login = { user: 'sa', password: "pä'ss]word" };
  await writeFile(join(folder, 'right'), `${login.password}\n`);
  await writeFile(join(folder, 'wrong'), 'wrong\n');
  const start = (): Promise<SqlServer> =>
    startSqlServer({ postgres: cluster, prefix: 'lab_', backups, login, ...options });
  let server = await start();

  const inside = async (
    database: string,
    statement: string,
    values: readonly (string | null)[] = [],
  ): Promise<Record<string, unknown>[]> => {
    const { host, port, user, password } = cluster;
    const client = new pg.Client({ host, port, user, password, database });
    client.on('error', () => undefined);
    await client.connect();
    return (await client.query<Record<string, unknown>>(statement, [...values]).finally(() => client.end())).rows;
  };
  const query: StandInFixture['query'] = (database, statement, values) =>
    inside(server.pgName(database), statement, values);
  const target = (name: string): SqlServerTarget => ({
    engine: 'sqlserver',
    host: '127.0.0.1',
    port: server.port,
    name,
    user: login.user,
    password: { file: join(folder, 'right') },
    encrypt: false,
    trustServerCertificate: false,
    backups: options.backupsAs ?? backups,
  });
  const real = (place: string): string => join(backups, place.split(/[\\/]/).at(-1) ?? '');
  const insert = (database: string, table: string, row: Row, bytes: readonly string[] = ['Photo']): Promise<unknown> =>
    query(
      database,
      `INSERT INTO ${id(table)} (${Object.keys(row).map(id).join(', ')}) VALUES (${Object.keys(row)
        .map((column, index) => (bytes.includes(column) ? `decode($${index + 1}, 'hex')` : `$${index + 1}`))
        .join(', ')})`,
      Object.values(row),
    );

  const fixture: StandInFixture = {
    get server() {
      return server;
    },
    cluster,
    backups,
    query,
    target,
    unreachable: (name) => ({ ...target(name), port: 1 }),
    refused: (name) => ({ ...target(name), password: { file: join(folder, 'wrong') } }),
    unwritable: (name) => ({ ...target(name), backups: `${options.backupsAs ?? backups}-none` }),
    connect: (at) => connectSqlServer(at as SqlServerTarget, testContext().context),
    async create(name, tables) {
      await inside('postgres', `CREATE DATABASE ${id(server.pgName(name))}`);
      // A name too long for PostgreSQL is attached by its own name.
      await inside('lab_msdb', `INSERT INTO database VALUES ($1, $2, 'ONLINE', 'MULTI_USER', NULL)`, [
        name,
        server.pgName(name),
      ]);
      for (const table of tables) {
        const columns = Object.entries(table.columns).map(
          ([column, type], index) => `${id(column)} ${types[type]}${index === 0 && !table.noKey ? ' PRIMARY KEY' : ''}`,
        );
        await query(name, `CREATE TABLE ${id(table.name)} (${columns.join(', ')})`);
        const bytes = Object.entries(table.columns).flatMap(([column, type]) => (type === 'bytes' ? [column] : []));
        for (const row of table.rows) await insert(name, table.name, row, bytes);
      }
    },
    async remove(name) {
      const rows = await inside('lab_msdb', 'SELECT name, pg FROM database WHERE name = $1 OR source = $1', [name]);
      for (const row of rows) {
        await cluster.dropDatabase(String(row.pg));
        for (const statement of [
          'DELETE FROM file WHERE database = $1',
          'DELETE FROM database WHERE name = $1',
          'DELETE FROM backupset WHERE database = $1',
        ]) {
          await inside('lab_msdb', statement, [String(row.name)]);
        }
      }
    },
    insert: async (database, table, row) => void (await insert(database, table, row)),
    addTextColumn: async (database, table, column) =>
      void (await query(database, `ALTER TABLE ${id(table)} ADD ${id(column)} text`)),
    async application(database) {
      const pool = new sql.ConnectionPool({
        server: '127.0.0.1',
        port: server.port,
        ...login,
        database,
        pool: { max: 1, min: 0 },
        options: { encrypt: false },
      });
      pool.on('error', () => undefined);
      return pool.connect();
    },
    async session(database) {
      const pool = await fixture.application(database);
      const { recordset } = await pool.query<{ spid: number }>('SELECT @@SPID AS spid');
      const spid = recordset[0]?.spid;
      return {
        // The pool connects anew by itself: alive is the one connection that was there.
        alive: () =>
          pool.query<{ spid: number }>('SELECT @@SPID AS spid').then(
            (result) => result.recordset[0]?.spid === spid,
            () => false,
          ),
        close: () => pool.close(),
      };
    },
    damages: {
      'truncated file': ({ place }) => truncate(real(place), 300),
      'last byte missing': async ({ place, bytes }) => truncate(real(place), bytes - 1),
      'flipped byte': async ({ place }) => {
        const content = await readFile(real(place));
        content[content.length - 200]! ^= 1;
        await writeFile(real(place), content);
      },
      'not a backup': ({ place }) => writeFile(real(place), 'CREATE TABLE x ();\n'),
      'another backup in its place': async ({ place }) => {
        const database = await fixture.connect(target('k_damage'));
        const other = await database.backUp('db-other');
        await copyFile(real(other.place), real(place));
        await database.close();
      },
      gone: ({ place }) => rm(real(place)),
    },
    history: async (backup) => (await inside('lab_msdb', 'SELECT 1 FROM backupset WHERE name = $1', [backup])).length,
    async restart() {
      await server.stop();
      server = await start();
    },
    async close() {
      await server.stop();
      await cluster.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await mkdir(backups, { recursive: true });
  return fixture;
}
