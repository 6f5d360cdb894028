/** The step runner: one step after another, failures met as the step says. Pure. */
import { NakatError } from '../runbook/errors/index.ts';
import type { Reverted } from '../runbook/results.ts';
import type { Failure, Json, StageName, Step } from '../runbook/types.ts';
import { runTexts } from '../runbook/messages/run.ts';
import { askPerson, isForPeople } from './people.ts';
import type { Performed } from './ports.ts';
import { reckon, say, sayWith, saidFailure, stageOf, statusOf, usedResults, wasStarted, type Run } from './run.ts';
import type { StepStatus } from './state.ts';
import { ask, askAboutFailure } from './waiting.ts';

/** How a stage ended: through, or given up because of a failure (`null`: a person called the run off). */
export type StageEnd = { readonly kind: 'through' } | { readonly kind: 'given-up'; readonly failure: Failure | null };
const through: StageEnd = { kind: 'through' };

/** Runs a stage that may be given up: preflight, rehearsal, production, acceptance. */
export async function runStage(run: Run, name: StageName): Promise<StageEnd> {
  enter(run, name);
  for (const step of stageOf(run, name).steps) {
    if (statusOf(run, step.id).state === 'done') continue;
    const end = await runStep(run, step, name);
    if (end.kind !== 'through') return end;
  }
  return through;
}

async function runStep(run: Run, step: Step, stage: StageName): Promise<StageEnd> {
  const inProduction = stage === 'production' || stage === 'acceptance';
  for (;;) {
    if (run.cancelled()) return { kind: 'given-up', failure: null };
    if (inProduction && pastNoReturn(run)) return { kind: 'given-up', failure: noReturn(run) };
    const performed = await perform(run, step, inProduction ? callOffAt(run) : null);
    if (performed.kind === 'done') return through;
    if (performed.kind === 'cancelled') return { kind: 'given-up', failure: run.cancelled() ? null : noReturn(run) };
    if (step.onFailure !== 'ask') return { kind: 'given-up', failure: performed.failure };
    const giveUp = inProduction ? 'restore' : 'stop';
    const choice = await askAboutFailure(
      run,
      step,
      performed.failure,
      step.noSkip ? ['retry', giveUp] : ['retry', 'skip', giveUp],
      giveUp,
      inProduction ? callOffAt(run) : null,
    );
    if (choice === null) return { kind: 'given-up', failure: run.cancelled() ? null : noReturn(run) };
    if (choice === 'skip') {
      statusOf(run, step.id).state = 'skipped';
      return through;
    }
    if (choice === giveUp) return { kind: 'given-up', failure: performed.failure };
  }
}

/**
 * Restores all that belongs together, in the runbook's order: every restore step of which something was started. Cannot be
 * cancelled; a failing step is tried again until it is done or an operator takes over (`false`).
 */
export async function runRestore(run: Run): Promise<boolean> {
  enter(run, 'restore');
  for (const step of stageOf(run, 'restore').steps) {
    if (!step.undoes?.some((id) => wasStarted(run, id))) {
      statusOf(run, step.id).state = 'skipped';
      continue;
    }
    for (;;) {
      const performed = await perform(run, step, null, () => false);
      if (performed.kind === 'done') {
        noteDetour(run, step, performed.result);
        break;
      }
      if (performed.kind === 'cancelled') continue;
      if ((await askAboutRestore(run, step, performed.failure)) === 'hand-over') return false;
    }
  }
  return true;
}

/** A restore that did not go the way it was meant to is said, although it went well. */
function noteDetour(run: Run, step: Step, result: Json): void {
  if (step.returns !== 'Reverted') return;
  const { instead } = result as unknown as Reverted;
  if (instead) run.status.warnings.push(instead);
}

async function askAboutRestore(run: Run, step: Step, failure: Failure): Promise<string> {
  const { title } = step;
  run.ports.tell({
    event: 'restore-failing',
    system: run.status.system,
    title: sayWith(runTexts.restoreFailing, { step: title, failure: saidFailure(failure) }),
    lines: [say(runTexts.restoreFailingNote)],
  });
  const choice = await ask(
    { ...run, cancelled: () => false },
    {
      id: `restore-failing:${step.id}`,
      kind: 'restore-failing',
      title: sayWith(runTexts.restoreFailing, { step: title, failure: saidFailure(failure) }),
      evidence: [say(runTexts.restoreFailingNote)],
      choices: ['retry', 'hand-over'],
      deadline: run.ports.now() + run.runbook.engine.restoreRetry * 1000,
      atDeadline: 'retry',
      by: [],
      needed: 1,
      excludeInitiator: false,
    },
  );
  return choice ?? 'retry';
}

/** Tidies up after acceptance: a failure here is a warning, never a reason to restore. */
export async function runClosing(run: Run): Promise<void> {
  enter(run, 'closing');
  for (const step of stageOf(run, 'closing').steps) {
    const performed = await perform(run, step, null, () => false);
    if (performed.kind === 'failed') run.status.warnings.push(performed.failure);
  }
}

/** A step outside the stages' lists (the window). Null when it failed or was called off; the failure is then the run's reason. */
export async function carryOut(run: Run, step: Step): Promise<Json> {
  const performed = await run.ports.perform(step, {}, run.cancelled, null);
  if (performed.kind === 'done') return performed.result;
  if (performed.kind === 'failed') run.status.reason = performed.failure;
  return null;
}

async function perform(
  run: Run,
  step: Step,
  callOffAt: number | null,
  callOff: () => boolean = run.cancelled,
): Promise<Performed> {
  const status: StepStatus = statusOf(run, step.id);
  status.state = 'running';
  status.startedAt ??= run.ports.now();
  const uses = usedResults(run, step);
  const performed = isForPeople(step)
    ? // In a restore a run that was called off still waits for people: what they do there is part of it.
      await askPerson({ ...run, cancelled: callOff }, step, uses, callOffAt)
    : await run.ports.perform(step, uses, callOff, callOffAt);
  status.endedAt = run.ports.now();
  if (performed.kind === 'cancelled') {
    status.state = 'cancelled';
    return performed;
  }
  status.attempts += performed.attempts;
  status.state = performed.kind;
  if (performed.kind === 'done') status.result = performed.result;
  status.failure = performed.kind === 'failed' ? performed.failure : null;
  reckon(run);
  return performed;
}

/** A step is tried anew from the start, as after a drift: its old result no longer counts. */
export async function runAgain(run: Run, id: string): Promise<Performed> {
  const step = run.steps.get(id);
  if (!step) throw new Error(`no step ${id} in the runbook`);
  return perform(run, step, null);
}

function enter(run: Run, name: StageName): void {
  run.status.phase = name;
  reckon(run);
  run.ports.show(name);
}

const ends = (run: Run): boolean =>
  run.runbook.window?.atPointOfNoReturn === 'restore' && run.status.pointOfNoReturn !== null;
export const callOffAt = (run: Run): number | null => (ends(run) ? run.status.pointOfNoReturn : null);
export const pastNoReturn = (run: Run): boolean =>
  ends(run) && run.ports.now() >= (run.status.pointOfNoReturn ?? Infinity);

export const noReturn = (run: Run): Failure =>
  new NakatError('POINT_OF_NO_RETURN', { values: { at: new Date(run.status.pointOfNoReturn ?? 0).toISOString() } })
    .failure;
