import { NakatError } from '../../runbook/errors/index.ts';
import { id, type Session } from './server.ts';

export interface Column {
  readonly name: string;
  /** As information_schema names it, without a length: `varchar`. */
  readonly type: string;
  /** With everything: `decimal(10,2) unsigned`. */
  readonly full: string;
  readonly nullable: boolean;
  readonly generated: boolean;
}

export interface Table {
  readonly name: string;
  /** Quoted, for `FROM`. */
  readonly from: string;
  readonly columns: readonly Column[];
}

interface FoundColumn {
  readonly owner: string;
  readonly name: string;
  readonly type: string;
  readonly full: string;
  readonly nullable: string;
  readonly expression: string | null;
}

/** Nakat's note of what `runSql` has done here: no part of the data, nor of the schema. */
export const doneTable = 'nakat_done';

/** Tables with rows; views, and MariaDB's sequences, are none. Versioned ones count with their present rows. */
const withRows = `TABLE_SCHEMA = DATABASE() AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND TABLE_NAME <> '${doneTable}'`;

export const allTables = async (session: Session): Promise<Table[]> => {
  const tables = await session.query<{ name: string }>(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE ${withRows}`,
  );
  const columns = await session.query<FoundColumn>(
    `SELECT TABLE_NAME AS owner, COLUMN_NAME AS name, LOWER(DATA_TYPE) AS type, COLUMN_TYPE AS full, IS_NULLABLE AS nullable,
       GENERATION_EXPRESSION AS expression
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY ORDINAL_POSITION`,
  );
  const byTable = new Map<string, Column[]>();
  for (const { owner, expression, nullable, ...column } of columns) {
    const list = byTable.get(owner) ?? [];
    list.push({ ...column, nullable: nullable === 'YES', generated: (expression ?? '') !== '' });
    byTable.set(owner, list);
  }
  return tables
    .map(({ name }) => ({ name, from: id(name), columns: byTable.get(name) ?? [] }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
};

/** All that can be moved from database to database: tables and sequences. */
export const movable = async (session: Session, database: string): Promise<string[]> => {
  const rows = await session.query<{ name: string }>(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = ? AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE')`,
    [database],
  );
  return rows.map(({ name }) => name).toSorted();
};

export const tableNamed = (tables: readonly Table[], name: string, database: string, where: string): Table => {
  const found = tables.find((table) => table.name === name);
  if (found) return found;
  throw new NakatError('TABLE_NOT_FOUND', { where, values: { table: name, database } });
};

export const checkColumns = (table: Table, columns: readonly string[], database: string, where: string): void => {
  const missing = columns.find((name) => !table.columns.some((column) => column.name === name));
  if (missing !== undefined)
    throw new NakatError('COLUMN_NOT_FOUND', { where, values: { table: table.name, column: missing, database } });
};

const texts = ['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext'];
const bytes = ['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'];
const shapes = [
  'geometry',
  'point',
  'linestring',
  'polygon',
  'multipoint',
  'multilinestring',
  'multipolygon',
  'geometrycollection',
  'geomcollection',
];

export type Kind = 'text' | 'document' | 'bytes' | 'shape' | 'choice' | 'bits' | 'other';

export const kindOf = ({ type }: Column): Kind => {
  if (texts.includes(type)) return 'text';
  if (bytes.includes(type)) return 'bytes';
  if (shapes.includes(type)) return 'shape';
  if (type === 'enum' || type === 'set') return 'choice';
  if (type === 'json') return 'document';
  return type === 'bit' ? 'bits' : 'other';
};
