/** What a plan and its files become: the compiled runbook's digest, and the files as a recipe is given them. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import canonicalize from 'canonicalize';
import { compile, mistakeAt, mistakesOf, type Compiled } from '../runbook/compile.ts';
import { planFor, readPlan, type GoodPlan, type PlanMistake } from '../runbook/plan/parse.ts';
import type { WatchPlan } from '../runbook/plan/watch.ts';
import type { PlanFile, WantedFile } from '../runbook/recipe.ts';
import { recipes as ownRecipes } from '../runbook/recipes/index.ts';
import { stepCatalogue, type StepName } from '../runbook/steps/index.ts';
import type { Runbook, Step } from '../runbook/types.ts';
import { loadRecipes, mending, type OtherRecipe, type RecipeDigests } from './other-recipes.ts';

export interface CompiledPlan {
  readonly runbook: Runbook;
  /** SHA-256 (hex) of the runbook's canonical JSON (RFC 8785): what is approved. */
  readonly digest: string;
}

export const digestOf = (runbook: Runbook): string =>
  createHash('sha256')
    .update(canonicalize(runbook) ?? '')
    .digest('hex');

const contentLimit = 4 * 1024 * 1024;

/** @param folder what relative paths in the plan are relative to. */
export async function readPlanFiles(
  good: GoodPlan,
  folder: string,
): Promise<{ files: Record<string, PlanFile>; missing: PlanMistake[] }> {
  const files: Record<string, PlanFile> = {};
  const missing: PlanMistake[] = [];
  for (const [name, wanted] of Object.entries(good.recipe.files(good.plan))) {
    const read = await readPlanFile(resolve(folder, wanted.file), wanted);
    if (typeof read !== 'string') files[name] = read;
    else missing.push(mistakeAt(good, wanted.at, read));
  }
  return { files, missing };
}

/** A plan’s text, as it is compiled. */
export interface PlanSource {
  readonly text: string;
  /** What relative paths in it are relative to. */
  readonly folder: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Recipes of others that may be loaded; default: all that it names. */
  readonly recipes?: RecipeDigests;
}

interface ChosenPlan {
  readonly good: GoodPlan;
  /** Whose recipe it is, where it is not nakat’s. */
  readonly other: OtherRecipe | undefined;
  /** Of all that the plan names. */
  readonly digests: RecipeDigests;
}
type Mistaken = { readonly mistakes: readonly PlanMistake[] };

async function choose({ text, folder, variables, recipes }: PlanSource): Promise<ChosenPlan | Mistaken> {
  const read = readPlan(text, variables);
  if ('mistakes' in read) return read;
  const { loaded, mistakes } = await loadRecipes(read, folder, recipes);
  if (mistakes.length > 0) return { mistakes };
  const product = Object(read.value).product as unknown;
  const other = loaded.find((one) => one.recipe.product === product);
  const good = await mending(other, () => planFor(read, [...ownRecipes, ...loaded.map((one) => one.recipe)]));
  if ('mistakes' in good) return good;
  return { good, other, digests: Object.fromEntries(loaded.map(({ file, sha256 }) => [file, sha256])) };
}

async function compileChosen({ good, other }: ChosenPlan, folder: string): Promise<Compiled> {
  const { files, missing } = await mending(other, () => readPlanFiles(good, folder));
  if (missing.length > 0) return { mistakes: [...missing, ...(await mending(other, () => mistakesOf(good)))] };
  const compiled = await mending(other, () => compile(good, files));
  if ('mistakes' in compiled || !other) return compiled;
  const { runbook } = compiled;
  return { runbook: { ...runbook, recipe: { ...runbook.recipe, file: other.file, sha256: other.sha256 } } };
}

/** Throws RECIPE_FAILED, RUNBOOK_INVALID. */
export async function compileText(source: PlanSource): Promise<Compiled> {
  const chosen = await choose(source);
  return 'mistakes' in chosen ? chosen : compileChosen(chosen, source.folder);
}

export interface WatchedPlan {
  readonly runbook: Runbook;
  readonly watch: WatchPlan;
  /** Reads what is installed. */
  readonly installed: Step;
  readonly recipes: RecipeDigests;
}

/** A plan that is watched, with what was found in the place of its own update. Throws RECIPE_FAILED, RUNBOOK_INVALID. */
export async function compileWith(
  source: PlanSource,
  update: { readonly version: string; readonly file: string },
): Promise<WatchedPlan | Mistaken> {
  const chosen = await choose(source);
  if ('mistakes' in chosen) return chosen;
  const { good, other } = chosen;
  const { watched } = good.recipe;
  const asked = await mending(other, () => watched && watchOf(watched.watch(good.plan)));
  if (!watched || asked === undefined) {
    const message = watched
      ? 'expected "watch": the services that are asked for updates'
      : `plans of ${good.recipe.product} cannot be watched`;
    return { mistakes: [{ ...good.positionOf(['product']), path: 'product', message }] };
  }
  const plan = await mending(other, () => watched.withUpdate(good.plan, update));
  const compiled = await compileChosen({ ...chosen, good: { ...good, plan } }, source.folder);
  if ('mistakes' in compiled) return compiled;
  const installed = await mending(other, () => looking(watched.installed(good.plan)));
  return { runbook: compiled.runbook, watch: asked, installed, recipes: chosen.digests };
}

/** What a recipe of others gives may be anything. */
function watchOf(given: WatchPlan | undefined): WatchPlan | undefined {
  if (given === undefined) return undefined;
  const { services, every } = Object(given) as Partial<Record<keyof WatchPlan, unknown>>;
  if (!Array.isArray(services) || services.length === 0 || typeof every !== 'number')
    throw new Error('watched.watch: expected what `pieces.watch` makes of the plan');
  return given;
}

/** Looks are not approved by anybody: they only look. */
function looking(step: Step): Step {
  const kind = Object.hasOwn(stepCatalogue, step.activity) ? stepCatalogue[step.activity as StepName] : undefined;
  if (kind?.effect !== 'reads')
    throw new Error(`watched.installed: expected a step that only reads, found "${step.activity}"`);
  const { error } = kind.params.safeParse(step.params);
  if (error)
    throw new Error(
      `watched.installed: ${error.issues.map((one) => `${one.path.join('.')}: ${one.message}`).join('; ')}`,
    );
  return step;
}

/** Or why it is none. */
async function readPlanFile(path: string, wanted: WantedFile): Promise<PlanFile | string> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) return `no such file: ${path}`;
  if (wanted.content && found.size > contentLimit) return `larger than ${contentLimit} bytes: ${path}`;
  const sha256 = await sha256Of(path);
  return { path, sha256, text: wanted.content ? await readFile(path, 'utf8') : '' };
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
