/** One entry for every step of the catalogue: a step without one does not compile. */
import type { StepName } from '../steps/index.ts';
import type { Step } from '../types.ts';
import { bpmsoftDoes } from './bpmsoft.ts';
import { checkDoes } from './checks.ts';
import { comindwareDoes } from './comindware.ts';
import { customizationDoes } from './customizations.ts';
import { databaseDoes } from './database.ts';
import type { DoesTable, DoingStep } from './define.ts';
import { genericDoes } from './generic.ts';
import { onecDoes } from './onec.ts';
import { onecExtensionDoes } from './onec-extension.ts';
import { onecUpdateDoes } from './onec-update.ts';
import { pageDoes } from './pages.ts';
import { peopleDoes } from './people.ts';
import { siteDoes } from './site.ts';
import { updateDoes } from './updates.ts';
import { webDoes } from './web.ts';
import { websiteDoes } from './website.ts';

export const does: DoesTable<StepName> = {
  ...databaseDoes,
  ...onecDoes,
  ...onecUpdateDoes,
  ...onecExtensionDoes,
  ...updateDoes,
  ...bpmsoftDoes,
  ...siteDoes,
  ...comindwareDoes,
  ...checkDoes,
  ...webDoes,
  ...customizationDoes,
  ...websiteDoes,
  ...pageDoes,
  ...genericDoes,
  ...peopleDoes,
};

/** The commands, statements, calls and file operations of a runbook's step. Its parameters were checked when it was compiled. */
export const whatDoes = (step: Step): string[] =>
  (does[step.activity as StepName] as (params: Step['params'], step: DoingStep) => string[])(step.params, step);
