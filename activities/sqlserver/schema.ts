/** Tables, columns and keys as the catalogue views tell them (Microsoft Learn: sys.tables, sys.columns, sys.index_columns, sys.foreign_key_columns). */
import { createHash } from 'node:crypto';
import { NakatError } from '../../runbook/errors/index.ts';
import { quote } from './names.ts';
import { requireDatabase } from './server.ts';
import type { Result, Session } from './session.ts';

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly computed: boolean;
}

export interface Table {
  /** As the contract names it: `Contact`, or `sales.Contact` outside `dbo`. */
  readonly name: string;
  /** `[db].[dbo].[Contact]` */
  readonly sql: string;
  readonly columns: readonly Column[];
}

const ofUserTables = (db: string, alias: string): string =>
  `JOIN ${db}.sys.tables AS t ON t.object_id = ${alias} JOIN ${db}.sys.schemas AS s ON s.schema_id = t.schema_id`;

const readColumns = (session: Session): Promise<Result[]> => {
  const db = quote(session.database);
  return session.query(
    `SELECT s.name AS [schema], t.name AS [table], c.name AS [column], COALESCE(TYPE_NAME(c.system_type_id), TYPE_NAME(c.user_type_id)) AS type, c.max_length AS length,
       c.[precision] AS [precision], c.scale AS scale, c.is_nullable AS nullable, c.is_identity AS [identity], c.is_computed AS computed
     FROM ${db}.sys.columns AS c ${ofUserTables(db, 'c.object_id')} WHERE t.is_ms_shipped = 0 ORDER BY s.name, t.name, c.column_id`,
  );
};

const nameOf = (row: Result): string =>
  row.schema === 'dbo' ? String(row.table) : `${String(row.schema)}.${String(row.table)}`;

export async function readTables(session: Session): Promise<Table[]> {
  await requireDatabase(session);
  const tables = new Map<string, Table & { columns: Column[] }>();
  for (const row of await readColumns(session)) {
    const name = nameOf(row);
    const table = tables.get(name) ?? {
      name,
      sql: [session.database, String(row.schema), String(row.table)].map(quote).join('.'),
      columns: [],
    };
    table.columns.push({ name: String(row.column), type: String(row.type), computed: Boolean(row.computed) });
    tables.set(name, table);
  }
  return [...tables.values()];
}

export async function columnsOf(session: Session): Promise<Record<string, string[]>> {
  await requireDatabase(session);
  const columns: Record<string, string[]> = {};
  for (const row of await readColumns(session)) {
    const size = /decimal|numeric/.test(String(row.type))
      ? `(${Number(row.precision)},${Number(row.scale)})`
      : /char|binary/.test(String(row.type))
        ? `(${Number(row.length)})`
        : '';
    (columns[nameOf(row)] ??= []).push(
      `${String(row.column)} ${String(row.type)}${size}${row.nullable ? '' : ' not null'}`,
    );
  }
  return columns;
}

/** Letter case is taken from the catalogue when the name is unambiguous: most servers compare names without it. */
export function findTable(session: Session, tables: readonly Table[], name: string): Table {
  const same = (a: string): boolean => a.toLowerCase() === name.toLowerCase();
  const found =
    tables.find((table) => table.name === name || `dbo.${table.name}` === name) ??
    tables.find((table) => same(table.name));
  if (found) return found;
  throw new NakatError('TABLE_NOT_FOUND', {
    values: { table: name, database: session.database },
    where: session.where,
  });
}

export function findColumn(session: Session, table: Table, name: string): Column {
  const found =
    table.columns.find((column) => column.name === name) ??
    table.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  if (found) return found;
  throw new NakatError('COLUMN_NOT_FOUND', {
    values: { table: table.name, column: name, database: session.database },
    where: session.where,
  });
}

/** SHA-256 over columns, indexes and foreign keys. Names of keys and indexes are left out: the server invents some of them. */
export async function schemaFingerprint(session: Session): Promise<string> {
  await requireDatabase(session);
  const db = quote(session.database);
  const columns = await readColumns(session);
  const indexColumns = await session.query(
    `SELECT s.name AS [schema], t.name AS [table], i.index_id AS [index], i.is_primary_key AS [primary], i.is_unique AS [unique], k.key_ordinal AS position,
       k.is_descending_key AS descending, k.is_included_column AS included, c.name AS [column]
     FROM ${db}.sys.indexes AS i JOIN ${db}.sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id
     JOIN ${db}.sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id ${ofUserTables(db, 'i.object_id')}
     WHERE t.is_ms_shipped = 0 ORDER BY s.name, t.name, i.index_id, k.key_ordinal, c.name`,
  );
  const foreignKeys = await session.query(
    `SELECT s.name AS [schema], t.name AS [table], c.name AS [column], OBJECT_SCHEMA_NAME(f.referenced_object_id, DB_ID(@name)) AS [toSchema],
       OBJECT_NAME(f.referenced_object_id, DB_ID(@name)) AS [toTable], r.name AS [toColumn]
     FROM ${db}.sys.foreign_key_columns AS f JOIN ${db}.sys.columns AS c ON c.object_id = f.parent_object_id AND c.column_id = f.parent_column_id
     JOIN ${db}.sys.columns AS r ON r.object_id = f.referenced_object_id AND r.column_id = f.referenced_column_id ${ofUserTables(db, 'f.parent_object_id')}
     WHERE t.is_ms_shipped = 0 ORDER BY s.name, t.name, c.name`,
    { name: session.database },
  );
  const lines = [...columns, ...wholeIndexes(indexColumns), ...foreignKeys].map((row) => JSON.stringify(row));
  return createHash('sha256').update(lines.toSorted().join('\n')).digest('hex');
}

/** One line per index: its number differs between databases, its columns do not. */
function wholeIndexes(rows: readonly Result[]): Result[] {
  const indexes = new Map<string, Result>();
  for (const { index, position, descending, included, column, ...head } of rows) {
    const key = `${nameOf(head)}\0${String(index)}`;
    const columns = `${String(indexes.get(key)?.columns ?? '')}|${JSON.stringify([position, descending, included, column])}`;
    indexes.set(key, { ...head, columns });
  }
  return [...indexes.values()];
}
