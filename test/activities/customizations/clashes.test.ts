/** Files and folders of one name, and names that are one on some system: in the command, and at the desk. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lostChanges } from '../../../activities/customizations/check.ts';
import { editsOf } from '../../../activities/customizations/edits.ts';
import { mergeFolders } from '../../../activities/customizations/merge-folders.ts';
import { scanFolder } from '../../../activities/customizations/trees.ts';
import { filesIn, workbench, type Three } from './workbench.ts';

const { inside, put, layOut, opened, atDesk, choose } = workbench();

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

  test('is one conflict; meanwhile the customer’s files have their own names', async () => {
    const [out, html] = [inside('out'), inside('conflicts.html')];
    const { conflicts } = await mergeFolders({
      ...layOut(three),
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
    const trees = await opened(three);
    await expect(atDesk(trees)).rejects.toMatchObject({
      code: 'MERGE_CONFLICTS',
      failure: { values: { count: 1, files: `${clash.ours.join(', ')} ↔ ${clash.theirs.join(', ')}` } },
    });
    const choices = readFileSync(inside('desk/choices.yaml'), 'utf8');
    for (const path of [...clash.ours, ...clash.theirs]) expect(choices).toContain(path);
    expect(filesIn(inside('desk/sides/theirs'))).toEqual(theirs);
    expect(filesIn(inside('desk/files'))).toEqual(ours);
    choose(clash.path, choice);
    const record = await atDesk(trees);
    expect(filesIn(inside('desk/files'))).toEqual(wanted);
    await atDesk(trees, 'again');
    expect(filesIn(inside('again/files'))).toEqual(wanted);
    const result = await scanFolder('theirs', inside('desk/files'));
    expect(await lostChanges(trees, result, record, 'windows-1251')).toEqual([]);
    // Each of them is named in the report, with who decided.
    const { files } = editsOf(record, { place: inside('desk/files') });
    for (const path of clash.ours)
      expect(files).toContainEqual(
        expect.objectContaining({ path, fate: 'resolved', decided: expect.objectContaining({ choice, by: 'Anna' }) }),
      );
  });

  test('a person may give both a place', async () => {
    const trees = await opened(three);
    await expect(atDesk(trees)).rejects.toMatchObject({ code: 'MERGE_CONFLICTS' });
    for (const path of clash.ours) rmSync(inside('desk/files', path));
    for (const path of clash.ours)
      if (path.includes('/')) rmSync(dirname(inside('desk/files', path)), { recursive: true, force: true });
    put('desk/files', { ...theirs, 'kept.txt': 'elsewhere' });
    choose(clash.path, '');
    const record = await atDesk(trees);
    expect(filesIn(inside('desk/files'))).toEqual({ ...theirs, 'kept.txt': 'elsewhere' });
    const result = await scanFolder('theirs', inside('desk/files'));
    expect(await lostChanges(trees, result, record, 'windows-1251')).toEqual([]);
  });
});

test('what a person added in the place of the side he then chooses is not overwritten', async () => {
  put('ours', { 'a/1': '1' });
  put('theirs', { a: 'file' });
  const trees = {
    base: null,
    ours: await scanFolder('ours', inside('ours')),
    theirs: await scanFolder('theirs', inside('theirs')),
  };
  await expect(atDesk(trees)).rejects.toMatchObject({ code: 'MERGE_CONFLICTS' });
  put('desk/files', { 'a/own': 'added' });
  choose('a/1', 'theirs');
  await expect(atDesk(trees)).rejects.toMatchObject({ code: 'MERGE_CHOICE_NO_ROOM' });
  expect(readFileSync(inside('desk/files/a/own'), 'utf8')).toBe('added');
  expect(existsSync(inside('desk/merge.json'))).toBe(false);
});
