/** What differs between two schemas, in lines for a specialist. */
import { createHash } from 'node:crypto';
import type { SchemaState } from '../../runbook/results.ts';
import type { SchemaReference } from '../../runbook/targets/index.ts';
import type { Said } from '../../runbook/types.ts';

export type Columns = SchemaState['columns'];

const texts = {
  tableMore: { en: 'Table {table} is not the vendor’s', ru: 'Таблица {table} — не от поставщика' },
  tableLess: { en: 'The vendor’s table {table} is missing', ru: 'Нет таблицы поставщика {table}' },
  more: { en: '{table}: column {column} is not the vendor’s', ru: '{table}: колонка {column} — не от поставщика' },
  less: { en: '{table}: the vendor’s column {column} is missing', ru: '{table}: нет колонки поставщика {column}' },
} as const;

/** Types are compared only where the reference names them. */
export function differencesFrom(reference: SchemaReference, columns: Columns): Said[] {
  const lines: Said[] = [];
  for (const table of union(reference, columns)) {
    const [wanted, found] = [reference[table], columns[table]];
    if (!wanted) lines.push({ ...texts.tableMore, values: { table } });
    else if (!found) lines.push({ ...texts.tableLess, values: { table } });
    else {
      for (const column of found)
        if (!wanted.some((one) => fits(column, one))) lines.push({ ...texts.more, values: { table, column } });
      for (const column of wanted)
        if (!found.some((one) => fits(one, column))) lines.push({ ...texts.less, values: { table, column } });
    }
  }
  return lines;
}

/** `goods.price: − numeric(10,2) + numeric(15,2)` … */
export function changesBetween(before: Columns, after: Columns): string[] {
  return union(before, after).flatMap((table) => {
    const [old, now] = [before[table], after[table]];
    if (!old) return [`+ ${table}`];
    if (!now) return [`− ${table}`];
    return [
      ...old.filter((one) => !now.includes(one)).map((one) => `${table}: − ${one}`),
      ...now.filter((one) => !old.includes(one)).map((one) => `${table}: + ${one}`),
    ];
  });
}

/** A step's result is kept in the run's history: of a very large schema only a hash per table. */
export function bounded(columns: Columns, most = 30_000): Columns {
  if (JSON.stringify(columns).length <= most) return columns;
  return Object.fromEntries(
    Object.entries(columns).map(([table, all]) => [
      table,
      [`columns ${createHash('sha256').update(all.join('\n')).digest('hex').slice(0, 8)}`],
    ]),
  );
}

const fits = (column: string, reference: string): boolean =>
  column === reference || (!reference.includes(' ') && column.split(' ')[0] === reference);
const union = (a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
