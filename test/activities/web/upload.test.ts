import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { requireReal } from '../../helpers/real.ts';
import { sshdFound, startSshd, type Sshd } from '../../helpers/sshd.ts';
import { startVsftpd, vsftpdFound, type Vsftpd } from '../../helpers/vsftpd.ts';
import { createStepContext } from '../../../activities/context.ts';
import { webSteps } from '../../../activities/web/steps.ts';
import type { Uploaded } from '../../../runbook/results.ts';
import type { WebTree } from '../../../runbook/targets/index.ts';
import {
  expectedAfter,
  ftpTree,
  layOut,
  localTree,
  newFolder,
  releases,
  removeFolder,
  run,
  scratch,
  sftpTree,
  treeOf,
  unpacked,
  writeFiles,
} from './fixture.ts';

interface Way {
  readonly name: string;
  readonly found: unknown;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** A new, empty folder of the site, and the tree that reaches it. */
  site(folder: string): { place: string; tree: WebTree };
}

let sshd: Sshd;
let ftp: Vsftpd;
const ways: Way[] = [
  {
    name: 'files',
    found: true,
    start: async () => {},
    stop: async () => {},
    site: (folder) => ({ place: join(folder, 'site'), tree: localTree(folder, join(folder, 'site')) }),
  },
  {
    name: 'SFTP',
    found: requireReal('sshd', sshdFound),
    start: async () => void (sshd = await startSshd()),
    stop: () => sshd.stop(),
    site: (folder) => ({ place: join(folder, 'site'), tree: sftpTree(folder, join(folder, 'site'), sshd.target) }),
  },
  ...[false, true].map((tls) => ({
    name: tls ? 'FTPS' : 'FTP',
    found: requireReal('vsftpd', vsftpdFound),
    start: async () => void (ftp = await startVsftpd({ tls, below: scratch })),
    stop: () => ftp.stop(),
    site: (folder: string) => {
      const place = join(ftp.root, 'site');
      rmSync(place, { recursive: true, force: true });
      return {
        place,
        tree: ftpTree(folder, ftp.port, tls ? { security: 'explicit', certificate: ftp.fingerprint } : {}),
      };
    },
  })),
];

describe.each(ways.filter((way) => way.found))('the files of a site over $name', (way) => {
  let folder: string;
  let place: string;
  let tree: WebTree;
  const files = releases();
  /** FTP: vsftpd's anonymous account may not change rights, so they are no part of anything. */
  const modes = !way.name.startsWith('FTP');
  /** Over TLS everything is the same but the connections. */
  const plain = it.skipIf(way.name === 'FTPS');
  const seen = () => treeOf(place, modes);
  const expected = (before: Record<string, string>) => {
    const after = expectedAfter(before, files.old, files.new);
    return modes ? after : treesWithoutModes(after);
  };

  beforeAll(async () => {
    vi.stubEnv('NAKAT_TEST_FTP', 'somebody@example.com');
    await way.start();
  });
  afterAll(async () => {
    await way.stop();
    vi.unstubAllEnvs();
  });
  beforeEach(() => {
    folder = newFolder();
    ({ place, tree } = way.site(folder));
    mkdirSync(place);
    layOut(place, files.old);
    if (!modes) execFileSync('chown', ['-R', '-h', 'ftp', place]);
  });
  afterEach(() => removeFolder(folder));
  const ready = async () => ({
    backup: await run.backUp(tree),
    update: await unpacked(join(folder, 'updates'), 'new', files.new),
    owned: await unpacked(join(folder, 'updates'), 'old', files.old),
  });

  it('says what the server can, and leaves nothing', async () => {
    const before = seen();
    const facts = await run.check(tree);
    expect(facts).toMatchObject({ files: Object.keys(files.old).length + 3, links: 1, russianNames: true });
    expect(seen()).toEqual(before);
  });

  plain('asks for room for all copies that a run keeps, and for what waits beside the site', async () => {
    const { bavail, bsize } = statfsSync(folder);
    const film = join(place, 'film.mp4');
    // Has a size, but takes no room.
    const sized = (share: number): void => {
      writeFileSync(film, '');
      truncateSync(film, Math.floor(bavail * bsize * share));
    };
    const noRoom = (at: string) => ({ code: 'WEB_NO_ROOM', failure: { values: { place: at } } });
    sized(0.15);
    await run.check(tree);
    sized(0.3);
    await expect(run.check(tree)).rejects.toMatchObject(noRoom(join(folder, 'store')));
    // Four copies have room in the store, but here the site is on the same disk.
    sized(0.22);
    if (way.name === 'files') await expect(run.check(tree)).rejects.toMatchObject(noRoom(tree.name));
    else await run.check(tree);
  });

  it('uploads what changed, removes what only the old release had, and restores exactly', async () => {
    const before = seen();
    const uses = await ready();
    const result = await run.upload(tree, uses);
    expect(seen()).toEqual(expected(before));
    expect(result).toMatchObject({ sent: 34, unchanged: 9, removed: 1, kept: ['gone/edited.php'], keptCount: 1 });
    await expect(run.prove(tree, uses.backup)).rejects.toMatchObject({ code: 'WEB_RESTORE_NOT_PROVED' });
    await run.restore(tree, uses.backup);
    expect(seen()).toEqual(before);
    expect((await run.prove(tree, uses.backup)).lines).toMatchObject([{ equal: true }]);
    expect((await run.fingerprint(tree)).sha256).toBe(uses.backup.sha256);
  });

  plain(
    'tells which files of the customer’s are overwritten: neither the old release’s nor the new one’s',
    async () => {
      const edited = Object.keys(files.new).find((path) => files.old[path] && path !== 'big.bin') ?? '';
      writeFileSync(join(place, edited), 'edited by the customer');
      writeFiles(place, { 'added/deep/er/новый.css': 'the customer’s own' });
      if (!modes) execFileSync('chown', ['-R', '-h', 'ftp', place]);
      const uses = await ready();
      const both = { overwritten: ['added/deep/er/новый.css', edited].sort().join(', '), overwrittenCount: 2 };
      const named = ({ overwritten = '', ...rest }: Uploaded) => ({
        ...rest,
        overwritten: overwritten.split(', ').sort().join(', '),
      });
      expect(named(await run.upload(tree, uses))).toMatchObject(both);
      // The answer may have been lost: all of it is in place by then.
      expect(named(await run.upload(tree, uses))).toMatchObject(both);
      const other = { step: 'production.other' };
      await run.restore(tree, uses.backup);
      expect(await run.upload(tree, { ...uses, owned: undefined }, other)).not.toHaveProperty('overwritten');
    },
  );

  plain('edits that are put in place afterwards are not told as overwritten', async () => {
    writeFiles(place, { 'added/deep/er/новый.css': 'the customer’s own' });
    if (!modes) execFileSync('chown', ['-R', '-h', 'ftp', place]);
    const context = createStepContext({ step: 'production.upload-tree' });
    const result = await webSteps.uploadTree({ tree, part: '', editsIn: 'added/deep' }, await ready(), context);
    expect(result).toMatchObject({ overwritten: '', overwrittenCount: 0 });
  });

  plain('does nothing when it is done again', async () => {
    const uses = await ready();
    const first = await run.upload(tree, uses);
    const after = seen();
    expect(await run.upload(tree, uses)).toEqual(first);
    expect(seen()).toEqual(after);
  });

  plain('finds what has the old size and time but not the content', async () => {
    const uses = await ready();
    await run.upload(tree, uses);
    // All releases' files have equal sizes, and everything happens within a second or two.
    for (const [path, content] of Object.entries(files.new))
      expect(readFileSync(join(place, path)).equals(content)).toBe(true);
  });

  plain('keeps what appeared since the backup, and puts back what was removed', async () => {
    const uses = await ready();
    const before = seen();
    await run.upload(tree, uses);
    writeFiles(place, { 'upload/since.png': 'a visitor’s', 'cache/x': 'made by the new release' });
    rmSync(join(place, 'local'), { recursive: true });
    if (!modes) execFileSync('chown', ['-R', '-h', 'ftp', place]);
    if (way.name.startsWith('FTP')) mkdirSync(join(place, 'local'));
    if (way.name.startsWith('FTP')) symlinkSync('own.php', join(place, 'local/link.php'));
    if (way.name.startsWith('FTP')) execFileSync('chown', ['-R', '-h', 'ftp', place]);
    await run.restore(tree, uses.backup);
    expect(seen()).toEqual(before);
    const aside = readdirSync(join(folder, 'store')).find((name) => name.startsWith('appeared-'));
    expect(readFileSync(join(folder, 'store', aside ?? '', 'upload/since.png'), 'utf8')).toBe('a visitor’s');
  });

  plain('touches nothing that is kept', async () => {
    const kept = { ...tree, keep: ['upload', 'lib/3'] } as WebTree;
    const uses = { ...(await ready()), backup: await run.backUp(kept, { run: '11111111' }) };
    const before = seen();
    await run.upload(kept, uses);
    const after = seen();
    for (const [path, one] of Object.entries(before))
      if (path.startsWith('lib/3/') || path.startsWith('upload/')) expect(after[path]).toBe(one);
    writeFiles(place, { 'upload/since.png': 'a visitor’s' });
    await run.restore(kept, uses.backup);
    expect(readFileSync(join(place, 'upload/since.png'), 'utf8')).toBe('a visitor’s');
  });

  plain('does not write through links', async () => {
    const uses = await ready();
    const outside = join(folder, 'outside');
    mkdirSync(outside);
    chmodSync(outside, 0o777);
    rmSync(join(place, 'lib'), { recursive: true });
    symlinkSync(way.name.startsWith('FTP') ? '../outside' : outside, join(place, 'lib'));
    await expect(run.upload(tree, uses)).rejects.toMatchObject({
      code: 'WEB_LINK_IN_WAY',
      failure: { values: { path: 'lib', found: 'link' } },
    });
    expect(readdirSync(outside)).toEqual([]);
  });

  plain('says that a backup is not what it was', async () => {
    const uses = await ready();
    await run.upload(tree, uses);
    writeFileSync(join(uses.backup.place, 'big.bin'), 'x'.repeat(3 << 20));
    await expect(run.restore(tree, uses.backup)).rejects.toMatchObject({ code: 'WEB_TREE_DAMAGED' });
    writeFileSync(`${uses.backup.place}.json`, '{"format":1,"entries":{}}');
    await expect(run.restore(tree, uses.backup)).rejects.toMatchObject({ code: 'WEB_TREE_DAMAGED' });
  });

  plain('says that the folder is not there', async () => {
    const missing = { ...tree, folder: `${(tree as { folder: string }).folder}/none` } as WebTree;
    await expect(run.backUp(missing)).rejects.toMatchObject({ code: 'WEB_FOLDER_MISSING' });
    expect(existsSync(join(place, 'none'))).toBe(false);
  });
});

const treesWithoutModes = (tree: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(tree).map(([path, text]) => [path, text.replace(/^(file|folder) \d*/, '$1 ')]));
