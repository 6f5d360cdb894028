import { mkdtemp, readdir, readFile, rename, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startCluster, type Cluster } from '../../../lab/postgres/cluster.ts';
import { installedPrograms } from '../../../lab/postgres/programs.ts';
import { requireReal } from '../../helpers/real.ts';
import { connectPostgres } from '../../../activities/postgres/connect.ts';
import type { PostgresTarget } from '../../../runbook/targets/index.ts';
import type { Fixture, SeedTable } from '../databases/fixture.ts';
import { testContext } from '../databases/context.ts';

/** Backups need pg_dump, which the embedded server lacks. */
export const hasPostgres = requireReal(
  'PostgreSQL with pg_dump',
  (await installedPrograms()).some((programs) => programs.client !== null),
);

export interface PostgresFixture extends Fixture {
  readonly cluster: Cluster;
  /** A temporary folder of this fixture. */
  readonly folder: string;
  target(name: string): PostgresTarget;
  query(database: string, sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** All that are not the server's own. */
  databases(): Promise<string[]>;
}

const id = (name: string): string => pg.escapeIdentifier(name);

/** A cluster of its own, its backups in a temporary folder on this machine. */
export const startPostgresFixture = async (): Promise<PostgresFixture> => {
  const folder = await mkdtemp(join(tmpdir(), 'nakat-pg-'));
  const cluster = await startCluster({ dir: join(folder, 'cluster') });
  const wrong = join(folder, 'wrong');
  await writeFile(wrong, 'wrong\n');
  const connected = async (database: string): Promise<pg.Client> => {
    const { host, port, user, password } = cluster;
    const client = new pg.Client({ host, port, user, password, database });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const query: PostgresFixture['query'] = async (database, sql, values = []) => {
    const client = await connected(database);
    return (await client.query<Record<string, unknown>>(sql, values).finally(() => client.end())).rows;
  };
  const target = (name: string): PostgresTarget => ({
    engine: 'postgres',
    host: cluster.host,
    port: cluster.port,
    name,
    user: cluster.user,
    password: { file: join(folder, 'cluster', 'password') },
    tls: 'off',
    machine: { via: 'local', name: 'here', os: 'linux', work: join(folder, 'work') },
    tools: cluster.bin ?? '',
    backups: join(folder, 'backups ж'),
    jobs: 2,
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
         .map((column, index) => (bytes.includes(column) ? `decode($${index + 1}, 'hex')` : `$${index + 1}`))
         .join(', ')})`,
      Object.values(row),
    );

  const fixture: PostgresFixture = {
    cluster,
    folder,
    query,
    target,
    unreachable: (name) => ({ ...target(name), port: 1 }),
    refused: (name) => ({ ...target(name), password: { file: wrong } }),
    unwritable: (name) => ({ ...target(name), backups: join(wrong, 'backups') }),
    connect: (at) => connectPostgres(at as PostgresTarget, testContext().context),
    async create(name, tables) {
      await cluster.createDatabase(name);
      for (const table of tables) await seed(name, table);
    },
    async remove(name) {
      const derived = (await fixture.databases()).filter((one) => /_(nk|old|snap)_[0-9a-f]{10}$/.test(one));
      for (const one of [name, ...derived]) await cluster.dropDatabase(one);
    },
    insert: async (database, table, row) => void (await insert(database, table, row)),
    addTextColumn: async (database, table, column) =>
      void (await query(database, `ALTER TABLE ${id(table)} ADD ${id(column)} text`)),
    async session(database) {
      const client = await connected(database);
      await client.query('SELECT 1');
      return {
        alive: () =>
          client.query('SELECT 1').then(
            () => true,
            () => false,
          ),
        close: () => client.end().catch(() => undefined),
      };
    },
    damages: {
      'truncated file': async ({ place }) => truncate(await biggest(place), 20),
      'flipped byte': async ({ place }) => {
        const file = await biggest(place);
        const content = await readFile(file);
        content[content.length >> 1]! ^= 1;
        await writeFile(file, content);
      },
      'missing file': async ({ place }) => unlink(await biggest(place)),
      'additional file': ({ place }) => writeFile(join(place, '9999.dat.gz'), ''),
      'swapped files': async ({ place }) => {
        const [one, two] = await dataFiles(place);
        await rename(one!, join(place, 'x'));
        await rename(two!, one!);
        await rename(join(place, 'x'), two!);
      },
      'no manifest': ({ place }) => unlink(join(place, 'manifest.json')),
      'a manifest that fits the damage': async ({ place }) => {
        const manifest = JSON.parse(await readFile(join(place, 'manifest.json'), 'utf8')) as {
          files: { path: string }[];
        };
        const [gone] = await dataFiles(place);
        await unlink(gone!);
        manifest.files = manifest.files.filter(({ path }) => join(place, path) !== gone);
        await writeFile(join(place, 'manifest.json'), JSON.stringify(manifest));
      },
      'gone altogether': ({ place }) => rm(place, { recursive: true }),
      'a file in its place': async ({ place }) => {
        await rm(place, { recursive: true });
        await writeFile(place, 'CREATE TABLE x ();');
      },
    },
    async databases() {
      const rows = await query(
        'postgres',
        `SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1`,
      );
      return rows.map((row) => String(row['datname']));
    },
    async close() {
      await cluster.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };

  const seed = async (database: string, table: SeedTable): Promise<void> => {
    const types = { text: 'text', int: 'integer', bytes: 'bytea' };
    const columns = Object.entries(table.columns);
    const key = table.noKey ? '' : `, PRIMARY KEY (${id(columns[0]![0])})`;
    await query(
      database,
      `CREATE TABLE ${id(table.name)} (${columns.map(([name, kind]) => `${id(name)} ${types[kind]}`).join(', ')}${key})`,
    );
    const bytes = columns.filter(([, kind]) => kind === 'bytes').map(([name]) => name);
    for (const row of table.rows) await insert(database, table.name, row, bytes);
  };
  return fixture;
};

const dataFiles = async (place: string): Promise<string[]> =>
  (await readdir(place))
    .filter((name) => name.endsWith('.dat.gz'))
    .toSorted()
    .map((name) => join(place, name));

const biggest = async (place: string): Promise<string> => (await dataFiles(place))[0] ?? join(place, 'toc.dat');
