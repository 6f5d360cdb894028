import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodeOfError, exitCodeOfOutcome } from '../../client/exit-codes.ts';
import { parsePlan } from '../../runbook/plan/parse.ts';
import { nakat } from './command.ts';

const commands = [
  'init',
  'plan',
  'check',
  'run',
  'list',
  'status',
  'follow',
  'approve',
  'reject',
  'decide',
  'cancel',
  'report',
  'watch',
  'worker',
  'server',
  'demo',
  'steps',
  'merge',
];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nakat-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('what the parser adds to help is in the reader’s language too', async () => {
  const help = async (argv: string[]): Promise<string> => (await nakat(argv)).out.replace(/\s+/g, ' ');
  const out = await help(['watch', 'run-now', '--help', '--lang', 'ru']);
  expect(out).toContain('(варианты: "en", "ru")');
  expect(out).toContain('(по умолчанию: 600)');
  expect(out).not.toMatch(/choices:|default:/);
  expect(await help(['demo', '--help', '--lang', 'en'])).toContain('(choices: "en", "ru")');
});

describe.each(['en', 'ru'])('help in %s', (language) => {
  test('lists every command', async () => {
    const { code, out } = await nakat(['--help', '--lang', language]);
    expect(code).toBe(0);
    for (const command of commands) expect(out).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    expect(/[а-я]/i.test(out)).toBe(language === 'ru');
  });

  test.each(commands)('of %s has examples and the common options', async (command) => {
    const { code, out } = await nakat([command, '--help'], { LANG: `${language}_XX.UTF-8` });
    expect(code).toBe(0);
    expect(out).toContain(`$ nakat ${command}`);
    expect(out).toContain('--json');
    expect(/[а-я]/i.test(out)).toBe(language === 'ru');
  });
});

test.each([
  [['nonsense'], 'nonsense'],
  [['plan'], 'file'],
  [['plan', 'a', 'b'], 'too many'],
  [['list', '--limit', 'many'], '--limit'],
  [['list', '--colour'], '--colour'],
  [['--lang', 'de', 'list'], '--lang'],
  [['steps', 'flyToTheMoon'], 'flyToTheMoon'],
  [['demo', 'nosuch'], 'nosuch is none of: bpmsoft-connector, comindware'],
  [['demo', '--database', 'oracle'], '--database oracle is none of: postgres'],
  [['demo', 'comindware', '--yes', '--database', 'sqlserver'], 'comindware has no choice'],
])('misuse %j is said with code and exit 2', async (argv, name) => {
  const { code, out, err } = await nakat(argv, { LANG: 'C' });
  expect(code).toBe(2);
  expect(err).toMatch(/^USAGE /); // and nothing before it: nothing was begun
  expect(err).toContain(name);
  expect(out).toBe('');
});

test('misuse in Russian, and as JSON', async () => {
  const { code, out, err } = await nakat(['plan', '--json'], { LANG: 'ru_RU.UTF-8' });
  expect(code).toBe(2);
  expect(err).toContain('не хватает аргумента file');
  expect(JSON.parse(out)).toMatchObject({ error: { code: 'USAGE' } });
});

test('a plan that is not there, and one with mistakes', async () => {
  expect((await nakat(['plan', join(folder, 'none.yaml')])).code).toBe(2);
  const file = join(folder, 'bad.yaml');
  await writeFile(file, 'nakat: 1\nproduct: bpmsoft-connector\nsystem: CRM!\nhots: 1\n');
  const { code, err } = await nakat(['plan', file]);
  expect(code).toBe(2);
  expect(err).toContain('PLAN_INVALID');
  expect(err).toContain(`${file}:3:1`);
  expect(err).toContain(`${file}:4:1`);
});

test('files that are missing are told together with what else is wrong', async () => {
  const file = join(folder, 'both.yaml');
  const example = await readFile('examples/customizations.yaml', 'utf8');
  await writeFile(file, example.replace('  by: [] # anybody', '  by: [somebody] #').replace('needed: 1', 'needed: 2'));
  const { code, err } = await nakat(['plan', file]);
  expect(code).toBe(2);
  expect(err).toContain('  update.archive  no such file');
  expect(err).toContain('  approval.needed  ');
});

test.each([
  ['a device that never ends', '/dev/zero'],
  ['a folder', tmpdir()],
])('no plan: %s', async (_name, file) => {
  const { code, err } = await nakat(['plan', file]);
  expect(code).toBe(2);
  expect(err).toMatch(/PLAN_INVALID|PLAN_NOT_FOUND/);
});

test('a mistake of form is said once, without the place that stands before it', async () => {
  const file = join(folder, 'open.yaml');
  await writeFile(file, 'product: bpmsoft-connector\nsystem: [\n');
  const { err } = await nakat(['plan', file]);
  expect(err).toContain(`${file}:3:1`);
  expect(err).not.toContain('at line');
});

test('a folder that cannot be made is said without a trace', async () => {
  const file = join(folder, 'no-folder');
  await writeFile(file, '');
  const { code, err } = await nakat(['demo', '--yes', '--state', file]);
  expect(code).toBe(1);
  expect(err).toContain('SYSTEM_REFUSED');
  expect(err).toContain(file);
  expect(err).not.toContain('    at ');
});

test('no server: exit 8, and what to do', async () => {
  const { code, err } = await nakat(['list', '--state', folder], {});
  expect(code).toBe(8);
  expect(err).toContain('nakat server');
  expect((await nakat(['list', '--address', '127.0.0.1:1'])).code).toBe(8);
});

test('init writes a plan that parses, and never over another file', async () => {
  const file = join(folder, 'new.yaml');
  expect((await nakat(['init', file])).err).toContain('NOT_A_TERMINAL');
  for (const language of ['en', 'ru']) {
    expect((await nakat(['init', file, '--yes', '--lang', language])).code).toBe(0);
    const written = await readFile(file, 'utf8');
    expect(parsePlan(written, {})).not.toHaveProperty('mistakes');
    expect(/[а-я]/i.test(written)).toBe(language === 'ru');
    expect((await nakat(['init', file, '--yes'])).err).toContain('FILE_EXISTS');
    expect(await readFile(file, 'utf8')).toBe(written);
    await rm(file);
  }
});

test('steps: the catalogue, and one step with its schema', async () => {
  const all = JSON.parse((await nakat(['steps', '--json'])).out) as unknown[];
  expect(all.length).toBeGreaterThan(30);
  const [one] = JSON.parse((await nakat(['steps', 'clearTable', '--json'])).out) as [
    { params: { required: string[] } },
  ];
  expect(one.params.required).toContain('table');
  expect((await nakat(['steps', 'clearTable'])).out).toContain('clearTable');
});

test('exit codes tell what happened', () => {
  expect(exitCodeOfOutcome('updated', null)).toBe(0);
  expect(exitCodeOfOutcome('stopped', null)).toBe(3);
  expect(exitCodeOfOutcome('going', null)).toBe(5);
  expect(exitCodeOfOutcome('restored', true)).toBe(4);
  expect(exitCodeOfOutcome('restored', false)).toBe(7);
  expect(exitCodeOfOutcome('handed-over', null)).toBe(7);
  expect(exitCodeOfError('DECISION_TWICE')).toBe(6);
  expect(exitCodeOfError('PLAN_INVALID')).toBe(2);
  expect(exitCodeOfError('RUN_NOT_FOUND')).toBe(9);
  expect(exitCodeOfError('UNEXPECTED')).toBe(1);
});
