import fc from 'fast-check';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SideName } from '../../../activities/customizations/fate.ts';
import { layOut } from '../../../activities/customizations/lay-out.ts';
import { planMerge } from '../../../activities/customizations/plan.ts';
import { scanTogether } from '../../../activities/customizations/trees.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nakat-settle-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface File {
  readonly content: string;
  readonly mode: number;
}
type Files = Readonly<Record<string, File>>;
const file = (content: string, mode = 0o644): File => ({ content, mode });

function put(side: SideName, files: Files): { side: SideName; folder: string } {
  // A file that no other has: an empty side is refused.
  for (const [path, { content, mode }] of Object.entries({ ...files, [`always-${side}`]: file('here') })) {
    const to = join(folder, side, path);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, content);
    chmodSync(to, mode);
  }
  return { side, folder: join(folder, side) };
}

const listed = (root: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(root, path)).isFile())
      .sort()
      .map((path) => [
        path,
        `${(statSync(join(root, path)).mode & 0o777).toString(8)} ${readFileSync(join(root, path), 'latin1')}`,
      ]),
  );

async function merged(sides: readonly (readonly [SideName, Files])[], settling: boolean) {
  const roots = sides.map(([side, files]) => put(side, files));
  const out = join(folder, settling ? 'settled' : 'planned');
  mkdirSync(out);
  const { trees, settled } = await scanTogether(roots, settling ? { folder: out, legacy: 'windows-1251' } : undefined);
  const at = (side: SideName) => trees.find((tree) => tree.side === side);
  const [base = null, ours, theirs] = [at('base'), at('ours'), at('theirs')];
  if (!ours || !theirs) throw new Error('two sides');
  const laid = await layOut({ base, ours, theirs }, await planMerge({ base, ours, theirs }), out, {
    legacy: 'windows-1251',
  });
  const fates = new Map<string, number>(settled.fates);
  for (const { fate } of laid) if (fate !== 'open') fates.set(fate, (fates.get(fate) ?? 0) + 1);
  const open = laid.filter(({ fate }) => fate === 'open').map(({ path, kind }) => `${path}: ${kind}`);
  return { files: listed(out), fates: new Map([...fates].sort()), open, settled };
}

const three = (base: Files, ours: Files, theirs: Files) =>
  [
    ['base', base],
    ['ours', ours],
    ['theirs', theirs],
  ] as const;

test('what needs nobody is put into the result while it is read, and only that', async () => {
  const long = 'x'.repeat(256 * 1024);
  const sides = three(
    {
      same: file('1'),
      new: file('1'),
      edited: file('1'),
      both: file('1'),
      texts: file('1\n2\n3\n'),
      conflict: file('1\n'),
      'd/empty': file(''),
      'd/long': file(`${long}1`),
      'd/piece': file(long),
      'd/longer': file('1'),
      gone: file('1'),
    },
    {
      same: file('1'),
      new: file('1'),
      edited: file('2', 0o600),
      both: file('2'),
      texts: file('0\n2\n3\n', 0o600),
      conflict: file('2\n'),
      'd/empty': file(''),
      'd/long': file(`${long}1`),
      'd/piece': file(long),
      'd/longer': file('1'),
      gone: file('1'),
      own: file('1'),
    },
    {
      same: file('1', 0o755),
      // More than the usual mask lets a new file have.
      new: file('2', 0o666),
      edited: file('1'),
      both: file('2'),
      texts: file('1\n2\n4\n'),
      conflict: file('3\n'),
      'd/empty': file(''),
      'd/long': file(`${long}2`),
      'd/piece': file(long),
      'd/longer': file('22'),
      added: file('1'),
    },
  );
  const out = join(folder, 'out');
  mkdirSync(out);
  const { trees, settled } = await scanTogether(
    sides.map(([side, files]) => put(side, files)),
    { folder: out, legacy: 'windows-1251' },
  );
  expect(Object.fromEntries(settled.changed.map(({ path, fate }) => [path, fate]))).toEqual({
    new: 'new-version',
    edited: 'edit-kept',
    both: 'same-in-both',
    texts: 'merged',
    'd/long': 'new-version',
    'd/longer': 'new-version',
  });
  expect(Object.fromEntries(settled.fates)).toEqual({
    unchanged: 3,
    'new-version': 3,
    'edit-kept': 1,
    'same-in-both': 1,
    merged: 1,
  });
  expect(listed(out)).toEqual({
    same: '755 1',
    new: '666 2',
    edited: '600 2',
    both: '644 2',
    texts: '600 0\n2\n4\n',
    'd/empty': '644 ',
    'd/long': `644 ${long}2`,
    'd/piece': `644 ${long}`,
    'd/longer': '644 22',
  });
  expect(trees.map(({ files }) => [...files.keys()].sort())).toEqual([
    ['always-base', 'conflict', 'gone'],
    ['always-ours', 'conflict', 'gone', 'own'],
    ['added', 'always-theirs', 'conflict'],
  ]);
});

const paths = ['a', 'b', 'd/a', 'd/b', 'd/e/a', 'A'];
const files = fc.dictionary(
  fc.constantFrom(...paths),
  fc.record({
    content: fc.constantFrom('', '1\n2\n3\n', '0\n2\n3\n', '1\n2\n4\n', '1\n2\n5\n', '\0', '\0\0'),
    mode: fc.constantFrom(0o644, 0o755, 0o600),
  }),
);

test('a merge that settles while it reads ends as one that plans everything first', async () => {
  let both = 0;
  const property = fc.asyncProperty(files, files, files, fc.boolean(), async (base, ours, theirs, threeWay) => {
    for (const left of readdirSync(folder)) rmSync(join(folder, left), { recursive: true });
    const sides = three(base, ours, theirs).slice(threeWay ? 0 : 1);
    const [settling, planning] = [await merged(sides, true), await merged(sides, false)];
    if (settling.settled.fates.size > 0 && settling.open.length > 0) both += 1;
    expect({ ...settling, settled: null }).toEqual({ ...planning, settled: null });
    expect(planning.settled.fates.size).toBe(0);
  });
  await fc.assert(property, { numRuns: 300, seed: 1 });
  // It would prove nothing if all were settled, or nothing was.
  expect(both).toBeGreaterThan(20);
});
