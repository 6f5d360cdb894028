/** The way over the releases, and every mistake a plan of this product can have, with its place. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../runbook/compile.ts';
import { parsePlan } from '../../../runbook/plan/parse.ts';
import type { Runbook } from '../../../runbook/types.ts';

const read = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../examples/${name}`, import.meta.url)), 'utf8');
const example = read('comindware-instance.yaml');
const list = read('comindware-releases.yaml');

/** Mistakes as `line:column path: message`; the runbook where there are none. */
function outcome(plan: string, releases = list): Runbook | string[] {
  const shown = ({
    line,
    column,
    path,
    message,
  }: {
    line: number;
    column: number;
    path: string;
    message: string;
  }): string => `${line}:${column} ${path}: ${message}`;
  const parsed = parsePlan(plan, {});
  if ('mistakes' in parsed) return parsed.mistakes.map(shown);
  const compiled = compile(parsed, {
    releases: { path: '/plans/comindware-releases.yaml', sha256: 'a'.repeat(64), text: releases },
  });
  return 'mistakes' in compiled ? compiled.mistakes.map(shown) : compiled.runbook;
}
const lineOf = (text: string): number => example.split('\n').findIndex((line) => line.includes(text)) + 1;
const changed = (from: string | RegExp, to: string): string => {
  const text = example.replace(from, to);
  expect(text).not.toBe(example);
  return text;
};
const idsOf = (runbook: Runbook | string[], stage: string): string[] =>
  'stages' in runbook
    ? (runbook.stages.find(({ name }) => name === stage)?.steps.map(({ id }) => id.replace(/^\w+\./, '')) ?? [])
    : runbook;

describe('the way', () => {
  test('every version is a whole sequence in the vendor’s order, with a restore point of its own', () => {
    expect(idsOf(outcome(example), 'production')).toEqual([
      'check-drift',
      'close-instance',
      ...['4-2-0', '4-7-2'].flatMap((to) => [
        ...(to === '4-7-2' ? ['prepare-1-for-4-7-2'] : []),
        `stop-for-${to}`,
        `back-up-for-${to}`,
        `remove-configuration-for-${to}`,
        `create-configuration-for-${to}`,
        `start-with-${to}`,
        `wait-for-${to}`,
      ]),
      'open-instance',
    ]);
  });

  test('by the vendor’s script, one step stands for two', () => {
    const ids = idsOf(outcome(changed('way: ${LAB_WAY:-files}', 'way: script')), 'production');
    expect(ids).toContain('run-upgrade-to-4-7-2');
    expect(ids.some((id) => id.startsWith('create-configuration'))).toBe(false);
  });

  test('one hop where the vendor allows it; the restore goes back to the first restore point', () => {
    const runbook = outcome(example, list.replace("['>=4.2 <4.5']", "['>=4.2 <4.5', 3.5.4]"));
    expect(idsOf(runbook, 'production').filter((id) => id.startsWith('back-up'))).toEqual(['back-up-for-4-7-2']);
    const restore =
      'stages' in runbook
        ? runbook.stages
            .find(({ name }) => name === 'restore')
            ?.steps.find(({ activity }) => activity === 'restoreInstance')
        : undefined;
    expect(restore?.uses).toEqual({ backup: 'production.back-up-for-4-7-2' });
  });
});

describe('a mistake is said where it is', () => {
  const toLine = lineOf('to: ${LAB_TO');
  test.each([
    [
      'to: ${LAB_TO:-4.7.2}',
      "to: '4.6'",
      `${toLine}:3 update.to: 4.6 is not in the list of releases; from 3.5.4 can be reached: 4.2.0, 4.7.2`,
    ],
    ['to: ${LAB_TO:-4.7.2}', 'to: 3.5.4', `${toLine}:3 update.to: 3.5.4 is what is installed already`],
    ['to: ${LAB_TO:-4.7.2}', 'to: newest', `${toLine}:3 update.to: expected numbers between dots, such as 8.3.24.1439`],
    ['to: ${LAB_TO:-4.7.2}', 'to: 4.10', `${toLine}:3 update.to: expected it in quotes, as in '4.10'`],
    [
      '- before: 4.7.2',
      "- before: '4.5'",
      `${lineOf('- before')}:5 prepare.0.before: 4.5 is not on the way 3.5.4 → 4.2.0 → 4.7.2`,
    ],
    [
      'os: windows',
      'os: linux',
      `${lineOf('production: #') + 2}:3 production.machine: expected a machine with \`os: windows\`: the instance runs in IIS`,
    ],
    ['name: PortalTest', 'name: Portal', 'test.name: the name of the test instance is production’s own'],
    [
      'idle: [Comindware PortalTest_adapterhost]',
      'idle: [nobody]',
      'test.idle: "nobody" is none of the test instance’s pools',
    ],
    [
      'binding: ${LAB_TEST_BINDING:-http/*:8091:}',
      "binding: 'http/*:80:'",
      'test.binding: the binding of the test instance is production’s own',
    ],
    [
      'binding: ${LAB_MAINTENANCE_BINDING:-http/*:8090:}',
      "binding: 'http/*:80:'",
      'production.maintenance.binding: expected another binding than users have',
    ],
    [
      '  name: Portal\n  machine: bpm',
      '  name: Portal\n  pools: [one]\n  machine: bpm',
      'test.pools: expected 1: one for each of production’s',
    ],
    [
      'machine: bpm\n  url: ${LAB_URL',
      'machine: other\n  url: ${LAB_URL',
      'production.machine: unknown machine "other"',
    ],
  ])('%s → %s', (from, to, expected) => {
    const found = outcome(changed(from, to));
    expect(Array.isArray(found) ? found.join('\n') : 'no mistake').toContain(expected);
  });

  test('a target that no way leads to says what is reachable and what would be needed', () => {
    const releases = `${list}  - { version: 5.0.13334.0, from: [4.8.*] }\n`;
    expect(outcome(changed('to: ${LAB_TO:-4.7.2}', 'to: 5.0.13334.0'), releases)).toEqual([
      `${toLine}:3 update.to: no supported way leads from 3.5.4 to 5.0.13334.0; from 3.5.4 can be reached: 4.2.0, 4.7.2; 5.0.13334.0 is installed over 4.8.*`,
    ]);
  });

  test('a way by script needs to know where the script is', () => {
    const text = changed(/ {2}scripts: .*\n/, '').replace('way: ${LAB_WAY:-files}', 'way: script');
    expect(outcome(text)).toEqual([expect.stringContaining('update.way: expected `scripts` as well')]);
  });

  test.each([
    ['releases: [', 'comindware-releases.yaml, line'],
    ['other: 1\n', 'comindware-releases.yaml, line 1'],
    ['releases:\n  - version: new\n    from: []\n', 'line 2: releases.0.version: expected numbers between dots'],
    ['releases:\n  - version: 4.2.0\n    from: [any]\n', 'line 3: releases.0.from.0: "any" is no rule for versions'],
    ['releases:\n  - version: 4.2.0\n    from: [3.5]\n', 'line 3: releases.0.from.0: expected it in quotes'],
    ['releases:\n  - version: 4.2.0\n', 'line 2: releases.0.from'],
    ['', 'comindware-releases.yaml, line 1'],
    ['releases: []\nreleases: []\n', 'line 2: Map keys must be unique'],
    ["releases:\n  - { version: '4.2', from: [], cost: 3 }\n", 'line 2: releases.0.cost: unknown key "cost"'],
    [
      "releases:\n  - { version: '4.2', from: [] }\n  - { version: 4.2.0, from: [] }\n",
      'release 4.2.0 is listed twice',
    ],
  ])('a list of releases that cannot be read: %j', (text, expected) => {
    const found = outcome(example, text);
    expect(Array.isArray(found) ? found : []).toEqual([expect.stringMatching(/^\d+:3 update\.releases: /)]);
    expect(Array.isArray(found) ? found[0] : '').toContain(expected);
    expect(Array.isArray(found) ? found[0] : '').not.toContain('at line');
  });
});
