import { NakatError } from '../../runbook/errors/index.ts';
import { id, type Session } from './server.ts';

export interface Column {
  readonly name: string;
  /** `text`: character types and domains over them; `document`: json, jsonb, xml; `list`: arrays of either. */
  readonly kind: 'text' | 'document' | 'list' | 'other';
  /** As SQL writes it, without a length: `jsonb`. */
  readonly type: string;
  readonly generated: boolean;
}

export interface Table {
  /** As people and results name it: bare in schema `public`, else `schema.table`. */
  readonly name: string;
  /** Quoted, for `FROM`: without the children of an inheriting table, which are tables of their own. */
  readonly from: string;
  readonly columns: readonly Column[];
}

interface Found {
  schema: string;
  name: string;
  kind: string;
  columns: Column[];
}

/** User tables: no system schema, no table of an extension (its content is not in a dump), partitions only through their parent. */
export const userTables = `
  pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`;

const documents = `('json', 'jsonb', 'xml')`;

export const allTables = async (session: Session): Promise<Table[]> => {
  const found = await session.query<Found & { columns: Column[] | null }>(`
    SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind, (
      SELECT json_agg(json_build_object(
        'name', a.attname, 'type', format_type(a.atttypid, NULL), 'generated', a.attgenerated <> '',
        'kind', CASE WHEN t.typcategory = 'S' THEN 'text' WHEN t.typname IN ${documents} THEN 'document'
                     WHEN e.typcategory = 'S' OR e.typname IN ${documents} THEN 'list' ELSE 'other' END) ORDER BY a.attnum)
      FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
    FROM ${userTables}`);
  const tables = found.map(({ schema, name, kind, columns }) => ({
    name: schema === 'public' ? name : `${schema}.${name}`,
    from: `${kind === 'r' ? 'ONLY ' : ''}${id(schema)}.${id(name)}`,
    columns: columns ?? [],
  }));
  return tables.sort((a, b) => (a.name < b.name ? -1 : 1));
};

/** By `table` or `schema.table`; a name outside `public` may go without its schema if it is the only one. */
export const tableNamed = (tables: readonly Table[], name: string, database: string, where: string): Table => {
  const exact = tables.find((table) => table.name === name || `public.${table.name}` === name);
  const ending = tables.filter((table) => table.name.endsWith(`.${name}`));
  const found = exact ?? (ending.length === 1 ? ending[0] : undefined);
  if (found) return found;
  throw new NakatError('TABLE_NOT_FOUND', { where, values: { table: name, database } });
};

export const checkColumns = (table: Table, columns: readonly string[], database: string, where: string): void => {
  const missing = columns.find((name) => !table.columns.some((column) => column.name === name));
  if (missing !== undefined)
    throw new NakatError('COLUMN_NOT_FOUND', { where, values: { table: table.name, column: missing, database } });
};
