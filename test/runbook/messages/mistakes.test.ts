/** Mistakes of plans in Russian: all that the examples' worst copies bring about, with what they are about left in them. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { compile } from '../../../runbook/compile.ts';
import { mistakeIn } from '../../../runbook/messages/mistakes.ts';
import { parsePlan, type PlanMistake } from '../../../runbook/plan/parse.ts';

const example = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../examples/${name}.yaml`, import.meta.url)), 'utf8');
const file = { path: '/telephony.cfe', sha256: 'a'.repeat(64), text: 'SELECT 1' };

function mistakesOf(text: string): readonly PlanMistake[] {
  const parsed = parsePlan(text, {});
  if ('mistakes' in parsed) return parsed.mistakes;
  const compiled = compile(parsed, { file, 'text:schema-version': file, 'text:statistics': file });
  return 'mistakes' in compiled ? compiled.mistakes : [];
}

test.each([
  ['onec-extension', 'jitter: 15m', 'jitter: 15min', 'ожидается длительность, как 90s'],
  ['onec-extension', 'jitter: 15m', 'jitter: 15', 'ожидается текст, указано число'],
  ['onec-extension', 'jitter: 15m', 'jiter: 15m', 'неизвестный ключ «jiter»'],
  ['onec-extension', "at: ['07:30']\n  days: [1, 2, 3, 4, 5]", 'every: 0s', 'не меньше одной минуты'],
  ['onec-extension', "at: ['07:30']", 'every: 1h', 'ожидается ещё `at`'],
  ['onec-extension', 'name: manifest', 'name: licence-server', 'имя «licence-server» использовано дважды'],
  [
    'onec-extension',
    'https://lm.example.com',
    'ftp://lm.example.com',
    'ожидается адрес, который начинается с https://',
  ],
  ['onec-extension', 'https://lm.example.com', 'http://lm.example.com', 'ожидается https://'],
  ['onec-extension', 'https://lm.example.com', 'https://me:key@lm.example.com', 'без имени и пароля'],
  ['onec-extension', '{ env: NAKAT_UPDATES_TOKEN }', 'abc', 'самому секрету в плане не место'],
  ['onec-extension', 'kind: bearer', 'kind: oauth', "ожидается одно из: 'none'"],
  ['onec-extension', '${LAB_1C_TEST_DB:-trade_test}', 'trade', 'база данных тестовой базы 1С — сама рабочая'],
  ['onec-extension', 'by: []', 'by: [anna, anna]\n  needed: 2', 'ожидается не больше 1'],
  ['onec-extension', 'jitter: 15m', 'jitter: 15m\n  jitter: 1m', 'ключ указан дважды'],
  ['onec-extension', '  extension: Тел', '\textension: Тел', 'отступы делаются пробелами'],
  ['onec-extension', 'nakat: 1\n', '---\nnakat: 1\n---\nnakat: 1\n', 'ожидается один план в файле'],
  ['custom', '{ service: $kinto }', '{ service: $kino }', 'неизвестное имя «$kino»; имена этого плана: app'],
  ['custom', 'step: runSql', 'step: runSQL', 'нет шага «runSQL»; самые похожие: runSql'],
  ['custom', 'undoes: [switch]', 'undoes: [new-settings]', 'ни один шаг restore этого не отменяет'],
  ['custom', 'uses: { before: read-state }', 'uses: { before: production.record-state }', 'а это не предыдущий шаг'],
  [
    'custom',
    'name: migrate\n      title: { en: Migrate the d',
    'name: switch\n      title: { en: Migrate the d',
    'дважды',
  ],
])('%s with %j as %j', (name, from, to, said) => {
  const text = example(name);
  expect(text).toContain(from);
  const mistakes = mistakesOf(text.replace(from, () => to));
  const russian = mistakes.map(({ message }) => mistakeIn(message, 'ru'));
  expect(russian.join('\n')).toContain(said);
  for (const one of russian) expect(one).toMatch(/[а-я]/);
  for (const { line, message } of mistakes) {
    expect(line).toBeGreaterThan(1);
    expect(message).not.toMatch(/\n|at line/);
    expect(mistakeIn(message, 'en')).toBe(message);
  }
});

test('a mistake inside of one, and one that nobody knows', () => {
  expect(mistakeIn('r.yaml, line 3: releases.0.from: Invalid input: expected array, received undefined', 'ru')).toBe(
    'r.yaml, строка 3: releases.0.from: не указано: ожидается список',
  );
  expect(mistakeIn('the moon is full', 'ru')).toBe('the moon is full');
});

/** What schemas and recipes say of mistakes, as far as it stands there as a text; `x` for what is put into it. */
function textsIn(file: string): string[] {
  const found: string[] = [];
  const texts = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) found.push(node.text);
    else if (ts.isTemplateExpression(node))
      found.push(node.head.text + node.templateSpans.map(({ literal }) => `x${literal.text}`).join(''));
    else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(texts);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && ['message', 'error'].includes(node.name.getText())) texts(node.initializer);
    const called = ts.isCallExpression(node) ? (node.expression.getText().split('.').at(-1) ?? '') : '';
    if (ts.isCallExpression(node) && ['add', 'report', 'refine', 'regex'].includes(called))
      node.arguments.slice(1).forEach(texts);
    if (ts.isNewExpression(node) && node.expression.getText() === 'PlanMistakeAt') node.arguments?.forEach(texts);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true));
  return found.filter((text) => text.includes(' '));
}

test.each(['recipes', 'plan', 'targets'])('whatever %s call a mistake has its Russian', (folder) => {
  const at = fileURLToPath(new URL(`../../../runbook/${folder}/`, import.meta.url));
  const texts = readdirSync(at).flatMap((file) => textsIn(at + file));
  expect(texts.length).toBeGreaterThan(1);
  expect(texts.filter((text) => !/[а-я]/.test(mistakeIn(text, 'ru')))).toEqual([]);
});
