/** Plan → runbook. Pure: the files were read before, the digest is made after. */
import { problemsOf } from './check.ts';
import { NakatError } from './errors/index.ts';
import type { GoodPlan, PlanMistake } from './plan/parse.ts';
import { PlanMistakeAt, type PlanFile, type PlanPath } from './recipe.ts';
import type { Runbook } from './types.ts';

export type Compiled = { readonly runbook: Runbook } | { readonly mistakes: readonly PlanMistake[] };

export const mistakeAt = ({ positionOf }: GoodPlan, path: PlanPath, message: string): PlanMistake => ({
  ...positionOf(path),
  path: path.map(String).join('.'),
  message,
});

/** What is wrong in the plan by itself, whatever its files hold. */
export const mistakesOf = (good: GoodPlan): PlanMistake[] =>
  good.recipe.mistakes(good.plan).map(({ path, message }) => mistakeAt(good, path, message));

/** Mistakes that only show when the plan is put together: a machine that is not there, production used as its own test. */
export function compile(good: GoodPlan, files: Readonly<Record<string, PlanFile>>): Compiled {
  const { recipe, plan } = good;
  const mistake = (path: PlanPath, message: string): PlanMistake => mistakeAt(good, path, message);
  const mistakes = mistakesOf(good);
  let runbook: Runbook;
  try {
    runbook = recipe.runbook(plan, files);
  } catch (error) {
    if (!(error instanceof PlanMistakeAt)) throw error;
    return { mistakes: [...mistakes, mistake(error.path, error.message)] };
  }
  if (mistakes.length > 0) return { mistakes };
  const problems = problemsOf(runbook);
  const { placeOf } = recipe;
  if (placeOf && problems.length > 0)
    return { mistakes: problems.map(({ step, problem }) => mistake(placeOf(plan, step), problem)) };
  if (problems.length > 0)
    throw new NakatError('RUNBOOK_INVALID', {
      values: { problems: problems.map(({ step, problem }) => `${step}: ${problem}`).join('; ') },
    });
  return { runbook };
}
