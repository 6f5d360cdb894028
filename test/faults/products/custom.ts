import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { startKinto, type KintoGround } from '../../../lab/kinto/ground.ts';
import { newRelease, releasesMissing } from '../../../lab/kinto/releases.ts';
import type { Cluster } from '../../../lab/postgres/cluster.ts';
import { digestOfDatabase, digestOfTree, halfMade, rowsOf, strangeDatabases } from '../look.ts';
import type { FaultProduct, GroundState } from '../product.ts';

export const custom: FaultProduct = {
  name: 'custom',
  plan: 'examples/custom.yaml',
  missing: releasesMissing,
  updated: { version: newRelease.version, schema: newRelease.schema, migrations: '4' },
  // Two runs each way; a process of Kinto takes seconds to start.
  sample: {
    'rehearsal.migrate': ['server-inside', 'worker-before'],
    'production.stop': ['worker-inside', 'answer-lost'],
    'production.new-settings': ['answer-lost', 'worker-inside'],
    'production.migrate': ['worker-inside', 'answer-lost'],
    'production.run-sql': ['answer-lost', 'worker-inside'],
    'production.start': ['worker-inside', 'server-before'],
    'restore.revert-database': ['worker-inside', 'answer-lost'],
    'restore.restore-folder': ['answer-lost', 'worker-inside'],
    'restore.start': ['server-inside', 'worker-before'],
  },
  ground: async ({ scenario, dir, cluster, prefix }) => {
    // The new release does not start: by then its settings, the link and the whole migration are there to be undone.
    const ground = await startKinto({ dir, cluster, prefix, ...(scenario === 'restored' ? { break: 'start' } : {}) });
    const { variables, secrets } = ground;
    return { variables, secrets, stop: () => ground.stop(), state: () => stateOf(ground, cluster, prefix) };
  },
};

export async function stateOf(ground: KintoGround, cluster: Cluster, prefix: string): Promise<GroundState> {
  const { dir, databases, url } = ground;
  const value = async (sql: string): Promise<string> =>
    String((await rowsOf(cluster, databases.production, sql))[0]?.['value']);
  const told = async (path: string): Promise<string> =>
    await fetch(`${url}${path}`).then((answer) => answer.text(), String);
  const versions = `SELECT value FROM metadata WHERE name = 'storage_schema_version'`;
  return {
    counts: countsOf(await ground.events()),
    always: {
      service: await new Promise((done) =>
        execFile(join(dir, 'init.d/kinto'), ['status'], (_error, out) => done(out.trim())),
      ),
      orders: createHash('sha256')
        .update(await told('/buckets/shop/collections/orders/records'))
        .digest('hex'),
    },
    data: {
      database: await digestOfDatabase(cluster, databases.production, [
        'objects',
        'timestamps',
        'metadata',
        'access_control_entries',
        'user_principals',
      ]),
      settings: await digestOfTree(join(dir, 'etc')),
      link: await readlink(join(dir, 'current')),
      version: versionIn(await told('/')),
    },
    updated: {
      version: versionIn(await told('/')),
      schema: await value(`SELECT max(value::integer) AS value FROM (${versions}) x`),
      migrations: await value(`SELECT count(*) AS value FROM (${versions} AND value::integer > 22) x`),
    },
    leftovers: [...(await halfMade([dir])), ...(await strangeDatabases(cluster, prefix, Object.values(databases)))],
  };
}

/** What looks only may happen more often. */
function countsOf(events: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const event of events.map((one) => one.replace(/ --port \d+/, '').replace(/\/\S*\/(etc\S*)\//, '$1/')))
    if (!event.startsWith('kinto version')) counts[event] = (counts[event] ?? 0) + 1;
  return counts;
}

const versionIn = (body: string): string => /"project_version": ?"([\d.]+)"/.exec(body)?.[1] ?? body.slice(0, 100);
