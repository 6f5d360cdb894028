/** A plan file on disk → runbook and digest. Reads the plan and its files; changes nothing, talks to nobody. */
import { createReadStream } from 'node:fs';
import { dirname } from 'node:path';
import { compile } from '../runbook/compile.ts';
import { isNakatError, NakatError } from '../runbook/errors/index.ts';
import { planFor, readPlan, type PlanMistake } from '../runbook/plan/parse.ts';
import { recipes as ownRecipes } from '../runbook/recipes/index.ts';
import { digestOf, readPlanFiles, type CompiledPlan } from '../workers/plan-files.ts';
import { loadRecipes, messageOf, type OtherRecipe } from './other-recipes.ts';

export { digestOf, type CompiledPlan };

/** Thrown as PLAN_INVALID with all mistakes at once. */
export class PlanMistakes extends NakatError {
  readonly file: string;
  readonly mistakes: readonly PlanMistake[];
  constructor(file: string, mistakes: readonly PlanMistake[]) {
    super('PLAN_INVALID', { values: { file, count: mistakes.length } });
    this.file = file;
    this.mistakes = mistakes;
  }
}

/** As much as shows that it is too long: a device never ends. */
async function readText(file: string): Promise<string> {
  let text = '';
  for await (const part of createReadStream(file, { encoding: 'utf8', end: 2 ** 21 })) text += String(part);
  return text;
}

/** Throws PLAN_NOT_FOUND, PlanMistakes. Variables of the plan come from the environment. */
export async function compilePlanFile(
  file: string,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Promise<CompiledPlan> {
  const text = await readText(file).catch((cause: unknown) => {
    throw new NakatError('PLAN_NOT_FOUND', {
      values: { file },
      vendor: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  });
  const read = readPlan(text, variables);
  if ('mistakes' in read) throw new PlanMistakes(file, read.mistakes);
  const others = await loadRecipes(read, dirname(file));
  if (others.mistakes.length > 0) throw new PlanMistakes(file, others.mistakes);
  const parsed = planFor(read, [...ownRecipes, ...others.loaded.map((one) => one.recipe)]);
  if ('mistakes' in parsed) throw new PlanMistakes(file, parsed.mistakes);
  const other = others.loaded.find((one) => one.recipe === parsed.recipe);
  const { files, missing } = await mending(other, () => readPlanFiles(parsed, dirname(file)));
  if (missing.length > 0) throw new PlanMistakes(file, missing);
  const compiled = await mending(other, async () => compile(parsed, files));
  if ('mistakes' in compiled) throw new PlanMistakes(file, compiled.mistakes);
  const { runbook } = compiled;
  const named = other ? { ...runbook, recipe: { ...runbook.recipe, file: other.file, sha256: other.sha256 } } : runbook;
  return { runbook: named, digest: digestOf(named) };
}

/** What a recipe of others throws is its own mistake, and names it. */
async function mending<T>(other: OtherRecipe | undefined, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!other || isNakatError(error)) throw error;
    throw new NakatError('RECIPE_FAILED', { values: { file: other.file }, vendor: messageOf(error), cause: error });
  }
}
