import { createHash } from 'node:crypto';
import type { TableState } from '../../runbook/results.ts';
import type { Work } from '../databases/database.ts';
import type { Server, Session } from './server.ts';
import { allTables, tableNamed, userTables, type Table } from './tables.ts';

/** Settings that change how a value looks as text. */
const plainText = `SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres';
  SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SET LOCAL search_path = pg_catalog`;
const readOnly = 'ISOLATION LEVEL REPEATABLE READ READ ONLY';

/**
 * Of every row the MD5 of its text (quoted, so that NULL, '' and shifted text differ), its halves added up: the order of
 * rows does not matter, equal rows count. All tables as of one moment.
 */
export const fingerprint = (
  server: Server,
  database: string,
  names: readonly string[],
  work: Work = {},
): Promise<TableState[]> =>
  server.in(
    database,
    (session) =>
      session.transaction(async () => {
        await session.run(plainText);
        const all = await allTables(session);
        const tables = names.length === 0 ? all : names.map((name) => tableNamed(all, name, database, server.where));
        const states: TableState[] = [];
        for (const table of tables) {
          work.progress?.({ done: states.length, total: tables.length, note: table.name });
          states.push(await sumOf(session, table));
        }
        return states;
      }, readOnly),
    work.signal,
  );

const sumOf = async (session: Session, table: Table): Promise<TableState> => {
  const half = (start: number) => `coalesce(sum(('x' || substr(hash, ${start}, 16))::bit(64)::bigint::numeric), 0)`;
  const [row] = await session.query<{ rows: string; a: string; b: string }>(
    `SELECT count(*) AS rows, ${half(1)} AS a, ${half(17)} AS b FROM (SELECT md5(("nakat row".*)::text) AS hash FROM ${table.from} AS "nakat row") AS hashes`,
  );
  return { table: table.name, rows: Number(row!.rows), checksum: md5(`${row!.rows} ${row!.a} ${row!.b}`) };
};

export const columnsOf = (server: Server, database: string): Promise<Record<string, string[]>> =>
  server.in(database, async (session) => {
    const rows = await session.query<{ table: string; columns: string[] | null }>(`
      SELECT CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS "table", (
        SELECT json_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
      FROM ${userTables} ORDER BY 1`);
    return Object.fromEntries(rows.map(({ table, columns }) => [table, columns ?? []]));
  });

/**
 * Columns in order, keys and indexes. The text of check constraints and of index expressions is left out: PostgreSQL prints some
 * of them differently after a dump was restored (casts in `IN` lists), so they would differ without a difference.
 */
export const schemaFingerprint = (server: Server, database: string): Promise<string> =>
  server.in(database, (session) =>
    session.transaction(async () => {
      await session.run(plainText);
      const lines: string[] = [];
      for (const part of [columns, constraints, indexes])
        lines.push(...(await session.query<{ line: string }>(part)).map((row) => row.line));
      return md5(lines.sort().join('\n'));
    }, readOnly),
  );

const mine = `SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name FROM ${userTables}`;
const columns = `
  WITH mine AS (${mine})
  SELECT json_build_array('column', m.name, row_number() OVER (PARTITION BY m.oid ORDER BY a.attnum), a.attname,
    format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))::text AS line
  FROM mine m JOIN pg_attribute a ON a.attrelid = m.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = m.oid AND d.adnum = a.attnum`;
const constraints = `
  WITH mine AS (${mine})
  SELECT json_build_array('constraint', m.name, k.conname, k.contype, CASE WHEN k.contype IN ('p', 'u', 'f') THEN pg_get_constraintdef(k.oid) END)::text AS line
  FROM mine m JOIN pg_constraint k ON k.conrelid = m.oid WHERE k.contype <> 'n'`;
const indexes = `
  WITH mine AS (${mine})
  SELECT json_build_array('index', m.name, x.relname, i.indisunique, i.indisvalid, i.indpred IS NOT NULL, ARRAY(
    SELECT CASE WHEN i.indkey[k] = 0 THEN '(…)' ELSE pg_get_indexdef(i.indexrelid, k + 1, true) END FROM generate_series(0, i.indnatts - 1) AS k))::text AS line
  FROM mine m JOIN pg_index i ON i.indrelid = m.oid JOIN pg_class x ON x.oid = i.indexrelid`;

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
