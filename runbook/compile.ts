/** Plan → runbook. Pure: the archive was read before, the digest is made after. */
import { problemsOf } from './check.ts';
import { NakatError } from './errors/index.ts';
import { UnknownMachine } from './plan/resolve.ts';
import type { ParsedPlan, Plan, PlanMistake } from './plan/parse.ts';
import { bpmsoftConnector } from './recipes/bpmsoft-connector.ts';
import type { Archive } from './targets.ts';
import type { Runbook } from './types.ts';

export type Compiled = { readonly runbook: Runbook } | { readonly mistakes: readonly PlanMistake[] };

/** Mistakes that only show when the plan is put together: a machine that is not there, production used as its own test. */
export function compile(parsed: Extract<ParsedPlan, { plan: Plan }>, archive: Archive): Compiled {
  const { plan, positionOf } = parsed;
  const mistake = (path: readonly PropertyKey[], message: string): PlanMistake => ({
    ...positionOf(path),
    path: path.map(String).join('.'),
    message,
  });
  const mistakes = crossChecks(plan).map(({ path, message }) => mistake(path, message));
  let runbook: Runbook;
  try {
    runbook = bpmsoftConnector(plan, archive);
  } catch (error) {
    if (!(error instanceof UnknownMachine)) throw error;
    return { mistakes: [...mistakes, mistake(error.path, error.message)] };
  }
  if (mistakes.length > 0) return { mistakes };
  const problems = problemsOf(runbook);
  if (problems.length > 0)
    throw new NakatError('RUNBOOK_INVALID', {
      values: { problems: problems.map(({ step, problem }) => `${step}: ${problem}`).join('; ') },
    });
  return { runbook };
}

function crossChecks(plan: Plan): { path: string[]; message: string }[] {
  const found: { path: string[]; message: string }[] = [];
  const { production, test } = plan;
  const same = (path: string[], what: string): void =>
    void found.push({ path, message: `${what} of the test system is production's own` });
  if (production.site.maintenance === undefined)
    found.push({
      path: ['production', 'site'],
      message: 'expected "maintenance": url and binding for the time when users are kept out',
    });
  if (
    production.database.host === test.database.host &&
    production.database.port === test.database.port &&
    production.database.name === test.database.name
  )
    same(['test', 'database', 'name'], 'the database');
  if (production.site.name === test.site.name && production.site.machine === test.site.machine)
    same(['test', 'site', 'name'], 'the site');
  if (
    production.site.folder.toLowerCase() === test.site.folder.toLowerCase() &&
    production.site.machine === test.site.machine
  )
    same(['test', 'site', 'folder'], 'the folder');
  if (production.site.redisDb === test.site.redisDb) same(['test', 'site', 'redisDb'], 'the Redis database');
  const [left, right] = [production.infobase.at, test.infobase.at];
  if (JSON.stringify(left) === JSON.stringify(right)) same(['test', 'infobase', 'at'], 'the infobase');
  if (plan.approval.by.length > 0 && plan.approval.needed > plan.approval.by.length)
    found.push({
      path: ['approval', 'needed'],
      message: `expected at most ${plan.approval.by.length}: as many as may approve`,
    });
  for (const name of Object.keys(plan.machines))
    if (!/^[\w.-]+$/u.test(name))
      found.push({ path: ['machines', name], message: 'expected a name of letters, digits, dots, hyphens' });
  return found;
}
