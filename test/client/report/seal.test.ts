import { expect, test } from 'vitest';
import { sealReport, verifyDecisions } from '../../../client/report/seal.ts';
import type { SealedReport } from '../../../runbook/report.ts';
import { sample } from './sample.ts';

/** A change as somebody would make it in the file. */
function altered(
  change: (report: { decisions: Record<string, unknown>[]; digest: string; seal: string }) => void,
): SealedReport {
  const report = structuredClone(sample()) as never;
  change(report);
  return report;
}

test('an untouched chain is whole, also after a trip through a file', () => {
  expect(verifyDecisions(JSON.parse(JSON.stringify(sample())) as SealedReport)).toEqual([]);
});

test.each<[string, Parameters<typeof altered>[0]]>([
  ['a choice changed', (report) => (report.decisions[0] = { ...report.decisions[0], choice: 'reject' })],
  ['a refused attempt removed', (report) => (report.decisions[0] = { ...report.decisions[0], refused: [] })],
  ['the first decision removed', (report) => report.decisions.shift()],
  ['the last decision removed', (report) => report.decisions.pop()],
  ['two decisions swapped', (report) => report.decisions.reverse()],
  ['another runbook', (report) => (report.digest = '00'.repeat(32))],
  ['another seal', (report) => (report.seal = '00'.repeat(32))],
])('%s does not fit', (_name, change) => {
  expect(verifyDecisions(altered(change))).not.toEqual([]);
});

test('a new chain over a changed first decision has another seal', () => {
  const { decisions, seal } = sample();
  const [first, ...others] = decisions.map(({ previous: _previous, hash: _hash, ...decision }) => decision);
  expect(sealReport({ ...sample(), decisions: [first!, ...others] }).seal).toBe(seal);
  expect(sealReport({ ...sample(), decisions: [{ ...first!, choice: 'reject' }, ...others] }).seal).not.toBe(seal);
});
