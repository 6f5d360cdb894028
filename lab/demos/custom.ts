import { startKinto, type KintoBreak } from '../kinto/ground.ts';
import type { Demo } from './demo.ts';

export const demo: Demo = {
  plan: () => 'examples/custom.yaml',
  start: ({ dir, cluster, break: what }) =>
    startKinto({ dir, cluster, ...(what === undefined ? {} : { break: what as KintoBreak }) }),
};
