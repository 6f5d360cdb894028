import type { customizationSteps } from '../steps/customizations.ts';
import type { Desk } from '../targets/index.ts';
import { filesOn, joined, named, type DoesTable, type DoingStep } from './define.ts';
import { webDoes } from './web.ts';

const at = (desk: Desk, step: DoingStep, name: string): string =>
  joined(desk.machine, desk.folder, named(step, 'merge'), name);
const from = (step: DoingStep, name: string): string => `<${step.uses[name] ?? '?'}>`;

export const customizationDoes: DoesTable<keyof typeof customizationSteps> = {
  captureCustomizations: ({ tree }, step) => [
    ...webDoes.backUpTree({ tree }, step),
    filesOn(tree.store.machine, `write ${joined(tree.store.machine, tree.store.folder, named(step, 'files'))}.zip`),
  ],
  mergeCustomizations: ({ desk }, step) => [
    step.uses['base']
      ? filesOn(desk.machine, `merge ${from(step, 'ours')} and ${from(step, 'theirs')} over ${from(step, 'base')}`)
      : filesOn(desk.machine, `compare ${from(step, 'ours')} and ${from(step, 'theirs')} file by file`),
    filesOn(desk.machine, `read ${desk.remembered}`),
    filesOn(desk.machine, `write ${at(desk, step, 'files')}`),
    filesOn(
      desk.machine,
      `on conflicts: write ${at(desk, step, 'compare.html')} and ${at(desk, step, 'choices.yaml')}, and wait`,
    ),
  ],
  checkCustomizations: (_params, step) => [
    `compare every file of ${from(step, 'ours')} with ${from(step, 'merged')}: edits are there, or somebody decided`,
  ],
  checkStillMerged: (_params, step) => [`compare the lists of ${from(step, 'merged')} and ${from(step, 'now')}`],
  applyCustomizations: ({ tree }, step) =>
    webDoes.uploadTree(
      { tree, part: '' },
      { id: step.id, uses: { update: step.uses['merged'] ?? '?', owned: step.uses['backup'] ?? '?' } },
    ),
};
