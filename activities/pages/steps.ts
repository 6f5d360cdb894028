import type { pageSteps as catalogue } from '../../runbook/steps/pages.ts';
import type { StepActivities } from '../step.ts';

const notYet = (): never => {
  throw new Error('not yet');
};

export const pageSteps: StepActivities<keyof typeof catalogue> = {
  checkBrowser: notYet,
  capturePages: notYet,
  comparePages: notYet,
};
