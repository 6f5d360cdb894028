/** One file that both sides have moved, or that one moved and the other removed: git calls it a conflict, and so does the merge. */
import { execFileSync, spawnSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lostChanges } from '../../../activities/customizations/check.ts';
import { editsOf } from '../../../activities/customizations/edits.ts';
import { mergeFolders } from '../../../activities/customizations/merge-folders.ts';
import { scanFolder } from '../../../activities/customizations/trees.ts';
import { filesIn, workbench, type Files, type Three } from './workbench.ts';

const { inside, layOut, opened, atDesk, choose } = workbench();

const old = Array.from({ length: 40 }, (_, at) => `line ${at}\n`).join('');
const edited = old.replace('line 3', 'customer');
const renewed = old.replace('line 30', 'vendor');

interface Case {
  readonly three: Three;
  readonly conflict: { path: string; kind: string; names?: { ours: string[]; theirs: string[] } };
  /** In the result while nobody has decided. */
  readonly meanwhile: Files;
}
const apart = { path: 'b', kind: 'moved-apart', names: { ours: ['b'], theirs: ['c'] } };
const removed = { path: 'c', kind: 'removed-and-moved' };
const cases: Record<string, Case> = {
  'both moved it, the customer edited it, the vendor changed it': {
    three: [{ a: old }, { b: edited }, { c: renewed }],
    conflict: apart,
    meanwhile: { b: edited },
  },
  'both moved it as it was': { three: [{ a: old }, { b: old }, { c: old }], conflict: apart, meanwhile: { b: old } },
  'the customer removed it, the vendor moved it': {
    three: [{ a: old }, {}, { c: old }],
    conflict: removed,
    meanwhile: { c: old },
  },
  'the customer removed it, the vendor moved and changed it': {
    three: [{ a: old }, {}, { c: renewed }],
    conflict: removed,
    meanwhile: { c: renewed },
  },
};

describe.each(Object.entries(cases))('%s', (_name, { three, conflict, meanwhile }) => {
  const [, ours, theirs] = three;

  test('is a conflict for git', () => {
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', inside(), ...args], { encoding: 'utf8' }).trim();
    git('init', '-q');
    const commits = Object.values(layOut(three)).map((tree, at) => {
      git('--work-tree', tree, 'add', '-A');
      const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
      const parent = at === 0 ? [] : ['-p', 'base'];
      const commit = git(...who, 'commit-tree', git('write-tree'), ...parent, '-m', 'x');
      if (at === 0) git('tag', 'base', commit);
      return commit;
    });
    const { status } = spawnSync('git', ['-C', inside(), 'merge-tree', '--write-tree', ...commits.slice(1)]);
    expect(status).toBe(1);
  });

  test('is a conflict of the command, and no file is told as removed or moved by anybody', async () => {
    const out = inside('out');
    const { conflicts, files, moved } = await mergeFolders({ ...layOut(three), out, encoding: 'windows-1251' });
    expect(conflicts).toMatchObject([conflict]);
    expect({ files, moved }).toEqual({ files: { unchanged: 1 }, moved: [] });
    expect(filesIn(out)).toEqual(meanwhile);
  });

  test.each([
    ['ours', ours],
    ['theirs', theirs],
  ] as const)(
    '%s brings that side’s files and no others, passes the check, and is remembered',
    async (choice, wanted) => {
      const trees = await opened(three);
      await expect(atDesk(trees)).rejects.toMatchObject({ code: 'MERGE_CONFLICTS', failure: { values: { count: 1 } } });
      expect(filesIn(inside('desk/sides/base'))).toEqual({ a: old });
      choose(conflict.path, choice);
      const record = await atDesk(trees);
      expect(filesIn(inside('desk/files'))).toEqual(wanted);
      await atDesk(trees, 'again');
      expect(filesIn(inside('again/files'))).toEqual(wanted);
      const result = await scanFolder('theirs', inside('desk/files'));
      expect(await lostChanges(trees, result, record, 'windows-1251')).toEqual([]);
      expect(editsOf(record, { place: inside('desk/files') }).files).toContainEqual(
        expect.objectContaining({ path: conflict.path, from: 'a', fate: 'resolved' }),
      );
    },
  );

  test('a person may put it back where it was', async () => {
    const trees = await opened(three);
    await expect(atDesk(trees)).rejects.toMatchObject({ code: 'MERGE_CONFLICTS' });
    renameSync(inside('desk/files', conflict.path), inside('desk/files/a'));
    choose(conflict.path, 'edited');
    const record = await atDesk(trees);
    expect(Object.keys(filesIn(inside('desk/files')))).toEqual(['a']);
    const result = await scanFolder('theirs', inside('desk/files'));
    expect(await lostChanges(trees, result, record, 'windows-1251')).toEqual([]);
  });
});

test('where the vendor’s new name is also one of the customer’s, all of them are one conflict', async () => {
  const { conflicts } = await mergeFolders({
    ...layOut([{ a: old }, { b: edited, C: 'mine' }, { c: renewed }]),
    out: inside('out'),
    encoding: 'windows-1251',
  });
  expect(conflicts).toMatchObject([{ kind: 'names-collide', names: { ours: ['C', 'b'], theirs: ['c'] } }]);
});
