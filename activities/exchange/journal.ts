/** The site's own record of exchanges that have ended: the one place where "an exchange succeeded" can be read afterwards. */
import type { SiteExchange } from '../../runbook/targets/index.ts';
import type { Database } from '../databases/database.ts';

export interface Entry {
  readonly at: string;
  readonly status: string;
  readonly message: string;
}

/** Ended ones only, the oldest first. */
export async function endedExchanges(
  database: Database,
  { table, status, ok, failed, message, order }: SiteExchange['journal'],
): Promise<Entry[]> {
  const rows = await database.rows(table, [...new Set([status, message, order])]);
  return rows
    .map((row) => ({ at: row[order] ?? '', status: row[status] ?? '', message: row[message] ?? '' }))
    .filter((entry) => entry.status === ok || entry.status === failed)
    .sort((a, b) => compare(a.at, b.at));
}

/** Numbers by value, times as they are written. */
export const compare = (a: string, b: string): number => {
  const [x, y] = [Number(a), Number(b)];
  if (a !== '' && b !== '' && Number.isFinite(x) && Number.isFinite(y)) return x - y;
  return a < b ? -1 : a > b ? 1 : 0;
};
