/** Threads are started from what is built: needs `npm run build`. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readAlone, type ReadAll } from '../../../activities/customizations/hands.ts';
import type { Below, Reading } from '../../../activities/customizations/side-by-side.ts';

interface Hands {
  withHands<T>(use: (read: ReadAll) => Promise<T>): Promise<T>;
}
const built = new URL('../../../dist/activities/customizations/hands.js', import.meta.url).href;
const { withHands } = (await import(/* @vite-ignore */ built)) as Hands;

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nakat-hands-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sides = ['base', 'ours', 'theirs'] as const;
function pieces(into: string): Below[] {
  for (let at = 0; at < 40; at++)
    for (const [number, side] of sides.entries()) {
      mkdirSync(join(folder, side, `d${at}/e`), { recursive: true });
      for (let file = 0; file < 25; file++)
        writeFileSync(join(folder, side, `d${at}/e/f${file}`), `${file % 5 === 0 ? number : 0} ${at} ${file}`);
    }
  const roots = sides.map((side) => ({ side, folder: join(folder, side) }));
  return Array.from({ length: 40 }, (_, at) => ({
    roots,
    path: `d${at}`,
    sides: [0, 1, 2],
    into: { folder: join(folder, into), legacy: 'windows-1251' },
  }));
}
const tree = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((path) => (statSync(join(root, path)).isFile() ? `${path}: ${readFileSync(join(root, path))}` : path));
const plain = (readings: readonly Reading[]) =>
  readings.map(({ found, settled }) => ({ found, settled: { ...settled, fates: Object.fromEntries(settled.fates) } }));

test('threads read and settle what one does alone', async () => {
  const together = await withHands((read) => read(pieces('together')));
  const alone = await readAlone(pieces('alone'));
  expect(plain(together)).toEqual(plain(alone));
  expect(alone.map(({ found }) => found.length)).toEqual(Array.from({ length: 40 }, () => 5));
  expect(tree(join(folder, 'together'))).toEqual(tree(join(folder, 'alone')));
});

test('what fails in one fails the whole, and nothing goes on', async () => {
  const all = pieces('out');
  // Once for each end of the list: whoever takes it.
  for (const at of [0, 39]) {
    rmSync(join(folder, 'out'), { recursive: true, force: true });
    mkdirSync(join(folder, 'out'));
    writeFileSync(join(folder, `out/d${at}`), 'a file where a folder has to be');
    const whenItFailed = await withHands(async (read) => {
      await expect(read(all)).rejects.toMatchObject({ code: expect.stringMatching(/^(EEXIST|ENOTDIR)$/) as string });
      return tree(join(folder, 'out'));
    });
    expect(tree(join(folder, 'out'))).toEqual(whenItFailed);
  }
});

test('threads that had nothing to do end', async () => {
  expect(await withHands(() => Promise.resolve('done'))).toBe('done');
});
