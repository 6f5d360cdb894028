/** Answers of people, through the library, to the real workflow: what does not count is refused at once, and harms nothing. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { awaitRun, cancelRun, decide, startRun } from '../../client/runs.ts';
import type { DecisionRule, Runbook } from '../../runbook/types.ts';
import { NakatError, type ErrorCode } from '../../runbook/errors/index.ts';
import type { Report } from '../../runbook/report.ts';
import { decideSignal, statusQuery, workflowIdOf } from '../../workflows/messages.ts';
import type { RunStatus } from '../../workflows/state.ts';
import { tinyRunbook } from '../client/tiny.ts';
import { startLive, type Live } from './live.ts';

let live: Live;
beforeAll(async () => {
  live = await startLive();
});
afterAll(() => live.stop());

const approval = tinyRunbook('any').runbook.decisions[0] as DecisionRule;
interface Answer {
  readonly decision: string;
  readonly choice: string;
  readonly who: string;
  readonly why: string;
  readonly digest: string;
}
interface Waiting {
  readonly system: string;
  readonly status: RunStatus;
  answer(change?: Partial<Answer>): Promise<{ taken: string | null }>;
  report(): Promise<Report>;
}

/** A run that waits for its approval. */
async function waiting(
  system: string,
  rule: Partial<DecisionRule> = {},
  more: Partial<Runbook> = {},
): Promise<Waiting> {
  const compiled = tinyRunbook(system, undefined, { decisions: [{ ...approval, ...rule }], ...more });
  await startRun(live.nakat, compiled, { initiator: 'carl' });
  const status = await live.until(system, ({ decisions }) => decisions.length > 0);
  const { digest } = compiled;
  return {
    system,
    status,
    answer: (change) =>
      decide(live.nakat, system, {
        decision: 'approval-production',
        choice: 'approve',
        who: 'anna',
        why: '',
        digest,
        ...change,
      }),
    report: () => awaitRun(live.nakat, system),
  };
}

const refused = (code: ErrorCode) => ({ code, name: 'NakatError' });

describe('refused at once, and the run goes on', () => {
  const cases: [string, Partial<Answer>, ErrorCode][] = [
    ['another digest', { digest: 'f'.repeat(64) }, 'DECISION_WRONG_DIGEST'],
    ['part of the digest', { digest: '' }, 'DECISION_WRONG_DIGEST'],
    ['a stranger', { who: 'zoe' }, 'DECISION_STRANGER'],
    ['nobody', { who: '  ' }, 'DECISION_STRANGER'],
    ['an unknown choice', { choice: 'perhaps' }, 'DECISION_UNKNOWN_CHOICE'],
    ['a choice of every object', { choice: 'constructor' }, 'DECISION_UNKNOWN_CHOICE'],
    ['an unknown decision', { decision: 'lunch' }, 'DECISION_UNKNOWN'],
    ['the one who started it', { who: 'carl' }, 'DECISION_INITIATOR'],
    ['another spelling of a name', { who: 'Anna' }, 'DECISION_STRANGER'],
  ];

  test('each with its code', async () => {
    const run = await waiting('refusals', { by: ['anna', 'boris', 'carl'] });
    for (const [name, change, code] of cases)
      await expect(run.answer(change), name).rejects.toMatchObject(refused(code));
    const still = await live.until('refusals', () => true);
    expect(still.decisions).toEqual(run.status.decisions);
    expect(await run.answer({ choice: 'reject', why: 'enough' })).toEqual({ taken: 'reject' });
    expect(await run.report()).toMatchObject({ outcome: 'stopped', reason: { code: 'DECISION_AGAINST' } });
  });

  test('garbage in place of an answer', async () => {
    const run = await waiting('garbage');
    for (const given of [{}, { decision: 1, choice: null, who: {}, digest: [] }, { decision: '__proto__' }])
      await expect(decide(live.nakat, 'garbage', given as never)).rejects.toMatchObject(refused('DECISION_UNKNOWN'));
    const odd = { decision: 'approval-production', choice: 'approve', who: { length: 1 }, digest: run.status.digest };
    await expect(decide(live.nakat, 'garbage', odd as never)).rejects.toMatchObject(refused('DECISION_STRANGER'));
    const handle = live.nakat.client.workflow.getHandle(workflowIdOf('garbage'));
    for (const given of [undefined, null, 'approve', {}]) await handle.signal(decideSignal, given as never);
    await expect(decide(live.nakat, 'garbage', null as never)).rejects.toMatchObject(refused('DECISION_UNKNOWN'));
    expect(await run.answer()).toEqual({ taken: 'approve' });
    expect(await run.report()).toMatchObject({ outcome: 'updated' });
  });

  test('after it was taken, and after the end', async () => {
    const run = await waiting('late');
    expect(await run.answer()).toEqual({ taken: 'approve' });
    await expect(run.answer({ who: 'boris', choice: 'reject' })).rejects.toMatchObject({ name: 'NakatError' });
    expect(await run.report()).toMatchObject({ outcome: 'updated' });
    await expect(run.answer()).rejects.toMatchObject({ name: 'NakatError' });
    await expect(cancelRun(live.nakat, 'late', { who: 'anna', why: '' })).rejects.toMatchObject({ name: 'NakatError' });
  });
});

test('two must approve: the same person twice is one', async () => {
  const run = await waiting('two', { needed: 2 });
  expect(await run.answer()).toEqual({ taken: null });
  await expect(run.answer()).rejects.toMatchObject(refused('DECISION_TWICE'));
  expect(await run.answer({ who: 'boris' })).toEqual({ taken: 'approve' });
  const report = await run.report();
  expect(report.outcome).toBe('updated');
  expect(report.decisions[0]).toMatchObject({ choice: 'approve', by: [{ who: 'anna' }, { who: 'boris' }] });
});

test('two must approve: one says no for all, also one who had said yes', async () => {
  const run = await waiting('veto', { needed: 2 });
  expect(await run.answer()).toEqual({ taken: null });
  expect(await run.answer({ choice: 'reject', why: 'wait' })).toEqual({ taken: 'reject' });
  expect(await run.report()).toMatchObject({ outcome: 'stopped' });
});

test.each([
  ['reject', 'stopped'],
  ['approve', 'updated'],
])('unanswered, %s is taken at the deadline', async (atDeadline, outcome) => {
  const run = await waiting(`deadline-${atDeadline}`, { deadline: 1, atDeadline });
  const report = await run.report();
  expect(report).toMatchObject({ outcome, decisions: [{ choice: atDeadline, takenAtDeadline: true, by: [] }] });
  await expect(run.answer()).rejects.toMatchObject({ name: 'NakatError' });
});

test('half of those needed is not enough at the deadline', async () => {
  const run = await waiting('half', { needed: 2, deadline: 15 });
  expect(await run.answer()).toEqual({ taken: null });
  expect(await run.report()).toMatchObject({
    outcome: 'stopped',
    decisions: [{ choice: 'reject', takenAtDeadline: true }],
  });
});

test('a signal is judged alike, and what was refused is on record', async () => {
  const run = await waiting('signals');
  const handle = live.nakat.client.workflow.getHandle(workflowIdOf('signals'));
  const given = { decision: 'approval-production', choice: 'approve', why: '', digest: run.status.digest };
  await handle.signal(decideSignal, { ...given, who: 'zoe' });
  await handle.signal(decideSignal, { ...given, who: 'anna', digest: 'x' });
  await handle.signal(decideSignal, { ...given, who: 'anna' });
  expect((await run.report()).decisions[0]).toMatchObject({
    choice: 'approve',
    by: [{ who: 'anna', channel: 'signal' }],
    refused: [
      { who: 'zoe', code: 'DECISION_STRANGER' },
      { who: 'anna', code: 'DECISION_WRONG_DIGEST' },
    ],
  });
});

test('a window that never fits stops the run before production', async () => {
  live.acts.set('no-window window.find', async () => {
    throw new NakatError('WINDOW_TOO_SHORT', { values: { window: '22:00', minutes: 5, needed: 60 } });
  });
  const window = {
    from: '22:00',
    to: '22:05',
    timeZone: 'UTC',
    days: [1],
    margin: 1,
    atPointOfNoReturn: 'restore' as const,
  };
  const run = await waiting('no-window', {}, { window });
  await run.answer();
  expect(await run.report()).toMatchObject({ outcome: 'stopped', reason: { code: 'WINDOW_TOO_SHORT' } });
  expect(live.calls.get('no-window production.change')).toBeUndefined();
});

test('a window that closed while people thought is waited for anew', async () => {
  const hour = 3_600_000;
  live.acts.set('next-window window.find', async (call) =>
    // The first one is too far gone for what must fit into it.
    call === 1
      ? { opens: Date.now() - hour, closes: Date.now() + 1000 }
      : { opens: Date.now() + 500, closes: Date.now() + hour },
  );
  const window = {
    from: '22:00',
    to: '23:00',
    timeZone: 'UTC',
    days: [1],
    margin: 1,
    atPointOfNoReturn: 'restore' as const,
  };
  const run = await waiting('next-window', {}, { window });
  await run.answer();
  expect(await run.report()).toMatchObject({ outcome: 'updated' });
  expect(live.calls.get('next-window window.find')).toBe(2);
});

test('a secret that is missing reaches the reader with its step, and nothing was touched', async () => {
  live.acts.set('no-secret rehearsal.try', async (_call, _signal, context) =>
    context?.secret({ env: 'NAKAT_NOT_THERE' }),
  );
  await startRun(live.nakat, tinyRunbook('no-secret'), { initiator: 'carl' });
  const report = await awaitRun(live.nakat, 'no-secret');
  expect(report).toMatchObject({
    outcome: 'stopped',
    reason: { code: 'SECRET_MISSING', values: { place: 'env NAKAT_NOT_THERE' } },
  });
  const failed = report.stages.flatMap((stage) => stage.steps).filter((step) => step.failure !== null);
  expect(failed).toMatchObject([{ id: 'rehearsal.try', attempts: 1, failure: { code: 'SECRET_MISSING' } }]);
  expect(live.calls.get('no-secret production.change')).toBeUndefined();
});

test('a run that restores cannot be called off', async () => {
  let let_go: () => void = () => undefined;
  live.acts.set('restoring production.change', async () => {
    throw new NakatError('DRIFT', { values: { differences: 'x' } });
  });
  live.acts.set('restoring restore.undo', () => new Promise<void>((done) => (let_go = done)));
  const run = await waiting('restoring');
  await run.answer();
  await live.until('restoring', ({ phase }) => phase === 'restore');
  await expect(cancelRun(live.nakat, 'restoring', { who: 'anna', why: '' })).rejects.toMatchObject(
    refused('RUN_RESTORING'),
  );
  await live.nakat.client.workflow.getHandle(workflowIdOf('restoring')).cancel();
  expect((await live.nakat.client.workflow.getHandle(workflowIdOf('restoring')).query(statusQuery)).phase).toBe(
    'restore',
  );
  await live.until('restoring', () => live.calls.get('restoring restore.undo') === 1);
  let_go();
  expect(await run.report()).toMatchObject({ outcome: 'restored', reason: { code: 'DRIFT' } });
});
