import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { compile } from '../../../runbook/compile.ts';
import { parsePlan, type PlanMistake } from '../../../runbook/plan/parse.ts';
import type { PlanFile } from '../../../runbook/recipe.ts';
import type { Runbook } from '../../../runbook/types.ts';

const example = readFileSync(fileURLToPath(new URL('../../../examples/customizations.yaml', import.meta.url)), 'utf8');
const archive = { path: '/new.zip', sha256: 'a'.repeat(64), text: '' };
const previous = { path: '/old.zip', sha256: 'b'.repeat(64), text: '' };

function compiled(
  text: string,
  files: Readonly<Record<string, PlanFile>> = { archive, previous },
): Runbook | readonly PlanMistake[] {
  const parsed = parsePlan(text, {});
  if ('mistakes' in parsed) return parsed.mistakes;
  const result = compile(parsed, files);
  return 'mistakes' in result ? result.mistakes : result.runbook;
}
const runbookOf = (text: string, files?: Readonly<Record<string, PlanFile>>): Runbook => {
  const result = compiled(text, files);
  if (!('stages' in result)) throw new Error(JSON.stringify(result));
  return result;
};
const stepOf = ({ stages }: Runbook, id: string) => stages.flatMap(({ steps }) => steps).find((step) => step.id === id);

test('the example compiles; the merge waits for a person as long as the plan says, and cannot be skipped', () => {
  expect(stepOf(runbookOf(example), 'rehearsal.merge-customizations')).toMatchObject({
    onFailure: 'ask',
    noSkip: true,
    failureDeadline: 3 * 86_400,
    uses: {
      base: 'rehearsal.unpack-previous',
      ours: 'rehearsal.capture-customizations',
      theirs: 'rehearsal.unpack-update',
    },
  });
});

test('production gets what the test copy got, and nothing that was edited since', () => {
  const runbook = runbookOf(example);
  for (const stage of ['rehearsal', 'production'])
    expect(stepOf(runbook, `${stage}.apply-customizations`)?.uses['merged']).toBe('rehearsal.merge-customizations');
  const { steps } = runbook.stages.find(({ name }) => name === 'production') ?? { steps: [] };
  expect(steps.map(({ activity }) => activity)).toEqual([
    'checkDrift',
    'captureCustomizations',
    'checkStillMerged',
    'applyCustomizations',
  ]);
});

test('without the vendor’s old version it is two-way, with the approved files alone', () => {
  const runbook = runbookOf(example.replace(/^ {2}previous:.*\n/m, ''), { archive });
  expect(stepOf(runbook, 'rehearsal.unpack-previous')).toBeUndefined();
  expect(stepOf(runbook, 'rehearsal.merge-customizations')?.uses).not.toHaveProperty('base');
  expect(stepOf(runbook, 'production.check-drift')?.params['files']).toEqual(['/new.zip']);
});

test.each<[string, (text: string) => string, string]>([
  [
    'production as its own test',
    (text) => text.replaceAll('LAB_TEST_PAGES:-/var/www/test/account', 'X:-/var/www/site/account'),
    'production’s own',
  ],
  ['one archive for both', (text) => text.replace('account-1.0.0.zip', 'account-2.0.0.zip'), 'same file'],
  [
    'a desk on another machine',
    (text) => text.replace('merge:\n  machine: worker', 'merge:\n  machine: web'),
    'where the worker runs',
  ],
  [
    'a machine that is none',
    (text) => text.replace('merge:\n  machine: worker', 'merge:\n  machine: nowhere'),
    'unknown machine',
  ],
  ['a check that is no path', (text) => text.replace('path: /account/index.html', 'path: account'), 'checks'],
  [
    'more approvals than approvers',
    (text) => text.replace('by: [] # anybody; better: names', 'by: [anna] #').replace('needed: 1', 'needed: 2'),
    'at most 1',
  ],
])('refuses %s', (_name, change, message) => {
  expect(change(example)).not.toBe(example);
  const result = compiled(change(example));
  expect(JSON.stringify('stages' in result ? [] : result)).toContain(message);
});

test('the same content under two names is no old version', () => {
  const result = compiled(example, { archive, previous: { ...previous, sha256: archive.sha256 } });
  expect(JSON.stringify(result)).toContain('same content');
});
