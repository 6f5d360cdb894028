import { machineFor } from '../machines/pool.ts';
import type { StepActivity } from '../step.ts';
import { backUpTree, restoreTree } from './trees.ts';

export const backUpFolder: StepActivity<'backUpFolder'> = async ({ machine, folder, backups }, _uses, context) =>
  backUpTree(await machineFor(machine, context), folder, backups, context);

export const restoreFolder: StepActivity<'restoreFolder'> = async ({ machine, folder }, { backup }, context) => {
  await restoreTree(await machineFor(machine, context), folder, backup, context);
  return null;
};
