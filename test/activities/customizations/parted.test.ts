/** One file that both sides have moved, or that one moved and the other removed: git calls it a conflict, and so does the merge. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
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
import { openMemory } from '../../../activities/customizations/memory.ts';
import { mergeFolders } from '../../../activities/customizations/merge-folders.ts';
import { scanFolder, type Trees } from '../../../activities/customizations/trees.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nakat-parted-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Files = Record<string, string>;
const sides = ['base', 'ours', 'theirs'] as const;

const old = Array.from({ length: 40 }, (_, at) => `line ${at}\n`).join('');
const edited = old.replace('line 3', 'customer');
const renewed = old.replace('line 30', 'vendor');

interface Case {
  readonly three: readonly [base: Files, ours: Files, theirs: Files];
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

const put = (at: string, files: Files): string => {
  for (const [path, content] of Object.entries({ ...files, always: '1' })) {
    mkdirSync(dirname(join(folder, at, path)), { recursive: true });
    writeFileSync(join(folder, at, path), content);
  }
  return join(folder, at);
};
const filesIn = (root: string): Files =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => path !== 'always' && statSync(join(root, path)).isFile())
      .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  );

describe.each(Object.entries(cases))('%s', (_name, { three, conflict, meanwhile }) => {
  const [, ours, theirs] = three;
  const opened = async (): Promise<Trees> => {
    for (const [at, files] of three.entries()) put(sides[at] ?? '', files);
    const open = (side: (typeof sides)[number]) => scanFolder(side, join(folder, side));
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

  test('is a conflict for git', () => {
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' }).trim();
    git('init', '-q');
    const commits = three.map((files, at) => {
      const tree = put(`tree-${at}`, files);
      git('--work-tree', tree, 'add', '-A');
      const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
      const parent = at === 0 ? [] : ['-p', 'base'];
      const commit = git(...who, 'commit-tree', git('write-tree'), ...parent, '-m', 'x');
      if (at === 0) git('tag', 'base', commit);
      return commit;
    });
    const { status } = spawnSync('git', ['-C', folder, 'merge-tree', '--write-tree', ...commits.slice(1)]);
    expect(status).toBe(1);
  });

  test('is a conflict of the command, and no file is told as removed or moved by anybody', async () => {
    const [base, mine, vendors] = three.map((files, at) => put(sides[at] ?? '', files));
    const out = join(folder, 'out');
    const options = { base: base ?? null, ours: mine ?? '', theirs: vendors ?? '', out };
    const { conflicts, files, moved } = await mergeFolders({ ...options, encoding: 'windows-1251' });
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
      const trees = await opened();
      await expect(atDesk(trees)).rejects.toMatchObject({ code: 'MERGE_CONFLICTS', failure: { values: { count: 1 } } });
      expect(filesIn(join(folder, 'desk/sides/base'))).toEqual({ a: old });
      writeFileSync(
        join(folder, 'desk/choices.yaml'),
        JSON.stringify({ by: 'Anna', files: { [conflict.path]: choice } }),
      );
      const record = await atDesk(trees);
      expect(filesIn(join(folder, 'desk/files'))).toEqual(wanted);
      await atDesk(trees, 'again');
      expect(filesIn(join(folder, 'again/files'))).toEqual(wanted);
      const result = await scanFolder('theirs', join(folder, 'desk/files'));
      expect(await lostChanges(trees, result, record, 'windows-1251')).toEqual([]);
      expect(editsOf(record, { place: join(folder, 'desk/files') }).files).toContainEqual(
        expect.objectContaining({ path: conflict.path, from: 'a', fate: 'resolved' }),
      );
    },
  );

  test('a person may put it back where it was', async () => {
    const trees = await opened();
    await expect(atDesk(trees)).rejects.toMatchObject({ code: 'MERGE_CONFLICTS' });
    renameSync(join(folder, 'desk/files', conflict.path), join(folder, 'desk/files/a'));
    writeFileSync(
      join(folder, 'desk/choices.yaml'),
      JSON.stringify({ by: 'Anna', files: { [conflict.path]: 'edited' } }),
    );
    const record = await atDesk(trees);
    expect(Object.keys(filesIn(join(folder, 'desk/files')))).toEqual(['a']);
    const result = await scanFolder('theirs', join(folder, 'desk/files'));
    expect(await lostChanges(trees, result, record, 'windows-1251')).toEqual([]);
  });
});

test('where the vendor’s new name is also one of the customer’s, all of them are one conflict', async () => {
  const [base, ours, theirs] = [
    put('base', { a: old }),
    put('ours', { b: edited, C: 'mine' }),
    put('theirs', { c: renewed }),
  ];
  const { conflicts } = await mergeFolders({ base, ours, theirs, out: join(folder, 'out'), encoding: 'windows-1251' });
  expect(conflicts).toMatchObject([{ kind: 'names-collide', names: { ours: ['C', 'b'], theirs: ['c'] } }]);
});
