import { z } from 'zod';
import { desk, legacyEncoding, webTree } from '../targets/index.ts';
import { defineStep } from './define.ts';

const hour = 3600;
const part = z
  .string()
  .describe('Folder within the vendor’s versions that holds the pages, with `/`; empty: all of it.');
const keep = z
  .array(z.string())
  .optional()
  .describe('What belongs to the running site: also of the vendor’s versions it is no part.');

/** A customer's own edits of the vendor's pages: saved before an update, merged with the new version, put in place. */
export const customizationSteps = {
  /** All files as they are, edits included: the backup, and a zip of the same beside it for people. */
  captureCustomizations: defineStep({
    title: { en: 'Save the edited pages of {tree}', ru: 'Сохранить изменённые страницы {tree}' },
    params: z.strictObject({ tree: webTree }),
    uses: {},
    returns: 'Backup',
    effect: 'writes',
    leavesData: true,
    expected: 60,
    timeout: 4 * hour,
    onFailure: 'stop',
  }),
  /**
   * The customer's edits and the vendor's new version become one prepared folder. Three-way with `base`, the vendor's old version;
   * without it every file that differs is decided by a person. A conflict fails the step, and nothing of it goes further: a person
   * edits the prepared files or chooses a side for each, and the next attempt takes that. Writes only on the desk.
   */
  mergeCustomizations: defineStep({
    title: { en: 'Merge the customer’s edits with the new version', ru: 'Слить правки заказчика с новой версией' },
    params: z.strictObject({
      desk,
      part,
      encoding: legacyEncoding,
      keep,
    }),
    uses: { base: 'FileTree?', ours: 'Backup', theirs: 'FileTree' },
    returns: 'FileTree',
    effect: 'reads',
    expected: 60,
    timeout: 4 * hour,
    onFailure: 'ask',
    noSkip: true,
  }),
  /** Every change of the customer is in the prepared files, or a person decided about it: says which, and who. Reads everything again. */
  checkCustomizations: defineStep({
    title: {
      en: 'Check that no edit of the customer was lost',
      ru: 'Проверить, что ни одна правка заказчика не потеряна',
    },
    params: z.strictObject({ part, encoding: legacyEncoding, keep }),
    uses: { base: 'FileTree?', ours: 'Backup', theirs: 'FileTree', merged: 'FileTree' },
    returns: 'Findings',
    effect: 'reads',
    expected: 20,
    timeout: 4 * hour,
    onFailure: 'stop',
  }),
  /** The pages saved now are those that were merged; else somebody has edited them since. */
  checkStillMerged: defineStep({
    title: {
      en: 'Check that nobody has edited the pages of {tree} since',
      ru: 'Проверить, что страницы {tree} с тех пор никто не правил',
    },
    params: z.strictObject({ tree: webTree }),
    uses: { merged: 'Backup', now: 'Backup' },
    returns: 'Nothing',
    effect: 'reads',
    expected: 5,
    timeout: hour,
    onFailure: 'restore',
  }),
  /** The prepared files take the place of the saved ones, whole files only; what is not among the prepared ones is removed. */
  applyCustomizations: defineStep({
    title: { en: 'Put the merged pages of {tree} in place', ru: 'Положить слитые страницы {tree} на место' },
    params: z.strictObject({ tree: webTree }),
    uses: { merged: 'FileTree', backup: 'Backup' },
    returns: 'Uploaded',
    effect: 'writes',
    expected: 60,
    timeout: 4 * hour,
    onFailure: 'ask',
    noSkip: true,
  }),
};
