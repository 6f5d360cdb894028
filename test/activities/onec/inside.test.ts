/** The script for the Windows Script Host must be of its language: ECMAScript 3, in ASCII. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Linter } from 'eslint';
import { expect, it, onTestFinished } from 'vitest';
import { createStepContext } from '../../../activities/context.ts';
import type { Machine } from '../../../activities/machines/machine.ts';
import { differencesIn } from '../../../activities/onec/configuration.ts';
import { isYes } from '../../../activities/onec/handlers.ts';
import { askInside } from '../../../activities/onec/inside.ts';
import { insideScript } from '../../../activities/onec/inside-script.ts';
import type { InfobaseTarget } from '../../../runbook/targets/index.ts';
import { testMachine } from './machine.ts';

const script = insideScript({
  connection: 'Srvr="app";Ref="Торговля";Usr="Иванов ""И""";', password: 'X', answer: 'C:\\a\\answer.json',
  asks: [{ do: 'question', question: { kind: 'constant', name: 'Ключ\u2028' } }, { do: 'now' }],
}); // prettier-ignore

it('is ECMAScript 3 and nothing that came later', () => {
  const messages = (text: string): string[] =>
    new Linter()
      .verify(text, { languageOptions: { ecmaVersion: 3, sourceType: 'script' } })
      .filter(({ fatal }) => fatal)
      .map(({ message }) => message);
  expect(messages(script)).toEqual([]);
  expect(messages('const a = 1;')).not.toEqual([]);
  expect(script).not.toMatch(/\bJSON\b|\.(?:map|forEach|filter|indexOf|some|trim|includes|keys|bind)\(/);
});

it('is ASCII, whatever is asked', () => {
  expect(script).toMatch(/^[\x20-\x7e\n]*$/);
  expect(script).toContain('\\u0422\\u043e\\u0440\\u0433\\u043e\\u0432\\u043b\\u044f');
});

it('1C says no in several ways', () => {
  expect(['', 'Нет', 'ложь', 'No', 'false', '0'].map(isYes)).toEqual([false, false, false, false, false, false]);
  expect(['Да', 'true', '31.12.2027', 'Нетто'].map(isYes)).toEqual([true, true, true, true]);
});

it('a report of differences is read without its legend and root; a long one is cut', () => {
  const legend =
    '***- Объект изменен\r\n-->- Объект присутствует только в основной конфигурации\r\n<--- Объект присутствует только в конфигурации поставщика\r\n^- Порядок объекта изменен\r\n\r\n';
  expect(differencesIn(legend)).toEqual([]);
  const report = `${legend}\t- ***Конфигурация.Торговля\r\n\t\t- ***Справочник.Контакты\r\n\t\t\t- ***Справочник.Контакты.Реквизит.Почта\r\n\t\t- -->Документ.Наш\r\n\t\t- <--Отчет.Продажи\r\n\t\t- ^Роль.Кассир`;
  expect(differencesIn(report).map(({ en, values }) => `${en.split(':')[0]} ${values!['object']}`)).toEqual([
    'changed Справочник.Контакты', 'changed Справочник.Контакты.Реквизит.Почта', 'only here Документ.Наш', 'only with the vendor Отчет.Продажи', 'order changed Роль.Кассир',
  ]); // prettier-ignore
  const long = differencesIn(Array.from({ length: 260 }, (_, n) => `\t\t- ***Справочник.С${n}`).join('\n'));
  expect(long).toHaveLength(201);
  expect(long.at(-1)!.values).toEqual({ count: 60, digest: expect.stringMatching(/^[0-9a-f]{12}$/) as string });
});

it('what a killed attempt left is removed by the next, the file with the password too', async () => {
  const disk = mkdtempSync(join(tmpdir(), 'nakat-inside-'));
  onTestFinished(() => rmSync(disk, { recursive: true, force: true }));
  const machine = testMachine(disk, {
    'C:\\Windows\\System32\\cscript.exe': async (argv) => {
      await machine.writeFile(argv.at(-1)!.replace('inside.js', 'answer.json'), '{"results": ["2026-11-21"]}');
      return 0;
    },
  });
  const target: InfobaseTarget = {
    name: 'trade', platform: 'C:\\1cv8', machine: { via: 'local', name: 'app01', os: 'windows', work: 'C:\\nakat' },
    at: { kind: 'file', folder: 'C:\\bases\\trade' }, user: 'nakat', password: { env: 'ONEC' }, backup: 'designer',
    tables: [], backups: 'C:\\backups', permissionCode: 'code',
  }; // prettier-ignore
  const ask = (on: Machine, attempt: number) =>
    askInside(
      { target, machine: on, context: createStepContext({ attempt, secret: async () => 's3cret' }) },
      { do: 'now' },
    );
  const killed: Machine = {
    ...machine,
    run: async (_argv, { scratch = machine.work } = {}) => {
      await machine.writeFile(machine.join(scratch, 'env-1.cmd.nakat-new'), 's3cret');
      throw new Error('killed');
    },
    remove: async () => {},
  };
  const left = (): string[] => readdirSync(machine.real('C:\\nakat'), { recursive: true, encoding: 'utf8' });
  await expect(ask(killed, 1)).rejects.toThrow('killed');
  expect(left().filter((path) => path.endsWith('env-1.cmd.nakat-new'))).toHaveLength(1);
  expect(await ask(machine, 2)).toEqual(['2026-11-21']);
  expect(left()).toEqual(['onec']);
});
