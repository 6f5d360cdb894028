/** A site of small files, a new release of it, and what must be there afterwards. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createStepContext, type ContextOptions } from '../../../activities/context.ts';
import type { SshTarget } from '../../../activities/machines/ssh-connection.ts';
import type { Job } from '../../../activities/web/job.ts';
import { writeList, type TreeList } from '../../../activities/web/manifest.ts';
import { fileTree } from '../../../activities/web/unpack.ts';
import { webSteps } from '../../../activities/web/steps.ts';
import type { Backup, FileTree } from '../../../runbook/results.ts';
import type { MachineTarget, WebTree } from '../../../runbook/targets/index.ts';

export type Files = Readonly<Record<string, string | Buffer>>;

/** Writes the files to `update`, from where the job sends them all to a site that has nothing else to be done. */
export function jobOf(update: string, files: Files, { mode, folders }: JobParts): Job {
  writeFiles(update, files);
  const sends = Object.entries(files).map(([path, content]) => ({
    path,
    file: join(update, path),
    size: content.length,
    sha256: digest(content),
    mode: mode(path),
  }));
  const none = { links: [], modes: [], clear: [], removes: [], clearFolders: [], removeFolders: [], kept: [] };
  return { staging: '.nakat-run-upload', sends, folders, ...none, unchanged: 0 };
}
interface JobParts {
  readonly mode: (path: string) => number;
  readonly folders: Job['folders'];
}

/** Memory where there is such a place: what these tests look at is not how quick the disk is. */
export const scratch = existsSync('/dev/shm') ? '/dev/shm' : realpathSync(tmpdir());

export const newFolder = (): string => {
  const folder = mkdtempSync(join(scratch, 'nakat-web-'));
  chmodSync(folder, 0o755);
  return folder;
};
export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });

export function writeFiles(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Everything below a folder, as one line each: kind, rights, size, digest. */
export function treeOf(folder: string, withModes = true): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (below: string): void => {
    for (const name of readdirSync(join(folder, below)).sort()) {
      const path = below === '' ? name : `${below}/${name}`;
      const full = join(folder, path);
      const stats = lstatSync(full);
      const mode = withModes ? (stats.mode & 0o7777).toString(8) : '';
      if (stats.isSymbolicLink()) found[path] = `link ${readlinkSync(full)}`;
      else if (stats.isDirectory()) {
        found[path] = `folder ${mode}`;
        visit(path);
      } else found[path] = `file ${mode} ${stats.size} ${digest(readFileSync(full))}`;
    }
  };
  visit('');
  return found;
}

export const digest = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

/** Text of a given length that differs from release to release in all its length. */
const text = (release: string, path: string, length: number): Buffer =>
  Buffer.from(`${release} ${path}\n`.repeat(Math.ceil(length / (release.length + path.length + 2)))).subarray(
    0,
    length,
  );

/** As unpacked: `{ path: content }` by release. The same sizes in both, so that only content tells them apart. */
export function releases(count = 40, big = 3 << 20): { old: Record<string, Buffer>; new: Record<string, Buffer> } {
  const [old, fresh]: Record<string, Buffer>[] = [{}, {}];
  for (let index = 0; index < count; index++) {
    const path = `lib/${index % 7}/модуль ${index}.php`;
    old![path] = text('1.0', path, 500 + index * 40);
    fresh![path] = index % 5 === 0 ? old![path]! : text('2.0', path, 500 + index * 40);
  }
  old!['gone/only-old.php'] = text('1.0', 'only-old', 900);
  old!['gone/edited.php'] = text('1.0', 'edited', 900);
  fresh!['added/deep/er/новый.css'] = text('2.0', 'new', 1200);
  fresh!['big.bin'] = text('2.0', 'big', big);
  old!['big.bin'] = text('1.0', 'big', big);
  old!['empty.txt'] = Buffer.alloc(0);
  fresh!['empty.txt'] = Buffer.alloc(0);
  return { old: old!, new: fresh! };
}

/** What the customer has on the site beside the release. */
export const customers: Files = {
  'local/own.php': '<?php // own',
  'gone/edited.php': 'edited by the customer',
  'upload/picture.png': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]),
  '.htaccess': 'Deny from all\n',
};

/** The old release with the customer's files; some rights that are not the usual ones, one link. */
export function layOut(folder: string, old: Files): void {
  writeFiles(folder, old);
  writeFiles(folder, customers);
  for (const path of Object.keys(treeOf(folder))) {
    const full = join(folder, path);
    chmodSync(full, lstatSync(full).isDirectory() ? 0o755 : 0o644);
  }
  chmodSync(join(folder, 'lib/1/модуль 1.php'), 0o600);
  symlinkSync('own.php', join(folder, 'local/link.php'));
  mkdirSync(join(folder, 'empty folder'));
  chmodSync(join(folder, 'empty folder'), 0o755);
}

/** The old site after the upload of the new release. */
export function expectedAfter(before: Record<string, string>, old: Files, fresh: Files): Record<string, string> {
  const after = { ...before };
  for (const [path, content] of Object.entries(fresh)) {
    const mode = before[path]?.split(' ')[1] ?? '644';
    after[path] = `file ${mode} ${content.length} ${digest(content)}`;
    const names = path.split('/');
    for (let depth = 1; depth < names.length; depth++) after[names.slice(0, depth).join('/')] ??= 'folder 755';
  }
  for (const path of Object.keys(old)) if (!(path in fresh) && !(path in customers)) delete after[path];
  return after;
}

/** Files as `unpackUpdate` leaves them. */
export async function unpacked(store: string, id: string, files: Files): Promise<FileTree> {
  const place = join(store, id);
  writeFiles(place, files);
  const list: TreeList = new Map(
    Object.entries(files).map(([path, content]) => [
      path,
      { kind: 'file' as const, size: content.length, sha256: digest(content), stamp: '' },
    ]),
  );
  await writeList(`${place}.json`, list);
  return fileTree(id, place, 'worker', list);
}

export const worker = (folder: string): MachineTarget => ({
  via: 'local',
  name: 'worker',
  os: 'linux',
  work: join(folder, 'work'),
});

export const storeIn = (folder: string): WebTree['store'] => ({
  machine: worker(folder),
  folder: join(folder, 'store'),
});

export const localTree = (folder: string, site: string): WebTree => ({
  via: 'machine',
  name: 'www.example.com',
  machine: worker(folder),
  folder: site,
  keep: [],
  store: storeIn(folder),
});

export const sftpTree = (folder: string, site: string, machine: SshTarget): WebTree => ({
  ...(localTree(folder, site) as Extract<WebTree, { via: 'machine' }>),
  machine,
});

export const ftpTree = (
  folder: string,
  port: number,
  change: Partial<Extract<WebTree, { via: 'ftp' }>> = {},
): WebTree => ({
  via: 'ftp',
  name: 'www.example.com',
  host: '127.0.0.1',
  port,
  user: 'anonymous',
  password: { env: 'NAKAT_TEST_FTP' },
  security: 'none',
  certificate: 'checked',
  folder: '/site',
  connections: 4,
  keep: [],
  store: storeIn(folder),
  ...change,
});

/** One step as a worker runs it, once. */
export const run = {
  check: (tree: WebTree, options: ContextOptions = {}) =>
    webSteps.checkTree({ tree }, {}, createStepContext({ step: 'preflight.check-tree', ...options })),
  backUp: (tree: WebTree, options: ContextOptions = {}) =>
    webSteps.backUpTree({ tree }, {}, createStepContext({ step: 'production.back-up-tree', ...options })),
  upload: (
    tree: WebTree,
    uses: { update: FileTree; owned: FileTree | undefined; backup: Backup },
    options: ContextOptions = {},
  ) => webSteps.uploadTree({ tree, part: '' }, uses, createStepContext({ step: 'production.upload-tree', ...options })),
  restore: (tree: WebTree, backup: Backup, options: ContextOptions = {}) =>
    webSteps.restoreTree({ tree }, { backup }, createStepContext({ step: 'restore.restore-tree', ...options })),
  prove: (tree: WebTree, backup: Backup) =>
    webSteps.proveTree({ tree }, { backup }, createStepContext({ step: 'restore.prove-tree' })),
  fingerprint: (tree: WebTree) =>
    webSteps.takeTreeFingerprint({ tree }, {}, createStepContext({ step: 'production.take-tree-fingerprint' })),
};
