import type { customizationSteps as catalogue } from '../../runbook/steps/customizations.ts';
import type { StepActivities } from '../step.ts';

const notYet = (): Promise<never> => Promise.reject(new Error('not yet'));
export const customizationSteps: StepActivities<keyof typeof catalogue> = {
  captureCustomizations: notYet,
  mergeCustomizations: notYet,
  checkCustomizations: notYet,
  checkStillMerged: notYet,
  applyCustomizations: notYet,
};
