import type { checkSteps as catalogue } from '../../runbook/steps/checks.ts';
import type { StepActivities } from '../step.ts';
import { proveRestored, takeFingerprint } from './fingerprint.ts';
import { proveHarmless } from './harmless.ts';
import { checkPackage } from './package.ts';
import { checkRoom } from './room.ts';
import { checkDrift, readState } from './state.ts';
import { checkWindow } from './window.ts';

export const checkSteps: StepActivities<keyof typeof catalogue> = {
  checkPackage,
  checkRoom,
  checkWindow,
  readState,
  checkDrift,
  proveHarmless,
  takeFingerprint,
  proveRestored,
};
