/** sys.columns, sys.indexes, sys.foreign_key_columns and extended properties, told from PostgreSQL's catalogue. */
import type { Client } from 'pg';
import { SqlError } from '../errors.ts';
import type { Form, Found } from '../grammar.ts';
import { openDatabase } from '../instance.ts';
import type { Call } from '../session.ts';
import { propertySchema, sqlSchema, sqlType } from '../types.ts';
import type { ColumnType, Value } from '../tds/tokens.ts';
import { table, text } from './server.ts';
import type { Run } from './index.ts';

/** Runs in the one database that all names of the statement must mean. */
const within = async <T>(found: Found, call: Call, work: (client: Client) => Promise<T>): Promise<T> => {
  const state = await openDatabase(call.instance, call.session, found.text('db'));
  for (const other of ['db2', 'db3', 'db4', 'db5']) {
    if (found.has(other) && found.text(other) !== found.text('db'))
      throw new SqlError(208, `Invalid object name '${found.text(other)}'.`);
  }
  return call.instance.inside(state.pg, work);
};

const userTables = `n.nspname NOT IN ('pg_catalog', 'information_schema', '${propertySchema}') AND n.nspname NOT LIKE 'pg\\_%' AND c.relkind = 'r'`;
const columns = (spec: Readonly<Record<string, ColumnType>>) =>
  Object.entries(spec).map(([name, type]) => ({ name, type }));
const values = (rows: readonly Readonly<Record<string, unknown>>[], names: readonly string[]): Value[][] =>
  rows.map((row) => names.map((name) => row[name] as Value));

const properties = `${propertySchema}.extended_properties`;
export const readProperties = async (client: Client, name: string): Promise<string | undefined> => {
  const { rows } = await client.query<{ there: boolean }>(`SELECT to_regclass('${properties}') IS NOT NULL AS there`);
  if (!rows[0]?.there) return undefined;
  return (await client.query<{ value: string }>(`SELECT value FROM ${properties} WHERE name = $1`, [name])).rows[0]
    ?.value;
};

export const catalogForms: readonly Form<Run>[] = [
  {
    patterns: [
      `SELECT s.name AS [schema], t.name AS [table], c.name AS [column], COALESCE(TYPE_NAME(c.system_type_id), TYPE_NAME(c.user_type_id)) AS type, c.max_length AS length,
         c.[precision] AS [precision], c.scale AS scale, c.is_nullable AS nullable, c.is_identity AS [identity], c.is_computed AS computed
       FROM {db}.sys.columns AS c JOIN {db2}.sys.tables AS t ON t.object_id = c.object_id JOIN {db3}.sys.schemas AS s ON s.schema_id = t.schema_id
       WHERE t.is_ms_shipped = 0 ORDER BY s.name, t.name, c.column_id`,
    ],
    run: (found, call) =>
      within(found, call, async (client) => {
        const { rows } = await client.query(
          `SELECT n.nspname AS schema, c.relname AS "table", a.attname AS "column", y.typname AS type, CASE WHEN a.atttypmod > 4 THEN a.atttypmod - 4 ELSE -1 END AS length,
             0 AS precision, 0 AS scale, NOT a.attnotnull AS nullable, a.attidentity <> '' AS identity, a.attgenerated <> '' AS computed
           FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type y ON y.oid = a.atttypid
           WHERE ${userTables} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2, a.attnum`,
        );
        const spec = {
          schema: 'nvarchar',
          table: 'nvarchar',
          column: 'nvarchar',
          type: 'nvarchar',
          length: 'int',
          precision: 'int',
          scale: 'int',
          nullable: 'bit',
          identity: 'bit',
          computed: 'bit',
        } as const;
        return table(
          columns(spec),
          values(
            rows.map((row) => ({ ...row, schema: sqlSchema(row.schema), type: sqlType(row.type) })),
            Object.keys(spec),
          ),
        );
      }),
  },
  {
    patterns: [
      `SELECT s.name AS [schema], t.name AS [table], i.index_id AS [index], i.is_primary_key AS [primary], i.is_unique AS [unique], k.key_ordinal AS position,
         k.is_descending_key AS descending, k.is_included_column AS included, c.name AS [column]
       FROM {db}.sys.indexes AS i JOIN {db2}.sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id
       JOIN {db3}.sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
       JOIN {db4}.sys.tables AS t ON t.object_id = i.object_id JOIN {db5}.sys.schemas AS s ON s.schema_id = t.schema_id
       WHERE t.is_ms_shipped = 0 ORDER BY s.name, t.name, i.index_id, k.key_ordinal, c.name`,
    ],
    run: (found, call) =>
      within(found, call, async (client) => {
        const { rows } = await client.query(
          `SELECT n.nspname AS schema, c.relname AS "table", i.indexrelid::int AS index, i.indisprimary AS primary, i.indisunique AS unique, p.n::int AS position,
             (i.indoption[p.n - 1] & 1) = 1 AS descending, p.n > i.indnkeyatts AS included, a.attname AS "column"
           FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL generate_series(1, i.indnatts) AS p(n)
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[p.n - 1] WHERE ${userTables} ORDER BY 1, 2, 3, 6`,
        );
        const spec = {
          schema: 'nvarchar',
          table: 'nvarchar',
          index: 'int',
          primary: 'bit',
          unique: 'bit',
          position: 'int',
          descending: 'bit',
          included: 'bit',
          column: 'nvarchar',
        } as const;
        return table(
          columns(spec),
          values(
            rows.map((row) => ({ ...row, schema: sqlSchema(row.schema) })),
            Object.keys(spec),
          ),
        );
      }),
  },
  {
    patterns: [
      `SELECT s.name AS [schema], t.name AS [table], c.name AS [column], OBJECT_SCHEMA_NAME(f.referenced_object_id, DB_ID({@name})) AS [toSchema],
         OBJECT_NAME(f.referenced_object_id, DB_ID({@name})) AS [toTable], r.name AS [toColumn]
       FROM {db}.sys.foreign_key_columns AS f JOIN {db2}.sys.columns AS c ON c.object_id = f.parent_object_id AND c.column_id = f.parent_column_id
       JOIN {db3}.sys.columns AS r ON r.object_id = f.referenced_object_id AND r.column_id = f.referenced_column_id
       JOIN {db4}.sys.tables AS t ON t.object_id = f.parent_object_id JOIN {db5}.sys.schemas AS s ON s.schema_id = t.schema_id
       WHERE t.is_ms_shipped = 0 ORDER BY s.name, t.name, c.name`,
    ],
    run: (found, call) =>
      within(found, call, async (client) => {
        const { rows } = await client.query(
          `SELECT n.nspname AS schema, c.relname AS "table", a.attname AS "column", tn.nspname AS "toSchema", tc.relname AS "toTable", ta.attname AS "toColumn"
           FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_class tc ON tc.oid = k.confrelid
           JOIN pg_namespace tn ON tn.oid = tc.relnamespace CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS p(f, t)
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.f JOIN pg_attribute ta ON ta.attrelid = tc.oid AND ta.attnum = p.t
           WHERE k.contype = 'f' AND ${userTables} ORDER BY 1, 2, 3`,
        );
        const names = ['schema', 'table', 'column', 'toSchema', 'toTable', 'toColumn'];
        return table(
          names.map(text),
          values(
            rows.map((row) => ({ ...row, schema: sqlSchema(row.schema), toSchema: sqlSchema(row.toSchema) })),
            names,
          ),
        );
      }),
  },
  {
    patterns: [
      "SELECT CONVERT(nvarchar(4000), p.value) AS value FROM {db}.sys.extended_properties AS p WHERE p.class = 0 AND p.name = {'name}",
    ],
    run: (found, call) =>
      within(found, call, async (client) => {
        const value = await readProperties(client, found.text('name'));
        return table([text('value')], value === undefined ? [] : [[value]]);
      }),
  },
  ...(['add', 'update'] as const).map((verb): Form<Run> => ({
    patterns: [`EXEC {db}.sys.sp_${verb}extendedproperty @name = {'name}, @value = {@value}`],
    run: (found, call) => within(found, call, (client) => addProperty(client, verb, found)),
  })),
];

export async function addProperty(client: Client, verb: 'add' | 'update', found: Found): Promise<null> {
  const name = found.text('name');
  const there = (await readProperties(client, name)) !== undefined;
  if (there && verb === 'add')
    throw new SqlError(15233, `Property cannot be added. Property '${name}' already exists for 'object specified'.`);
  if (!there && verb === 'update')
    throw new SqlError(
      15217,
      `Property cannot be updated or deleted. Property '${name}' does not exist for 'object specified'.`,
    );
  await client.query(
    `CREATE SCHEMA IF NOT EXISTS ${propertySchema}; CREATE TABLE IF NOT EXISTS ${properties} (name text PRIMARY KEY, value text)`,
  );
  await client.query(
    `INSERT INTO ${properties} VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    [name, found.value('value')],
  );
  return null;
}
