import { expect, test } from 'vitest';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Json, Runbook, Step } from '../../runbook/types.ts';
import type { Ports } from '../../workflows/ports.ts';
import { openRun } from '../../workflows/run.ts';
import { update } from '../../workflows/update.ts';
import { give } from '../../workflows/waiting.ts';
import { randomRunbook } from './world.ts';

const step = (id: string, more: Partial<Step> = {}): Step => ({
  id,
  activity: 'comparePages',
  title: { en: `compare (${id})`, ru: `сравнить (${id})` },
  params: {},
  uses: {},
  effect: 'reads',
  expected: 10,
  timeout: 60,
  onFailure: 'ask',
  ...more,
});

const runbook: Runbook = {
  ...randomRunbook(1),
  window: null,
  decisions: [
    {
      id: 'approval-production',
      before: 'production',
      kind: 'approval',
      title: { en: 'Approve', ru: 'Одобрить' },
      choices: ['approve', 'reject'],
      deadline: null,
      atDeadline: 'reject',
      by: [],
      needed: 1,
      excludeInitiator: false,
    },
  ],
  stages: [
    { name: 'rehearsal', steps: [step('rehearsal.compare'), step('rehearsal.other')] },
    {
      name: 'production',
      steps: [
        step('production.compare', {
          uses: { rehearsed: 'rehearsal.compare', other: 'rehearsal.other', before: 'rehearsal.compare' },
          ofSkipped: ['rehearsed', 'other'],
        }),
      ],
    },
  ],
};

test('what was let pass in the rehearsal is told to those who approve, and given to the step that asks for it', async () => {
  const { failure } = new NakatError('PAGES_DIFFER', {
    values: { pages: 'shop', count: 1, findings: '/ (390 px): ≠ 4 %', folder: '/store', sha256: 'a' },
  });
  const given: Record<string, Json>[] = [];
  let tries = 0;
  const ports: Ports = {
    now: () => 0,
    until: async (holds) => {
      const open = run.status.decisions.findLast((one) => one.choice === null);
      const answer = { who: 'anna', why: 'the new header', digest: run.status.digest };
      // A second round of the same question: the last answer is the one that counts.
      const choice = open?.kind === 'approval' ? 'approve' : tries > 1 ? 'skip' : 'retry';
      if (open) give(run, { ...answer, decision: open.id, choice }, 'update');
      return holds();
    },
    perform: async ({ id }, uses) => {
      if (id === 'production.compare') given.push({ ...uses });
      if (id !== 'rehearsal.compare') return { kind: 'done', attempts: 1, result: { worst: 0 } };
      tries++;
      return { kind: 'failed', attempts: 1, failure };
    },
    tell: () => undefined,
    show: () => undefined,
  };
  const run = openRun({ runbook, digest: 'd'.repeat(64), initiator: 'boris', nakat: 'test' }, 'run-1', ports);
  await update(run, false);
  expect(run.status.outcome).toBe('updated');
  // Nothing of a step that was done, and no failure for a result.
  expect(given).toEqual([{ rehearsed: failure }]);
  const evidence = run.status.decisions.find(({ id }) => id === 'approval-production')?.evidence ?? [];
  const said = evidence.map(({ en, ru }) => [en, ru]);
  expect(said).toContainEqual([
    expect.stringMatching(
      /^Left out of the rehearsal \(anna: the new header\): compare \(rehearsal\.compare\)\. .*shop.*≠ 4 %/,
    ),
    expect.stringMatching(/^В репетиции пропущено \(anna: the new header\): сравнить .*≠ 4 %/),
  ]);
  expect(evidence.at(-1)).toMatchObject({
    values: { run: 'run-1' },
    en: expect.stringContaining('nakat report {run}') as string,
  });
});
