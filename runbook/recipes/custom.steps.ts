/** The steps of a custom plan, as a runbook has them. What is wrong is collected, so that all of it is said at once. */
import { explain } from '../plan/explain.ts';
import type { CustomPlan, CustomStep } from '../plan/custom.ts';
import { step, type PlanPath } from '../recipe.ts';
import { stepCatalogue, type StepName } from '../steps/index.ts';
import type { StepKind } from '../steps/define.ts';
import { stageNames, type Json, type Said, type Stage, type StageName, type Step } from '../types.ts';
import { withNames, type Mistake, type Names } from './custom.names.ts';

export const activities = Object.keys(stepCatalogue) as StepName[];
const isActivity = (name: string): name is StepName => Object.hasOwn(stepCatalogue, name);

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
export const nameOf = (one: CustomStep): string => one.name ?? kebab(one.step);

export const pathOf = (stage: StageName, at: number): PlanPath => ['stages', stage, at];

/** The stages of the plan, in their order; a step that is none is left out. */
export function stagesOf(plan: CustomPlan, names: Names, mistakes: Mistake[]): Stage[] {
  return stageNames.map((name) => ({
    name,
    steps: plan.stages[name].flatMap((one, at) => stepOf(plan, name, one, pathOf(name, at), names, mistakes) ?? []),
  }));
}

function stepOf(
  plan: CustomPlan,
  stage: StageName,
  one: CustomStep,
  path: PlanPath,
  names: Names,
  mistakes: Mistake[],
): Step | null {
  if (!isActivity(one.step)) {
    mistakes.push({
      path: [...path, 'step'],
      message: `there is no step "${one.step}"; the nearest: ${nearest(one.step).join(', ')}`,
    });
    return null;
  }
  const before = mistakes.length;
  const given = withNames(one.params, names, [...path, 'params'], mistakes) as Record<string, Json>;
  const kind: StepKind = stepCatalogue[one.step];
  // Where a name is unknown, what stands in its place says nothing more.
  const checked = mistakes.length > before ? null : kind.params.safeParse(given);
  if (checked && !checked.success) {
    for (const issue of checked.error.issues)
      for (const { path: inside, message } of explain(issue))
        mistakes.push({ path: [...path, 'params', ...inside], message });
  }
  const uses = Object.fromEntries(
    Object.entries(one.uses).map(([result, from]) => [result, sourceOf(plan, stage, from)]),
  );
  const measuredBy = one.measuredBy ?? measuredInRehearsal(plan, stage, one);
  return step(one.step, (checked?.success ? checked.data : given) as never, {
    name: nameOf(one),
    uses: uses as never,
    ...(one.undoes ? { undoes: undone(plan, one.undoes, path, mistakes) } : {}),
    ...(measuredBy === undefined ? {} : { measuredBy }),
    ...(one.onFailure ? { onFailure: one.onFailure } : {}),
    ...(one.failureDeadline === undefined ? {} : { failureDeadline: one.failureDeadline }),
    ...(one.expected === undefined ? {} : { expected: one.expected }),
    ...(one.timeout === undefined ? {} : { timeout: one.timeout }),
    ...(one.title === undefined ? {} : { title: said(one.title) }),
  }).make(stage);
}

export const said = (text: string | { en: string; ru: string }): Said =>
  typeof text === 'string' ? { en: text, ru: text } : text;

const has = (plan: CustomPlan, stage: StageName, name: string): boolean =>
  plan.stages[stage].some((one) => nameOf(one) === name);

/** A name alone: of the same stage, else of the nearest stage before it. */
function sourceOf(plan: CustomPlan, stage: StageName, from: string): string {
  if (from.includes('.')) return from;
  const before = stageNames.slice(0, stageNames.indexOf(stage) + 1).reverse();
  return `${before.find((one) => has(plan, one, from)) ?? stage}.${from}`;
}

function undone(
  plan: CustomPlan,
  undoes: NonNullable<CustomStep['undoes']>,
  path: PlanPath,
  mistakes: Mistake[],
): string[] {
  const all = (['production', 'acceptance'] as const).flatMap((stage) =>
    plan.stages[stage].map((one) => ({
      id: `${stage}.${nameOf(one)}`,
      name: nameOf(one),
      writes: isActivity(one.step) && stepCatalogue[one.step].effect === 'writes',
    })),
  );
  const find = (name: string, at: PlanPath): number => {
    const found = all.findIndex((one) => one.id === name || one.name === name);
    if (found < 0) mistakes.push({ path: at, message: `there is no step "${name}" in production or acceptance` });
    return found;
  };
  if (Array.isArray(undoes)) return undoes.flatMap((name, at) => all[find(name, [...path, 'undoes', at])]?.id ?? []);
  const first = find(undoes.from, [...path, 'undoes', 'from']);
  return first < 0 ? [] : all.filter((one, at) => at === first || (at > first && one.writes)).map((one) => one.id);
}

/** The same step on the test copy took about as long. */
const measuredInRehearsal = (plan: CustomPlan, stage: StageName, one: CustomStep): string | undefined =>
  stage !== 'rehearsal' &&
  stage !== 'preflight' &&
  plan.stages.rehearsal.some((other) => other.step === one.step && nameOf(other) === nameOf(one))
    ? `rehearsal.${nameOf(one)}`
    : undefined;

/** The three that are most like it. */
function nearest(text: string): string[] {
  const pairs = (word: string): Set<string> =>
    new Set([...word.toLowerCase()].map((letter, at, all) => letter + (all[at + 1] ?? '')));
  const wanted = pairs(text);
  const likeness = (name: string): number => {
    const own = pairs(name);
    const shared = [...own].filter((pair) => wanted.has(pair)).length;
    return (2 * shared) / (own.size + wanted.size);
  };
  return activities.toSorted((a, b) => likeness(b) - likeness(a)).slice(0, 3);
}
