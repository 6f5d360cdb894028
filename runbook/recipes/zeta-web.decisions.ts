/** Whom the run waits for: specialists in the middle of a stage, the approvers of production, those who accept it. */
import type { ZetaWebPlan } from '../plan/zeta-web.ts';
import { step, type StepDraft } from '../recipe.ts';
import type { DecisionRule, Said, Text } from '../types.ts';
import { agreementRules } from './agreement.ts';
import { zetaTexts as texts } from './zeta-web.texts.ts';

export function decisionsOf({ approval, acceptance, update, system }: ZetaWebPlan): DecisionRule[] {
  const values = { name: update.name, version: update.version, system };
  return agreementRules(
    { approval, acceptance },
    { approval: { ...texts.approval, values }, acceptance: { ...texts.acceptance, values } },
  );
}

export interface Question {
  readonly name: string;
  readonly question: Text;
  /** Of the step in the plan; default: the question. */
  readonly title?: Text;
  readonly text?: Said;
  readonly values?: Said['values'];
  /** Step whose findings are shown; without findings nobody is asked. */
  readonly findings?: string;
  /** In a restore, where there is nothing but to do it. */
  readonly undoes?: readonly string[];
}

export function askSpecialist({ specialist }: ZetaWebPlan, ask: Question): StepDraft {
  const question = { ...ask.question, ...(ask.values ? { values: { ...ask.values } } : {}) };
  return step(
    'askPerson',
    {
      question,
      ...(ask.text ? { text: { ...ask.text, values: { ...ask.text.values } } } : {}),
      choices: ask.undoes
        ? ['done']
        : ask.findings !== undefined && ask.text === undefined
          ? ['go-on', 'stop']
          : ['done', 'give-up'],
      deadline: ask.undoes ? null : specialist.deadline,
      atDeadline: ask.undoes ? 'done' : ask.findings !== undefined && ask.text === undefined ? 'stop' : 'give-up',
      by: specialist.by,
      needed: 1,
      excludeInitiator: false,
    },
    {
      name: ask.name,
      title: ask.title ?? question,
      ...(ask.findings === undefined ? {} : { uses: { findings: ask.findings } }),
      ...(ask.undoes ? { undoes: ask.undoes } : {}),
    },
  );
}
