/** Steps that the run carries out by itself: it asks a person and waits. Pure. */
import { NakatError } from '../runbook/errors/index.ts';
import type { Findings } from '../runbook/results.ts';
import type { DecisionRule, Json, Step } from '../runbook/types.ts';
import type { Performed } from './ports.ts';
import type { Run } from './run.ts';
import { askRule, lastWord } from './waiting.ts';

/** The catalogue's parameters of `askPerson`, as a compiled runbook holds them. */
type Question = Pick<
  DecisionRule,
  'text' | 'choices' | 'deadline' | 'atDeadline' | 'by' | 'needed' | 'excludeInitiator'
> & {
  readonly question: DecisionRule['title'];
};

export const isForPeople = (step: Step): boolean => step.activity === 'askPerson';

/** @param latest epoch milliseconds that the wait must not outlast: the point of no return. */
export async function askPerson(
  run: Run,
  step: Step,
  uses: Readonly<Record<string, Json>>,
  latest: number | null,
): Promise<Performed> {
  const question = step.params as unknown as Question;
  const findings = uses['findings'] as Findings | undefined;
  const [goOn = ''] = question.choices;
  if (findings?.lines.length === 0) return { kind: 'done', result: { asked: false, choice: goOn }, attempts: 1 };
  const rule: DecisionRule = {
    ...question,
    id: step.id,
    before: 'production',
    kind: 'manual',
    title: question.question,
  };
  const choice = await askRule(run, rule, findings?.lines ?? [], latest);
  if (choice === null) return { kind: 'cancelled' };
  if (choice === goOn) return { kind: 'done', result: { asked: true, choice }, attempts: 1 };
  const { failure } = new NakatError('DECISION_AGAINST', {
    values: { decision: step.id, choice, why: lastWord(run, step.id) },
  });
  return { kind: 'failed', failure, attempts: 1 };
}
