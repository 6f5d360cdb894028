/** Carries a scenario out and answers for its people. */
import { setTimeout as delay } from 'node:timers/promises';
import { awaitRun, cancelRun, decide, startRun, viewRun } from '../../client/runs.ts';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { Report } from '../../runbook/report.ts';
import { decideSignal, workflowIdOf } from '../../workflows/messages.ts';
import type { Live } from '../workflows/live.ts';
import { runbookOf, type Call, type Scenario } from './scenarios.ts';

const hour = 3_600_000;

export async function drive(live: Live, scenario: Scenario): Promise<Report> {
  const { nakat, acts } = live;
  const compiled = runbookOf(scenario);
  const { system } = compiled.runbook;
  // A window that is open, and long enough for any tiny runbook.
  const open = { opens: Date.now() - hour, closes: Date.now() + hour };
  acts.set(`${system} window.find`, (call, signal) =>
    does(scenario.calls?.['window.find']?.[call - 1], signal).then(() => open),
  );
  for (const [step, calls] of Object.entries(scenario.calls ?? {}))
    if (step !== 'window.find') acts.set(`${system} ${step}`, (call, signal) => does(calls[call - 1], signal));
  await startRun(nakat, compiled, { initiator: 'carl', ...(scenario.checkOnly ? { checkOnly: true } : {}) });
  const left = new Map(Object.entries(scenario.answers ?? {}).map(([id, list]) => [id, [...list]]));
  let called = false;
  for (;;) {
    // With every run replayed at every task, a busy machine may not answer in time: look again.
    const view = await viewRun(nakat, system).catch((error: unknown) => {
      if (isNakatError(error) && error.failure.passing) return null;
      throw error;
    });
    await delay(200);
    if (view === null) continue;
    const { status } = view;
    if (status.outcome !== null) return awaitRun(nakat, system);
    const at = status.stages.flatMap((stage) => stage.steps).find((step) => step.id === scenario.cancel?.at);
    if (at?.state === 'running' && !called) {
      called = true;
      if (scenario.cancel?.by === 'update') await cancelRun(nakat, system, { who: 'anna', why: 'not today' });
      else await nakat.client.workflow.getHandle(workflowIdOf(system)).cancel();
    }
    for (const decision of status.decisions.filter((one) => one.choice === null)) {
      const answer = left.get(decision.id)?.shift();
      if (!answer) continue;
      const given = {
        decision: decision.id,
        choice: answer.choice,
        who: answer.who ?? '',
        why: 'as the scenario says',
        digest: answer.wrongDigest ? '0'.repeat(64) : compiled.digest,
      };
      if (answer.signal) await nakat.client.workflow.getHandle(workflowIdOf(system)).signal(decideSignal, given);
      else await patiently(() => decide(nakat, system, given));
    }
  }
}

/** On a machine that does other things too an answer may be late: the same decision given again is refused, so it counts once. */
async function patiently(give: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      return void (await give());
    } catch (error) {
      if (!isNakatError(error)) throw error;
      if (/^DECISION_(TAKEN|TWICE|TOO_LATE)$|^RUN_ENDED$/.test(error.code)) return;
      if (!error.failure.passing) throw error;
    }
  }
}

async function does(call: Call | undefined, signal: AbortSignal): Promise<unknown> {
  if (call === undefined || call === 'ok') return null;
  if (call !== 'hang') throw new NakatError(call, { values: { step: 'it' }, where: 'here' });
  await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
  throw new Error('called off');
}
