/**
 * An infobase's data: in a PostgreSQL database (server infobase) or in `1Cv8.1CD` (file infobase: JSON behind the real
 * file's signature). Both are handled as the lines of lab/postgres/rows.ts.
 *
 * The .dt file is real in what can be checked from outside: it begins with `1CIBDmpF3`, a raw deflate stream follows from
 * offset 9 (public readers: tool_1cd and others), and here a SHA-256 of the stream ends it, so that damage is noticed.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import pg from 'pg';
import { exportDatabase, importDatabase } from '../postgres/rows.ts';
import { OnecRefusal, type LabDatabase } from './cluster.ts';

const dtMagic = Buffer.from('1CIBDmpF3', 'latin1');
const cdMagic = '1CDBMSV8';
const hashBytes = 32;

/** Where the data lie. `folder`: a real path. */
export type DataPlace =
  { readonly kind: 'server'; readonly database: LabDatabase } | { readonly kind: 'file'; readonly folder: string };

export async function readData(place: DataPlace): Promise<string[]> {
  if (place.kind === 'file') return readFileData(place.folder);
  return withClient(place.database, async (client) => {
    const lines: string[] = [];
    for await (const line of exportDatabase(client)) lines.push(line);
    return lines;
  });
}

/** Replaces everything; a server infobase is empty meanwhile, as with the real RestoreIB. */
export async function writeData(place: DataPlace, lines: readonly string[]): Promise<void> {
  if (place.kind === 'file') {
    const file = join(place.folder, '1Cv8.1CD');
    writeFileSync(`${file}.new`, cdMagic + JSON.stringify(lines));
    renameSync(`${file}.new`, file);
    return;
  }
  await withClient(place.database, async (client) => {
    await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    await importDatabase(
      client,
      (async function* () {
        yield* lines;
      })(),
    );
  });
}

function readFileData(folder: string): string[] {
  const file = join(folder, '1Cv8.1CD');
  if (!existsSync(file)) throw new OnecRefusal(`Информационная база не обнаружена!\n${folder}`);
  const text = readFileSync(file, 'utf8');
  if (!text.startsWith(cdMagic)) throw new OnecRefusal('Файл базы данных поврежден');
  return JSON.parse(text.slice(cdMagic.length)) as string[];
}

export async function withClient<T>(database: LabDatabase, act: (client: pg.Client) => Promise<T>): Promise<T> {
  const { host, port, user, password, name } = database;
  const client = new pg.Client({ host, port, user, password, database: name });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

/** Rows of one table, by column name; empty when there is no such table. */
export function rowsOf(lines: readonly string[], table: string): Record<string, string | null>[] {
  if (lines.length === 0) return [];
  const { tables } = JSON.parse(lines[0]!) as {
    tables: { name: string; columns: { name: string; generated: boolean }[] }[];
  };
  const index = tables.findIndex(({ name }) => name === table);
  if (index < 0) return [];
  const columns = tables[index]!.columns.filter((column) => !column.generated);
  return lines.slice(1).flatMap((line) => {
    const batch = JSON.parse(line) as { table?: number; rows: (string | null)[][] };
    return batch.table === index
      ? batch.rows.map((row) => Object.fromEntries(columns.map(({ name }, n) => [name, row[n] ?? null])))
      : [];
  });
}

/** As `/GetConfigGenerationID`: 40 hex digits that change with the main configuration and with nothing else. */
export function generationOf(lines: readonly string[]): string {
  const rows = [...rowsOf(lines, 'config'), ...rowsOf(lines, 'configsave')].map((row) => JSON.stringify(row)).sort();
  return createHash('sha1').update(rows.join('\n')).digest('hex');
}

type User = Readonly<Record<string, string | null>>;

/** Who may log in; nothing else of a server infobase is read. */
export async function readUsers(place: DataPlace): Promise<readonly User[]> {
  if (place.kind === 'file') return rowsOf(readFileData(place.folder), 'v8users');
  return withClient(place.database, async (client) => {
    const there = await client.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = 'v8users'");
    return there.rows.length === 0
      ? []
      : (await client.query<Record<string, string | null>>('SELECT name, data FROM v8users')).rows;
  });
}

/** Throws in the platform's words. An infobase without users lets everybody in. */
export function logIn(users: readonly User[], user: string, password: string): void {
  if (users.length === 0) return;
  const known = users.find(({ name }) => name === user);
  if (known?.data !== passwordHash(password))
    throw new OnecRefusal('Идентификация пользователя не выполнена\nНеправильное имя или пароль пользователя');
}

export const passwordHash = (password: string): string => createHash('sha256').update(`1c:${password}`).digest('hex');

/** Writes the dump bit by bit over `duration` ms: whoever kills it meanwhile finds half a file, as with the real one. */
export async function writeDt(
  path: string,
  lines: readonly string[],
  duration: number,
  signal: AbortSignal,
): Promise<void> {
  const body = deflateRawSync(Buffer.from(lines.join('\n')));
  const whole = Buffer.concat([dtMagic, body, createHash('sha256').update(body).digest()]);
  const file = await open(path, 'w');
  try {
    const part = Math.ceil(whole.length / 8);
    for (let from = 0; from < whole.length; from += part) {
      signal.throwIfAborted();
      await file.write(whole, from, Math.min(part, whole.length - from));
      await sleep(duration / 8, undefined, { signal });
    }
  } finally {
    await file.close();
  }
}

export function readDt(path: string): string[] {
  const whole = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const body = whole.subarray(dtMagic.length, -hashBytes);
  const sound =
    whole.subarray(0, dtMagic.length).equals(dtMagic) &&
    createHash('sha256').update(body).digest().equals(whole.subarray(-hashBytes));
  if (!sound) throw new OnecRefusal('Ошибка загрузки информационной базы: файл выгрузки не найден или поврежден');
  return inflateRawSync(body).toString('utf8').split('\n');
}
