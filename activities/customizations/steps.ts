/** The steps on a customer's own edits of the vendor's pages. */
import type { customizationSteps as catalogue } from '../../runbook/steps/customizations.ts';
import type { StepActivities } from '../step.ts';
import { applyCustomizations, captureCustomizations, checkStillMerged } from './apply.ts';
import { checkCustomizations } from './check.ts';
import { mergeCustomizations } from './merge.ts';

export const customizationSteps: StepActivities<keyof typeof catalogue> = {
  captureCustomizations,
  mergeCustomizations,
  checkCustomizations,
  checkStillMerged,
  applyCustomizations,
};
