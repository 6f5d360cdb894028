import { IntlMessageFormat } from 'intl-messageformat';
import { describe, expect, test } from 'vitest';
import { failureText, NakatError } from '../../../runbook/errors/index.ts';
import { factTexts, sayFacts, wordTexts } from '../../../runbook/messages/facts.ts';
import { progressTexts } from '../../../runbook/messages/progress.ts';
import { differencesOf, proofLine, proofTexts, sayProof } from '../../../runbook/messages/proof.ts';
import { argumentTexts, cliTexts, commandTexts, optionTexts, usageTexts } from '../../../runbook/messages/cli.ts';
import { clock, duration, languageOf, tell } from '../../../runbook/messages/say.ts';
import { phaseTexts, viewTexts } from '../../../runbook/messages/view.ts';
import type { Text } from '../../../runbook/types.ts';

const catalogues: Record<string, Record<string, Text>> = {
  argumentTexts,
  cliTexts,
  commandTexts,
  optionTexts,
  usageTexts,
  viewTexts,
  phaseTexts,
  factTexts,
  wordTexts,
  progressTexts,
  proofTexts,
};

type Element = ReturnType<IntlMessageFormat['getAst']>[number];
/** Of the parser's kinds: plain text, and the `#` of a plural. */
const [literal, pound] = [0, 7];

const placeholders = (elements: readonly Element[]): string[] =>
  elements.flatMap((element) => {
    if (element.type === literal || element.type === pound || !('value' in element)) return [];
    const inner =
      'options' in element ? Object.values(element.options).flatMap((option) => placeholders(option.value)) : [];
    return [element.value, ...inner];
  });
const namesIn = (text: string, language: string): string[] =>
  [...new Set(placeholders(new IntlMessageFormat(text, language).getAst()))].sort();

describe.each(Object.entries(catalogues))('%s', (_name, texts) => {
  test.each(Object.entries(texts))('%s says the same in both languages', (_key, text) => {
    expect(namesIn(text.ru, 'ru')).toEqual(namesIn(text.en, 'en'));
    expect(text.ru).not.toBe('');
  });
});

test('Russian plurals', () => {
  const many = (total: number): string => tell(viewTexts.notStarted, 'ru', { total, time: '0:10' });
  expect([1, 3, 5, 21].map(many).map((line) => line.split(',')[0])).toEqual(['1 шаг', '3 шага', '5 шагов', '21 шаг']);
});

test('languages from the environment', () => {
  expect(languageOf({ LANG: 'ru_RU.UTF-8' })).toBe('ru');
  expect(languageOf({ LANG: 'ru_RU.UTF-8', LC_ALL: 'C' })).toBe('en');
  expect(languageOf({})).toBe('en');
});

test('durations and times', () => {
  expect([0, 42.4, 725, 11_220].map(duration)).toEqual(['0:00', '0:42', '12:05', '3:07:00']);
  const now = Date.UTC(2026, 0, 10, 20, 0);
  expect(clock(now, now, 'en', 'UTC')).toBe('20:00');
  expect(clock(now, now, 'ru', 'Europe/Moscow', 'zone')).toBe('23:00 GMT+3');
  expect(clock(now + 86_400_000, now, 'ru', 'UTC')).toMatch(/11 янв\.?,? 20:00/);
});

test('facts in words of the reader', () => {
  const facts = {
    version: '3.2.0',
    bytes: 8_576_359,
    seconds: 1.63,
    installed: true,
    found: 'installed-now',
    tables: { Order: 0 },
  };
  expect(sayFacts(facts, 'en')).toBe(
    'version: 3.2.0 · size: 8.6\u00a0MB · took: 1.6\u00a0s · installed: yes · found: installed now · tables: Order 0',
  );
  expect(sayFacts(facts, 'ru')).toBe(
    'версия: 3.2.0 · размер: 8,6\u00a0МБ · заняло: 1,6\u00a0с · установлено: да · результат: установлено сейчас · таблицы: Order 0',
  );
  expect(sayFacts({ opens: 0, unheard: 'of', message: '', logTail: null, errors: [1, 2] }, 'ru')).toBe(
    'открывается: 1970-01-01T00:00:00.000Z · unheard: of · ошибок: 2',
  );
});

test('lines of a proof in words of the reader', () => {
  const line = proofLine({ kind: 'table', name: 'Contact', of: 'crm' }, '40, 9f', '41, 9f');
  expect(line).toMatchObject({ what: 'crm: table Contact: rows, checksum', equal: false });
  expect(sayProof(line, 'ru')).toBe('crm: таблица Contact: строк, контрольная сумма');
  expect(proofLine({ kind: 'schema' }, undefined, 'x')).toMatchObject({ before: '—', after: 'x', equal: false });
  // An address, a command; and the line of an earlier version.
  expect(sayProof({ what: 'http://crm/' }, 'ru')).toBe('http://crm/');
  expect(differencesOf([line, proofLine({ kind: 'files' }, '1', '1')], 'ru')).toBe(
    'crm: таблица Contact: строк, контрольная сумма: 40, 9f → 41, 9f',
  );
});

test('facts in words: counts of one, shares, and words of ours', () => {
  const say = (facts: Parameters<typeof sayFacts>[0]) => [sayFacts(facts, 'en'), sayFacts(facts, 'ru')];
  expect(say({ verified: 'manifest', files: 1 })).toEqual([
    'verified by: SHA-256 of every file · files: 1',
    'проверено: SHA-256 каждого файла · файлов: 1',
  ]);
  expect(say({ worst: 0.00039316239316239317 })).toEqual([
    'largest difference: 0.039\u00a0%',
    'наибольшее отличие: 0,039\u00a0%',
  ]);
  expect(say({ found: 'now', engine: 'copy', protocol: 'SFTP', rightsKept: true })[1]).toBe(
    'результат: сделано сейчас · средство: копия файлов · протокол: SFTP · права файлов сохраняются: да',
  );
});

test('a decision against going on is told in words, with who took it', () => {
  const against = (why: string): string =>
    failureText(new NakatError('DECISION_AGAINST', { values: { decision: 'x', choice: 'stop', why } }).failure, 'ru');
  expect(against('anna: база занята')).toBe('Решение «x»: остановить. anna: база занята');
  expect(against('deadline')).toBe('Решение «x»: остановить. к сроку никто не ответил');
});
