/** A Zeta-like site with its database on PostgreSQL, for tests. */
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster, type Cluster } from '../../../lab/postgres/cluster.ts';
import { openZetaDatabase, type Row, type ZetaDatabaseAddress } from '../../../lab/zeta/database.ts';
import { seedSiteDatabase, seedSiteFolder } from '../../../lab/zeta/seed.ts';
import { startZetaSite, type SiteBreakage, type ZetaSite } from '../../../lab/zeta/site.ts';
import type { DatabaseTarget, SiteExchange, WebSite } from '../../../runbook/targets/index.ts';

export interface ZetaFixture {
  readonly dir: string;
  readonly folder: string;
  readonly site: ZetaSite;
  readonly address: ZetaDatabaseAddress;
  readonly broken: Set<SiteBreakage>;
  readonly counts: Map<string, number>;
  readonly target: { readonly site: WebSite; readonly database: DatabaseTarget; readonly exchange: SiteExchange };
  readonly secrets: Readonly<Record<string, string>>;
  query(sql: string): Promise<Row[]>;
  stop(): Promise<void>;
}

let numbered = 0;

export async function startZetaFixture(cluster: Cluster, options: { zip?: boolean } = {}): Promise<ZetaFixture> {
  const dir = await mkdtemp(join(tmpdir(), 'nakat-zeta-'));
  const folder = join(dir, 'www');
  const name = `zeta_${++numbered}`;
  await cluster.createDatabase(name);
  const address: ZetaDatabaseAddress = {
    engine: 'postgres',
    host: cluster.host,
    port: cluster.port,
    name,
    user: cluster.user,
    password: cluster.password,
  };
  const broken = new Set<SiteBreakage>();
  const counts = new Map<string, number>();
  const secrets = { ZETA_ADMIN: 'admin-password', ZETA_EXCHANGE: 'exchange-password', ZETA_DB: cluster.password };
  await seedSiteFolder(folder, address);
  const site = await startZetaSite({
    folder,
    port: 0,
    admin: { user: 'admin', password: secrets.ZETA_ADMIN },
    exchange: { user: '1c', password: secrets.ZETA_EXCHANGE },
    broken: (what) => broken.has(what),
    count: (event) => void counts.set(event, (counts.get(event) ?? 0) + 1),
    slowness: 20,
    ...options,
  });
  await seedSiteDatabase(address, site.url);
  return {
    dir,
    folder,
    site,
    address,
    broken,
    counts,
    secrets,
    target: {
      site: { name: 'zeta', url: site.url, user: 'admin', password: { env: 'ZETA_ADMIN' }, version: { path: '/version', pattern: '"version":"([^"]+)"' } },
      database: {
        engine: 'postgres', host: cluster.host, port: cluster.port, name, user: cluster.user, password: { env: 'ZETA_DB' }, tls: 'off',
        machine: { via: 'local', name: 'worker', os: 'linux', work: join(dir, 'work') }, tools: cluster.bin ?? '', backups: join(dir, 'backups'), jobs: 1,
      },
      exchange: {
        switch: { by: 'row', at: { table: 'settings', column: 'value', where: { name: 'exchange' } }, on: '1', off: '0' },
        endpoint: { path: '/exchange/1c.php', type: 'catalog', user: '1c', password: { env: 'ZETA_EXCHANGE' } },
        journal: { table: 'exchange_log', status: 'status', ok: 'success', failed: 'error', message: 'message', order: 'id' },
      },
    }, // prettier-ignore
    query: async (sql) => {
      const database = await openZetaDatabase(address);
      return database.query(sql).finally(() => database.close());
    },
    stop: async () => {
      await site.stop();
      await cluster.dropDatabase(name);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** One cluster for a file of tests. */
export async function startTestCluster(): Promise<{ cluster: Cluster; stop: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'nakat-zeta-pg-'));
  await chmod(dir, 0o755);
  const cluster = await startCluster({ dir });
  return {
    cluster,
    stop: async () => {
      await cluster.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
