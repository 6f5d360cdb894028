/** Files and folders of one name, and names that are one on some system: in the command, and at the desk. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lostChanges } from '../../../activities/customizations/check.ts';
import { prepare, type MergeRecord } from '../../../activities/customizations/desk.ts';
import { editsOf } from '../../../activities/customizations/edits.ts';
import type { SideName } from '../../../activities/customizations/fate.ts';
import { openMemory } from '../../../activities/customizations/memory.ts';
import { mergeFolders } from '../../../activities/customizations/merge-folders.ts';
import { scanFolder, type Trees } from '../../../activities/customizations/trees.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nakat-clashes-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Files = Record<string, string>;
type Three = readonly [base: Files, ours: Files, theirs: Files];
const sides = ['base', 'ours', 'theirs'] as const;

function put(at: string, files: Files): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, at, path)), { recursive: true });
    writeFileSync(join(folder, at, path), content);
  }
  return join(folder, at);
}
const filesIn = (root: string): Files =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => path !== 'always' && statSync(join(root, path)).isFile())
      .sort()
      .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  );

const cases: readonly [string, Three, { path: string; ours: string[]; theirs: string[] }][] = [
  [
    'the customer made a folder of a file that the vendor changed',
    [{ 'f.txt': 'a\nb\nc\n' }, { 'f.txt/a.txt': '1\n', 'f.txt/b.txt': '2\n' }, { 'f.txt': 'a\nb\nT\n' }],
    { path: 'f.txt/a.txt', ours: ['f.txt/a.txt', 'f.txt/b.txt'], theirs: ['f.txt'] },
  ],
  [
    'the vendor made a file of a folder in which the customer edited two',
    [{ 'd/a': '1', 'd/b': '1' }, { 'd/a': '2', 'd/b': '2' }, { d: 'x' }],
    { path: 'd/a', ours: ['d/a', 'd/b'], theirs: ['d'] },
  ],
  [
    'the customer added a folder, the vendor a file',
    [{}, { 'a/1': 'one', 'a/2': 'two' }, { a: 'file' }],
    { path: 'a/1', ours: ['a/1', 'a/2'], theirs: ['a'] },
  ],
  [
    'the customer added a file, the vendor a folder',
    [{}, { a: 'mine' }, { 'a/1': 'one', 'a/2': 'two' }],
    { path: 'a', ours: ['a'], theirs: ['a/1', 'a/2'] },
  ],
  [
    'names that differ in case only',
    [{}, { 'added.txt': 'mine' }, { 'Added.txt': 'the vendor’s' }],
    { path: 'added.txt', ours: ['added.txt'], theirs: ['Added.txt'] },
  ],
];

describe.each(cases)('%s', (_name, three, clash) => {
  const [, ours, theirs] = three;
  const placed = (): string[] => three.map((files, at) => put(sides[at] ?? '', { always: '1', ...files }));
  const opened = async (): Promise<Trees> => {
    const open = (side: SideName) => scanFolder(side, join(folder, side));
    placed();
    return { base: await open('base'), ours: await open('ours'), theirs: await open('theirs') };
  };
  const atDesk = async (trees: Trees, place = 'desk'): Promise<MergeRecord> =>
    prepare(trees, join(folder, place), {
      legacy: 'windows-1251',
      memory: await openMemory(join(folder, 'memory')),
      inputs: 'one',
      where: 'worker',
      time: () => new Date('2026-05-01T10:00:00Z'),
    });
  const choose = (choice: string): void =>
    writeFileSync(join(folder, 'desk/choices.yaml'), JSON.stringify({ by: 'Anna', files: { [clash.path]: choice } }));

  test('is one conflict; meanwhile the customer’s files have their own names', async () => {
    const [base = '', mine = '', vendors = ''] = placed();
    const out = join(folder, 'out');
    const html = join(folder, 'conflicts.html');
    const { conflicts } = await mergeFolders({
      base,
      ours: mine,
      theirs: vendors,
      out,
      page: { file: html, language: 'en' },
      encoding: 'windows-1251',
    });
    const at = { ours: clash.ours[0], theirs: clash.theirs[0] };
    const names = { ours: clash.ours, theirs: clash.theirs };
    expect(conflicts).toEqual([{ path: clash.path, kind: 'names-collide', at, names }]);
    expect(filesIn(out)).toEqual(ours);
    const page = readFileSync(html, 'utf8');
    for (const path of [...clash.ours, ...clash.theirs]) expect(page).toContain(path);
  });

  test.each([
    ['ours', ours],
    ['theirs', theirs],
  ] as const)('at the desk %s brings its own names, passes the check, and is remembered', async (choice, wanted) => {
    const trees = await opened();
    await expect(atDesk(trees)).rejects.toMatchObject({
      code: 'MERGE_CONFLICTS',
      failure: { values: { count: 1, files: `${clash.ours.join(', ')} ↔ ${clash.theirs.join(', ')}` } },
    });
    const choices = readFileSync(join(folder, 'desk/choices.yaml'), 'utf8');
    for (const path of [...clash.ours, ...clash.theirs]) expect(choices).toContain(path);
    expect(filesIn(join(folder, 'desk/sides/theirs'))).toEqual(theirs);
    expect(filesIn(join(folder, 'desk/files'))).toEqual(ours);
    choose(choice);
    const record = await atDesk(trees);
    expect(filesIn(join(folder, 'desk/files'))).toEqual(wanted);
    await atDesk(trees, 'again');
    expect(filesIn(join(folder, 'again/files'))).toEqual(wanted);
    const result = await scanFolder('theirs', join(folder, 'desk/files'));
    expect(await lostChanges(trees, result, record, 'windows-1251')).toEqual([]);
    // Each of them is named in the report, with who decided.
    const { files } = editsOf(record, { place: join(folder, 'desk/files') });
    for (const path of clash.ours)
      expect(files).toContainEqual(
        expect.objectContaining({ path, fate: 'resolved', decided: expect.objectContaining({ choice, by: 'Anna' }) }),
      );
  });

  test('a person may give both a place', async () => {
    const trees = await opened();
    await expect(atDesk(trees)).rejects.toMatchObject({ code: 'MERGE_CONFLICTS' });
    for (const path of clash.ours) rmSync(join(folder, 'desk/files', path));
    for (const path of clash.ours)
      if (path.includes('/')) rmSync(dirname(join(folder, 'desk/files', path)), { recursive: true, force: true });
    put('desk/files', { ...theirs, 'kept.txt': 'elsewhere' });
    choose('');
    const record = await atDesk(trees);
    expect(filesIn(join(folder, 'desk/files'))).toEqual({ ...theirs, 'kept.txt': 'elsewhere' });
    const result = await scanFolder('theirs', join(folder, 'desk/files'));
    expect(await lostChanges(trees, result, record, 'windows-1251')).toEqual([]);
  });
});

test('what a person added in the place of the side he then chooses is not overwritten', async () => {
  put('ours', { 'a/1': '1' });
  put('theirs', { a: 'file' });
  const trees = {
    base: null,
    ours: await scanFolder('ours', join(folder, 'ours')),
    theirs: await scanFolder('theirs', join(folder, 'theirs')),
  };
  const desk = async (): Promise<MergeRecord> =>
    prepare(trees, join(folder, 'desk'), {
      legacy: 'windows-1251',
      memory: await openMemory(join(folder, 'memory')),
      inputs: 'one',
      where: 'worker',
      time: () => new Date(),
    });
  await expect(desk()).rejects.toMatchObject({ code: 'MERGE_CONFLICTS' });
  put('desk/files', { 'a/own': 'added' });
  writeFileSync(join(folder, 'desk/choices.yaml'), JSON.stringify({ by: 'Anna', files: { 'a/1': 'theirs' } }));
  await expect(desk()).rejects.toMatchObject({ code: 'MERGE_CHOICE_NO_ROOM' });
  expect(readFileSync(join(folder, 'desk/files/a/own'), 'utf8')).toBe('added');
  expect(existsSync(join(folder, 'desk/merge.json'))).toBe(false);
});
