/** Two attempts of one upload at once: the first was taken for dead, and wakes up at the worst moment of the second. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStepContext } from '../../../activities/context.ts';
import type { Job } from '../../../activities/web/job.ts';
import { localRemote } from '../../../activities/web/local.ts';
import type { Remote } from '../../../activities/web/remote.ts';
import { carryOut } from '../../../activities/web/replace.ts';
import type { WebTree } from '../../../runbook/targets/index.ts';
import { digest, jobOf, localTree, newFolder, removeFolder, treeOf, writeFiles } from './fixture.ts';

const fresh = { 'lib/there.php': 'new, there', 'lib/other.php': 'new, other', 'added/deep/new.css': 'new, added' };

/** Something that happens once. */
function signal(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

let folder: string;
let site: string;
let job: Job;
beforeEach(() => {
  folder = newFolder();
  site = join(folder, 'site');
  mkdirSync(site);
  writeFiles(site, { 'lib/there.php': 'old, there', 'lib/other.php': 'old, other' });
  job = jobOf(join(folder, 'update'), fresh, {
    mode: () => 0o644,
    folders: ['added', 'added/deep'].map((path) => ({ path, mode: 0o755 })),
  });
});
afterEach(() => removeFolder(folder));

const remote = (): Remote => localRemote(localTree(folder, site) as Extract<WebTree, { via: 'machine' }>);
const attempt = (by: Remote): Promise<void> =>
  carryOut({
    remote: by,
    job,
    context: createStepContext({ step: 'production.upload-tree' }),
    moved: () => {},
    onInPlace: async () => {},
  });
const newTree = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fresh).map(([path, content]) => [path, `file 644 ${content.length} ${digest(content)}`]),
  );
const filesThere = (): Record<string, string> =>
  Object.fromEntries(Object.entries(treeOf(site)).filter(([, text]) => text.startsWith('file')));

describe('an attempt that wakes up while another one puts its files in place', () => {
  it.each([
    ['a file of a folder that is there', 'other.php', (path: string) => !path.includes('new-')],
    ['a file of a new folder', 'new.css', (path: string) => path.endsWith('/new.css')],
  ])('has nothing left to write to: %s', async (_what, name, isIt) => {
    const half = 'x'.repeat(fresh[name === 'new.css' ? 'added/deep/new.css' : 'lib/other.php'].length);
    const [asleep, awake] = [signal(), signal()];
    const first = remote();
    const ended = attempt({
      ...first,
      write: async (path, source, options) => {
        if (!('file' in source) || !source.file.endsWith(name) || !isIt(path))
          return await first.write(path, source, options);
        asleep.resolve();
        await awake.promise;
        // The first half of what it was about to do; the other half would come when all is in place.
        writeFileSync(join(site, path), half);
        throw new Error('it wrote');
      },
    }).catch((error: unknown) => error);
    await asleep.promise;

    const second = remote();
    await attempt({
      ...second,
      rename: async (from, to) => {
        if (!to.startsWith('.nakat-')) {
          awake.resolve();
          expect(await ended).toMatchObject({ cause: { code: 'ENOENT' } });
        }
        await second.rename(from, to);
      },
    });
    expect(filesThere()).toEqual(newTree());
    expect(readdirSync(site).sort()).toEqual(['added', 'lib']);
  });
});

it('puts new folders in place by one rename each, and replaced files by one each', async () => {
  const renames: string[] = [];
  const real = remote();
  await attempt({
    ...real,
    rename: async (from, to) => {
      if (!to.startsWith('.nakat-')) renames.push(to);
      await real.rename(from, to);
    },
  });
  expect(renames.sort()).toEqual(['added', 'lib/other.php', 'lib/there.php']);
  expect(filesThere()).toEqual(newTree());
});

it('goes into a new folder that came up meanwhile, and leaves what is in it', async () => {
  const real = remote();
  await attempt({
    ...real,
    write: async (...args) => {
      writeFiles(site, { 'added/deep/own.txt': 'somebody’s' });
      return await real.write(...args);
    },
  });
  expect(filesThere()).toEqual({
    ...newTree(),
    'added/deep/own.txt': expect.stringMatching(/^file/) as string,
  });
  expect(readdirSync(site).sort()).toEqual(['added', 'lib']);
});
