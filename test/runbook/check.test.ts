/** Every rule of a runbook has a runbook that breaks it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { problemsOf } from '../../runbook/check.ts';
import { compile } from '../../runbook/compile.ts';
import { parsePlan } from '../../runbook/plan/parse.ts';
import type { Runbook, StageName, Step } from '../../runbook/types.ts';

const plan = readFileSync(fileURLToPath(new URL('../../examples/bpmsoft-connector.yaml', import.meta.url)), 'utf8');
const parsed = parsePlan(plan, {});
if ('mistakes' in parsed) throw new Error(JSON.stringify(parsed.mistakes));
const compiled = compile(parsed, { archive: { path: '/a.zip', sha256: 'a'.repeat(64), text: '' } });
if ('mistakes' in compiled) throw new Error(JSON.stringify(compiled.mistakes));
const { runbook } = compiled;

/** The example's runbook with one stage changed. */
const changed = (name: StageName, change: (steps: readonly Step[]) => readonly Step[]): Runbook => ({
  ...runbook,
  stages: runbook.stages.map((stage) => (stage.name === name ? { ...stage, steps: change(stage.steps) } : stage)),
});
const step = (id: string): Step => {
  const found = runbook.stages.flatMap((stage) => stage.steps).find((one) => one.id === id);
  if (!found) throw new Error(`no step ${id}`);
  return found;
};
const edited = (id: string, change: Partial<Step>): Runbook =>
  changed(id.split('.')[0] as StageName, (steps) => steps.map((one) => (one.id === id ? { ...one, ...change } : one)));
const without = (id: string, stage: StageName): Runbook =>
  changed(stage, (steps) => steps.filter((one) => one.id !== id));
const strip = (id: string): Runbook =>
  changed('restore', (steps) =>
    steps.map((one) => ({ ...one, undoes: (one.undoes ?? []).filter((undone) => undone !== id) })),
  );

test('the example keeps all rules', () => {
  expect(problemsOf(runbook)).toEqual([]);
});

describe('a rule that is broken is named, with the step', () => {
  const cases: [string, Runbook, string, string][] = [
    [
      'a writing step of production that nothing undoes',
      strip('production.install-package'),
      'production.install-package',
      'no restore step undoes it',
    ],
    [
      'data that only a step that brings no data back claims to undo',
      changed('restore', (steps) => steps.filter((one) => one.leavesData ?? one.effect === 'reads')),
      'production.install-package',
      'no restore step undoes it',
    ],
    [
      'production without any restore',
      changed('restore', () => []),
      'production.stop-site',
      'no restore step undoes it',
    ],
    [
      'a writing step of acceptance that nothing undoes',
      changed('acceptance', (steps) => [
        ...steps,
        { ...step('production.install-package'), id: 'acceptance.install-again', uses: {} },
      ]),
      'acceptance.install-again',
      'no restore step undoes it',
    ],
    [
      'a restore step that undoes nothing',
      edited('restore.revert-database', { undoes: [] }),
      'restore.revert-database',
      'says what it undoes',
    ],
    [
      'a step outside restore that undoes',
      edited('production.stop-site', { undoes: ['production.keep-users-out'] }),
      'production.stop-site',
      'only restore steps undo',
    ],
    [
      'a step undone that is none',
      edited('restore.let-users-in', { undoes: ['production.dance'] }),
      'restore.let-users-in',
      'undoes "production.dance"',
    ],
    [
      'a preflight that writes',
      changed('preflight', (steps) => [...steps, { ...step('production.stop-site'), id: 'preflight.stop-site' }]),
      'preflight.stop-site',
      'only reads',
    ],
    [
      'an id used twice',
      changed('preflight', (steps) => [...steps, steps[0] as Step]),
      'preflight.reach-web',
      'used twice',
    ],
    [
      'an unknown activity',
      edited('production.stop-site', { activity: 'danceAlone' }),
      'production.stop-site',
      'unknown activity "danceAlone"',
    ],
    [
      'an activity that every object has',
      edited('production.stop-site', { activity: 'constructor' }),
      'production.stop-site',
      'unknown activity',
    ],
    [
      'parameters that do not fit',
      edited('preflight.check-package', { params: { archive: { path: 1 } } }),
      'preflight.check-package',
      'archive.path',
    ],
    [
      'a parameter too many',
      edited('preflight.check-package', { params: { ...step('preflight.check-package').params, more: 1 } }),
      'preflight.check-package',
      'more',
    ],
    [
      'a result that is needed and not given',
      edited('rehearsal.restore-database', { uses: {} }),
      'rehearsal.restore-database',
      'needs a result "backup"',
    ],
    [
      'a result that nobody takes',
      edited('rehearsal.start-site', { uses: { backup: 'rehearsal.back-up-database' } }),
      'rehearsal.start-site',
      'takes no result "backup"',
    ],
    [
      'a result of another kind',
      edited('rehearsal.restore-database', { uses: { backup: 'preflight.check-package' } }),
      'rehearsal.restore-database',
      '"backup" wants Backup',
    ],
    [
      'a result of a later step',
      edited('rehearsal.restore-database', { uses: { backup: 'production.back-up-database' } }),
      'rehearsal.restore-database',
      'which is no earlier step',
    ],
    [
      'a result of a step that is not there',
      without('rehearsal.back-up-database', 'rehearsal'),
      'rehearsal.restore-database',
      'which is no earlier step',
    ],
    [
      'an instruction without the value that it names',
      edited('production.stop-site', {
        title: { en: 'Stop {site} on {machine}', ru: 'Остановить {site}', values: { site: 'crm' } },
      }),
      'production.stop-site',
      'no value for machine',
    ],
    [
      'a question of a decision without its value in one language',
      {
        ...runbook,
        decisions: runbook.decisions.map((one) => ({
          ...one,
          text: { en: 'Write to them', ru: 'Напишите {whom}', values: {} },
        })),
      },
      '',
      'no value for whom',
    ],
  ];
  test.each(cases)('%s', (_name, broken, id, problem) => {
    expect(problemsOf(broken)).toContainEqual({ step: id, problem: expect.stringContaining(problem) as string });
  });
});

test('a text of the plan itself may hold braces', () => {
  const title = { en: 'Run ${VAR} {x}', ru: 'Run ${VAR} {x}' };
  expect(problemsOf(edited('production.stop-site', { title }))).toEqual([]);
});

test('production of the example begins with the drift check, and its restore ends with users let in', () => {
  const [first] = runbook.stages.find((stage) => stage.name === 'production')?.steps ?? [];
  expect(first).toMatchObject({ activity: 'checkDrift', uses: { before: 'rehearsal.read-state' } });
  const restore = runbook.stages.find((stage) => stage.name === 'restore')?.steps.map((one) => one.activity) ?? [];
  const order = [
    'keepUsersOut',
    'stopSite',
    'revertDatabase',
    'restoreInfobase',
    'proveRestored',
    'startSite',
    'letUsersIn',
  ];
  expect(restore.filter((one) => order.includes(one))).toEqual(order);
});
