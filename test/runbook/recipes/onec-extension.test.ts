import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { problemsOf } from '../../../runbook/check.ts';
import { compile } from '../../../runbook/compile.ts';
import { parsePlan } from '../../../runbook/plan/parse.ts';
import type { Runbook } from '../../../runbook/types.ts';

const example = readFileSync(fileURLToPath(new URL('../../../examples/onec-extension.yaml', import.meta.url)), 'utf8');
const file = { path: '/updates/telephony.cfe', sha256: 'a'.repeat(64), text: '' };

function compiled(text: string, files: Record<string, typeof file> = { file }): Runbook {
  const parsed = parsePlan(text, {});
  if ('mistakes' in parsed) throw new Error(JSON.stringify(parsed.mistakes));
  const result = compile(parsed, files);
  if ('mistakes' in result) throw new Error(JSON.stringify(result.mistakes));
  return result.runbook;
}
const mistakes = (text: string, files: Record<string, typeof file> = {}): unknown => {
  const parsed = parsePlan(text, {});
  const result = 'mistakes' in parsed ? parsed : compile(parsed, files);
  return 'mistakes' in result ? result.mistakes : [];
};
const idsOf = ({ stages }: Runbook, name: string): string[] =>
  stages.find((one) => one.name === name)?.steps.map((one) => one.id.slice(name.length + 1)) ?? [];

test('the order of the work', () => {
  const runbook = compiled(example);
  expect(problemsOf(runbook)).toEqual([]);
  expect(runbook.update).toEqual({ name: 'Телефония', version: '4.2.0.15', file: file.path, sha256: file.sha256 });
  expect(idsOf(runbook, 'preflight')).toEqual([
    'reach-app',
    'reach-worker',
    'check-infobase',
    'check-test-infobase',
    'check-licence-key',
    'check-extension',
    'check-room',
    'check-window',
  ]);
  const rehearsal = idsOf(runbook, 'rehearsal');
  const order = [
    'restore-infobase',
    'back-up-extension',
    'check-extension-applies',
    'install-extension',
    'restore-extension',
  ];
  expect(rehearsal.filter((id) => order.includes(id))).toEqual(order);
  expect(idsOf(runbook, 'production')).toEqual([
    'check-extension',
    'check-unchanged',
    'announce-lock',
    'lock-infobase',
    'back-up-extension',
    'install-extension',
    'prove-extension',
    'unlock-infobase',
  ]);
  expect(idsOf(runbook, 'restore')).toEqual([
    'lock-infobase',
    'restore-extension',
    'prove-extension-restored',
    'unlock-infobase',
  ]);
});

test('nothing of production is touched before its extension is saved, and the rehearsal stays on the copy', () => {
  const { stages } = compiled(example);
  const steps = (name: string) => stages.find((one) => one.name === name)?.steps ?? [];
  const nameOf = (params: object): unknown => (params as { infobase?: { name: string } }).infobase?.name;
  for (const step of steps('rehearsal').filter((one) => one.effect === 'writes' && !one.leavesData))
    expect([step.id, nameOf(step.params)]).toEqual([step.id, 'TradeTest']);
  const production = steps('production').map((one) => one.activity);
  expect(production.indexOf('backUpExtension')).toBeLessThan(production.indexOf('installExtension'));
  expect(production.indexOf('lockInfobase')).toBeLessThan(production.indexOf('backUpExtension'));
});

test('a missing licence key is asked about, and cannot be skipped', () => {
  const step = compiled(example).stages[0]?.steps.find((one) => one.activity === 'checkLicenceKey');
  expect(step).toMatchObject({ onFailure: 'ask', noSkip: true });
});

test('what is only found by a watch may be left out, and is missed by name when it is run by hand', () => {
  const without = example.replace(/^ {2}(version|file): \$.*\n/gm, '');
  expect(without).not.toContain('LAB_EXTENSION_FILE');
  expect(mistakes(without)).toMatchObject([
    {
      line: expect.any(Number) as number,
      path: 'update',
      message: 'expected "file", the .cfe; `nakat watch` finds it by itself',
    },
  ]);
  const unwatched = `${without.slice(0, without.indexOf('\nwatch:'))}\n`;
  expect(mistakes(unwatched)).toMatchObject([{ message: 'expected "file", the .cfe' }]);
  const parsed = parsePlan(without, {});
  if ('mistakes' in parsed) throw new Error('mistakes');
  const plan = parsed.recipe.watched?.withUpdate(parsed.plan, { version: '5.0', file: '/store/x.cfe' });
  const result = compile({ ...parsed, plan }, { file });
  expect(result).toMatchObject({ runbook: { update: { version: '5.0' } } });
});

test.each([
  ['production as its own test', example.replace('ref: trade_test', 'ref: trade'), 'test.infobase.at'],
  ['more approvals than people', example.replace('by: [] #', 'by: [anna]\n  needed: 2 #'), 'approval.needed'],
  [
    'a machine that is not there',
    example.replace('machine: app\n    platform', 'machine: moon\n    platform'),
    'production.infobase.machine',
  ],
  ['a service of two names', example.replace('name: manifest', 'name: licence-server'), 'watch.services.1.name'],
  ['an unknown kind of service', example.replace('kind: manifest', 'kind: rumour'), 'watch.services.1.kind'],
  ['a time that is none', example.replace("at: ['07:30']", "at: ['25:00']"), 'watch.at.0'],
])('%s is a mistake of the plan, with its place', (_name, text, path) => {
  expect(text).not.toBe(example);
  expect(mistakes(text, { file })).toMatchObject([{ path }]);
});
