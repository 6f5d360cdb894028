/** What keeps the project whole: who imports whom, how long a file may be, texts in both languages, nothing of one machine. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { errorCatalogue, type ErrorCode } from '../runbook/errors/index.ts';
import type { ErrorKind } from '../runbook/errors/define.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Folder by folder, what it may import beside itself and packages. */
const house: Record<string, readonly RegExp[]> = {
  runbook: [],
  workflows: [/^runbook\//],
  activities: [/^runbook\//],
  workers: [/^(runbook|workflows|activities)\//],
  client: [/^runbook\//, /^workflows\/(messages|state)\.ts$/, /^workers\//],
  lab: [/^runbook\//],
};
/** The demo puts all of it together; some commands do a step's work on the spot. */
const exceptions = new Map([
  ['client/demo.ts', /^lab\//],
  // The same merge as in a run, without one.
  ['client/commands/merge.ts', /^activities\/customizations\/merge-folders\.ts$/],
]);

test('nobody imports what is not his', () => {
  const wrong = tracked
    .filter((file) => file.endsWith('.ts') && Object.hasOwn(house, file.split('/')[0] ?? ''))
    .flatMap((file) => {
      const folder = file.split('/')[0] ?? '';
      const imports = [...read(file).matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)];
      return imports
        .map((match) => join(dirname(file), match[1] ?? ''))
        .filter((target) => !target.startsWith(`${folder}/`))
        .filter((target) => !house[folder]?.some((allowed) => allowed.test(target)))
        .filter((target) => !exceptions.get(file)?.test(target))
        .map((target) => `${file} → ${target}`);
    });
  // Types of the demo's options name the practice ground.
  expect(wrong.filter((line) => !/^client\/commands\/services\.ts → lab\//.test(line))).toEqual([]);
});

test('no file is longer than a reader wants', () => {
  const code = (file: string): number =>
    read(file)
      .split('\n')
      .filter((line) => !/^\s*(\/\/|\/?\*|$)/.test(line)).length;
  const long = tracked.filter((file) => /\.(ts|mjs)$/.test(file) && code(file) > 320);
  expect(long).toEqual([]);
});

const names = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''))].sort();

test('every error says the same in both languages, and is documented', () => {
  const documented = read('docs/errors.md');
  for (const code of Object.keys(errorCatalogue) as ErrorCode[]) {
    const { what, todo }: ErrorKind = errorCatalogue[code];
    for (const text of [what, todo]) {
      expect(text.en.trim() && text.ru.trim(), code).not.toBe('');
      expect(text.ru, code).toMatch(/[а-яё]/i);
    }
    expect(names(what.ru), code).toEqual(names(what.en));
    expect(names(todo.ru), code).toEqual(names(todo.en));
    expect(documented, code).toContain(code);
  }
});

test('no error code and no step is declared twice', () => {
  // Catalogues are spread into one object: the later of two would silently win.
  const declared = (folder: string, entry: RegExp): string[] =>
    tracked
      .filter((file) => file.startsWith(folder))
      .flatMap((file) => [...read(file).matchAll(entry)].map((match) => match[1] ?? ''));
  const codes = declared('runbook/errors/', /^ {2}([A-Z][A-Z0-9_]+): \{/gm);
  expect(codes.length).toBeGreaterThan(200);
  expect(codes.filter((code, at) => codes.indexOf(code) !== at)).toEqual([]);
  const steps = declared('runbook/steps/', /^ {2}(\w+): defineStep\(/gm);
  expect(steps.length).toBeGreaterThan(80);
  expect(steps.filter((step, at) => steps.indexOf(step) !== at)).toEqual([]);
});

test('nothing names a machine, or where packages came from', () => {
  // In parts, or this file would be found.
  const forbidden = new RegExp(['/' + 'work/(main|shared)', '/' + 'home/\\w+/', 'C:\\\\Users\\\\\\w'].join('|'));
  const found = tracked.filter((file) => !file.endsWith('.zip') && forbidden.test(read(file)));
  expect(found).toEqual([]);
  const lock = [...read('package-lock.json').matchAll(/"resolved": "(https?:\/\/[^/"]+)/g)].map((match) => match[1]);
  expect([...new Set(lock)].filter((place) => place !== 'https://registry.npmjs.org')).toEqual([]);
});
