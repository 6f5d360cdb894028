/** The steps that bring an infobase to a new release. */
import type { onecUpdateSteps as catalogue } from '../../runbook/steps/onec-update.ts';
import type { StepActivities } from '../step.ts';

export const onecUpdateSteps: StepActivities<keyof typeof catalogue> = {
  checkConfiguration: async () => {
    throw new Error('not yet');
  },
  compareConfiguration: async () => {
    throw new Error('not yet');
  },
  checkUpdateFile: async () => {
    throw new Error('not yet');
  },
  checkSubscription: async () => {
    throw new Error('not yet');
  },
  updateConfiguration: async () => {
    throw new Error('not yet');
  },
  updateDatabaseConfiguration: async () => {
    throw new Error('not yet');
  },
  runUpdateHandlers: async () => {
    throw new Error('not yet');
  },
  awaitDeferredHandlers: async () => {
    throw new Error('not yet');
  },
  refreshInitialData: async () => {
    throw new Error('not yet');
  },
  checkConfigurationVersion: async () => {
    throw new Error('not yet');
  },
  switchOffExchangeJobs: async () => {
    throw new Error('not yet');
  },
  switchOnExchangeJobs: async () => {
    throw new Error('not yet');
  },
};
