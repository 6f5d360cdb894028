/** A plan file on disk → runbook and digest. Reads the plan and its files; changes nothing, talks to nobody. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { compile } from '../runbook/compile.ts';
import { NakatError } from '../runbook/errors/index.ts';
import { parsePlan, type PlanMistake } from '../runbook/plan/parse.ts';
import { digestOf, readPlanFiles, type CompiledPlan } from '../workers/plan-files.ts';

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
  const { files, missing } = await readPlanFiles(parsed, dirname(file));
  if (missing.length > 0) throw new PlanMistakes(file, missing);
  const compiled = compile(parsed, files);
  if ('mistakes' in compiled) throw new PlanMistakes(file, compiled.mistakes);
  return { runbook: compiled.runbook, digest: digestOf(compiled.runbook) };
}
