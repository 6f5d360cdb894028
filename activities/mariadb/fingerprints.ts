import { createHash } from 'node:crypto';
import type { TableState } from '../../runbook/results.ts';
import type { Work } from '../databases/database.ts';
import { objectLine, readObjects } from './objects.ts';
import { id, type Server, type Session } from './server.ts';
import { allTables, doneTable, kindOf, movable, tableNamed, type Column, type Table } from './tables.ts';

/**
 * Of every row the MD5 of its values, its halves added up: the order of rows does not matter, equal rows count. All tables as of
 * one moment, where their engine can do that.
 */
export const fingerprint = (
  server: Server,
  database: string,
  names: readonly string[],
  work: Work = {},
): Promise<TableState[]> =>
  server.in(
    database,
    async (session) => {
      const all = await allTables(session);
      const tables = names.length === 0 ? all : names.map((name) => tableNamed(all, name, database, server.where));
      await session.run('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
      return session.transaction(async () => {
        const states: TableState[] = [];
        for (const table of tables) {
          work.progress?.({ done: states.length, total: tables.length, note: table.name });
          states.push(await sumOf(session, table));
        }
        return states;
      }, 'WITH CONSISTENT SNAPSHOT, READ ONLY');
    },
    work.signal,
  );

const sumOf = async (session: Session, table: Table): Promise<TableState> => {
  const half = (start: number) => `coalesce(sum(CAST(CONV(SUBSTR(hash, ${start}, 16), 16, 10) AS UNSIGNED)), 0)`;
  const values = table.columns.map((column) => `coalesce(${digestible(column)}, 'NULL')`);
  const [row] = await session.query<{ n: string | number; a: string; b: string }>(
    `SELECT count(*) AS n, ${half(1)} AS a, ${half(17)} AS b
     FROM (SELECT MD5(CONCAT_WS(',', ${values.join(', ')})) AS hash FROM ${table.from}) AS hashes`,
  );
  return { table: table.name, rows: Number(row!.n), checksum: md5(`${row!.n} ${row!.a} ${row!.b}`) };
};

/**
 * Short, and another for every other value. What may be long is digested alone: together it could be longer than
 * `max_allowed_packet`, and then the server makes NULL of it. A `float` is compared as the server prints it, with six digits:
 * its dumps hold no more.
 */
const digestible = (column: Column): string => {
  const name = id(column.name);
  switch (kindOf(column)) {
    case 'text':
    case 'bytes':
    case 'choice':
      return `MD5(${name})`;
    case 'document':
      return `MD5(CAST(${name} AS CHAR))`;
    case 'shape':
      return `MD5(CONCAT(ST_SRID(${name}), ':', HEX(ST_AsBinary(${name}))))`;
    case 'bits':
      return `CAST(${name} + 0 AS CHAR)`;
    case 'other':
      return `CAST(${name} AS CHAR)`;
  }
};

/** Tables with their columns, keys and constraints, views, routines, triggers, events; not who answers for those. */
export const schemaFingerprint = (server: Server, database: string): Promise<string> =>
  server.in(database, (session) => schemaOf(session, database, server.where));

export const schemaOf = async (session: Session, database: string, where: string): Promise<string> => {
  const [defaults] = await session.query<Record<string, string>>(
    'SELECT @@character_set_database AS letters, @@collation_database AS collation',
  );
  const lines = [JSON.stringify(defaults)];
  for (const name of await movable(session, database)) {
    if (name === doneTable) continue;
    const [row] = await session.query<Record<string, string>>(`SHOW CREATE TABLE ${id(name)}`);
    const text = Object.entries(row ?? {}).find(([key]) => /^create /i.test(key))?.[1] ?? '';
    // The next number is data, and moves with every row.
    lines.push(text.replace(/(\n\)[^\n]*?) AUTO_INCREMENT=\d+/, '$1'));
  }
  for (const object of await readObjects(session, database, where)) lines.push(objectLine(object, database));
  return md5(lines.join('\n'));
};

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
