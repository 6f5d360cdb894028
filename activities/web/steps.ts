/** The steps on the files of web sites. */
import type { webSteps as catalogue } from '../../runbook/steps/web.ts';
import type { StepActivities } from '../step.ts';
import { backUpTree } from './backup.ts';
import { checkTree } from './check.ts';
import { checkServed, prepareArchive } from './manual.ts';
import { proveTree, takeTreeFingerprint } from './proof.ts';
import { unpackUpdate } from './unpack.ts';
import { restoreTree, uploadTree } from './upload.ts';

export const webSteps: StepActivities<keyof typeof catalogue> = {
  checkTree,
  unpackUpdate,
  backUpTree,
  uploadTree,
  restoreTree,
  takeTreeFingerprint,
  proveTree,
  prepareArchive,
  checkServed,
};
