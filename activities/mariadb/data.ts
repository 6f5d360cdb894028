/** What the Database contract says of rows. Values are text: the server reads them as the column's own type. */
import type { Row } from '../databases/database.ts';
import { id, type Server, type Session } from './server.ts';
import { allTables, checkColumns, kindOf, tableNamed, type Column, type Table } from './tables.ts';

export const dataOf = (server: Server, database: string) => {
  const on = <T>(
    name: string,
    columns: readonly string[],
    body: (session: Session, table: Table) => Promise<T>,
  ): Promise<T> =>
    server.in(database, async (session) => {
      const table = tableNamed(await allTables(session), name, database, server.where);
      checkColumns(table, columns, database, server.where);
      return body(session, table);
    });

  return {
    tables: (): Promise<string[]> =>
      server.in(database, async (session) => (await allTables(session)).map((table) => table.name)),

    columns: (): Promise<Record<string, string[]>> =>
      server.in(database, async (session) =>
        Object.fromEntries(
          (await allTables(session)).map(({ name, columns }) => [
            name,
            columns.map((column) => `${column.name} ${column.full}${column.nullable ? '' : ' not null'}`),
          ]),
        ),
      ),

    count: (name: string): Promise<number> =>
      on(name, [], async (session, { from }) => {
        const [row] = await session.query<{ n: string | number }>(`SELECT count(*) AS n FROM ${from}`);
        return Number(row!.n);
      }),

    // DELETE, not TRUNCATE: it needs no right of its own, and foreign keys are checked instead of refused.
    clear: (name: string): Promise<number> => on(name, [], (session, { from }) => session.run(`DELETE FROM ${from}`)),

    rows: (name: string, columns: readonly string[] | undefined, where: Row = {}): Promise<Row[]> =>
      on(name, [...(columns ?? []), ...Object.keys(where)], (session, table) => {
        const wanted = table.columns.filter((column) => columns === undefined || columns.includes(column.name));
        const list = wanted.map((column) => `${asText(column)} AS ${id(column.name)}`).join(', ');
        const condition = conditionOf(where);
        return session.query<Row>(`SELECT ${list} FROM ${table.from}${condition.sql}`, condition.values);
      }),

    update: (name: string, set: Row, where: Row): Promise<number> =>
      on(name, [...Object.keys(set), ...Object.keys(where)], (session, { from }) => {
        const changes = Object.keys(set).map((column) => `${id(column)} = ?`);
        const condition = conditionOf(where);
        return session.run(`UPDATE ${from} SET ${changes.join(', ')}${condition.sql}`, [
          ...Object.values(set),
          ...condition.values,
        ]);
      }),

    duplicates: (name: string, columns: readonly string[]): Promise<number> =>
      on(name, columns, async (session, { from }) => {
        const names = columns.map(id);
        const [row] = await session.query<{ n: string | number }>(`
          SELECT coalesce(sum(same - 1), 0) AS n FROM (
            SELECT count(*) AS same FROM ${from} WHERE ${names.map((column) => `${column} IS NOT NULL`).join(' AND ')}
            GROUP BY ${names.join(', ')} HAVING count(*) > 1) AS found`);
        return Number(row!.n);
      }),

    /** Letter case counts. All tables in one transaction, where the tables' engine has any. */
    replaceText: (from: string, to: string, only?: string): Promise<number> =>
      server.in(database, async (session) => {
        const all = await allTables(session);
        const tables = only === undefined ? all : [tableNamed(all, only, database, server.where)];
        return session.transaction(async () => {
          let cells = 0;
          for (const table of tables)
            for (const column of table.columns.filter(isReplaceable))
              cells += await session.run(replacement(table, column), [from, to, from]);
          return cells;
        });
      }),

    findText: (text: string): Promise<{ table: string; column: string; rows: number }[]> =>
      server.in(database, async (session) => {
        const found = [];
        for (const table of await allTables(session)) {
          const columns = table.columns.filter((column) => ['text', 'document', 'choice'].includes(kindOf(column)));
          if (columns.length === 0) continue;
          const counts = columns.map(
            (column, index) => `coalesce(sum(INSTR(${folded(unicode(column))}, ${folded('?')}) > 0), 0) AS c${index}`,
          );
          const [row] = await session.query<Record<string, string | number>>(
            `SELECT ${counts.join(', ')} FROM ${table.from}`,
            columns.map(() => text),
          );
          for (const [index, column] of columns.entries()) {
            const rows = Number(row![`c${index}`]);
            if (rows > 0) found.push({ table: table.name, column: column.name, rows });
          }
        }
        return found;
      }),
  };
};

const conditionOf = (where: Row): { sql: string; values: string[] } => {
  const values: string[] = [];
  const parts = Object.entries(where).map(([column, value]) => {
    if (value === null) return `${id(column)} IS NULL`;
    values.push(value);
    return `${id(column)} = ?`;
  });
  return { sql: parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}`, values };
};

const asText = (column: Column): string => {
  const name = id(column.name);
  const kind = kindOf(column);
  if (kind === 'bytes') return `CONCAT('0x', LOWER(HEX(${name})))`;
  if (kind === 'shape') return `ST_AsText(${name})`;
  return kind === 'bits' ? `CAST(${name} + 0 AS CHAR)` : `CAST(${name} AS CHAR)`;
};

const isReplaceable = (column: Column): boolean =>
  (kindOf(column) === 'text' || kindOf(column) === 'document') && !column.generated;

/** Compared byte for byte, whatever the collation of the column says of letter case. */
const unicode = ({ name }: Pick<Column, 'name'>): string => `CONVERT(${id(name)} USING utf8mb4)`;
const exactly = (expression: string): string => `${expression} COLLATE utf8mb4_bin`;
const folded = (expression: string): string => exactly(`LOWER(${expression})`);

const replacement = ({ from }: Table, column: Column): string => {
  const replaced = `REPLACE(${exactly(unicode(column))}, ?, ?)`;
  const value = kindOf(column) === 'document' ? `CAST(${replaced} AS JSON)` : replaced;
  return `UPDATE ${from} SET ${id(column.name)} = ${value} WHERE INSTR(${exactly(unicode(column))}, ?) > 0`;
};
