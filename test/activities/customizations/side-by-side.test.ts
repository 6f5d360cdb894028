import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { alike } from '../../../activities/customizations/bytes.ts';
import { readBelow } from '../../../activities/customizations/side-by-side.ts';
import { sameContent, scanFolder, scanTogether } from '../../../activities/customizations/trees.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nakat-sides-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sides = ['base', 'ours', 'theirs'] as const;
function put(path: string, contents: readonly (string | Buffer | null)[]): void {
  for (const [at, content] of contents.entries()) {
    const file = join(folder, sides[at] ?? '', path);
    mkdirSync(join(file, '..'), { recursive: true });
    if (content === null) continue;
    writeFileSync(file, content);
    // Dates say nothing: they are the same whatever is in the file.
    utimesSync(file, 1_700_000_000, 1_700_000_000);
  }
}
const roots = () => sides.map((side) => ({ side, folder: join(folder, side) }));
const read = () => readBelow({ roots: roots(), path: '', sides: [0, 1, 2] }).found;
const numbers = (): Record<string, (number | undefined)[]> =>
  Object.fromEntries(read().map(({ path, files }) => [path, files.map((file) => file?.content)]));

test('who has the same bytes as whom, by the bytes alone', () => {
  put('same', ['1', '1', '1']);
  put('ours-changed', ['1', '2', '1']);
  put('theirs-changed', ['1', '1', '2']);
  put('both-alike', ['1', '2', '2']);
  put('each-other', ['1', '2', '3']);
  put('sizes', ['1', '22', '1']);
  put('empty', ['', '', '1']);
  put('d/new', [null, null, '1']);
  put('d/gone', ['1', '1', null]);
  expect(numbers()).toEqual({
    same: [0, 0, 0],
    'ours-changed': [0, 1, 0],
    'theirs-changed': [0, 0, 2],
    'both-alike': [0, 1, 1],
    'each-other': [0, 1, 2],
    sizes: [0, 1, 0],
    empty: [0, 0, 2],
    'd/new': [undefined, undefined, 2],
    'd/gone': [0, 0, undefined],
  });
});

test('large files that differ late, or where pieces meet', () => {
  const large = (change?: number): Buffer => {
    const bytes = Buffer.alloc(256 * 1024 * 2 + 10, 7);
    if (change !== undefined) bytes[change] = 8;
    return bytes;
  };
  put('end', [large(), large(256 * 1024 * 2 + 9), large()]);
  put('border', [large(), large(256 * 1024), large(256 * 1024)]);
  put('first-then-last', [large(), large(0), large(256 * 1024 + 5)]);
  put('whole-pieces', [Buffer.alloc(256 * 1024), Buffer.alloc(256 * 1024), Buffer.alloc(256 * 1024, 1)]);
  expect(numbers()).toEqual({
    end: [0, 1, 0],
    border: [0, 1, 1],
    'first-then-last': [0, 1, 2],
    'whole-pieces': [0, 0, 2],
  });
  expect(alike(join(folder, 'base/end'), join(folder, 'theirs/end'))).toBe(true);
  expect(alike(join(folder, 'base/end'), join(folder, 'ours/end'))).toBe(false);
});

test('numbers count only among trees that were read together', async () => {
  put('f', ['1', '2', '1']);
  const {
    trees: [base, ours, theirs],
  } = await scanTogether(roots());
  if (!base || !ours || !theirs) throw new Error('three trees');
  expect([sameContent(base, 'f', ours), sameContent(base, 'f', theirs)]).toEqual([false, true]);
  const alone = await scanFolder('ours', join(folder, 'ours'));
  expect([sameContent(base, 'f', alone), sameContent(ours, 'f', alone)]).toEqual([false, true]);
});
