import type { webSteps as catalogue } from '../../runbook/steps/web.ts';
import type { StepActivities } from '../step.ts';

const notYet = (): Promise<never> => Promise.reject(new Error('not yet'));
export const webSteps: StepActivities<keyof typeof catalogue> = {
  checkTree: notYet,
  unpackUpdate: notYet,
  backUpTree: notYet,
  uploadTree: notYet,
  restoreTree: notYet,
  takeTreeFingerprint: notYet,
  proveTree: notYet,
  prepareArchive: notYet,
  checkServed: notYet,
};
