/** Plans as administrators and others write them: every mistake at its place, and nothing hostile takes long. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../runbook/compile.ts';
import { parsePlan, type PlanMistake } from '../../../runbook/plan/parse.ts';

const example = readFileSync(
  fileURLToPath(new URL('../../../examples/bpmsoft-connector.yaml', import.meta.url)),
  'utf8',
);
const archive = { path: '/a.zip', sha256: 'a'.repeat(64), text: '' };

const mistakesIn = (text: string): readonly PlanMistake[] => {
  const parsed = parsePlan(text, {});
  if ('mistakes' in parsed) return parsed.mistakes;
  const compiled = compile(parsed, { archive });
  return 'mistakes' in compiled ? compiled.mistakes : [];
};
const replaced = (from: string, to: string): string => {
  expect(example).toContain(from);
  return example.replace(from, to);
};
/** Line and column, from 1, of a text that is there once. */
const placeOf = (text: string, what: string): { line: number; column: number } => {
  const before = text.slice(0, text.indexOf(what)).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
};

test('the example is a plan', () => {
  expect(mistakesIn(example)).toEqual([]);
});

test('all mistakes at once, each at its place, in the order of the file', () => {
  const text = example
    .replace('  version: 3.2.0', '  version: 3.2.0\n  colour: red')
    .replace('    layout: framework # services', '    layout: medieval # services')
    .replace('  needed: 1', '  needed: none\n  mood: good');
  const mistakes = mistakesIn(text);
  expect(mistakes).toMatchObject([
    { path: 'update.colour', message: 'unknown key "colour"', ...placeOf(text, 'colour: red') },
    { path: 'production.site.layout', ...placeOf(text, 'layout: medieval') },
    { path: 'approval.needed', ...placeOf(text, 'needed: none') },
    { path: 'approval.mood', message: 'unknown key "mood"', ...placeOf(text, 'mood: good') },
  ]);
});

test('what only shows when it is put together', () => {
  const text = replaced('redisDb: 2 #', 'redisDb: 1 #').replace(
    '    folder: C:\\inetpub\\bpmsoft-test',
    '    folder: C:\\INETPUB\\bpmsoft',
  );
  expect(mistakesIn(text).map(({ path }) => path)).toEqual(['test.site.folder', 'test.site.redisDb']);
  expect(
    mistakesIn(replaced('    machine: web\n    pool: BPMSoftTest', '    machine: toString\n    pool: BPMSoftTest')),
  ).toMatchObject([
    { path: 'test.site.machine', message: expect.stringContaining('unknown machine "toString"') as string },
  ]);
});

test('names with quotes, Cyrillic and spaces reach the runbook as they are written', () => {
  const name = `Обмен "УТ 11" и 'CRM' $(rm) %PATH% \\ ; --`;
  const text = replaced('{ name: Orders,', `{ name: ${JSON.stringify(name)},`).replace(
    '    folder: C:\\inetpub\\bpmsoft\n',
    `    folder: 'C:\\Сайты и ''другое''\\bpm soft'\n`,
  );
  const parsed = parsePlan(text, {});
  if ('mistakes' in parsed) throw new Error(JSON.stringify(parsed.mistakes));
  const compiled = compile(parsed, { archive });
  if ('mistakes' in compiled) throw new Error(JSON.stringify(compiled.mistakes));
  const json = JSON.stringify(compiled.runbook);
  expect(json).toContain(JSON.stringify(name));
  expect(json).toContain(JSON.stringify(`C:\\Сайты и 'другое'\\bpm soft`));
});

describe('hostile files are refused quickly', () => {
  const bomb = [
    'a0: &a0 [x, x, x, x, x, x, x, x, x]',
    ...Array.from({ length: 30 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at}, `.repeat(9)}x]`),
  ].join('\n');
  const cases: [string, string, RegExp][] = [
    ['an alias bomb', `${bomb}\n${example}`, /alias/i],
    ['one alias', replaced('redisDb: 1', 'redisDb: &db 1').replace('redisDb: 2', 'redisDb: *db'), /alias/i],
    ['an alias to itself', 'nakat: &a [*a]', /alias/i],
    ['a merge key', replaced('  needed: 1', '  <<: { needed: 1 }'), /<</],
    ['__proto__', replaced('  needed: 1', '  __proto__: { needed: 5 }'), /__proto__/],
    ['constructor', replaced('  needed: 1', '  constructor: { prototype: { needed: 5 } }'), /constructor/],
    ['__proto__ as a machine', replaced('  worker: # where', '  __proto__: # where'), /__proto__|worker/],
    ['deep nesting', `nakat: ${'['.repeat(20_000)}`, /./],
    ['deep nesting, closed', `nakat: ${'['.repeat(5000)}${']'.repeat(5000)}`, /./],
    ['deep maps', `nakat: ${'{a: '.repeat(5000)}1${'}'.repeat(5000)}`, /./],
    ['deep blocks', Array.from({ length: 800 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'), /./],
    ['a key twice', replaced('system: ${', 'system: crm\nsystem: ${'), /unique|twice|duplicate/i],
    ['a key twice, below', replaced('    redisDb: 1', '    redisDb: 1\n    redisDb: 3'), /unique|twice|duplicate/i],
    [
      'a huge scalar',
      replaced('name: SmrConnector1C', `name: ${'x'.repeat(900_000)}`).replace('needed: 1', 'needed: none'),
      /./,
    ],
    ['a huge file', 'x'.repeat(50_000_000), /larger/],
    ['many keys', Array.from({ length: 60_000 }, (_, at) => `k${at}: 1`).join('\n'), /./],
    ['many variables', replaced('name: SmrConnector1C', `name: "${'${NOT_SET}'.repeat(50_000)}"`), /l(onger|arger)/],
    ['an unfinished variable', replaced('needed: 1', `needed: "${'${A:-'.repeat(50_000)}"`), /./],
    ['several documents', `${example}\n---\n${example}`, /./],
    ['a tag that makes things', replaced('nakat: 1', 'nakat: !!js/function "function () {}"'), /./],
    ['a set', replaced('by: []', 'by: !!set { anna }'), /./],
    ['binary', replaced('system: ${', 'system: !!binary aGk=\nother: ${'), /./],
    ['nothing', '', /./],
    ['only a list', '- 1', /./],
    ['null bytes', '\0'.repeat(1000), /./],
    ['a product that every object has', 'product: constructor', /bpmsoft-connector/],
  ];
  test.each(cases)('%s', (_name, text, message) => {
    // Time of the processor: other programs do not count.
    const began = process.cpuUsage();
    const mistakes = mistakesIn(text);
    const { user } = process.cpuUsage(began);
    expect(mistakes.length).toBeGreaterThan(0);
    expect(
      mistakes
        .map((one) => `${one.path} ${one.message}`)
        .join('\n')
        .slice(0, 5000),
    ).toMatch(message);
    for (const { line, column } of mistakes.slice(0, 10)) expect(line > 0 && column > 0).toBe(true);
    expect(user / 1000).toBeLessThan(200);
    expect(({} as Record<string, unknown>)['needed']).toBeUndefined();
  });
});
