/** What is true on the practice ground, looked at from outside the product; and what must be true after a run. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import pg from 'pg';
import type { Ground } from '../../lab/ground.ts';
import type { Cluster } from '../../lab/postgres/cluster.ts';
import type { Broken } from './lane.ts';
import type { Scenario } from './faults.ts';

export interface GroundState {
  /** Of production's BPMSoft database: schema and all rows that the product may touch. */
  readonly database: string;
  readonly packageVersion: string;
  /** Of production's infobase: contacts and orders. */
  readonly infobase: string;
  readonly infobaseLock: string;
  /** Of production's folder. */
  readonly files: string;
  readonly site: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly undeduplicated: number;
  readonly duplicates: number;
  /** Half-made things, by place. */
  readonly leftovers: readonly string[];
}

export async function stateOf(ground: Ground, cluster: Cluster): Promise<GroundState> {
  const { databases } = ground;
  const site = JSON.parse(await readFile(ground.real('C:\\').replace(/\/?C\/?$/, '/iis.json'), 'utf8')) as {
    sites: { name: string; state: string; bindings: string[] }[];
  };
  const production = site.sites.find((one) => one.name === 'BPMSoft');
  const { properties } = ground.onec.find('trade');
  return {
    database: await digestOfDatabase(cluster, databases.production, [
      'SysPackage',
      'SysSettingsValue',
      'SmrSyncHistory',
      'SmrIntegrationObject',
      'SmrIntegrationSetting',
      'SmrConnection',
      'Contact',
      'Order',
    ]),
    packageVersion: String(
      (
        await rows(
          cluster,
          databases.production,
          `SELECT "Version" v FROM "SysPackage" WHERE "Name" = 'SmrConnector1C'`,
        )
      )[0]?.['v'],
    ),
    infobase: await digestOfDatabase(cluster, databases.infobase, ['_reference10', '_document20']),
    infobaseLock: JSON.stringify([
      properties['sessions-deny'],
      properties['scheduled-jobs-deny'],
      properties['denied-message'],
      properties['denied-parameter'],
      properties['permission-code'],
    ]),
    files: await digestOfTree(ground.real('C:\\inetpub\\bpmsoft')),
    site: JSON.stringify([production?.state, production?.bindings]),
    counts: Object.fromEntries(ground.counts),
    undeduplicated: Number(
      (
        await rows(
          cluster,
          databases.production,
          'SELECT count(*) n FROM "SmrIntegrationObject" WHERE NOT "UseForDeduplication"',
        )
      )[0]?.['n'],
    ),
    duplicates: Number(
      (
        await rows(
          cluster,
          databases.production,
          'SELECT count(*) n FROM (SELECT "Number" FROM "Order" GROUP BY 1 HAVING count(*) > 1) x',
        )
      )[0]?.['n'],
    ),
    leftovers: await leftoversOf(ground, cluster),
  };
}

/** All that is wrong with how a run ended; empty: nothing is. */
export function wrongs(
  scenario: Scenario,
  clean: Broken,
  { report, before, after, missed, trouble }: Broken,
): string[] {
  const wrong: string[] = [];
  const expect = (holds: boolean, what: string): void => void (holds || wrong.push(what));
  if (missed.length > 0) wrong.push(`the fault did not happen: ${missed.join(', ')}`);
  if (!report) return [...wrong, trouble ?? 'no report'];
  const failed = report.stages.flatMap((stage) => stage.steps).find((step) => step.outcome === 'failed');
  expect(
    report.outcome === scenario,
    `outcome ${report.outcome}, ${report.reason?.code ?? 'no reason'}: ${failed?.id ?? ''} ${failed?.failure?.message ?? ''}`,
  );
  // Every effect exactly as often as in a run that nobody disturbed.
  for (const event of new Set([...Object.keys(clean.after.counts), ...Object.keys(after.counts)])) {
    if (!/^(install|integration|upload|ibcmd infobase (dump|restore))\b/.test(event)) continue;
    expect(
      clean.after.counts[event] === after.counts[event],
      `${event}: ${after.counts[event] ?? 0} times, not ${clean.after.counts[event] ?? 0}`,
    );
  }
  expect(after.infobaseLock === before.infobaseLock, `1C lock ${after.infobaseLock}, was ${before.infobaseLock}`);
  expect(after.site === before.site, `site ${after.site}, was ${before.site}`);
  expect(after.files === before.files, 'files of the site differ');
  expect(after.leftovers.length === 0, `left over: ${after.leftovers.join(', ')}`);
  if (scenario === 'restored') {
    expect(after.database === before.database, 'the database is not as it was');
    expect(after.infobase === before.infobase, 'the infobase is not as it was');
    expect(report.restore?.proved === true, 'the restore is not proved');
  } else {
    expect(after.packageVersion === '3.2.0', `package ${after.packageVersion}`);
    expect(after.undeduplicated === 0, `${after.undeduplicated} objects without deduplication`);
    expect(after.duplicates === before.duplicates, `${after.duplicates} duplicates`);
  }
  return wrong;
}

async function leftoversOf(ground: Ground, cluster: Cluster): Promise<string[]> {
  const found: string[] = [];
  const half = /\.(partial|nakat-new|nakat-old)$/;
  for (const folder of [ground.real('C:\\nakat'), ground.real('C:\\inetpub'), ground.backups]) {
    for await (const path of walk(folder)) if (half.test(path)) found.push(relative(folder, path));
  }
  const known = new Set(Object.values(ground.databases));
  const prefix = ground.databases.production.slice(0, -'bpmsoft'.length);
  const databases = await rows(
    cluster,
    'postgres',
    `SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' AND starts_with(datname, '${prefix}')`,
  );
  for (const { datname } of databases) if (!known.has(String(datname))) found.push(`database ${String(datname)}`);
  return found;
}

async function* walk(folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    yield path;
    if (entry.isDirectory()) yield* walk(path);
  }
}

async function digestOfTree(folder: string): Promise<string> {
  const lines: string[] = [];
  for await (const path of walk(folder)) {
    const content = await readFile(path).catch(() => null);
    if (content) lines.push(`${relative(folder, path)} ${createHash('sha256').update(content).digest('hex')}`);
  }
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

async function digestOfDatabase(cluster: Cluster, database: string, tables: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  const columns = await rows(
    cluster,
    database,
    `SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2`,
  );
  hash.update(JSON.stringify(columns));
  for (const table of tables)
    hash.update(
      JSON.stringify(await rows(cluster, database, `SELECT t::text r FROM ${pg.escapeIdentifier(table)} t ORDER BY 1`)),
    );
  return hash.digest('hex');
}

async function rows(cluster: Cluster, database: string, sql: string): Promise<Record<string, unknown>[]> {
  const { host, port, user, password } = cluster;
  const client = new pg.Client({ host, port, user, password, database });
  await client.connect();
  return (await client.query<Record<string, unknown>>(sql).finally(() => client.end())).rows;
}
