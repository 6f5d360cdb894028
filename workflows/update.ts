/** The whole life of a run on one screen. Pure: the world comes by ports (`index.ts` gives Temporal's). */
import { NakatError } from '../runbook/errors/index.ts';
import { runTexts } from '../runbook/messages/run.ts';
import type { Failure, Said, StageName, Step } from '../runbook/types.ts';
import { sayWith, saidFailure, stageOf, statusOf, outcomeText, type Run } from './run.ts';
import type { Outcome } from './state.ts';
import {
  callOffAt,
  noReturn,
  pastNoReturn,
  runAgain,
  runClosing,
  runRestore,
  runStage,
  type StageEnd,
} from './steps.ts';
import { askRule, evidenceForProduction, lastWord } from './waiting.ts';
import { awaitWindow } from './window.ts';

/** Leaves the system new and verified, restored and verified, or untouched; `status` says which. */
export async function update(run: Run, checkOnly: boolean): Promise<void> {
  const outcome = await life(run, checkOnly);
  const { status, ports } = run;
  status.outcome = outcome;
  status.endedAt = ports.now();
  status.phase = 'ended';
  status.remaining = 0;
  ports.show('ended');
  ports.tell({
    event: 'run-ended',
    system: status.system,
    title: sayWith(runTexts.ended, { title: status.title, outcome: outcomeText(run) }),
    lines: status.reason ? [sayWith(runTexts.because, { failure: saidFailure(status.reason) })] : [],
    how: `nakat report ${status.system}`,
  });
}

async function life(run: Run, checkOnly: boolean): Promise<Outcome> {
  if (!through(run, await runStage(run, 'preflight')) || checkOnly) return 'stopped';
  if (!(await agreed(run, 'rehearsal')) || !through(run, await runStage(run, 'rehearsal'))) return 'stopped';
  if (!(await cleared(run))) {
    // Nobody is left without a word: called off while it waited for the window, or between two looks at production.
    run.status.reason ??= calledOff(run);
    return 'stopped';
  }
  if (through(run, await produce(run))) {
    await runClosing(run);
    return 'updated';
  }
  const restored = await runRestore(run);
  if (!restored) return 'handed-over';
  // Where only doors were closed and backups made, opening the doors again is no restore: there is nothing to prove.
  const restoredData = (step: Step): boolean =>
    step.effect === 'writes' && !step.leavesData && statusOf(run, step.id).state === 'done';
  return stageOf(run, 'restore').steps.some(restoredData) ? 'restored' : 'stopped';
}

/** Production and its acceptance, as one thing that is given up as a whole. */
async function produce(run: Run): Promise<StageEnd> {
  for (const stage of ['production', 'acceptance'] as const) {
    const end = await runStage(run, stage);
    if (end.kind !== 'through') return end;
  }
  return (await agreed(run, 'closing'))
    ? { kind: 'through' }
    : { kind: 'given-up', failure: pastNoReturn(run) ? noReturn(run) : run.status.reason };
}

/** Approved, inside the window, and production still as it was approved. A drift goes back to the approvers with the difference. */
async function cleared(run: Run): Promise<boolean> {
  let drift: Said[] = [];
  for (;;) {
    if (!(await agreed(run, 'production', [...drift, ...evidenceForProduction(run)])) || !(await awaitWindow(run)))
      return false;
    const failure = await drifted(run);
    if (failure === null) return true;
    if (failure === 'cancelled') return false;
    if (failure.code !== 'DRIFT') {
      run.status.reason = failure;
      return false;
    }
    drift = [sayWith(runTexts.drifted, { failure: saidFailure(failure) })];
  }
}

/** The leading `checkDrift` steps of production. On drift the state is recorded anew: it is what will be approved next. */
async function drifted(run: Run): Promise<Failure | 'cancelled' | null> {
  for (const step of stageOf(run, 'production').steps) {
    if (step.activity !== 'checkDrift') break;
    const performed = await runAgain(run, step.id);
    if (performed.kind === 'cancelled') return 'cancelled';
    if (performed.kind === 'failed') {
      if (performed.failure.code === 'DRIFT' && step.uses['before'] !== undefined)
        await runAgain(run, step.uses['before']);
      return performed.failure;
    }
  }
  return null;
}

/** All decisions that stand before a stage, in order. */
async function agreed(run: Run, before: StageName, evidence: readonly Said[] = []): Promise<boolean> {
  for (const rule of run.runbook.decisions) {
    if (rule.before !== before) continue;
    const choice = await askRule(run, rule, evidence, before === 'closing' ? callOffAt(run) : null);
    if (choice === rule.choices[0]) continue;
    run.status.reason =
      choice === null
        ? calledOff(run)
        : failureOf(
            new NakatError('DECISION_AGAINST', { values: { decision: rule.id, choice, why: lastWord(run, rule.id) } }),
          );
    return false;
  }
  return true;
}

function through(run: Run, end: StageEnd): boolean {
  if (end.kind === 'through') return true;
  run.status.reason = end.failure ?? calledOff(run);
  return false;
}

const calledOff = (run: Run): Failure =>
  failureOf(
    new NakatError('RUN_CANCELLED', {
      values: { who: run.status.cancelledBy?.who ?? '', why: run.status.cancelledBy?.why ?? '' },
    }),
  );
const failureOf = (error: NakatError): Failure => error.failure;
