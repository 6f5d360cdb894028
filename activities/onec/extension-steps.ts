/** The steps on extensions of an infobase. */
import type { onecExtensionSteps as catalogue } from '../../runbook/steps/onec-extension.ts';
import type { StepActivities } from '../step.ts';

export const onecExtensionSteps: StepActivities<keyof typeof catalogue> = {
  checkExtension: async () => {
    throw new Error('not yet');
  },
  checkLicenceKey: async () => {
    throw new Error('not yet');
  },
  checkExtensionApplies: async () => {
    throw new Error('not yet');
  },
  backUpExtension: async () => {
    throw new Error('not yet');
  },
  installExtension: async () => {
    throw new Error('not yet');
  },
  restoreExtension: async () => {
    throw new Error('not yet');
  },
  proveExtension: async () => {
    throw new Error('not yet');
  },
  proveExtensionRestored: async () => {
    throw new Error('not yet');
  },
  announceLock: async () => {
    throw new Error('not yet');
  },
};
