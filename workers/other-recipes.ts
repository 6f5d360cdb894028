/**
 * Recipes of others: modules that a plan names in `recipes`. Their code runs with the rights of whoever reads the plan, as
 * any program does that is started by its name; the file's digest becomes a part of what is approved.
 */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isNakatError, NakatError } from '../runbook/errors/index.ts';
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

/** By the file’s name as the plan writes it. */
export type RecipeDigests = Readonly<Record<string, string>>;

/**
 * @param folder what relative paths in the plan are relative to.
 * @param known only these are loaded: nothing runs unseen at night.
 */
export async function loadRecipes(
  { recipes, positionOf }: PlanText,
  folder: string,
  known?: RecipeDigests,
): Promise<{ readonly loaded: OtherRecipe[]; readonly mistakes: PlanMistake[] }> {
  const loaded: OtherRecipe[] = [];
  const mistakes: PlanMistake[] = [];
  for (const [at, file] of recipes.entries()) {
    const one = await load(file, resolve(folder, file), known);
    const refuse = (message: string): void =>
      void mistakes.push({ ...positionOf(['recipes', at]), path: `recipes.${at}`, message });
    if (typeof one === 'string') {
      refuse(one);
      continue;
    }
    const taken = loaded.find(({ recipe }) => recipe.product === one.recipe.product);
    if (taken) refuse(`"${one.recipe.product}" is already the recipe of ${taken.file}`);
    else loaded.push(one);
  }
  return { loaded, mistakes };
}

/** Bytes. */
const largest = 16 * 1024 * 1024;

/** Or why there is none. */
async function load(file: string, path: string, known?: RecipeDigests): Promise<OtherRecipe | string> {
  const found = await stat(path).catch(() => null);
  // A device never ends.
  if (!found?.isFile()) return `no such file: ${path}`;
  if (found.size > largest) return `larger than ${largest} bytes: ${path}`;
  const text = await readFile(path).catch(() => null);
  if (text === null) return `cannot be read: ${path}`;
  const sha256 = createHash('sha256').update(text).digest('hex');
  if (known && known[file] !== sha256)
    return `${path} is not the file that was there when the watch was made: \`nakat watch\` with the plan takes the new one`;
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
  if (missing !== undefined) return `no recipe: \`${missing}\` is not a function`;
  if (recipe.watched === undefined) return null;
  const watched = Object(recipe.watched) as Partial<Record<keyof NonNullable<Recipe['watched']>, unknown>>;
  const lacking = (['watch', 'installed', 'withUpdate'] as const).find((name) => typeof watched[name] !== 'function');
  return lacking === undefined ? null : `no recipe: \`watched.${lacking}\` is not a function`;
}

/** What a recipe of others throws is its own mistake, and names it. */
export async function mending<T>(other: OtherRecipe | undefined, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!other || isNakatError(error)) throw error;
    throw new NakatError('RECIPE_FAILED', { values: { file: other.file }, vendor: messageOf(error), cause: error });
  }
}

/** One line: a mistake is one. */
const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').slice(0, 500);
