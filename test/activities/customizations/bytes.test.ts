import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { close, compare, contentOf, open, Unreadable, type Opened } from '../../../activities/customizations/bytes.ts';

let folder: string;
let opened: Opened[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nakat-bytes-'));
  opened = [];
});
afterEach(() => {
  close(opened);
  rmSync(folder, { recursive: true, force: true });
});

function openAll(...contents: readonly string[]): Opened[] {
  for (const [at, content] of contents.entries()) {
    writeFileSync(join(folder, `f${at}`), content);
    opened.push(open(join(folder, `f${at}`), at));
  }
  return opened;
}

test.each([
  ['small', 1000],
  ['large', 600_000],
])('a %s file that becomes shorter while it is read is no other version of it', (_name, size) => {
  const files = openAll('x'.repeat(size), 'x'.repeat(size));
  truncateSync(join(folder, 'f1'), size - 1);
  expect(() => compare(files)).toThrow(Unreadable);
});

test('nor when it is read for its content alone', () => {
  const [file] = openAll('12345');
  truncateSync(join(folder, 'f0'));
  expect(() => file && contentOf(file)).toThrow(Unreadable);
});

test('what was read stays what was compared, also when the file changes afterwards', () => {
  const files = openAll('1', '1', '2');
  compare(files);
  writeFileSync(join(folder, 'f0'), '3');
  expect(files.map((file) => [file.first, String(contentOf(file))])).toEqual([
    [0, '1'],
    [0, '1'],
    [2, '2'],
  ]);
});

test('a file that is not there says why', () => {
  expect(() => open(join(folder, 'nowhere'), 0)).toThrow('ENOENT');
});
