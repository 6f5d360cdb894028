/** Many files as one archive that the host unpacks: whole, cut, and still coming when another attempt has taken over. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createStepContext, type ContextOptions } from '../../../activities/context.ts';
import type { SshTarget } from '../../../activities/machines/ssh-connection.ts';
import type { Job } from '../../../activities/web/job.ts';
import type { Remote } from '../../../activities/web/remote.ts';
import { carryOut } from '../../../activities/web/replace.ts';
import { sftpRemote } from '../../../activities/web/sftp.ts';
import type { WebTree } from '../../../runbook/targets/index.ts';
import { startLine } from '../../helpers/line.ts';
import { requireReal } from '../../helpers/real.ts';
import { sshdFound, startSshd, type Sshd } from '../../helpers/sshd.ts';
import { jobOf, newFolder, removeFolder, sftpTree, treeOf, writeFiles } from './fixture.ts';

const names = Array.from(
  { length: 250 },
  (_, index) => `${index % 3 === 0 ? 'there' : `new/${index % 5}`}/файл ${index}`,
);
const small = names.map((name, index): [string, Buffer] => [name, Buffer.from(`${name}\n`.repeat(index))]);
/** In the archive this one begins after about 200,000 bytes: a cut inside it leaves it torn. */
const large: [string, Buffer] = ['new/large.bin', Buffer.alloc(700_000, 'large')];
const fresh: Record<string, Buffer> = Object.fromEntries([...small.slice(0, 125), large, ...small.slice(125)]);

describe.skipIf(!requireReal('sshd', sshdFound))('an archive', () => {
  let sshd: Sshd;
  let folder: string;
  let site: string;
  let job: Job;
  const opened: Remote[] = [];
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());
  beforeEach(() => {
    folder = newFolder();
    site = join(folder, 'site');
    mkdirSync(join(site, 'there'), { recursive: true });
    job = jobOf(join(folder, 'update'), fresh, {
      mode: (path) => (path.endsWith('7') ? 0o600 : 0o644),
      folders: ['new', ...[0, 1, 2, 3, 4].map((one) => `new/${one}`)].map((path) => ({ path, mode: 0o750 })),
    });
  });
  afterEach(async () => {
    for (const remote of opened.splice(0)) await remote.close();
    removeFolder(folder);
  });

  async function open(change: (remote: Remote) => Partial<Remote> = () => ({})): Promise<Remote> {
    const tree = sftpTree(folder, site, sshd.target) as Extract<WebTree, { via: 'machine' }>;
    const remote = await sftpRemote(tree, sshd.target, () => Promise.reject(new Error('no secrets')));
    opened.push(remote);
    return { ...remote, ...change(remote) };
  }
  const attempt = (remote: Remote, options: ContextOptions = {}): Promise<void> =>
    carryOut({
      remote,
      job,
      context: createStepContext({ step: 'production.upload-tree', ...options }),
      moved: () => {},
      onInPlace: async () => {},
    });
  const wanted = (): Record<string, string> => ({
    there: 'folder 755',
    ...Object.fromEntries(job.folders.map(({ path, mode }) => [path, `folder ${mode?.toString(8)}`])),
    ...Object.fromEntries(
      job.sends.map(({ path, size, sha256, mode }) => [path, `file ${mode?.toString(8)} ${size} ${sha256}`]),
    ),
  });
  const noWrites = (): Partial<Remote> => ({
    write: (path) => Promise.reject(new Error(`${path} came over SFTP`)),
  });

  it('brings all files, with their rights, and nothing comes over SFTP but the mark that all is there', async () => {
    const written: string[] = [];
    await attempt(
      await open(({ write }) => ({ write: (path, ...rest) => (written.push(path), write(path, ...rest)) })),
    );
    expect(treeOf(site)).toEqual(wanted());
    expect(written).toEqual([expect.stringMatching(/complete\.new$/)]);
  });

  it('that is cut leaves what came, and the rest comes over SFTP', async () => {
    const written: string[] = [];
    const cut = await open(({ unpack, write }) => ({
      unpack: (into, archive) => unpack!(into, firstBytes(archive, 400_000)),
      write: (path, ...rest) => (written.push(path), write(path, ...rest)),
    }));
    await attempt(cut);
    expect(treeOf(site)).toEqual(wanted());
    expect(written.length).toBeGreaterThan(50);
    expect(written.length).toBeLessThan(names.length);
  });

  it('that a killed worker left is taken over by the next attempt', async () => {
    const dead = await open(({ unpack }) => ({
      unpack: async (into, archive) => {
        await unpack!(into, firstBytes(archive, 400_000));
        throw new Error('killed');
      },
    }));
    await expect(attempt(dead)).rejects.toThrow('killed');
    const written: string[] = [];
    await attempt(
      await open(({ write }) => ({
        unpack: () => Promise.reject(new Error('once only')),
        write: (path, ...rest) => (written.push(path), write(path, ...rest)),
      })),
    );
    expect(treeOf(site)).toEqual(wanted());
    expect(written.length).toBeLessThan(names.length);
  });

  it('that goes on coming, and is cut, while another attempt puts all in place changes nothing', async () => {
    const [asleep, awake] = [signal(), signal()];
    const frozen = await open(({ unpack }) => ({
      unpack: (into, archive) =>
        unpack!(
          into,
          (async function* () {
            let bytes = 0;
            for await (const piece of firstBytes(archive, 500_000)) {
              yield piece;
              bytes += piece.length;
              if (bytes < 150_000) continue;
              asleep.resolve();
              await awake.promise;
            }
          })(),
        ),
    }));
    const ended = expect(attempt(frozen)).rejects.toThrow();
    await asleep.promise;
    await attempt(
      await open(({ settle }) => ({
        // All is there and was read; nothing is in place yet.
        settle: async () => {
          await settle?.();
          awake.resolve();
          await ended;
        },
      })),
    );
    expect(treeOf(site)).toEqual(wanted());
  });

  it.each([
    ['the first', 'new/1/файл 1', 'something else'],
    ['a small one', 'there/файл 249', 'shorter'],
    ['a large one', 'new/large.bin', 'shorter'],
    ['a large one that grew', 'new/large.bin', 'y'.repeat(800_000)],
  ])('is not made of files that are not what was approved: %s', async (_which, path, now) => {
    writeFiles(join(folder, 'update'), { [path]: now });
    await expect(attempt(await open())).rejects.toMatchObject({ code: 'WEB_TREE_DAMAGED' });
    expect(treeOf(join(site, 'there'))).toEqual({});
  });

  it('is given up when the step is', async () => {
    const given = AbortSignal.abort(new Error('given up'));
    await expect(attempt(await open(), { signal: given })).rejects.toThrow('given up');
  });

  it('brings folders that nothing may be put into', async () => {
    job = { ...job, folders: job.folders.map((one) => ({ ...one, mode: 0o555 })) };
    await attempt(await open());
    expect(treeOf(site)).toEqual(wanted());
  });

  it('goes nowhere when its folder is there', async () => {
    const remote = await open(noWrites);
    mkdirSync(join(site, 'taken'));
    const archive = pack();
    archive.entry({ name: 'one' }, 'content');
    archive.finalize();
    const bytes: AsyncIterable<unknown> = archive;
    expect(await remote.unpack?.('taken', bytes as AsyncIterable<Buffer>)).toBe(false);
    expect(treeOf(site)).toEqual({ there: 'folder 755', taken: 'folder 755' });
  });

  it('comes compressed to a host that is 20 ms away', async () => {
    let sent = 0;
    const line = await startLine(sshd.target.port, (piece, way, write) => {
      if (way === 'there') sent += piece.length;
      setTimeout(() => write(piece), 10);
    });
    try {
      const tree = sftpTree(folder, site, { ...sshd.target, port: line.port }) as Extract<WebTree, { via: 'machine' }>;
      const remote = await sftpRemote(tree, tree.machine as SshTarget, () => Promise.reject(new Error('no secrets')));
      opened.push(remote);
      await attempt(remote);
      expect(sent).toBeLessThan(job.sends.reduce((sum, { size }) => sum + size, 0) / 2);
    } finally {
      line.stop();
    }
    expect(treeOf(site)).toEqual(wanted());
  });

  it('is not offered by an account for files only', async () => {
    const filesOnly = await startSshd(['ForceCommand internal-sftp']);
    try {
      const tree = sftpTree(folder, site, filesOnly.target) as Extract<WebTree, { via: 'machine' }>;
      const remote = await sftpRemote(tree, filesOnly.target, () => Promise.reject(new Error('no secrets')));
      opened.push(remote);
      expect(remote.unpack).toBeUndefined();
    } finally {
      await filesOnly.stop();
    }
  });
});

function signal(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

async function* firstBytes(archive: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer> {
  let left = count;
  for await (const piece of archive) {
    yield piece.subarray(0, left);
    left -= piece.length;
    if (left <= 0) return;
  }
}
