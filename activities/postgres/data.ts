/** What the Database contract says of rows. Values are text: PostgreSQL reads them as the column's own type. */
import type { Row } from '../databases/database.ts';
import { id, type Server, type Session } from './server.ts';
import { allTables, checkColumns, tableNamed, type Column, type Table } from './tables.ts';

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

    count: (name: string): Promise<number> =>
      on(name, [], async (session, { from }) => {
        const [row] = await session.query<{ n: string }>(`SELECT count(*) AS n FROM ${from}`);
        return Number(row!.n);
      }),

    // DELETE, not TRUNCATE: it needs no right of its own, and foreign keys are checked instead of refused.
    clear: (name: string): Promise<number> => on(name, [], (session, { from }) => session.run(`DELETE FROM ${from}`)),

    rows: (name: string, columns: readonly string[] | undefined, where: Row = {}): Promise<Row[]> =>
      on(name, [...(columns ?? []), ...Object.keys(where)], (session, table) => {
        const wanted = columns ?? table.columns.map((column) => column.name);
        const condition = conditionOf(where, 1);
        const list = wanted.map((column) => `${id(column)}::text AS ${id(column)}`).join(', ');
        return session.query<Row>(`SELECT ${list} FROM ${table.from}${condition.sql}`, condition.values);
      }),

    update: (name: string, set: Row, where: Row): Promise<number> =>
      on(name, [...Object.keys(set), ...Object.keys(where)], (session, { from }) => {
        const values = Object.values(set);
        const changes = Object.keys(set).map((column, index) => `${id(column)} = $${index + 1}`);
        const condition = conditionOf(where, values.length + 1);
        return session.run(`UPDATE ${from} SET ${changes.join(', ')}${condition.sql}`, [
          ...values,
          ...condition.values,
        ]);
      }),

    duplicates: (name: string, columns: readonly string[]): Promise<number> =>
      on(name, columns, async (session, { from }) => {
        const names = columns.map(id);
        const [row] = await session.query<{ n: string }>(`
          SELECT coalesce(sum(same - 1), 0) AS n FROM (
            SELECT count(*) AS same FROM ${from} WHERE ${names.map((column) => `${column} IS NOT NULL`).join(' AND ')}
            GROUP BY ${names.join(', ')} HAVING count(*) > 1) AS groups`);
        return Number(row!.n);
      }),

    /** Letter case counts. All tables in one transaction; arrays are left alone (`findText` sees them). */
    replaceText: (from: string, to: string, only?: string): Promise<number> =>
      server.in(database, async (session) => {
        const all = await allTables(session);
        const tables = only === undefined ? all : [tableNamed(all, only, database, server.where)];
        return session.transaction(async () => {
          let cells = 0;
          for (const table of tables)
            for (const column of table.columns.filter(isReplaceable))
              cells += await session.run(replacement(table, column), [from, to]);
          return cells;
        });
      }),

    findText: (text: string): Promise<{ table: string; column: string; rows: number }[]> =>
      server.in(database, async (session) => {
        const fold = await foldingOf(session);
        const found = [];
        for (const table of await allTables(session)) {
          const columns = table.columns.filter((column) => column.kind !== 'other');
          if (columns.length === 0) continue;
          const counts = columns.map(
            (column) => `count(*) FILTER (WHERE position(${fold('$1')} IN ${fold(id(column.name))}) > 0)`,
          );
          const [row] = await session.query<{ hits: string[] }>(
            `SELECT ARRAY[${counts.join(', ')}]::text[] AS hits FROM ${table.from}`,
            [text],
          );
          for (const [index, column] of columns.entries()) {
            const rows = Number(row!.hits[index]);
            if (rows > 0) found.push({ table: table.name, column: column.name, rows });
          }
        }
        return found;
      }),
  };
};

const conditionOf = (where: Row, first: number): { sql: string; values: string[] } => {
  const values: string[] = [];
  const parts = Object.entries(where).map(([column, value]) => {
    if (value === null) return `${id(column)} IS NULL`;
    values.push(value);
    return `${id(column)} = $${first + values.length - 1}`;
  });
  return { sql: parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}`, values };
};

const isReplaceable = (column: Column): boolean =>
  (column.kind === 'text' || column.kind === 'document') && !column.generated;

/** Text is assigned without a cast: an explicit one would cut what is too long, an assignment refuses it. */
const replacement = ({ from }: Table, { name, type, kind }: Column): string =>
  `UPDATE ${from} SET ${id(name)} = replace(${id(name)}::text, $1, $2)${kind === 'document' ? `::${type}` : ''} WHERE position($1 IN ${id(name)}::text) > 0`;

/** A database in locale C folds only A–Z; ICU, where the server has it, folds all letters. */
const foldingOf = async (session: Session): Promise<(expression: string) => string> => {
  const [icu] = await session.query(`SELECT FROM pg_collation WHERE collname = 'und-x-icu'`);
  return (expression) => `lower(${expression}::text${icu ? ' COLLATE "und-x-icu"' : ''})`;
};
