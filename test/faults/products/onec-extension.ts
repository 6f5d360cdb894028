import {
  extensionName,
  newVersion,
  startExtensionGround,
  type ExtensionGround,
} from '../../../lab/extension/ground.ts';
import { readModel } from '../../../lab/onec/model.ts';
import type { Cluster } from '../../../lab/postgres/cluster.ts';
import { digestOfDatabase, halfMade, strangeDatabases } from '../look.ts';
import { everyKindAt } from '../faults.ts';
import type { FaultProduct, GroundState } from '../product.ts';

export const onecExtension: FaultProduct = {
  name: 'onec-extension',
  plan: 'examples/onec-extension.yaml',
  updated: { version: newVersion, flags: 'active, trusted, unprotected', extensions: extensionName },
  sample: everyKindAt(
    'rehearsal.check-extension-applies',
    'production.announce-lock',
    'production.install-extension',
    'restore.restore-extension',
  ),
  ground: async ({ scenario, dir, cluster, prefix }) => {
    // Sessions do not start with the new version: seen only when users are let in again, so everything is there to be undone.
    const ground = await startExtensionGround({
      dir,
      cluster,
      prefix,
      slowness: 300,
      ...(scenario === 'restored' ? { break: 'session' } : {}),
    });
    const { variables, secrets } = ground;
    return { variables, secrets, stop: () => ground.stop(), state: () => stateOf(ground, cluster, prefix) };
  },
};

async function stateOf(ground: ExtensionGround, cluster: Cluster, prefix: string): Promise<GroundState> {
  const { databases, onec } = ground;
  const model = await readModel({ kind: 'server', database: onec.find('trade').database });
  const extension = model.extensions.find((one) => one.content.name === extensionName);
  const { properties } = onec.find('trade');
  return {
    counts: Object.fromEntries([...ground.counts].filter(([event]) => /^ibcmd infobase (dump|restore)$/.test(event))),
    always: {
      '1C lock': JSON.stringify(
        [
          'sessions-deny',
          'scheduled-jobs-deny',
          'denied-from',
          'denied-message',
          'denied-parameter',
          'permission-code',
        ].map((name) => properties[name as keyof typeof properties]),
      ),
      'loaded and not applied': String(model.pendingExtensions.length),
      configuration: JSON.stringify(model.database),
      data: await digestOfDatabase(cluster, databases.production, ['_reference10', '_document20']),
    },
    data: { extension: JSON.stringify(extension) },
    updated: {
      version: extension?.content.version ?? '',
      flags: [
        extension?.active ? 'active' : 'inactive',
        extension?.safeMode ? 'safe' : 'trusted',
        extension?.unsafeActionProtection ? 'protected' : 'unprotected',
      ].join(', '),
      extensions: model.extensions.map((one) => one.content.name).join(', '),
    },
    leftovers: [
      ...(await halfMade([ground.real('C:\\nakat')])),
      ...(await strangeDatabases(cluster, prefix, Object.values(databases))),
    ],
  };
}
