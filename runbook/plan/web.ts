/** Where the files of a web site lie, as a plan writes it, and the whole target that steps carry. */
import { z } from 'zod';
import { webTree as fullTree, type MachineTarget, type WebTree } from '../targets/index.ts';

const machineName = z.string().min(1).describe('A name under `machines`.');
const [byMachine, byFtp, byHand] = fullTree.options;
const plain = {
  keep: byMachine.shape.keep.default([]),
  store: z
    .strictObject({ machine: machineName, folder: byMachine.shape.store.shape.folder })
    .describe('Where the previous files are kept: on the machine where the worker runs, outside the site.'),
};

export const webTree = z.discriminatedUnion('via', [
  byMachine.extend({ ...plain, machine: machineName }),
  byFtp.extend({
    ...plain,
    port: byFtp.shape.port.default(21),
    security: byFtp.shape.security.default('explicit'),
    certificate: byFtp.shape.certificate.default('checked'),
    connections: byFtp.shape.connections.default(4),
  }),
  byHand.extend(plain),
]);
export type WebTreePlan = z.infer<typeof webTree>;

type MachineOf = (name: string, path: readonly string[]) => MachineTarget;

export function resolveTree(tree: WebTreePlan, path: readonly string[], machineOf: MachineOf): WebTree {
  const store = { ...tree.store, machine: machineOf(tree.store.machine, [...path, 'store']) };
  return tree.via === 'machine' ? { ...tree, store, machine: machineOf(tree.machine, path) } : { ...tree, store };
}
