/** What a plan and its files become: the compiled runbook's digest, and the files as a recipe is given them. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import canonicalize from 'canonicalize';
import { compile, type Compiled } from '../runbook/compile.ts';
import { parsePlan, type GoodPlan, type PlanMistake } from '../runbook/plan/parse.ts';
import type { PlanFile, WantedFile } from '../runbook/recipe.ts';
import type { Runbook } from '../runbook/types.ts';
import type { WatchInput } from '../runbook/watch/state.ts';

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
  { recipe, plan, positionOf }: GoodPlan,
  folder: string,
): Promise<{ files: Record<string, PlanFile>; missing: PlanMistake[] }> {
  const files: Record<string, PlanFile> = {};
  const missing: PlanMistake[] = [];
  for (const [name, wanted] of Object.entries(recipe.files(plan))) {
    const read = await readPlanFile(resolve(folder, wanted.file), wanted);
    if (typeof read !== 'string') files[name] = read;
    else missing.push({ ...positionOf(wanted.at), path: wanted.at.map(String).join('.'), message: read });
  }
  return { files, missing };
}

/** A plan that is watched, with what was found in the place of its own update. */
export async function compileWith(
  { text, folder, variables }: WatchInput['plan'],
  update: { readonly version: string; readonly file: string },
): Promise<Compiled> {
  const parsed = parsePlan(text, variables);
  if ('mistakes' in parsed) return parsed;
  const { watched } = parsed.recipe;
  if (watched?.watch(parsed.plan) === undefined) {
    const message = watched
      ? 'expected "watch": the services that are asked for updates'
      : `plans of ${parsed.recipe.product} cannot be watched`;
    return { mistakes: [{ ...parsed.positionOf(['product']), path: 'product', message }] };
  }
  const plan = { ...parsed, plan: watched.withUpdate(parsed.plan, update) };
  const { files, missing } = await readPlanFiles(plan, folder);
  return missing.length > 0 ? { mistakes: missing } : compile(plan, files);
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
