/** Ways to look at a practice ground from outside the product. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import pg from 'pg';
import type { Cluster } from '../../lab/postgres/cluster.ts';

/** Also scripts that are there for a moment only: one of them holds passwords. */
const halfMadeName = /\.(partial|nakat-new|nakat-old)$|[\\/](env|hash)-[0-9a-f]+\.cmd$/;

/** Half-made things below these folders. */
export async function halfMade(folders: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders)
    for await (const path of walk(folder)) if (halfMadeName.test(path)) found.push(relative(folder, path));
  return found;
}

/** Names and contents of every file. */
export async function digestOfTree(folder: string): Promise<string> {
  const lines: string[] = [];
  for await (const path of walk(folder)) {
    const content = await readFile(path).catch(() => null);
    if (content) lines.push(`${relative(folder, path)} ${createHash('sha256').update(content).digest('hex')}`);
  }
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

/** Columns of all tables, and all rows of these. */
export async function digestOfDatabase(cluster: Cluster, database: string, tables: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  const columns = await rowsOf(
    cluster,
    database,
    `SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2`,
  );
  hash.update(JSON.stringify(columns));
  for (const table of tables)
    hash.update(
      JSON.stringify(
        await rowsOf(cluster, database, `SELECT t::text r FROM ${pg.escapeIdentifier(table)} t ORDER BY 1`),
      ),
    );
  return hash.digest('hex');
}

/** Databases of this prefix that are none of the known. */
export async function strangeDatabases(cluster: Cluster, prefix: string, known: readonly string[]): Promise<string[]> {
  const found = await rowsOf(
    cluster,
    'postgres',
    `SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' AND starts_with(datname, '${prefix}')`,
  );
  return found.map((row) => String(row['datname'])).filter((name) => !known.includes(name));
}

export async function rowsOf(cluster: Cluster, database: string, sql: string): Promise<Record<string, unknown>[]> {
  const { host, port, user, password } = cluster;
  const client = new pg.Client({ host, port, user, password, database });
  await client.connect();
  return (await client.query<Record<string, unknown>>(sql).finally(() => client.end())).rows;
}

async function* walk(folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    yield path;
    if (entry.isDirectory()) yield* walk(path);
  }
}
