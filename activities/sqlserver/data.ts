/** Rows: count, read, change, search. Values are text on both sides; the server converts (Microsoft Learn, "CAST and CONVERT"). */
import { createHash } from 'node:crypto';
import type { TableState } from '../../runbook/results.ts';
import type { Row, Work } from '../databases/database.ts';
import { quote } from './names.ts';
import { type Column, findColumn, findTable, readTables, type Table } from './schema.ts';
import type { Params, Session } from './session.ts';

const textTypes = new Set(['char', 'varchar', 'nchar', 'nvarchar', 'text', 'ntext']);
const binaryTypes = new Set(['binary', 'varbinary', 'image', 'timestamp']);
/** Conversion styles that lose nothing: 3 all digits of a float, 126 ISO 8601 with all fractions. */
const styles: Readonly<Record<string, number>> = {
  float: 3,
  real: 3,
  money: 2,
  smallmoney: 2,
  date: 126,
  time: 126,
  datetime: 126,
  smalldatetime: 126,
  datetime2: 126,
  datetimeoffset: 126,
};

const asText = ({ name, type }: Column): string => {
  if (binaryTypes.has(type)) return `CONVERT(nvarchar(max), CONVERT(varbinary(max), ${quote(name)}), 2)`;
  if (type === 'uniqueidentifier') return `LOWER(CONVERT(nvarchar(36), ${quote(name)}))`;
  const style = styles[type];
  return `CONVERT(nvarchar(max), ${quote(name)}${style === undefined ? '' : `, ${style}`})`;
};
/** The server writes bits as 1 and 0; written as `true` and `false` it takes them too (Microsoft Learn, "bit"). */
const plainText = ({ type }: Column, text: string): string =>
  type === 'bit' ? (text === '1' ? 'true' : 'false') : text;
const fromText = ({ type }: Column, param: string): string =>
  binaryTypes.has(type) ? `CONVERT(varbinary(max), ${param}, 2)` : param;

/** Conditions of a row that agree in all columns given; null is a value like any other. */
function matching(session: Session, table: Table, where: Row): { sql: string; params: Params } {
  const params: Record<string, string> = {};
  const terms = Object.entries(where).map(([name, value], index) => {
    const column = findColumn(session, table, name);
    if (value === null) return `${quote(column.name)} IS NULL`;
    params[`w${index}`] = value;
    const left = ['text', 'ntext'].includes(column.type) ? asText(column) : quote(column.name);
    return `${left} = ${fromText(column, `@w${index}`)}`;
  });
  return { sql: terms.length === 0 ? '' : ` WHERE ${terms.join(' AND ')}`, params };
}

const pick = async (session: Session, name: string): Promise<Table> =>
  findTable(session, await readTables(session), name);

/**
 * Per table the number of rows and the sum of the SHA-256 of every row (four 64-bit parts, added up separately): independent of
 * the order of rows, and equal rows do not cancel each other out. A row is the JSON of all its columns as text, nulls included.
 * Needs SQL Server 2016 (FOR JSON; HASHBYTES beyond 8000 bytes).
 */
export async function fingerprint(session: Session, names: readonly string[], work: Work): Promise<TableState[]> {
  const tables = await readTables(session);
  const chosen = names.length === 0 ? tables : names.map((name) => findTable(session, tables, name));
  const states: TableState[] = [];
  for (const [index, table] of chosen.entries()) {
    work.signal?.throwIfAborted();
    work.progress?.({ done: index, total: chosen.length, note: table.name });
    const columns = table.columns.map((column, place) => `${asText(column)} AS c${place}`).join(', ');
    const sum = (from: number): string =>
      `CONVERT(nvarchar(40), SUM(CONVERT(decimal(38, 0), CONVERT(bigint, SUBSTRING(h.[hash], ${from}, 8))))) AS s${from}`;
    const [row] = await session.batch(
      `SELECT COUNT_BIG(*) AS [rows], ${[1, 9, 17, 25].map(sum).join(', ')} FROM ${table.sql}
       CROSS APPLY (SELECT HASHBYTES('SHA2_256', (SELECT ${columns} FOR JSON PATH, INCLUDE_NULL_VALUES, WITHOUT_ARRAY_WRAPPER)) AS [hash]) AS h`,
      { signal: work.signal },
      { code: 'DATABASE_STATEMENT_FAILED' },
    );
    const sums = [row?.s1, row?.s9, row?.s17, row?.s25].map(String).join(' ');
    states.push({
      table: table.name,
      rows: Number(row?.rows ?? 0),
      checksum: createHash('sha256').update(sums).digest('hex'),
    });
  }
  return states;
}

export async function count(session: Session, name: string): Promise<number> {
  const table = await pick(session, name);
  const [row] = await session.query(`SELECT COUNT_BIG(*) AS [rows] FROM ${table.sql}`);
  return Number(row?.rows ?? 0);
}

export async function clear(session: Session, name: string): Promise<number> {
  const table = await pick(session, name);
  return session.change(`DELETE FROM ${table.sql}`);
}

export async function rows(
  session: Session,
  name: string,
  columns: readonly string[] | undefined,
  where: Row,
): Promise<Row[]> {
  const table = await pick(session, name);
  const chosen = columns?.map((column) => findColumn(session, table, column)) ?? table.columns;
  const { sql, params } = matching(session, table, where);
  const found = await session.query(
    `SELECT ${chosen.map((column, index) => `${asText(column)} AS c${index}`).join(', ')} FROM ${table.sql}${sql}`,
    params,
  );
  return found.map((row) =>
    Object.fromEntries(
      chosen.map((column, index) => {
        const value = row[`c${index}`];
        return [
          columns?.[index] ?? column.name,
          value === null || value === undefined ? null : plainText(column, String(value)),
        ];
      }),
    ),
  );
}

export async function update(session: Session, name: string, set: Row, where: Row): Promise<number> {
  const table = await pick(session, name);
  const params: Record<string, string | null> = {};
  const assignments = Object.entries(set).map(([column, value], index) => {
    params[`s${index}`] = value;
    const found = findColumn(session, table, column);
    return `${quote(found.name)} = ${fromText(found, `@s${index}`)}`;
  });
  const { sql, params: more } = matching(session, table, where);
  if (assignments.length === 0) return 0;
  return session.change(`UPDATE ${table.sql} SET ${assignments.join(', ')}${sql}`, { ...params, ...more });
}

const plain = (column: Column, collation: string): string =>
  `CONVERT(nvarchar(max), ${quote(column.name)}) COLLATE ${collation}`;
/** Both know all of Unicode; independent of the collation that the database happens to have. */
const anyCase = 'Latin1_General_100_CI_AS';
const exact = 'Latin1_General_100_BIN2';

/** One pass over each table, however many text columns it has. */
async function hits(
  session: Session,
  tables: readonly Table[],
  text: string,
): Promise<{ table: Table; column: Column; rows: number }[]> {
  const found: { table: Table; column: Column; rows: number }[] = [];
  for (const table of tables) {
    const columns = table.columns.filter((column) => textTypes.has(column.type));
    if (columns.length === 0) continue;
    const sums = columns.map(
      (column, index) => `COUNT_BIG(CASE WHEN CHARINDEX(@text, ${plain(column, anyCase)}) > 0 THEN 1 END) AS c${index}`,
    );
    const [row] = await session.query(`SELECT ${sums.join(', ')} FROM ${table.sql}`, { text });
    for (const [index, column] of columns.entries()) {
      const n = Number(row?.[`c${index}`] ?? 0);
      if (n > 0) found.push({ table, column, rows: n });
    }
  }
  return found;
}

export async function findText(
  session: Session,
  text: string,
): Promise<{ table: string; column: string; rows: number }[]> {
  return (await hits(session, await readTables(session), text)).map(({ table, column, rows: n }) => ({
    table: table.name,
    column: column.name,
    rows: n,
  }));
}

/** Letter case counts, as it does when the application compares the text. */
export async function replaceText(session: Session, from: string, to: string, name?: string): Promise<number> {
  const tables = await readTables(session);
  const chosen = name === undefined ? tables : [findTable(session, tables, name)];
  let changed = 0;
  for (const { table, column } of await hits(session, chosen, from)) {
    if (column.computed) continue;
    changed += await session.change(
      `UPDATE ${table.sql} SET ${quote(column.name)} = REPLACE(${plain(column, exact)}, @from, @to) WHERE CHARINDEX(@from, ${plain(column, exact)}) > 0`,
      { from, to },
    );
  }
  return changed;
}

export async function duplicates(session: Session, name: string, columns: readonly string[]): Promise<number> {
  const table = await pick(session, name);
  const chosen = columns.map((column) => quote(findColumn(session, table, column).name));
  const [row] = await session.query(
    `SELECT COALESCE(SUM(g.n - 1), 0) AS extra FROM (SELECT COUNT_BIG(*) AS n FROM ${table.sql} WHERE ${chosen.map((column) => `${column} IS NOT NULL`).join(' AND ')} GROUP BY ${chosen.join(', ')}) AS g`,
  );
  return Number(row?.extra ?? 0);
}
