/** A plan file on disk → runbook and digest. Reads the plan and its files; changes nothing, talks to nobody. */
import { createReadStream } from 'node:fs';
import { dirname } from 'node:path';
import { NakatError } from '../runbook/errors/index.ts';
import type { PlanMistake } from '../runbook/plan/parse.ts';
import { compileText, digestOf, type CompiledPlan } from '../workers/plan-files.ts';

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
  const compiled = await compileText({ text, folder: dirname(file), variables });
  if ('mistakes' in compiled) throw new PlanMistakes(file, compiled.mistakes);
  const { runbook } = compiled;
  return { runbook, digest: digestOf(runbook) };
}
