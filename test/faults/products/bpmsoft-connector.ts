import { readFile } from 'node:fs/promises';
import { startGround, type Ground } from '../../../lab/ground.ts';
import type { Cluster } from '../../../lab/postgres/cluster.ts';
import { digestOfDatabase, digestOfTree, halfMade, rowsOf, strangeDatabases } from '../look.ts';
import { everyKindAt } from '../faults.ts';
import type { FaultProduct, GroundState } from '../product.ts';

export const bpmsoftConnector: FaultProduct = {
  name: 'bpmsoft-connector',
  plan: 'examples/bpmsoft-connector.yaml',
  updated: { package: '3.2.0', undeduplicated: '0', duplicates: '0' },
  sample: everyKindAt(
    'rehearsal.back-up-database',
    'rehearsal.create-site',
    'production.lock-infobase',
    'production.install-package',
    'production.run-orders',
    'restore.revert-database',
    'restore.restore-infobase',
  ),
  ground: async ({ scenario, dir, cluster, prefix }) => {
    const ground = await startGround({
      dir,
      cluster,
      prefix,
      slowness: 300,
      // Production fails at its very end, when both systems have changed; and the first load of the infobase fails.
      ...(scenario === 'restored' ? { breakages: { settings: 'production' }, restoreOnce: true } : {}),
    });
    const { variables, secrets } = ground;
    return { variables, secrets, stop: () => ground.stop(), state: () => stateOf(ground, cluster, prefix) };
  },
};

async function stateOf(ground: Ground, cluster: Cluster, prefix: string): Promise<GroundState> {
  const { databases } = ground;
  const { sites } = JSON.parse(await readFile(ground.real('C:\\').replace(/\/?C\/?$/, '/iis.json'), 'utf8')) as {
    sites: { name: string; state: string; bindings: string[] }[];
  };
  const site = sites.find((one) => one.name === 'BPMSoft');
  const { properties } = ground.onec.find('trade');
  const value = async (sql: string): Promise<string> =>
    String((await rowsOf(cluster, databases.production, sql))[0]?.['value']);
  return {
    counts: Object.fromEntries(
      [...ground.counts].filter(([event]) =>
        /^(install|integration|upload|ibcmd infobase (dump|restore))\b/.test(event),
      ),
    ),
    always: {
      '1C lock': JSON.stringify(
        ['sessions-deny', 'scheduled-jobs-deny', 'denied-message', 'denied-parameter', 'permission-code'].map(
          (name) => properties[name as keyof typeof properties],
        ),
      ),
      site: JSON.stringify([site?.state, site?.bindings]),
      'files of the site': await digestOfTree(ground.real('C:\\inetpub\\bpmsoft')),
    },
    data: {
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
      infobase: await digestOfDatabase(cluster, databases.infobase, ['_reference10', '_document20']),
    },
    updated: {
      package: await value(`SELECT "Version" AS value FROM "SysPackage" WHERE "Name" = 'SmrConnector1C'`),
      undeduplicated: await value(
        'SELECT count(*) AS value FROM "SmrIntegrationObject" WHERE NOT "UseForDeduplication"',
      ),
      duplicates: await value(
        'SELECT count(*) AS value FROM (SELECT "Number" FROM "Order" GROUP BY 1 HAVING count(*) > 1) x',
      ),
    },
    leftovers: [
      ...(await halfMade([ground.real('C:\\nakat'), ground.real('C:\\inetpub'), ground.backups])),
      ...(await strangeDatabases(cluster, prefix, Object.values(databases))),
    ],
  };
}
