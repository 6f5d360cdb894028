import { startZetaGround, type ZetaBreakage } from '../zeta/ground.ts';
import type { Demo } from './demo.ts';

export const demo: Demo = {
  plan: () => 'examples/zeta-web.yaml',
  start: ({ dir, cluster, break: what }) =>
    startZetaGround({ dir, cluster, break: what as ZetaBreakage | undefined }),
};
