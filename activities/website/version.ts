import { NakatError } from '../../runbook/errors/index.ts';
import type { RowValue, WebSite } from '../../runbook/targets/index.ts';
import type { Database } from '../databases/database.ts';
import type { StepContext } from '../step.ts';
import { openWeb } from './web.ts';

/** Of the files, as the site's own page says. @throws WEB_VERSION_UNREADABLE */
export async function webVersion(site: WebSite, context: StepContext): Promise<string> {
  const { path, pattern } = site.version;
  const found = new RegExp(pattern).exec(await (await openWeb(site, context)).page(path))?.[1]?.trim();
  if (found === undefined || found === '')
    throw new NakatError('WEB_VERSION_UNREADABLE', { values: { site: site.name, path }, where: site.name });
  return found;
}

/** @throws WEB_VALUE_MISSING unless exactly one row fits */
export async function readValue(database: Database, { table, column, where }: RowValue): Promise<string> {
  const rows = await database.rows(table, [column], where);
  const value = rows[0]?.[column];
  if (rows.length !== 1 || value === null || value === undefined)
    throw new NakatError('WEB_VALUE_MISSING', {
      values: { database: database.name, table, column, rows: rows.length },
      where: database.name,
    });
  return value;
}
