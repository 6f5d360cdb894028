/** Statements on rows. Values are converted and compared as SQL Server does it under a case-insensitive collation. */
import { quote } from '../../postgres/rows.ts';
import type { Client } from 'pg';
import { SqlError } from '../errors.ts';
import { type Form, type Found, list, optional, type Pattern } from '../grammar.ts';
import { openDatabase } from '../instance.ts';
import type { Answer, Call } from '../session.ts';
import { isText, pgSchema, sqlType } from '../types.ts';
import { table, text } from './server.ts';
import type { Run } from './index.ts';

interface Target {
  readonly client: Client;
  readonly from: string;
  /** PostgreSQL type by column; throws 207 for a column that is not there. */
  type(column: string): string;
}

const within =
  (run: (found: Found, target: Target) => Promise<Answer>): Run =>
  async (found: Found, call: Call) => {
    const state = await openDatabase(call.instance, call.session, found.text('db'));
    return call.instance.inside(state.pg, async (client) => {
      const [schema, name] = [pgSchema(found.text('schema')), found.text('table')];
      const { rows } = await client.query<{ name: string; type: string }>(
        `SELECT attname AS name, typname AS type FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_type t ON t.oid = atttypid
         WHERE nspname = $1 AND relname = $2 AND relkind = 'r' AND attnum > 0 AND NOT attisdropped`,
        [schema, name],
      );
      if (rows.length === 0) throw new SqlError(208, `Invalid object name '${found.text('schema')}.${name}'.`);
      const types = new Map(rows.map((row) => [row.name, row.type]));
      const type = (column: string): string => {
        const known = types.get(column);
        if (known === undefined) throw new SqlError(207, `Invalid column name '${column}'.`);
        return known;
      };
      return run(found, { client, from: `${quote(schema)}.${quote(name)}`, type });
    });
  };

/** The ways in which a column is turned into text; `%` is followed by the alias where there is one. */
const conversions = [
  'CONVERT(nvarchar(max), CONVERT(varbinary(max), {column}), 2)',
  'LOWER(CONVERT(nvarchar(36), {column}))',
  'CONVERT(nvarchar(max), {column})',
  'CONVERT(nvarchar(max), {column}, {#style})',
];
const aliased = conversions.map((one) => `${one} AS {alias}`);

const asText = (found: Found, target: Target): string => {
  const column = quote(found.text('column'));
  const type = sqlType(target.type(found.text('column')));
  if ((found.alternative === 0) !== (type === 'varbinary'))
    throw new SqlError(529, `Explicit conversion from data type ${type} to nvarchar(max) is not allowed.`);
  if (type === 'varbinary') return `upper(encode(${column}, 'hex'))`;
  if (type === 'bit') return `CASE WHEN ${column} THEN '1' WHEN NOT ${column} THEN '0' END`;
  if (type === 'datetime2') return `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.US')`;
  return `${column}::text`;
};

/** A parameter as a value of the column's type: nvarchar is converted implicitly, varbinary only explicitly. */
const asValue = (found: Found, target: Target, place: number): string => {
  const type = target.type(found.text('column'));
  if (sqlType(type) === 'varbinary') return `decode($${place}, 'hex')`;
  return `$${place}::${type}`;
};

const conditions = ['{column} IS NULL', '{column} = {@value}', '{column} = CONVERT(varbinary(max), {@value}, 2)'];
function where(found: Found, target: Target, values: (string | null)[]): string {
  const terms = found.many('where').map((term) => {
    const column = quote(term.text('column'));
    const type = target.type(term.text('column'));
    if (term.alternative === 0) return `${column} IS NULL`;
    values.push(term.value('value'));
    const right = asValue(term, target, values.length);
    return isText(type) ? `rtrim(lower(${column})) = rtrim(lower(${right}))` : `${column} = ${right}`;
  });
  return terms.length === 0 ? '' : ` WHERE ${terms.join(' AND ')}`;
}

const of = '{db}.{schema}.{table}';
const optionalWhere: Pattern = optional('filtered', 'WHERE', list('where', 'AND', ...conditions));
const anyCase = 'CONVERT(nvarchar(max), {column}) COLLATE Latin1_General_100_CI_AS';
const exact = 'CONVERT(nvarchar(max), {column}) COLLATE Latin1_General_100_BIN2';
const exact2 = exact.replace('{column}', '{column2}');
const sum = (from: number): string =>
  `CONVERT(nvarchar(40), SUM(CONVERT(decimal(38, 0), CONVERT(bigint, SUBSTRING(h.hash, ${from}, 8))))) AS s${from}`;

export const dataForms: readonly Form<Run>[] = [
  {
    patterns: [`SELECT COUNT_BIG(*) AS rows FROM ${of}`],
    run: within(async (_, { client, from }) => {
      const { rows } = await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${from}`);
      return table([{ name: 'rows', type: 'bigint' }], [[rows[0]?.n ?? '0']]);
    }),
  },
  {
    patterns: [
      `SELECT COUNT_BIG(*) AS rows, ${[1, 9, 17, 25].map(sum).join(', ')} FROM ${of} CROSS APPLY (SELECT HASHBYTES('SHA2_256', (SELECT`,
      list('columns', ',', ...aliased),
      'FOR JSON PATH, INCLUDE_NULL_VALUES, WITHOUT_ARRAY_WRAPPER)) AS hash) AS h',
    ],
    run: within(async (found, target) => {
      const columns = found.many('columns').map((column) => asText(column, target));
      const part = (index: number): string => `sum(('x' || substr(h, ${index * 16 + 1}, 16))::bit(64)::bigint)::text`;
      const { rows } = await target.client.query<string[]>({
        text: `SELECT count(*)::text, ${[0, 1, 2, 3].map(part).join(', ')} FROM (SELECT encode(sha256(convert_to(json_build_array(${columns.join(', ')})::text, 'UTF8')), 'hex') AS h FROM ${target.from}) r`,
        rowMode: 'array',
      });
      return table([{ name: 'rows', type: 'bigint' }, ...['s1', 's9', 's17', 's25'].map(text)], rows);
    }),
  },
  {
    patterns: [`DELETE FROM ${of}`],
    run: within(async (_, { client, from }) => ({
      changed: (await client.query(`DELETE FROM ${from}`)).rowCount ?? 0,
    })),
  },
  {
    patterns: ['SELECT', list('columns', ',', ...aliased), `FROM ${of}`, optionalWhere],
    run: within(async (found, target) => {
      const values: (string | null)[] = [];
      const columns = found.many('columns');
      const sql = `SELECT ${columns.map((column) => asText(column, target)).join(', ')} FROM ${target.from}${where(found, target, values)}`;
      const { rows } = await target.client.query<(string | null)[]>({ text: sql, values, rowMode: 'array' });
      return table(
        columns.map((column) => text(column.text('alias'))),
        rows,
      );
    }),
  },
  {
    patterns: [
      `UPDATE ${of} SET`,
      list('set', ',', '{column} = {@value}', '{column} = CONVERT(varbinary(max), {@value}, 2)'),
      optionalWhere,
    ],
    run: within(async (found, target) => {
      const values: (string | null)[] = [];
      const set = found.many('set').map((one) => {
        values.push(one.value('value'));
        return `${quote(one.text('column'))} = ${asValue(one, target, values.length)}`;
      });
      return {
        changed:
          (
            await target.client.query(
              `UPDATE ${target.from} SET ${set.join(', ')}${where(found, target, values)}`,
              values,
            )
          ).rowCount ?? 0,
      };
    }),
  },
  {
    patterns: [
      `UPDATE ${of} SET {column} = REPLACE(${exact2}, {@from}, {@to}) WHERE CHARINDEX({@from}, ${exact2}) > 0`,
    ],
    run: within(async (found, target) => {
      if (found.text('column') !== found.text('column2'))
        throw new SqlError(102, `Incorrect syntax near '${found.text('column2')}'.`, 15);
      const column = quote(found.text('column'));
      target.type(found.text('column'));
      const sql = `UPDATE ${target.from} SET ${column} = replace(${column}, $1, $2) WHERE strpos(${column}, $1) > 0`;
      return { changed: (await target.client.query(sql, [found.value('from'), found.value('to')])).rowCount ?? 0 };
    }),
  },
  {
    patterns: [
      'SELECT',
      list('counts', ',', `COUNT_BIG(CASE WHEN CHARINDEX({@text}, ${anyCase}) > 0 THEN 1 END) AS {alias}`),
      `FROM ${of}`,
    ],
    run: within(async (found, target) => {
      const counts = found.many('counts');
      const values = counts.map((one) => one.value('text'));
      const sql = counts.map(
        (one, index) => (
          target.type(one.text('column')),
          `count(*) FILTER (WHERE strpos(lower(${quote(one.text('column'))}), lower($${index + 1})) > 0)::text`
        ),
      );
      const { rows } = await target.client.query<string[]>({
        text: `SELECT ${sql.join(', ')} FROM ${target.from}`,
        values,
        rowMode: 'array',
      });
      return table(
        counts.map((one) => ({ name: one.text('alias'), type: 'bigint' })),
        rows,
      );
    }),
  },
  {
    patterns: [
      `SELECT COALESCE(SUM(g.n - 1), 0) AS extra FROM (SELECT COUNT_BIG(*) AS n FROM ${of} WHERE`,
      list('where', 'AND', '{column} IS NOT NULL'),
      'GROUP BY',
      list('group', ',', '{column}'),
      ') AS g',
    ],
    run: within(async (found, { client, from, type }) => {
      const key = (one: Found): string => {
        const column = quote(one.text('column'));
        return isText(type(one.text('column'))) ? `rtrim(lower(${column}))` : column;
      };
      const notNull = found.many('where').map((one) => `${quote(one.text('column'))} IS NOT NULL`);
      const { rows } = await client.query<{ extra: string }>(
        `SELECT coalesce(sum(n - 1), 0)::text AS extra FROM (SELECT count(*) AS n FROM ${from} WHERE ${notNull.join(' AND ')} GROUP BY ${found.many('group').map(key).join(', ')}) g`,
      );
      return table([{ name: 'extra', type: 'bigint' }], [[rows[0]?.extra ?? '0']]);
    }),
  },
];
