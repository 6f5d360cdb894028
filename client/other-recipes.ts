/**
 * Recipes of others: modules that a plan names in `recipes`. Their code runs with the rights of whoever reads the plan, as
 * any program does that is started by its name; the file's digest becomes a part of what is approved.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PlanMistake, PlanText } from '../runbook/plan/parse.ts';
import type { Recipe } from '../runbook/recipe.ts';
import { recipeKit } from '../runbook/recipe-kit.ts';
import { recipes as ownRecipes } from '../runbook/recipes/index.ts';

export interface OtherRecipe {
  readonly recipe: Recipe;
  /** As the plan writes it. */
  readonly file: string;
  readonly sha256: string;
}

/** @param folder what relative paths in the plan are relative to. */
export async function loadRecipes(
  { recipes, positionOf }: PlanText,
  folder: string,
): Promise<{ readonly loaded: OtherRecipe[]; readonly mistakes: PlanMistake[] }> {
  const loaded: OtherRecipe[] = [];
  const mistakes: PlanMistake[] = [];
  for (const [at, file] of recipes.entries()) {
    const one = await load(file, resolve(folder, file));
    if (typeof one !== 'string') loaded.push(one);
    else mistakes.push({ ...positionOf(['recipes', at]), path: `recipes.${at}`, message: one });
  }
  return { loaded, mistakes };
}

/** Or why there is none. */
async function load(file: string, path: string): Promise<OtherRecipe | string> {
  const text = await readFile(path).catch(() => null);
  if (text === null) return `no such file: ${path}`;
  const sha256 = createHash('sha256').update(text).digest('hex');
  let made: unknown;
  try {
    // By its digest, so that a changed file is read anew in a process that goes on.
    const module = (await import(`${pathToFileURL(path).href}?${sha256}`)) as { default?: unknown };
    if (typeof module.default !== 'function')
      return `no recipe: expected \`export default (kit) => kit.defineRecipe({ … })\`, found ${module.default === undefined ? 'no default export' : `a default export that is ${typeof module.default}`}`;
    made = await (module.default as (kit: typeof recipeKit) => unknown)(recipeKit);
  } catch (error) {
    return `cannot be loaded: ${messageOf(error)}`;
  }
  const problem = problemOf(made);
  return problem ?? { recipe: made as Recipe, file, sha256 };
}

function problemOf(made: unknown): string | null {
  if (typeof made !== 'object' || made === null)
    return `no recipe: the default export returned ${made === null ? 'null' : typeof made}`;
  const recipe = made as Partial<Record<keyof Recipe, unknown>>;
  if (typeof recipe.product !== 'string' || !/^[a-z0-9][a-z0-9-]*$/.test(recipe.product))
    return 'no recipe: `product` is not a name of lower-case letters, digits and hyphens';
  if (ownRecipes.some((own) => own.product === recipe.product))
    return `no recipe of its own: "${recipe.product}" is nakat's`;
  if (typeof (recipe.plan as { safeParse?: unknown } | undefined)?.safeParse !== 'function')
    return 'no recipe: `plan` is not a zod schema';
  const missing = (['files', 'mistakes', 'runbook'] as const).find((name) => typeof recipe[name] !== 'function');
  return missing === undefined ? null : `no recipe: \`${missing}\` is not a function`;
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
