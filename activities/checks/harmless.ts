import { NakatError } from '../../runbook/errors/index.ts';
import type { ParamsOf } from '../../runbook/steps/index.ts';
import type { Database, Row } from '../databases/database.ts';
import { connectDatabase } from '../databases/connect.ts';
import { machineFor } from '../machines/pool.ts';
import { infobaseJobsDenied } from '../onec/lock.ts';
import type { StepActivity } from '../step.ts';
import { findConfigFindings } from './configs.ts';
import { spellings } from './spellings.ts';

type HarmlessParams = ParamsOf<'proveHarmless'>;

/**
 * Findings are places by which the copy could act on production, in words without secrets. All are collected before it fails,
 * so that one rehearsal shows all of them. What cannot be looked into (binary columns, encrypted values) is not searched:
 * hence the rows that the plan sets are checked as well.
 */
export const proveHarmless: StepActivity<'proveHarmless'> = async (params, _uses, context) => {
  const database = await connectDatabase(params.database, context);
  const configs = await findConfigFindings(await machineFor(params.site.machine, context), params);
  const findings = [
    ...sameAsProduction(params),
    ...configs.findings,
    ...(await findTexts(database, params.forbidden, (note) => context.progress({ note }))),
    ...(await findRows(database, params.rows)),
    ...((await infobaseJobsDenied(params.infobase, context))
      ? []
      : [`infobase ${params.infobase.name}: scheduled jobs are not denied`]),
  ];
  for (const finding of findings) context.log('the copy is not harmless', { finding });
  if (findings.length > 0) {
    throw new NakatError('NOT_HARMLESS', {
      where: params.site.name,
      values: { count: findings.length, findings: findings.slice(0, 10).join('; ') },
    });
  }
  return {
    texts: params.forbidden.length,
    configFiles: configs.files,
    rows: params.rows.length,
    redisDb: params.site.redisDb,
    jobs: 'denied',
  };
};

/** What the two targets themselves have in common although they must not. */
export function sameAsProduction({
  database,
  site,
  production,
}: Pick<HarmlessParams, 'database' | 'site' | 'production'>): string[] {
  const findings: string[] = [];
  const lower = (text: string): string => text.toLowerCase();
  const server = (target: { host: string; port: number }): string => `${lower(target.host)}:${target.port}`;
  if (server(database) === server(production.database) && lower(database.name) === lower(production.database.name)) {
    findings.push(`database ${database.name} on ${database.host} is production’s`);
  }
  if (site.redisDb === production.site.redisDb) findings.push(`Redis database ${site.redisDb} is production’s`);
  if (site.machine.name === production.site.machine.name && lower(site.folder) === lower(production.site.folder)) {
    findings.push(`folder ${site.folder} is production’s`);
  }
  const productionUrls = [production.site.url, production.site.publicUrl].map((url) => new URL(url).origin);
  for (const url of new Set([site.url, site.publicUrl])) {
    if (productionUrls.includes(new URL(url).origin)) findings.push(`address ${url} is production’s`);
  }
  return findings;
}

export async function findTexts(
  database: Database,
  forbidden: readonly string[],
  note: (text: string) => void,
): Promise<string[]> {
  const findings: string[] = [];
  for (const text of forbidden) {
    note(text);
    for (const spelling of spellings(text)) {
      for (const { table, column, rows } of await database.findText(spelling)) {
        findings.push(`“${spelling}” in ${table}.${column}, ${rows} rows`);
      }
    }
  }
  return findings;
}

/** Rows are as the plan sets them, and there: a condition that matches nothing is a misspelt one. Later rules go over earlier ones. */
export async function findRows(database: Database, rules: HarmlessParams['rows']): Promise<string[]> {
  const findings: string[] = [];
  for (const [index, { table, set, where }] of rules.entries()) {
    const later = rules.slice(index + 1).filter((rule) => rule.table === table);
    const asSet = (row: Row): boolean =>
      Object.entries(set).every(
        ([column, value]) =>
          isValue(row[column], value) ||
          later.some(
            (rule) =>
              Object.hasOwn(rule.set, column) && isValue(row[column], rule.set[column] ?? null) && isOf(row, rule),
          ),
      );
    // A rule may set the very column it looks for: its row is then found under the new value, and none under the old one.
    const rows = [
      ...(await database.rows(table, undefined, setBy({ set, where }))),
      ...(await database.rows(table, undefined, where)),
    ];
    const condition = Object.entries(where)
      .map(([column, value]) => `${column} = ${value ?? 'null'}`)
      .join(', ');
    if (rows.length === 0 && condition !== '') findings.push(`${table}: no row with ${condition}`);
    else if (!rows.every(asSet))
      findings.push(`${table}: ${Object.keys(set).join(', ')} not as set${condition && ` where ${condition}`}`);
  }
  return findings;
}

/** A plan may write 1 and 0 for booleans, as SQL Server's administrators do; they are read as true and false. */
const isValue = (read: string | null | undefined, set: string | null): boolean =>
  read === set || (read === 'true' && set === '1') || (read === 'false' && set === '0');

type RowRule = Pick<HarmlessParams['rows'][number], 'set' | 'where'>;

/** The rule's condition as its rows fulfil it after they were set. */
const setBy = ({ set, where }: RowRule): Row =>
  Object.fromEntries(
    Object.entries(where).map(([column, value]) => [
      column,
      Object.hasOwn(set, column) ? (set[column] ?? null) : value,
    ]),
  );

const isOf = (row: Row, rule: RowRule): boolean =>
  Object.entries(setBy(rule)).every(([column, value]) => isValue(row[column], value));
