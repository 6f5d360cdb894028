/**
 * A PostgreSQL database as lines of text and back: schemas, tables (columns, types, defaults, identity), rows, sequences,
 * keys and indexes, views. Needs only a connection, no pg_dump: the stand-ins build their backup files with it.
 *
 * One line is one JSON value: first the shape, then batches of rows, last the number of rows. All rows come from one
 * snapshot (REPEATABLE READ), so that a database in use is exported as of one moment.
 */
import type { ClientBase } from 'pg';
import { readShape, type Shape, type TableShape } from './shape.ts';

interface Rows {
  readonly table: number;
  readonly rows: readonly (readonly (string | null)[])[];
}

const batchRows = 500;
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const full = (table: { schema: string; name: string }): string => `${quote(table.schema)}.${quote(table.name)}`;

/** Text forms of values must not depend on the cluster's settings, or another cluster would read them differently. */
const plainText = `SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL extra_float_digits = 1;
  SET LOCAL bytea_output = 'hex'; SET LOCAL timezone = 'UTC'; SET LOCAL search_path = ''`;

/** Yields the lines of a whole database; `onRows` hears how many rows of how many are written (total by exact count). */
export async function* exportDatabase(
  client: ClientBase,
  onRows?: (done: number, total: number) => void,
): AsyncGenerator<string> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    await client.query(plainText);
    const shape = await readShape(client);
    yield JSON.stringify(shape);
    const total = shape.tables.reduce((sum, table) => sum + table.rows, 0);
    let done = 0;
    for (const [index, table] of shape.tables.entries()) {
      const columns = stored(table);
      const array =
        columns.length === 0
          ? "'[]'::json"
          : `json_build_array(${columns.map((c) => `${quote(c.name)}::text`).join(', ')})`;
      await client.query(`DECLARE rows NO SCROLL CURSOR FOR SELECT ${array} AS row FROM ONLY ${full(table)}`);
      while (true) {
        const batch = await client.query<{ row: (string | null)[] }>(`FETCH ${batchRows} FROM rows`);
        if (batch.rows.length === 0) break;
        yield JSON.stringify({ table: index, rows: batch.rows.map((r) => r.row) } satisfies Rows);
        done += batch.rows.length;
        onRows?.(done, total);
      }
      await client.query('CLOSE rows');
    }
    yield JSON.stringify({ rows: done });
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/**
 * Fills the (empty) database of `client` in one transaction: all or nothing. Throws when a line is missing or the count of
 * rows is not the exported one. `onRows` as in `exportDatabase`.
 */
export async function importDatabase(
  client: ClientBase,
  lines: AsyncIterable<string>,
  onRows?: (done: number, total: number) => void,
): Promise<void> {
  const iterator = lines[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) throw new Error('nothing to import');
  const shape = JSON.parse(first.value) as Shape;
  const total = shape.tables.reduce((sum, table) => sum + table.rows, 0);
  let done = 0;
  let expected: number | null = null;
  await client.query('BEGIN');
  try {
    await client.query(`${plainText}; SET LOCAL check_function_bodies = off`);
    for (const statement of shape.before) await client.query(statement);
    for (let line = await iterator.next(); !line.done; line = await iterator.next()) {
      const value = JSON.parse(line.value) as Rows | { rows: number };
      if (!('table' in value)) {
        expected = value.rows;
        break;
      }
      const table = shape.tables[value.table];
      if (table === undefined) throw new Error(`rows of an unknown table ${value.table}`);
      await insert(client, table, value.rows);
      done += value.rows.length;
      onRows?.(done, total);
    }
    if (expected !== done) throw new Error(`the export is cut off: ${done} rows of ${expected ?? total}`);
    for (const statement of shape.after) await client.query(statement);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function insert(client: ClientBase, table: TableShape, rows: Rows['rows']): Promise<void> {
  const columns = stored(table);
  if (columns.length === 0) {
    for (const _ of rows) await client.query(`INSERT INTO ${full(table)} DEFAULT VALUES`);
    return;
  }
  const values = columns.map((column, index) => `(r ->> ${index})::${column.type}`);
  await client.query(
    `INSERT INTO ${full(table)} (${columns.map((c) => quote(c.name)).join(', ')}) OVERRIDING SYSTEM VALUE
     SELECT ${values.join(', ')} FROM json_array_elements($1::json) r`,
    [JSON.stringify(rows)],
  );
}

/** Generated columns are computed again, not copied. */
const stored = (table: TableShape) => table.columns.filter((column) => !column.generated);
