import { startExtensionGround, type ExtensionBreak } from '../extension/ground.ts';
import type { Demo } from './demo.ts';

export const demo: Demo = {
  plan: () => 'examples/onec-extension.yaml',
  watched: true,
  start: ({ dir, cluster, break: what }) =>
    startExtensionGround({ dir, cluster, ...(what === undefined ? {} : { break: what as ExtensionBreak }) }),
};
