import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readModel } from '../../../lab/onec/model.ts';
import type { Cluster } from '../../../lab/postgres/cluster.ts';
import { openZetaDatabase, type ZetaDatabase } from '../../../lab/zeta/database.ts';
import { startZetaGround, type ZetaGround } from '../../../lab/zeta/ground.ts';
import { siteFiles } from '../../lab/zeta/look.ts';
import { digestOfDatabase, digestOfTree, halfMade, strangeDatabases } from '../look.ts';
import type { FaultProduct, GroundState } from '../product.ts';

export const zetaWeb: FaultProduct = {
  name: 'zeta-web',
  plan: 'examples/zeta-web.yaml',
  updated: { configuration: '3.2.1 3.2.1', 'initial data': '2026.2', schema: '4.3.0', site: '4.3.0', goods: '40' },
  // Two runs each way, half a minute and more each: of every step the two kinds in which most can go wrong.
  sample: {
    'rehearsal.copy-tree': ['worker-inside', 'server-before'],
    'rehearsal.run-exchange': ['answer-lost', 'worker-inside'],
    'production.switch-off-exchange-jobs': ['worker-inside', 'answer-lost'],
    'production.update-database-configuration-3-2-1': ['answer-lost', 'worker-inside'],
    'production.run-update-handlers-3-2-1': ['worker-inside', 'answer-lost'],
    'production.upload-tree': ['server-inside', 'worker-inside'],
    'production.await-migration': ['worker-before', 'server-inside'],
    'restore.restore-tree': ['worker-inside', 'server-inside'],
    'restore.restore-infobase': ['answer-lost', 'worker-inside'],
  },
  ground: async ({ scenario, dir, cluster, prefix }) => {
    // The exchange is what production does last: everything has changed by then.
    const what = scenario === 'restored' ? 'exchange' : undefined;
    const ground = await startZetaGround({ dir, cluster, prefix, slowness: 300, break: what });
    return {
      variables: ground.variables,
      secrets: ground.secrets,
      stop: () => ground.stop(),
      state: () => stateOf(ground, cluster, prefix),
    };
  },
};

async function stateOf(ground: ZetaGround, cluster: Cluster, prefix: string): Promise<GroundState> {
  const { onec, databases, folders, counts } = ground;
  const { properties } = onec.find('zeta');
  const model = await readModel({ kind: 'server', database: onec.find('zeta').database });
  const site = await openZetaDatabase(databases.site);
  try {
    const setting = async (name: string): Promise<string> =>
      String((await site.query('SELECT value FROM settings WHERE name = ?', [name]))[0]?.['value']);
    return {
      // The exchange runs on its own schedule: how often is nobody's promise.
      counts: Object.fromEntries(
        [...counts].filter(([event]) =>
          /^(1cv8 (\/Update|ENTERPRISE)|ibcmd infobase (dump|restore)|migrate )/.test(event),
        ),
      ),
      always: {
        '1C lock': JSON.stringify(
          ['sessions-deny', 'scheduled-jobs-deny', 'denied-message', 'denied-parameter', 'permission-code'].map(
            (name) => properties[name],
          ),
        ),
        'exchange job': JSON.stringify(model.jobs.map(({ name, use }) => [name, use])),
        'exchange of the site': await setting('exchange'),
        maintenance: await setting('maintenance'),
        'the customer’s files': await digestOfTree(join(folders.site, 'custom')),
        'configuration of the site': await readFile(join(folders.site, 'config.ini'), 'utf8'),
      },
      data: {
        infobase: await digestOfDatabase(cluster, databases.infobase, ['_reference10', '_document20', '_reference40']),
        model: JSON.stringify([
          model.database,
          model.pending,
          model.dataVersion,
          model.done,
          model.deferred,
          model.constants,
        ]),
        'site database': await digestOfSite(site, databases.site.engine),
        'site files': await siteFiles(folders.site),
      },
      updated: {
        configuration: `${model.database.version} ${model.dataVersion}`,
        'initial data': model.constants['ВерсияНачальныхДанных'] ?? '',
        schema: await setting('schema'),
        site: (JSON.parse(await readFile(join(folders.site, 'core/version.json'), 'utf8')) as { version: string })
          .version,
        goods: String((await site.query('SELECT count(*) AS n FROM goods'))[0]?.['n']),
      },
      leftovers: [
        ...(await halfMade([ground.real('C:\\nakat'), folders.site, folders.testSite, folders.store, folders.backups])),
        ...(await stagings(folders.site)),
        ...(await strangeDatabases(cluster, prefix, [
          databases.infobase,
          `${databases.infobase}_test`,
          ...databases.all,
        ])),
        ...(await strangeSchemas(site, databases)),
      ],
    };
  } finally {
    await site.close();
  }
}

/** Columns of all tables; rows of those that the exchange leaves alone. */
async function digestOfSite(site: ZetaDatabase, engine: string): Promise<string> {
  const own = engine === 'mariadb' ? 'DATABASE()' : `'public'`;
  const columns = await site.query(
    `SELECT table_name AS t, column_name AS c, data_type AS d FROM information_schema.columns WHERE table_schema = ${own} ORDER BY 1, 2`,
  );
  const rows = [
    await site.query('SELECT * FROM orders ORDER BY id'),
    await site.query('SELECT * FROM settings ORDER BY name'),
  ];
  return JSON.stringify([columns, rows]);
}

/** What an upload keeps in the site while it works. */
async function stagings(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('.nakat'));
}

async function strangeSchemas(site: ZetaDatabase, { site: at, all }: ZetaGround['databases']): Promise<string[]> {
  if (at.engine !== 'mariadb') return [];
  const rows = await site.query('SELECT schema_name AS name FROM information_schema.schemata');
  const system = ['information_schema', 'mysql', 'performance_schema', 'sys'];
  return rows.map((row) => String(row['name'])).filter((name) => !system.includes(name) && !all.includes(name));
}
