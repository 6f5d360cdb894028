/** A plan file on disk → runbook and digest. Reads the plan and the archive; changes nothing, talks to nobody. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import canonicalize from 'canonicalize';
import { compile } from '../runbook/compile.ts';
import { NakatError } from '../runbook/errors/index.ts';
import { parsePlan, type PlanMistake } from '../runbook/plan/parse.ts';
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
  const { plan, positionOf } = parsed;
  const path = resolve(dirname(file), plan.update.package);
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile)
    throw new PlanMistakes(file, [
      { ...positionOf(['update', 'package']), path: 'update.package', message: `no such file: ${path}` },
    ]);
  const compiled = compile(parsed, {
    path,
    sha256: await sha256Of(path),
    name: plan.update.name,
    version: plan.update.version,
  });
  if ('mistakes' in compiled) throw new PlanMistakes(file, compiled.mistakes);
  return { runbook: compiled.runbook, digest: digestOf(compiled.runbook) };
}

export const digestOf = (runbook: Runbook): string =>
  createHash('sha256')
    .update(canonicalize(runbook) ?? '')
    .digest('hex');

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
