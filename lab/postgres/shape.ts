/** The shape of a PostgreSQL database as statements that make it again, read from its catalogue. */
import type { ClientBase } from 'pg';

export interface TableShape {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly generated: boolean }[];
  readonly rows: number;
}

export interface Shape {
  /** Make schemas, extensions, types, sequences, functions and tables. */
  readonly before: readonly string[];
  readonly tables: readonly TableShape[];
  /** Make keys, indexes, foreign keys and views, and set the sequences; after the rows. */
  readonly after: readonly string[];
}

interface Column {
  schema: string;
  table: string;
  name: string;
  type: string;
  notnull: boolean;
  identity: string;
  generated: string;
  expression: string | null;
}

const userSchema = (column: string): string =>
  `${column} NOT IN ('pg_catalog', 'information_schema') AND ${column} NOT LIKE 'pg\\_toast%' AND ${column} NOT LIKE 'pg\\_temp%'`;
/** Objects that an extension brought come back with the extension. */
const ownObject = (oid: string): string =>
  `NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.objid = ${oid} AND e.deptype = 'e')`;

/** Run with an empty search_path, so that every name in the statements is full. */
export async function readShape(client: ClientBase): Promise<Shape> {
  const list = async (sql: string): Promise<string[]> =>
    (await client.query<{ s: string }>(sql)).rows.map((row) => row.s);
  const tables = await readTables(client);
  const schemas = await list(
    `SELECT format('CREATE SCHEMA IF NOT EXISTS %I', nspname) AS s FROM pg_namespace n WHERE ${userSchema('nspname')} AND ${ownObject('n.oid')} ORDER BY 1`,
  );
  const extensions = await list(
    `SELECT format('CREATE EXTENSION IF NOT EXISTS %I SCHEMA %I', extname, nspname) AS s FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace WHERE extname <> 'plpgsql' ORDER BY 1`,
  );
  const enums = await list(
    `SELECT format('CREATE TYPE %I.%I AS ENUM (%s)', nspname, typname, (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid)) AS s
     FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE typtype = 'e' AND ${userSchema('nspname')} AND ${ownObject('t.oid')} ORDER BY 1`,
  );
  // Sequences of identity columns come with the table.
  const sequences = await list(
    `SELECT format('CREATE SEQUENCE %I.%I AS %s INCREMENT %s MINVALUE %s MAXVALUE %s START %s CACHE %s%s', schemaname, sequencename, data_type, increment_by, min_value, max_value, start_value, cache_size, CASE WHEN cycle THEN ' CYCLE' ELSE '' END) AS s
     FROM pg_sequences q JOIN pg_class c ON c.oid = format('%I.%I', schemaname, sequencename)::regclass
     WHERE ${userSchema('schemaname')} AND ${ownObject('c.oid')} AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'i') ORDER BY 1`,
  );
  const functions = await list(
    `SELECT pg_get_functiondef(p.oid) AS s FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE ${userSchema('nspname')} AND prokind IN ('f', 'p') AND ${ownObject('p.oid')} ORDER BY p.oid`,
  );
  const constraints = await list(
    `SELECT format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', nspname, relname, conname, pg_get_constraintdef(k.oid)) AS s
     FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid JOIN pg_namespace n ON n.oid = relnamespace
     WHERE ${userSchema('nspname')} AND contype IN ('p', 'u', 'c', 'x', 'f') AND relkind = 'r' AND ${ownObject('c.oid')} ORDER BY (contype = 'f'), 1`,
  );
  const indexes = await list(
    `SELECT pg_get_indexdef(i.indexrelid) AS s FROM pg_index i JOIN pg_class c ON c.oid = indrelid JOIN pg_namespace n ON n.oid = relnamespace
     WHERE ${userSchema('nspname')} AND relkind = 'r' AND ${ownObject('c.oid')} AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')) ORDER BY 1`,
  );
  const owned = await list(
    `SELECT format('ALTER SEQUENCE %I.%I OWNED BY %I.%I.%I', sn.nspname, s.relname, tn.nspname, t.relname, a.attname) AS s
     FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_namespace sn ON sn.oid = s.relnamespace
     JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace tn ON tn.oid = t.relnamespace JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
     WHERE d.deptype = 'a' AND d.refclassid = 'pg_class'::regclass AND ${userSchema('sn.nspname')} ORDER BY 1`,
  );
  const positions = await list(
    `SELECT format('SELECT setval(%L, %s, true)', format('%I.%I', schemaname, sequencename), last_value) AS s FROM pg_sequences WHERE ${userSchema('schemaname')} AND last_value IS NOT NULL ORDER BY 1`,
  );
  const triggers = await list(
    `SELECT pg_get_triggerdef(t.oid) AS s FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_namespace n ON n.oid = relnamespace WHERE NOT tgisinternal AND ${userSchema('nspname')} ORDER BY t.oid`,
  );
  const views = await list(
    `SELECT format('CREATE VIEW %I.%I AS %s', nspname, relname, pg_get_viewdef(c.oid)) AS s FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'v' AND ${userSchema('nspname')} AND ${ownObject('c.oid')} ORDER BY c.oid`,
  );
  return {
    before: [...schemas, ...extensions, ...enums, ...sequences, ...functions, ...tables.map((table) => table.create)],
    tables: tables.map(({ create: _, ...table }) => table),
    after: [...constraints, ...indexes, ...owned, ...positions, ...views, ...triggers],
  };
}

async function readTables(client: ClientBase): Promise<(TableShape & { create: string })[]> {
  const names = await client.query<{ schema: string; name: string; full: string }>(
    `SELECT nspname AS schema, relname AS name, format('%I.%I', nspname, relname) AS full FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
     WHERE relkind = 'r' AND relpersistence <> 't' AND ${userSchema('nspname')} AND ${ownObject('c.oid')} ORDER BY 1, 2`,
  );
  const columns = await client.query<Column>(
    `SELECT nspname AS schema, relname AS table, attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS notnull, attidentity AS identity,
       attgenerated AS generated, pg_get_expr(adbin, adrelid) AS expression
     FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
     WHERE relkind = 'r' AND attnum > 0 AND NOT attisdropped AND ${userSchema('nspname')} ORDER BY attnum`,
  );
  const result: (TableShape & { create: string })[] = [];
  for (const table of names.rows) {
    const mine = columns.rows.filter((column) => column.schema === table.schema && column.table === table.name);
    const counted = await client.query<{ n: string }>(`SELECT count(*) AS n FROM ONLY ${table.full}`);
    result.push({
      schema: table.schema,
      name: table.name,
      columns: mine.map((column) => ({ name: column.name, type: column.type, generated: column.generated !== '' })),
      rows: Number(counted.rows[0]?.n ?? 0),
      create: `CREATE TABLE ${table.full} (${mine.map(columnSql).join(', ')})`,
    });
  }
  return result;
}

function columnSql(column: Column): string {
  const parts = [`"${column.name.replaceAll('"', '""')}"`, column.type];
  if (column.identity !== '') parts.push(`GENERATED ${column.identity === 'a' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`);
  else if (column.generated !== '') parts.push(`GENERATED ALWAYS AS (${column.expression ?? 'NULL'}) STORED`);
  else if (column.expression !== null) parts.push(`DEFAULT ${column.expression}`);
  if (column.notnull) parts.push('NOT NULL');
  return parts.join(' ');
}
