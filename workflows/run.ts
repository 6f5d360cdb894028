/** A run in memory: its status, and the small operations that stages and waits are made of. Pure: the world comes by ports. */
import { failureText, fill } from '../runbook/errors/index.ts';
import { runTexts } from '../runbook/messages/run.ts';
import type { Failure, Json, Runbook, Said, Stage, StageName, Step, Text } from '../runbook/types.ts';
import { budgetOf, expectedSeconds, type Budget, type Measured } from './budget.ts';
import type { UpdateInput } from './messages.ts';
import type { Ports } from './ports.ts';
import type { RunStatus, StepStatus } from './state.ts';

export interface Run {
  readonly runbook: Runbook;
  readonly status: RunStatus;
  readonly ports: Ports;
  readonly steps: ReadonlyMap<string, Step>;
  /** A person (or Temporal itself) asked the run to end. */
  readonly cancelled: () => boolean;
}

export function openRun(input: UpdateInput, id: string, ports: Ports): Run {
  const { runbook } = input;
  const status: RunStatus = {
    run: id,
    system: runbook.system,
    title: runbook.title,
    digest: input.digest,
    initiator: input.initiator,
    startedAt: ports.now(),
    phase: 'preflight',
    stages: runbook.stages.map((stage) => ({ name: stage.name, steps: stage.steps.map(waiting) })),
    decisions: [],
    window: null,
    lastStart: null,
    pointOfNoReturn: null,
    remaining: 0,
    reason: null,
    cancelledBy: null,
    outcome: null,
    endedAt: null,
    warnings: [],
  };
  const steps = new Map(runbook.stages.flatMap((stage) => stage.steps).map((step) => [step.id, step]));
  const run: Run = { runbook, status, ports, steps, cancelled: () => status.cancelledBy !== null };
  reckon(run);
  return run;
}

const waiting = (step: Step): StepStatus => ({
  id: step.id,
  activity: step.activity,
  title: step.title,
  state: 'waiting',
  attempts: 0,
  startedAt: null,
  endedAt: null,
  expected: step.expected,
  result: null,
  failure: null,
});

export function statusOf(run: Run, id: string): StepStatus {
  for (const stage of run.status.stages) for (const step of stage.steps) if (step.id === id) return step;
  throw new Error(`no step ${id} in the runbook`);
}

export const stageOf = (run: Run, name: StageName): Stage =>
  run.runbook.stages.find((stage) => stage.name === name) ?? { name, steps: [] };

/** A step that was begun may have had its effect, however it ended. */
export const wasStarted = (run: Run, id: string): boolean => statusOf(run, id).startedAt !== null;

/** @param until epoch milliseconds: only what had ended by then. */
export const measuredSeconds = (run: Run, until = Infinity): Measured =>
  Object.fromEntries(
    run.status.stages
      .flatMap((stage) => stage.steps)
      .filter(({ state, startedAt, endedAt }) => state === 'done' && startedAt !== null && endedAt !== null)
      .filter(({ endedAt }) => (endedAt ?? 0) <= until)
      .map((step) => [step.id, Math.max(0.01, ((step.endedAt ?? 0) - (step.startedAt ?? 0)) / 1000)]),
  );

export const budget = (run: Run, until?: number): Budget => budgetOf(run.runbook, measuredSeconds(run, until));

/** Brings estimates up to date with what was measured so far. */
export function reckon(run: Run): void {
  const measured = measuredSeconds(run);
  let remaining = 0;
  const restoring = run.status.phase === 'restore';
  for (const stage of run.status.stages) {
    for (const step of stage.steps) {
      const spec = run.steps.get(step.id);
      if (!spec) continue;
      step.expected = expectedSeconds(spec, measured);
      if (step.state === 'waiting' && (stage.name === 'restore') === restoring) remaining += step.expected;
    }
  }
  run.status.remaining = remaining;
}

export function usedResults(run: Run, step: Step): Record<string, Json> {
  const uses: Record<string, Json> = {};
  for (const [name, from] of Object.entries(step.uses)) {
    const source = statusOf(run, from);
    if (step.ofSkipped?.includes(name)) {
      if (source.state === 'skipped' && source.failure) uses[name] = { ...source.failure } as unknown as Json;
    } else if (source.state === 'done') uses[name] = source.result;
  }
  return uses;
}

/** A text of the catalogue with plain values; a `Said` among the values is not nested: give its English and Russian apart. */
export const say = (text: Text, values: Record<string, string | number> = {}): Said => ({
  en: text.en,
  ru: text.ru,
  values,
});

/** A title or failure inside another text, in both languages. */
export function sayWith(text: Text, inner: Record<string, Said>, values: Record<string, string | number> = {}): Said {
  const both = (language: 'en' | 'ru'): string =>
    fill(
      text,
      {
        ...values,
        ...Object.fromEntries(
          Object.entries(inner).map(([name, said]) => [name, fill(said, said.values ?? {}, language)]),
        ),
      },
      language,
    );
  return { en: both('en'), ru: both('ru') };
}

export const saidFailure = (failure: Failure): Said => ({
  en: failureText(failure, 'en'),
  ru: failureText(failure, 'ru'),
});

export const outcomeText = (run: Run): Said => say(runTexts[run.status.outcome ?? 'stopped']);
