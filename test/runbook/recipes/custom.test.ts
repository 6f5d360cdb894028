/** A runbook of one's own: what the plan says is what the runbook does, and what is wrong is said where it stands. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { problemsOf } from '../../../runbook/check.ts';
import { compile } from '../../../runbook/compile.ts';
import { parsePlan, type PlanMistake } from '../../../runbook/plan/parse.ts';
import type { PlanFile } from '../../../runbook/recipe.ts';
import type { Runbook, Step } from '../../../runbook/types.ts';

const example = readFileSync(fileURLToPath(new URL('../../../examples/custom.yaml', import.meta.url)), 'utf8');
const file = (text: string): PlanFile => ({ path: '/plans/file', sha256: 'a'.repeat(64), text });
const files = {
  'text:schema-version': file('SELECT 26'),
  'text:statistics': file("SELECT '$main'"),
};

function compiled(text: string): Runbook {
  const parsed = parsePlan(text, {});
  if ('mistakes' in parsed) throw new Error(JSON.stringify(parsed.mistakes));
  const made = compile(parsed, files);
  if ('mistakes' in made) throw new Error(JSON.stringify(made.mistakes));
  return made.runbook;
}
function mistakesIn(text: string): readonly PlanMistake[] {
  const parsed = parsePlan(text, {});
  if ('mistakes' in parsed) return parsed.mistakes;
  const made = compile(parsed, files);
  return 'mistakes' in made ? made.mistakes : [];
}
const stepOf = (runbook: Runbook, id: string): Step => {
  const found = runbook.stages.flatMap((stage) => stage.steps).find((one) => one.id === id);
  if (!found) throw new Error(`no step ${id}`);
  return found;
};
const replaced = (from: string, to: string): string => {
  expect(example).toContain(from);
  return example.replace(from, to);
};
/** Line and column, from 1, of a text that is there once. */
const placeOf = (text: string, what: string): { line: number; column: number } => {
  expect(text.split(what)).toHaveLength(2);
  const before = text.slice(0, text.indexOf(what)).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
};

describe('the example', () => {
  const runbook = compiled(example);

  test('keeps all rules', () => {
    expect(problemsOf(runbook)).toEqual([]);
    expect(runbook).toMatchObject({
      product: 'custom',
      system: 'kinto',
      update: { name: 'Kinto', version: '26.5.0', file: null },
    });
  });

  test('names stand for whole targets, texts for what the file says, a dollar in it for itself', () => {
    expect(stepOf(runbook, 'production.stop').params).toMatchObject({
      service: { kind: 'script', name: 'kinto', sudo: false, machine: { name: 'app', via: 'local' } },
    });
    expect(stepOf(runbook, 'rehearsal.check-schema').params['sql']).toBe('SELECT 26');
    expect(stepOf(runbook, 'production.run-sql').params['sql']).toBe("SELECT '$main'");
    expect(stepOf(runbook, 'restore.prove-state').params).toEqual(stepOf(runbook, 'production.record-state').params);
    expect(JSON.stringify(stepOf(runbook, 'production.record-state').params)).not.toContain('$');
  });

  test('defaults of the catalogue are filled in, the plan’s own win', () => {
    expect(stepOf(runbook, 'production.migrate')).toMatchObject({
      params: { success: { codes: [0], output: '', notOutput: 'Traceback' }, env: {}, folder: '' },
      timeout: 7200,
      onFailure: 'restore',
      measuredBy: 'rehearsal.migrate',
    });
    expect(stepOf(runbook, 'production.switch').expected).toBe(1);
  });

  test('results are found by a name alone in the stage itself, else in the nearest before', () => {
    expect(stepOf(runbook, 'rehearsal.restore-database').uses).toEqual({ backup: 'rehearsal.back-up-database' });
    expect(stepOf(runbook, 'restore.revert-database').uses).toEqual({ backup: 'production.back-up-database' });
  });

  test('“from” is that step and all that write after it', () => {
    expect(stepOf(runbook, 'restore.revert-database').undoes).toEqual([
      'production.migrate',
      'production.run-sql',
      'production.start',
    ]);
    expect(stepOf(runbook, 'restore.restore-folder').undoes).toEqual(['production.new-settings']);
  });

  test('machines are reached and the window is measured without being listed', () => {
    expect(runbook.stages[0]?.steps.slice(0, 3).map((one) => one.id)).toEqual([
      'preflight.reach-app',
      'preflight.check-window',
      'preflight.check-service',
    ]);
    expect(runbook.decisions.map((one) => one.id)).toEqual(['approval-production']);
  });

  test('secrets stay references', () => {
    expect(JSON.stringify(runbook)).toContain('{"env":"NAKAT_DB_PASSWORD"}');
  });
});

test('production without any restore: every writing step is named, with its line', () => {
  const found = mistakesIn(example.replace(/\n {2}restore:[^]*/, '\n  restore: []\n'));
  expect(new Set(found.map((one) => one.message))).toEqual(
    new Set(['writes in production and no restore step undoes it']),
  );
  expect(found.length).toBeGreaterThan(2);
  expect(new Set(found.map((one) => one.line)).size).toBe(found.length);
});

describe('mistakes stand where they were made', () => {
  const cases: [name: string, text: string, at: string, message: RegExp][] = [
    [
      'a writing step that nothing undoes',
      replaced('undoes: [switch]', 'undoes: [stop]'),
      '- step: runCommand\n      name: switch\n',
      /writes in production and no restore step undoes it/,
    ],
    [
      'an unknown step',
      replaced('step: backUpFolder', 'step: backupFolder'),
      'step: backupFolder',
      /no step "backupFolder"; the nearest: backUpFolder/,
    ],
    [
      'an unknown name',
      replaced('params: { database: $copy, replace: false }', 'params: { database: $kopy, replace: false }'),
      'database: $kopy',
      /unknown name "\$kopy"; names of this plan: app, main, copy/,
    ],
    [
      'an unknown parameter',
      replaced(
        'expected: 1s\n      onFailure: restore',
        'expected: 1s\n      onFailure: restore\n    - step: checkService\n      params: { service: $kinto, colour: red }',
      ),
      'colour: red',
      /unknown key "colour"/,
    ],
    [
      'a wrong parameter',
      replaced(
        'params: { database: $main, tables: [objects, metadata] }',
        'params: { database: $main, tables: objects }',
      ),
      'tables: objects',
      /expected array/,
    ],
    [
      'a wrong parameter deep inside',
      replaced(
        'success: { notOutput: Traceback }\n      timeout: 2h',
        "success: { notOutput: '(' }\n      timeout: 2h",
      ),
      "notOutput: '('",
      /expected a regular expression/,
    ],
    [
      'a target of another kind',
      replaced(
        '    - step: checkService\n      params: { service: $kinto }',
        '    - step: checkService\n      params: { service: $main }',
      ),
      'service: $main',
      /./,
    ],
    [
      'a missing result',
      replaced('      uses: { before: record-state }\n', ''),
      '- step: proveState',
      /needs a result "before"/,
    ],
    [
      'a result of a step that is none',
      replaced('uses: { before: record-state }', 'uses: { before: recorded }'),
      '- step: proveState',
      /"before" comes from "restore.recorded", which is no earlier step/,
    ],
    [
      'a result of another kind',
      replaced('uses: { before: record-state }', 'uses: { before: migrate }'),
      '- step: proveState',
      /wants StateRecord, "production.migrate" gives Facts/,
    ],
    [
      'undoing what is no step',
      replaced('undoes: [new-settings]', 'undoes: [new-setting]'),
      'new-setting]',
      /no step "new-setting" in production or acceptance/,
    ],
    [
      'two steps of one name',
      replaced('name: orders\n', 'name: check-schema\n'),
      'name: check-schema\n      title: { en: The orders',
      /the name "check-schema" is used twice in this stage/,
    ],
    [
      'a restore that nothing proves',
      example.replace(
        / {4}- step: proveState[^]*?(?=\n {4}- step: startService\n {6}name: start\n {6}params: \{ service: \$kinto \}\n {6}undoes)/,
        '',
      ),
      'restore: # each runs',
      /no restore step proves/,
    ],
    [
      'an unknown machine',
      replaced('kinto: { kind: script, machine: app', 'kinto: { kind: script, machine: web'),
      'machine: web',
      /unknown machine "web"; machines of this plan: app/,
    ],
    [
      'a name used twice',
      replaced('  settings: ${LAB', '  main: x\n  settings: ${LAB'),
      'main: x',
      /the name "main" is used twice/,
    ],
    [
      'a value that stands for itself',
      replaced('  everything:\n', '  loop: $loop\n  everything:\n').replace('[readlink, ', '[$loop, '),
      'params: $everything\n    - step: copyFiles',
      /"\$loop" stands for itself/,
    ],
    [
      'a value that no step uses and that stands for itself',
      replaced('  everything:\n', '  loop: [$loop]\n  everything:\n'),
      'loop: [$loop]',
      /"\$loop" stands for itself/,
    ],
    [
      'a key that is none',
      replaced('      expected: 1s\n      onFailure: restore', '      expects: 1s\n      onFailure: restore'),
      'expects: 1s',
      /unknown key "expects"/,
    ],
    ['a duration that is none', replaced('timeout: 2h', 'timeout: two hours'), 'timeout: two', /expected a duration/],
    [
      'more approvers than are named',
      replaced('by: [] #', 'by: [anna]\n  needed: 2 #'),
      'needed: 2 # anybody',
      /expected at most 1: as many people as are named/,
    ],
    [
      'a writing step in the preflight',
      replaced(
        '    - step: checkBackupFolder\n',
        '    - step: stopService\n      params: { service: $kinto }\n    - step: checkBackupFolder\n',
      ),
      '- step: stopService\n      params: { service: $kinto }\n    - step: checkBackupFolder',
      /the preflight only reads/,
    ],
  ];
  test.each(cases)('%s', (_name, text, at, message) => {
    const mistakes = mistakesIn(text);
    expect(mistakes.map((one) => one.message)).toContainEqual(expect.stringMatching(message));
    const found = mistakes.find((one) => message.test(one.message));
    const { line, column } = placeOf(text, at);
    expect({ line: found?.line, column: (found?.column ?? 0) <= column + 30 }).toEqual({ line, column: true });
  });

  test('all at once', () => {
    const text = example
      .replace('step: backUpFolder', 'step: backupFolder')
      .replace('$kopy', '$copy')
      .replace('tables: [objects, metadata]', 'tables: objects');
    expect(mistakesIn(text).length).toBeGreaterThan(1);
  });
});
