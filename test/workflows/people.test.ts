import { expect, test } from 'vitest';
import type { Findings } from '../../runbook/results.ts';
import type { Json, Runbook, Step } from '../../runbook/types.ts';
import { openRun, type Run } from '../../workflows/run.ts';
import type { Ports } from '../../workflows/ports.ts';
import { update } from '../../workflows/update.ts';
import { give } from '../../workflows/waiting.ts';
import { randomRunbook } from './world.ts';

const step = (id: string, more: Partial<Step> = {}): Step => ({
  id,
  activity: 'simulated',
  title: { en: id, ru: id },
  params: {},
  uses: {},
  effect: 'reads',
  expected: 10,
  timeout: 60,
  onFailure: 'stop',
  ...more,
});

const question = (uses: Record<string, string>, deadline: number | null): Step =>
  step('production.specialist', {
    activity: 'askPerson',
    uses,
    params: {
      question: { en: 'The differences are all right?', ru: 'Отличия допустимы?' },
      choices: ['done', 'give-up'],
      deadline,
      atDeadline: 'give-up',
      by: ['anna'],
      needed: 1,
      excludeInitiator: false,
    },
  });

/** A writing step, the question, another step; the restore undoes the write. */
function runbook(ask: Step, byHand: readonly Step[] = []): Runbook {
  return {
    ...randomRunbook(1),
    window: null,
    decisions: [],
    stages: [
      { name: 'preflight', steps: [step('preflight.look')] },
      {
        name: 'production',
        steps: [step('production.write', { effect: 'writes' }), step('production.compare'), ask, step('production.on')],
      },
      { name: 'restore', steps: [...byHand, step('restore.undo', { effect: 'writes', undoes: ['production.write'] })] },
    ],
  };
}

interface World {
  readonly run: Run;
  readonly done: string[];
}

/** Steps take no time; `answer`: what anna says when she is asked, else the deadline passes. */
async function live(ask: Step, found: Json, answer: string | null): Promise<World> {
  let now = 0;
  const done: string[] = [];
  const ports: Ports = {
    now: () => now,
    until: async (holds, time) => {
      if (holds()) return true;
      const open = run.status.decisions.findLast((one) => one.choice === null);
      if (open && answer !== null)
        give(run, { decision: open.id, choice: answer, who: 'anna', why: '', digest: run.status.digest }, 'update');
      else now = time ?? now;
      return holds();
    },
    perform: async ({ id }) => {
      done.push(id);
      return { kind: 'done', attempts: 1, result: id === 'production.compare' ? found : null };
    },
    tell: () => undefined,
    show: () => undefined,
  };
  const run = openRun(
    { runbook: runbook(ask), digest: 'd'.repeat(64), initiator: 'boris', nakat: 'test' },
    'people',
    ports,
  );
  await update(run, false);
  return { run, done };
}

const nothing: Findings = { lines: [] };
const something: Findings = { lines: [{ en: 'module changed', ru: 'модуль изменён' }] };
const from = { findings: 'production.compare' };

test('findings are put before the person, who lets the run go on', async () => {
  const { run, done } = await live(question(from, 600), something as unknown as Json, 'done');
  expect(run.status.outcome).toBe('updated');
  expect(run.status.decisions).toMatchObject([
    { id: 'production.specialist', kind: 'manual', evidence: something.lines, choice: 'done', by: ['anna'] },
  ]);
  expect(done).toContain('production.on');
  expect(run.status.stages[1]?.steps[2]).toMatchObject({ state: 'done', result: { asked: true, choice: 'done' } });
});

test('nothing found: nobody is asked', async () => {
  const { run } = await live(question(from, 600), nothing as unknown as Json, null);
  expect(run.status.outcome).toBe('updated');
  expect(run.status.decisions).toEqual([]);
  expect(run.status.stages[1]?.steps[2]).toMatchObject({ state: 'done', result: { asked: false } });
});

test.each([
  ['says no', 'give-up', 'anna'],
  ['does not answer in time', null, 'deadline'],
])('the person %s: production is restored', async (_how, answer, who) => {
  const { run, done } = await live(question(from, 600), something as unknown as Json, answer);
  expect(run.status.outcome).toBe('restored');
  expect(run.status.reason).toMatchObject({ code: 'DECISION_AGAINST', values: { why: who } });
  expect(done).toContain('restore.undo');
  expect(done).not.toContain('production.on');
});

test('without findings it always asks: a manual step', async () => {
  const { run } = await live(question({}, null), null, 'done');
  expect(run.status.decisions).toHaveLength(1);
  expect(run.status.outcome).toBe('updated');
});

test('a run that was called off waits in its restore for the person whose part it is', async () => {
  let now = 0;
  let told = 0;
  const byHand = { ...question({}, null), id: 'restore.by-hand', undoes: ['production.write'] };
  const ports: Ports = {
    now: () => now,
    until: async (holds) => {
      if (holds()) return true;
      now += 1000;
      const open = run.status.decisions.findLast((one) => one.choice === null);
      // The first question is not answered: the run is called off. The second one only after a while.
      if (open?.id === 'production.specialist') run.status.cancelledBy = { who: 'boris', why: '' };
      else if (open)
        give(run, { decision: open.id, choice: 'done', who: 'anna', why: '', digest: run.status.digest }, 'update');
      return holds();
    },
    perform: async () => ({ kind: 'done', attempts: 1, result: null }),
    tell: () => {
      // Asked again and again without a wait it would never end.
      if (++told > 20) throw new Error('told without end');
    },
    show: () => undefined,
  };
  const start = { digest: 'd'.repeat(64), initiator: 'boris', nakat: 'test' };
  const run = openRun({ runbook: runbook(question({}, null), [byHand]), ...start }, 'people', ports);
  await update(run, false);
  expect(run.status.decisions.map(({ id, choice }) => [id, choice])).toEqual([
    ['production.specialist', null],
    ['restore.by-hand', 'done'],
  ]);
  expect(run.status.outcome).toBe('restored');
});
