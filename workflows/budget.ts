/** The time budget: what is still to be done, whether it fits, and when there is no way back any more. Pure. */
import type { WindowTimes } from '../runbook/results.ts';
import type { Runbook, StageName, Step } from '../runbook/types.ts';

/** Measured seconds by step id. */
export type Measured = Readonly<Record<string, number>>;

/** What a step is expected to take: its own measurement, that of the step it repeats, else the recipe's figure. */
export const expectedSeconds = (step: Step, measured: Measured): number =>
  measured[step.id] ?? (step.measuredBy === undefined ? undefined : measured[step.measuredBy]) ?? step.expected;

export const stageSeconds = (runbook: Runbook, names: readonly StageName[], measured: Measured): number =>
  runbook.stages
    .filter((stage) => names.includes(stage.name))
    .flatMap((stage) => stage.steps)
    .reduce((sum, step) => sum + expectedSeconds(step, measured), 0);

export interface Budget {
  /** Seconds, margin included. */
  readonly update: number;
  readonly restore: number;
}

export function budgetOf(runbook: Runbook, measured: Measured): Budget {
  const margin = runbook.window?.margin ?? 1;
  return {
    update: stageSeconds(runbook, ['production', 'acceptance'], measured) * margin,
    restore: stageSeconds(runbook, ['restore'], measured) * margin,
  };
}

/** Epoch milliseconds. */
export const lastSafeStart = (window: WindowTimes, budget: Budget): number =>
  window.closes - (budget.update + budget.restore) * 1000;
export const pointOfNoReturn = (window: WindowTimes, budget: Budget): number => window.closes - budget.restore * 1000;
