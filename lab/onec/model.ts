/**
 * What an infobase holds besides users' data: configuration (in `config`, changed but not applied in `configsave`, as in the
 * real one), extensions, scheduled jobs, versions of the data, and constants (in `params`). It lives in the infobase's own
 * tables, so that a restore of the infobase brings all of it back.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { OnecRefusal } from './cluster.ts';
import { readData, rowsOf, withClient, writeData, type DataPlace } from './data.ts';
import type { Configuration, ExtensionContent } from './configuration.ts';

export interface InstalledExtension {
  readonly content: ExtensionContent;
  readonly active: boolean;
  readonly safeMode: boolean;
  readonly unsafeActionProtection: boolean;
}

export interface LabJob {
  readonly id: string;
  readonly name: string;
  readonly use: boolean;
}

export interface Model {
  /** Of the database. */
  readonly database: Configuration;
  /** Changed and not applied; null: as the database. */
  readonly pending: Configuration | null;
  readonly extensions: readonly InstalledExtension[];
  /** Loaded and not applied, by name. */
  readonly pendingExtensions: readonly ExtensionContent[];
  readonly jobs: readonly LabJob[];
  /** The data's version (`ВерсияИБ`). */
  readonly dataVersion: string;
  /** Handlers of the present version that have run. */
  readonly done: readonly string[];
  /** Deferred handlers that have not run. */
  readonly deferred: readonly string[];
  /** By name; all are texts. */
  readonly constants: Readonly<Record<string, string>>;
}

/** A handler's trace in the data of users, so that one that ran twice shows. */
export type Touch = (table: string, column: string, suffix: string) => void;

const configurationRow = 'metadata';

export function newModel(configuration: Configuration, constants: Readonly<Record<string, string>> = {}): Model {
  return {
    database: configuration, pending: null, extensions: [], pendingExtensions: [], dataVersion: configuration.version, done: [], deferred: [],
    jobs: configuration.jobs.map((name) => ({ id: randomUUID(), name, use: true })),
    constants: { ВерсияНачальныхДанных: configuration.initialData, ...constants },
  }; // prettier-ignore
}

export const hashOf = (content: ExtensionContent): string =>
  createHash('sha1').update(JSON.stringify(content)).digest('base64');

/** Makes the tables in an infobase that `seedInfobase` has filled. */
export async function seedModel(client: ClientBase, model: Model): Promise<void> {
  await client.query(
    'CREATE TABLE configsave (filename text PRIMARY KEY, binarydata bytea NOT NULL); CREATE TABLE params (filename text PRIMARY KEY, binarydata bytea NOT NULL)',
  );
  await saveIn(client, model);
}

/** Throws OnecRefusal where the infobase was seeded without a model. */
export async function readModel(place: DataPlace): Promise<Model> {
  return place.kind === 'file' ? modelOf(await readData(place)) : withClient(place.database, modelIn);
}

/** Changes model and data in one go; in a server infobase in one transaction. */
export async function changeModel<T>(
  place: DataPlace,
  change: (model: Model, touch: Touch) => readonly [Model, T],
): Promise<T> {
  if (place.kind === 'file') {
    let lines = await readData(place);
    const [model, result] = change(
      modelOf(lines),
      (table, column, suffix) => (lines = touchedLines(lines, table, column, suffix)),
    );
    await writeData(
      place,
      withRows(
        withRows(
          withRows(lines, 'config', [
            ...rowsOf(lines, 'config').filter((row) => row.filename !== configurationRow),
            ...configRows(model),
          ]),
          'configsave',
          saveRows(model),
        ),
        'params',
        paramRows(model),
      ),
    );
    return result;
  }
  return withClient(place.database, async (client) => {
    await client.query('BEGIN');
    try {
      await client.query('LOCK TABLE params IN EXCLUSIVE MODE');
      const touches: [string, string, string][] = [];
      const [model, result] = change(await modelIn(client), (...touch) => void touches.push(touch));
      for (const [table, column, suffix] of touches)
        await client.query(`UPDATE ${table} SET ${column} = ${column} || $1`, [suffix]);
      await saveIn(client, model);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  });
}

type Row = Record<string, string | null>;
type Stored = Omit<Model, 'database' | 'pending'>;

const hex = (value: unknown): string => `\\x${Buffer.from(JSON.stringify(value)).toString('hex')}`;
const unhex = <T>(text: string): T => JSON.parse(Buffer.from(text.slice(2), 'hex').toString('utf8')) as T;
const configRows = ({ database }: Model): Row[] => [{ filename: configurationRow, binarydata: hex(database) }];
const saveRows = ({ pending }: Model): Row[] =>
  pending === null ? [] : [{ filename: configurationRow, binarydata: hex(pending) }];
const paramRows = ({ database: _database, pending: _pending, ...rest }: Model): Row[] => [
  { filename: 'state', binarydata: hex(rest) },
];

function assemble(config: readonly Row[], save: readonly Row[], params: readonly Row[]): Model {
  const value = (rows: readonly Row[], name: string): string | undefined =>
    rows.find(({ filename }) => filename === name)?.binarydata ?? undefined;
  const [database, pending, rest] = [
    value(config, configurationRow),
    value(save, configurationRow),
    value(params, 'state'),
  ];
  if (database === undefined || rest === undefined)
    throw new OnecRefusal('Версия структуры информационной базы не поддерживается');
  return {
    ...unhex<Stored>(rest),
    database: unhex<Configuration>(database),
    pending: pending === undefined ? null : unhex<Configuration>(pending),
  };
}

const modelOf = (lines: readonly string[]): Model =>
  assemble(rowsOf(lines, 'config'), rowsOf(lines, 'configsave'), rowsOf(lines, 'params'));

async function modelIn(client: ClientBase): Promise<Model> {
  const there = await client.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = 'params'");
  if (there.rows.length === 0) return assemble([], [], []);
  const rows = async (table: string): Promise<Row[]> =>
    (await client.query<Row>(`SELECT filename, binarydata::text FROM ${table}`)).rows;
  return assemble(await rows('config'), await rows('configsave'), await rows('params'));
}

async function saveIn(client: ClientBase, model: Model): Promise<void> {
  await client.query('DELETE FROM config WHERE filename = $1', [configurationRow]);
  await client.query('DELETE FROM configsave');
  await client.query('DELETE FROM params');
  for (const [table, rows] of [
    ['config', configRows(model)],
    ['configsave', saveRows(model)],
    ['params', paramRows(model)],
  ] as const) {
    for (const { filename, binarydata } of rows)
      await client.query(`INSERT INTO ${table} VALUES ($1, $2::bytea)`, [filename, binarydata]);
  }
}

type Batch = { table?: number; rows: (string | null)[][] | number };

function shapeOf(lines: readonly string[], table: string): { index: number; columns: string[] } {
  const { tables } = JSON.parse(lines[0] ?? '{"tables":[]}') as {
    tables: { name: string; columns: { name: string }[] }[];
  };
  const index = tables.findIndex(({ name }) => name === table);
  if (index < 0) throw new OnecRefusal(`Нет таблицы ${table}`);
  return { index, columns: tables[index]!.columns.map(({ name }) => name) };
}

/** The same export with other rows in one table; its last line counts all rows. */
function withRows(lines: readonly string[], table: string, rows: readonly Row[]): string[] {
  const { index, columns } = shapeOf(lines, table);
  const batches = lines.slice(1, -1).filter((line) => (JSON.parse(line) as Batch).table !== index);
  if (rows.length > 0)
    batches.push(JSON.stringify({ table: index, rows: rows.map((row) => columns.map((name) => row[name] ?? null)) }));
  const count = batches.reduce((sum, line) => sum + ((JSON.parse(line) as Batch).rows as unknown[]).length, 0);
  return [lines[0]!, ...batches, JSON.stringify({ rows: count })];
}

const touchedLines = (lines: readonly string[], table: string, column: string, suffix: string): string[] =>
  withRows(
    lines,
    table,
    rowsOf(lines, table).map((row) => ({ ...row, [column]: `${row[column] ?? ''}${suffix}` })),
  );
