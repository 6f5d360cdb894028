import { expect, test } from 'vitest';
import type { Outcome } from '../../runbook/report.ts';
import type { DecisionRule, Json, Runbook, Step } from '../../runbook/types.ts';
import type { Ports } from '../../workflows/ports.ts';
import { reportOf } from '../../workflows/report.ts';
import { openRun, statusOf } from '../../workflows/run.ts';

const step: Step = {
  id: 'rehearsal.check-customizations',
  activity: 'checkCustomizations',
  title: { en: 'Check', ru: 'Проверить' },
  params: {},
  uses: {},
  effect: 'reads',
  returns: 'Findings',
  expected: 1,
  timeout: 1,
  onFailure: 'stop',
};
const runbook: Runbook = {
  format: 1,
  product: 'x',
  recipe: { name: 'x', version: 1 },
  system: 'x',
  title: step.title,
  update: { name: 'x', version: '1', file: null, sha256: null },
  stages: [{ name: 'rehearsal', steps: [step] }],
  decisions: [],
  window: null,
  notify: [],
  engine: { heartbeat: 1, tries: 1, retryDelay: 1, failureDeadline: 1, restoreRetry: 1 },
};

const openAt = (changed: Runbook) =>
  openRun({ runbook: changed, digest: 'd', initiator: 'i', nakat: '0' }, 'r', { now: () => 0 } as Ports);

/** A report in which that step was done with this result. */
function reportWith(result: Json) {
  const run = openAt(runbook);
  Object.assign(statusOf(run, step.id), { state: 'done', startedAt: 0, endedAt: 0, result });
  return reportOf(run, '0', []).stages[0]?.steps[0];
}

test('what a step found, and what became of the customer’s edits, is in the report, bounded', () => {
  const edits = { total: 1, files: [{ path: 'a', fate: 'merged' }], place: '/merge.json' };
  const lines = Array.from({ length: 300 }, (_, index) => ({ en: `${index}`, ru: `${index}` }));
  const report = reportWith({ lines, edits });
  expect(report).toMatchObject({ edits, result: { lines: 300 } });
  expect(report?.findings).toHaveLength(100);
});

test('a result from before that, and none at all, still make a report', () => {
  expect(reportWith({ lines: [] })).not.toHaveProperty('edits');
  expect(reportWith(null)).not.toHaveProperty('findings');
});

test('what was expected is what the approvers saw, however long it then took', () => {
  const production = { ...step, id: 'production.install', expected: 540 };
  const rule: DecisionRule = {
    id: 'approval-production',
    before: 'production',
    kind: 'approval',
    title: step.title,
    choices: ['approve', 'reject'],
    deadline: null,
    atDeadline: 'reject',
    by: [],
    needed: 1,
    excludeInitiator: false,
  };
  const run = openAt({
    ...runbook,
    decisions: [rule],
    stages: [
      { name: 'rehearsal', steps: [step] },
      { name: 'production', steps: [production] },
    ],
  });
  const took = (id: string, startedAt: number, endedAt: number): unknown =>
    Object.assign(statusOf(run, id), { state: 'done', startedAt, endedAt });
  took(step.id, 0, 1000);
  run.status.decisions.push({ ...rule, evidence: [], askedAt: 2000, answers: [], refused: [], choice: 'approve' });
  took(production.id, 3000, 37_000);
  expect(reportOf(run, '0', []).estimates.production).toBe(540);
});

test('the zone of the plan is in the report of a run that never came to its window', () => {
  const { window: _, ...rest } = runbook;
  const window = { from: '22:00', to: '06:00', timeZone: 'Europe/Moscow', days: [1], margin: 1 } as const;
  const run = openAt({ ...rest, window: { ...window, atPointOfNoReturn: 'restore' } });
  expect(reportOf(run, '0', [])).toMatchObject({ window: null, timeZone: 'Europe/Moscow' });
});

test('what to do next names the restore point one by one, and in one line what the rehearsal left, unless somebody restores by hand', () => {
  const backup = (stage: 'rehearsal' | 'production', name: string): Step =>
    ({ ...step, id: `${stage}.${name}`, activity: 'backUpDatabase', returns: 'Backup' }) as Step;
  const steps = [backup('rehearsal', 'a'), backup('rehearsal', 'b'), backup('production', 'c')];
  const run = openAt({
    ...runbook,
    stages: [
      { name: 'rehearsal', steps: steps.slice(0, 2) },
      { name: 'production', steps: steps.slice(2) },
    ],
  });
  for (const { id } of steps) {
    const result = { id, system: 'database', engine: 'x', place: `/b/${id}`, machine: 'm', bytes: 1, verified: 'x' };
    Object.assign(statusOf(run, id), { state: 'done', startedAt: 0, endedAt: 0, result });
  }
  const next = (outcome: Outcome | null): string[] => {
    run.status.outcome = outcome;
    return reportOf(run, '0', []).next.map(({ en, values }) => `${en.slice(0, 8)} ${values?.['places'] ?? ''}`.trim());
  };
  expect(next('updated')).toEqual(['Backup (', 'Made for /b/rehearsal.a (m); /b/rehearsal.b (m)', 'The test']);
  expect(next('handed-over')).toEqual(['Restore', 'Backup (', 'The test']);
  expect(next(null)).toEqual(['Backup (', 'The test']);
});
