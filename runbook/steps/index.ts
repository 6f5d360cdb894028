/** The step catalogue: everything that a runbook can do. */
import { bpmsoftSteps } from './bpmsoft.ts';
import { checkSteps } from './checks.ts';
import { comindwareSteps } from './comindware.ts';
import { customizationSteps } from './customizations.ts';
import { databaseSteps } from './database.ts';
import type { Params, Returns, Uses } from './define.ts';
import { exchangeSteps } from './exchange.ts';
import { genericSteps } from './generic.ts';
import { machineSteps } from './machine.ts';
import { onecSteps } from './onec.ts';
import { onecExtensionSteps } from './onec-extension.ts';
import { onecUpdateSteps } from './onec-update.ts';
import { pageSteps } from './pages.ts';
import { peopleSteps } from './people.ts';
import { siteSteps } from './site.ts';
import { updateSteps } from './updates.ts';
import { webSteps } from './web.ts';
import { websiteSteps } from './website.ts';

export const stepCatalogue = {
  ...machineSteps,
  ...databaseSteps,
  ...onecSteps,
  ...onecUpdateSteps,
  ...onecExtensionSteps,
  ...updateSteps,
  ...bpmsoftSteps,
  ...siteSteps,
  ...comindwareSteps,
  ...checkSteps,
  ...webSteps,
  ...customizationSteps,
  ...websiteSteps,
  ...exchangeSteps,
  ...pageSteps,
  ...genericSteps,
  ...peopleSteps,
};
/** Those that the run carries out by itself. */
export type EngineStep = keyof typeof peopleSteps;
export type StepName = keyof typeof stepCatalogue;
export type ParamsOf<N extends StepName> = Params<(typeof stepCatalogue)[N]>;
export type UsesOf<N extends StepName> = Uses<(typeof stepCatalogue)[N]>;
export type ResultOf<N extends StepName> = Returns<(typeof stepCatalogue)[N]>;
