/** Everything that a worker can do. */
import { bpmsoftSteps } from './bpmsoft/steps.ts';
import { checkSteps } from './checks/steps.ts';
import { comindwareSteps } from './comindware/steps.ts';
import { customizationSteps } from './customizations/steps.ts';
import { databaseSteps } from './databases/steps.ts';
import { exchangeSteps } from './exchange/steps.ts';
import { genericSteps } from './generic/steps.ts';
import { machineSteps } from './machines/steps.ts';
import { onecExtensionSteps } from './onec/extension-steps.ts';
import { onecSteps } from './onec/steps.ts';
import { onecUpdateSteps } from './onec/update-steps.ts';
import { pageSteps } from './pages/steps.ts';
import { siteSteps } from './site/steps.ts';
import { updateSteps } from './updates/steps.ts';
import { webSteps } from './web/steps.ts';
import { websiteSteps } from './website/steps.ts';
import type { EngineStep, StepName } from '../runbook/steps/index.ts';
import type { StepActivities } from './step.ts';

/** One entry for every step of the catalogue that needs a worker: a missing one does not compile. */
export const allSteps: StepActivities<Exclude<StepName, EngineStep>> = {
  ...machineSteps,
  ...databaseSteps,
  ...onecSteps,
  ...onecUpdateSteps,
  ...onecExtensionSteps,
  ...updateSteps,
  ...bpmsoftSteps,
  ...siteSteps,
  ...comindwareSteps,
  ...pageSteps,
  ...webSteps,
  ...customizationSteps,
  ...websiteSteps,
  ...exchangeSteps,
  ...checkSteps,
  ...genericSteps,
};
