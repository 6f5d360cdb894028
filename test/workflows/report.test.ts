import { expect, test } from 'vitest';
import type { Json, Runbook, Step } from '../../runbook/types.ts';
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

/** A report in which that step was done with this result. */
function reportWith(result: Json) {
  const run = openRun({ runbook, digest: 'd', initiator: 'i', nakat: '0' }, 'r', { now: () => 0 } as Ports);
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
