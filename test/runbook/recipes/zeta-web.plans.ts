/** The example's plan with a change, compiled; and what is wrong in it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { compile } from '../../../runbook/compile.ts';
import { parsePlan } from '../../../runbook/plan/parse.ts';
import type { PlanFile } from '../../../runbook/recipe.ts';
import type { Runbook, StageName } from '../../../runbook/types.ts';

export const example = readFileSync(fileURLToPath(new URL('../../../examples/zeta-web.yaml', import.meta.url)), 'utf8');

export type Plan = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any

function compiled(change: (plan: Plan) => void = () => undefined): ReturnType<typeof compile> {
  const plan = parse(example) as Plan;
  change(plan);
  const parsed = parsePlan(stringify(plan, { aliasDuplicateObjects: false }), {});
  if ('mistakes' in parsed) return parsed;
  const files = Object.fromEntries(
    Object.entries(parsed.recipe.files(parsed.plan)).map(([name, { file }]): [string, PlanFile] => [
      name,
      { path: `/plans/${file}`, sha256: 'a'.repeat(64), text: '{"goods": ["id", "price numeric(15,2)"]}' },
    ]),
  );
  return compile(parsed, files);
}
export function runbookOf(change?: (plan: Plan) => void): Runbook {
  const result = compiled(change);
  if ('mistakes' in result) throw new Error(JSON.stringify(result.mistakes));
  return result.runbook;
}
export const activities = (runbook: Runbook, name: StageName): string[] =>
  runbook.stages.find((stage) => stage.name === name)?.steps.map(({ activity }) => activity) ?? [];
export const mistakes = (change: (plan: Plan) => void): string[] => {
  const result = compiled(change);
  return 'mistakes' in result ? result.mistakes.map(({ path, message }) => `${path}: ${message}`) : [];
};
