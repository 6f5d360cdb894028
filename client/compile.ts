/** A plan file on disk → runbook and digest. Reads the plan and its files; changes nothing, talks to nobody. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import canonicalize from 'canonicalize';
import { compile } from '../runbook/compile.ts';
import { NakatError } from '../runbook/errors/index.ts';
import { parsePlan, type PlanMistake } from '../runbook/plan/parse.ts';
import type { PlanFile, WantedFile } from '../runbook/recipe.ts';
import type { Runbook } from '../runbook/types.ts';

export interface CompiledPlan {
  readonly runbook: Runbook;
  /** SHA-256 (hex) of the runbook's canonical JSON (RFC 8785): what is approved. */
  readonly digest: string;
}

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

/** Throws PLAN_NOT_FOUND, PlanMistakes. Variables of the plan come from the environment. */
export async function compilePlanFile(
  file: string,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Promise<CompiledPlan> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new NakatError('PLAN_NOT_FOUND', {
      values: { file },
      vendor: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  });
  const parsed = parsePlan(text, variables);
  if ('mistakes' in parsed) throw new PlanMistakes(file, parsed.mistakes);
  const files: Record<string, PlanFile> = {};
  const missing: PlanMistake[] = [];
  for (const [name, wanted] of Object.entries(parsed.recipe.files(parsed.plan))) {
    const read = await readPlanFile(resolve(dirname(file), wanted.file), wanted);
    if (typeof read !== 'string') files[name] = read;
    else missing.push({ ...parsed.positionOf(wanted.at), path: wanted.at.map(String).join('.'), message: read });
  }
  if (missing.length > 0) throw new PlanMistakes(file, missing);
  const compiled = compile(parsed, files);
  if ('mistakes' in compiled) throw new PlanMistakes(file, compiled.mistakes);
  return { runbook: compiled.runbook, digest: digestOf(compiled.runbook) };
}

export const digestOf = (runbook: Runbook): string =>
  createHash('sha256')
    .update(canonicalize(runbook) ?? '')
    .digest('hex');

const contentLimit = 4 * 1024 * 1024;

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
