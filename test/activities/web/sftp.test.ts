import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sftpRemote } from '../../../activities/web/sftp.ts';
import type { WebTree } from '../../../runbook/targets/index.ts';
import { requireReal } from '../../helpers/real.ts';
import { sshdFound, startSshd, type Sshd } from '../../helpers/sshd.ts';
import {
  expectedAfter,
  layOut,
  newFolder,
  releases,
  removeFolder,
  run,
  sftpTree,
  treeOf,
  unpacked,
  writeFiles,
} from './fixture.ts';

const files = releases(12, 1_300_000);

describe.skipIf(!requireReal('sshd', sshdFound)).each([
  ['with commands', []],
  ['of an account for files only', ['ForceCommand internal-sftp']],
  ['with one session for each connection', ['MaxSessions 1']],
  ['that refuses an existing name', ['ForceCommand internal-sftp -P posix-rename']],
])('SFTP %s', (kind, lines) => {
  let sshd: Sshd;
  let folder: string;
  let place: string;
  let tree: WebTree;
  beforeAll(async () => {
    sshd = await startSshd(lines);
  });
  afterAll(() => sshd.stop());
  beforeEach(() => {
    folder = newFolder();
    place = join(folder, 'site');
    mkdirSync(place);
    layOut(place, files.old);
    tree = sftpTree(folder, place, sshd.target);
  });
  afterEach(() => removeFolder(folder));
  const ready = async () => ({
    backup: await run.backUp(tree),
    update: await unpacked(join(folder, 'updates'), 'new', files.new),
    owned: await unpacked(join(folder, 'updates'), 'old', files.old),
  });

  it('knows what the account may do', async () => {
    expect(await run.check(tree)).toMatchObject({
      protocol: 'SFTP',
      rightsKept: true,
      hashedByServer: kind === 'with commands',
    });
  });

  it.runIf(process.getuid?.() === 0)('new files belong to the group that the site hands on', async () => {
    for (const at of [place, join(place, 'lib')]) {
      chownSync(at, 0, 33);
      chmodSync(at, 0o2755);
    }
    await run.upload(tree, await ready());
    for (const path of ['added', 'added/deep/er', 'added/deep/er/новый.css'])
      expect([path, lstatSync(join(place, path)).gid]).toEqual([path, 33]);
  });

  it('looks at many paths at once, and leaves out those that are not there', async () => {
    const remote = await sftpRemote(tree as Extract<WebTree, { via: 'machine' }>, sshd.target, () =>
      Promise.reject(new Error('no secrets')),
    );
    try {
      const paths = Array.from({ length: 2100 }, (_, index) => `many/файл ${index}`);
      writeFiles(place, Object.fromEntries(paths.map((path, index) => [path, 'x'.repeat(index % 7)])));
      symlinkSync('файл 1', join(place, 'many/link'));
      const all = await remote.look([...paths, 'many', 'many/link']);
      expect(all.size).toBe(2102);
      expect(all.get('many/файл 13')).toMatchObject({ name: 'файл 13', kind: 'file', size: 6, mode: 0o644 });
      expect([all.get('many')?.kind, all.get('many/link')?.kind]).toEqual(['folder', 'link']);
      const some = await remote.look([...paths, 'absent', 'many/absent', 'absent/deep']);
      expect([...some.keys()].sort()).toEqual([...paths].sort());
    } finally {
      await remote.close();
    }
  });

  it('a file that cannot be renamed into its place stays as it was', async () => {
    writeFiles(place, { page: 'old', '.nakat-x/page': 'new' });
    const remote = await sftpRemote(tree as Extract<WebTree, { via: 'machine' }>, sshd.target, () =>
      Promise.reject(new Error('no secrets')),
    );
    try {
      await expect(remote.rename('.nakat-x/absent', 'page')).rejects.toThrow();
      expect(readFileSync(join(place, 'page'), 'utf8')).toBe('old');
      await remote.rename('.nakat-x/page', 'page');
      expect(readFileSync(join(place, 'page'), 'utf8')).toBe('new');
    } finally {
      await remote.close();
    }
  });

  it('goes there and back', async () => {
    const before = treeOf(place);
    const uses = await ready();
    await run.upload(tree, uses);
    expect(treeOf(place)).toEqual(expectedAfter(before, files.old, files.new));
    await run.restore(tree, uses.backup);
    expect(treeOf(place)).toEqual(before);
  });

  /** The folders of the way to a new file, and when: between the steps, and while files are on their way. */
  it.each(
    (kind === 'with commands' ? ['lib', 'lib/1', 'added', 'added/deep', 'added/deep/er'] : ['lib/1']).flatMap((path) =>
      ['before', 'meanwhile'].map((when) => [path, when] as const),
    ),
  )('a link in the place of %s, %s, is not written through', async (path, when) => {
    const uses = await ready();
    const outside = join(folder, 'outside');
    mkdirSync(outside);
    chmodSync(outside, 0o777);
    let swapped = false;
    const swap = () => {
      if (swapped) return;
      swapped = true;
      mkdirSync(join(place, path), { recursive: true });
      renameSync(join(place, path), join(folder, 'moved'));
      symlinkSync(outside, join(place, path));
    };
    if (when === 'before') swap();
    await expect(run.upload(tree, uses, { progress: swap })).rejects.toMatchObject({ code: 'WEB_LINK_IN_WAY' });
    expect(swapped).toBe(true);
    expect(readdirSync(outside)).toEqual([]);
    // Also not by what puts the old files back.
    await run.restore(tree, uses.backup);
    expect(readdirSync(outside)).toEqual([]);
    expect((await run.prove(tree, uses.backup)).lines[0]?.equal).toBe(true);
  });

  it('says who changed a file while it was backed up', async () => {
    let changed = false;
    const touch = () => {
      if (!changed) rmSync(join(place, 'lib/2'), { recursive: true });
      changed = true;
    };
    await expect(run.backUp(tree, { progress: ({ total }) => total !== undefined && touch() })).rejects.toBeDefined();
    expect((await run.backUp(tree)).verified).toMatch(/manifest/);
  });
});
