import { startComindwareGround } from '../comindware/ground.ts';
import type { Demo } from './demo.ts';

export const demo: Demo = {
  plan: () => 'examples/comindware-instance.yaml',
  // Each breaks production only, at the last version of the way, after a rehearsal that went well.
  start: ({ dir, break: what }) =>
    startComindwareGround({ dir, breakages: what === undefined ? {} : { [what]: '4.7.2' } }),
  answer: ({ choices }) => (choices.includes('copy') ? 'copy' : choices.includes('done') ? 'done' : undefined),
};
