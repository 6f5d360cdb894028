import { mkdtemp, readdir, readFile, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';
import { connectMariaDb } from '../../../activities/mariadb/connect.ts';
import { installedMariaDb } from '../../../lab/mariadb/programs.ts';
import { startMariaDb, type MariaDbServer } from '../../../lab/mariadb/server.ts';
import type { MariaDbTarget } from '../../../runbook/targets/index.ts';
import { testContext } from '../databases/context.ts';
import type { Fixture, SeedTable } from '../databases/fixture.ts';
import { requireReal } from '../../helpers/real.ts';

export const hasMariaDb = requireReal('MariaDB', await installedMariaDb());

export interface MariaDbFixture extends Fixture {
  readonly server: MariaDbServer;
  /** A temporary folder of this fixture. */
  readonly folder: string;
  target(name: string): MariaDbTarget;
  query(database: string | null, sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** All that are not the server's own. */
  databases(): Promise<string[]>;
}

export const id = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** A server of its own, its backups in a temporary folder on this machine. `jobs`: 2 where mydumper is to be used. */
export const startMariaDbFixture = async (jobs = 1): Promise<MariaDbFixture> => {
  const folder = await mkdtemp(join(tmpdir(), 'nakat-my-'));
  const server = await startMariaDb({ dir: join(folder, 'server') });
  const wrong = join(folder, 'wrong');
  await writeFile(wrong, 'wrong\n');
  const connected = async (database?: string): Promise<Connection> => {
    const { host, port, user, password } = server;
    const connection = await mysql.createConnection({
      host,
      port,
      user,
      password,
      database,
      charset: 'utf8mb4',
      multipleStatements: true,
    });
    connection.on('error', () => undefined);
    return connection;
  };
  const query: MariaDbFixture['query'] = async (database, sql, values = []) => {
    const connection = await connected(database ?? undefined);
    return (await connection.query<RowDataPacket[]>(sql, values).finally(() => connection.end()))[0];
  };
  const target = (name: string): MariaDbTarget => ({
    engine: 'mariadb',
    host: server.host,
    port: server.port,
    name,
    user: server.user,
    password: { file: server.passwordFile },
    tls: 'off',
    machine: { via: 'local', name: 'here', os: 'linux', work: join(folder, 'work') },
    tools: '',
    backups: join(folder, 'backups ж'),
    jobs,
  });
  const insert = (
    database: string,
    table: string,
    row: Readonly<Record<string, string | null>>,
    bytes: readonly string[] = ['Photo'],
  ) =>
    query(
      database,
      `INSERT INTO ${id(table)} (${Object.keys(row).map(id).join(', ')})
       VALUES (${Object.keys(row)
         .map((column) => (bytes.includes(column) ? 'UNHEX(?)' : '?'))
         .join(', ')})`,
      Object.values(row),
    );

  const fixture: MariaDbFixture = {
    server,
    folder,
    query,
    target,
    unreachable: (name) => ({ ...target(name), port: 1 }),
    refused: (name) => ({ ...target(name), password: { file: wrong } }),
    unwritable: (name) => ({ ...target(name), backups: join(wrong, 'backups') }),
    connect: (at) => connectMariaDb(at as MariaDbTarget, testContext().context),
    async create(name, tables) {
      await server.createDatabase(name);
      for (const table of tables) await seed(name, table);
    },
    async remove(name) {
      const derived = (await fixture.databases()).filter((one) => /_(nk|old)_[0-9a-f]{10}$/.test(one));
      for (const one of [name, ...derived]) await server.dropDatabase(one);
    },
    insert: async (database, table, row) => void (await insert(database, table, row)),
    addTextColumn: async (database, table, column) =>
      void (await query(database, `ALTER TABLE ${id(table)} ADD ${id(column)} text`)),
    async session(database) {
      const connection = await connected(database);
      return {
        alive: () =>
          connection.query('SELECT 1').then(
            () => true,
            () => false,
          ),
        close: () => connection.end().catch(() => undefined),
      };
    },
    damages: {
      'truncated file': async ({ place }) => truncate(await rowsFile(place), 20),
      'flipped byte': async ({ place }) => {
        const file = await rowsFile(place);
        const content = await readFile(file);
        content[content.length >> 1]! ^= 1;
        await writeFile(file, content);
      },
      'missing file': async ({ place }) => unlink(await rowsFile(place)),
      'missing definitions': ({ place }) => unlink(join(place, 'objects.json')),
      'additional file': ({ place }) => writeFile(join(place, 'more.sql'), ''),
      'no manifest': ({ place }) => unlink(join(place, 'manifest.json')),
      'a manifest that fits the damage': async ({ place }) => {
        const manifest = JSON.parse(await readFile(join(place, 'manifest.json'), 'utf8')) as {
          files: { path: string }[];
        };
        const gone = await rowsFile(place);
        await unlink(gone);
        manifest.files = manifest.files.filter(({ path }) => join(place, path) !== gone);
        await writeFile(join(place, 'manifest.json'), JSON.stringify(manifest));
      },
      'gone altogether': ({ place }) => rm(place, { recursive: true }),
      'a file in its place': async ({ place }) => {
        await rm(place, { recursive: true });
        await writeFile(place, 'CREATE TABLE x (a int);');
      },
    },
    async databases() {
      const rows = await query(null, 'SHOW DATABASES');
      const own = ['information_schema', 'mysql', 'performance_schema', 'sys'];
      return rows.map((row) => String(row['Database'])).filter((name) => !own.includes(name));
    },
    async close() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };

  const seed = async (database: string, table: SeedTable): Promise<void> => {
    const types = { text: 'longtext', int: 'int', bytes: 'longblob' };
    const columns = Object.entries(table.columns);
    const key = table.noKey ? '' : `, PRIMARY KEY (${id(columns[0]![0])}${columns[0]![1] === 'int' ? '' : '(100)'})`;
    await query(
      database,
      `CREATE TABLE ${id(table.name)} (${columns.map(([name, kind]) => `${id(name)} ${types[kind]}`).join(', ')}${key})`,
    );
    const bytes = columns.filter(([, kind]) => kind === 'bytes').map(([name]) => name);
    for (const row of table.rows) await insert(database, table.name, row, bytes);
  };
  return fixture;
};

/** The file with rows: of mydumper the first one. */
const rowsFile = async (place: string): Promise<string> => {
  const side = (await readdir(join(place, 'rows')).catch(() => [])).filter((name) => name.endsWith('.sql')).toSorted();
  return side[0] === undefined ? join(place, 'tables.sql') : join(place, 'rows', side[0]);
};
