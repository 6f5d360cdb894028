/** Statements as each kind of server gets them, values written out. */
import type { DatabaseTarget } from '../targets/index.ts';

export type RowText = Readonly<Record<string, string | null>>;

export interface Dialect {
  /** In front of a line: which database of which server it is said to. */
  say(statement: string, database?: string): string;
  /** To the server, from outside the database. */
  ask(statement: string): string;
  quote(name: string): string;
  literal(value: string | null): string;
  table(name: string): string;
  condition(where: RowText): string;
}

export function dialectOf(target: DatabaseTarget): Dialect {
  const { engine } = target;
  const quote = (name: string): string => {
    if (engine === 'sqlserver') return `[${name.replaceAll(']', ']]')}]`;
    const mark = engine === 'postgres' ? '"' : '`';
    return mark + name.replaceAll(mark, mark + mark) + mark;
  };
  const literal = (value: string | null): string => {
    if (value === null) return 'NULL';
    const text = value.replaceAll("'", "''");
    return `${engine === 'sqlserver' ? 'N' : ''}'${engine === 'mariadb' ? text.replaceAll('\\', '\\\\') : text}'`;
  };
  const say = (statement: string, database = target.name): string =>
    `${database}@${target.host}:${target.port}> ${statement}`;
  return {
    say,
    ask: (statement) =>
      engine === 'mariadb'
        ? `${target.host}:${target.port}> ${statement}`
        : say(statement, engine === 'postgres' ? 'postgres' : 'master'),
    quote,
    literal,
    // A bare name is looked up in the catalogue; nearly always it is in the usual schema.
    table(name) {
      if (engine === 'mariadb') return quote(name);
      const isPostgres = engine === 'postgres';
      const parts = name.includes('.') ? name.split('.') : [isPostgres ? 'public' : 'dbo', name];
      return isPostgres ? `ONLY ${parts.map(quote).join('.')}` : [target.name, ...parts].map(quote).join('.');
    },
    condition(where) {
      const terms = Object.entries(where).map(([column, value]) =>
        value === null ? `${quote(column)} IS NULL` : `${quote(column)} = ${literal(value)}`,
      );
      return terms.length === 0 ? '' : ` WHERE ${terms.join(' AND ')}`;
    },
  };
}

export const deleted = (target: DatabaseTarget, table: string): string => {
  const sql = dialectOf(target);
  return sql.say(`DELETE FROM ${sql.table(table)}`);
};

export const updated = (target: DatabaseTarget, table: string, set: RowText, where: RowText): string => {
  const sql = dialectOf(target);
  const changes = Object.entries(set).map(([column, value]) => `${sql.quote(column)} = ${sql.literal(value)}`);
  return sql.say(`UPDATE ${sql.table(table)} SET ${changes.join(', ')}${sql.condition(where)}`);
};

export const readWhole = (target: DatabaseTarget, table: string): string => {
  const sql = dialectOf(target);
  return sql.say(`SELECT <all columns> FROM ${sql.table(table)}`);
};

export const counted = (target: DatabaseTarget, table: string): string => {
  const sql = dialectOf(target);
  return sql.say(
    target.engine === 'sqlserver'
      ? `SELECT COUNT_BIG(*) AS [rows] FROM ${sql.table(table)}`
      : `SELECT count(*) AS n FROM ${sql.table(table)}`,
  );
};

export const duplicatesCounted = (target: DatabaseTarget, table: string, columns: readonly string[]): string => {
  const sql = dialectOf(target);
  const names = columns.map(sql.quote);
  const given = names.map((name) => `${name} IS NOT NULL`).join(' AND ');
  const count = target.engine === 'sqlserver' ? 'COUNT_BIG(*)' : 'count(*)';
  return sql.say(`SELECT ${count} … FROM ${sql.table(table)} WHERE ${given} GROUP BY ${names.join(', ')}`);
};

/** Every text column of every table. */
export const textReplaced = (target: DatabaseTarget, from: string, to: string): string => {
  const sql = dialectOf(target);
  const [old, now] = [sql.literal(from), sql.literal(to)];
  const found = {
    postgres: `position(${old} IN <column>)`,
    sqlserver: `CHARINDEX(${old}, <column>)`,
    mariadb: `INSTR(<column>, ${old})`,
  };
  return sql.say(
    `UPDATE <each table> SET <each text column> = replace(<column>, ${old}, ${now}) WHERE ${found[target.engine]} > 0`,
  );
};

export const textSought = (target: DatabaseTarget, text: string): string => {
  const sql = dialectOf(target);
  const found = {
    postgres: `position(lower(${sql.literal(text)}) IN lower(<each text column>))`,
    sqlserver: `CHARINDEX(${sql.literal(text)}, <each text column>)`,
    mariadb: `INSTR(lower(<each text column>), lower(${sql.literal(text)}))`,
  };
  return sql.say(`SELECT count(*) … ${found[target.engine]} > 0 FROM <each table>`);
};

export const schemaRead = (target: DatabaseTarget): string =>
  dialectOf(target).say(
    {
      postgres: 'SELECT … FROM pg_attribute, pg_constraint, pg_index',
      sqlserver: 'SELECT … FROM sys.columns, sys.indexes, sys.foreign_key_columns',
      mariadb: 'SELECT … FROM information_schema.COLUMNS, STATISTICS, VIEWS, ROUTINES, TRIGGERS, EVENTS, …',
    }[target.engine],
  );

/** Rows and checksum; without names: of every table. */
export const summed = (target: DatabaseTarget, tables: readonly string[]): string[] => {
  const sql = dialectOf(target);
  const sum = target.engine === 'sqlserver' ? 'COUNT_BIG(*), SUM(HASHBYTES(row))' : 'count(*), sum(md5(row))';
  const from = tables.length === 0 ? ['<each table>'] : tables.map(sql.table);
  return from.map((table) => sql.say(`SELECT ${sum} FROM ${table}`));
};
