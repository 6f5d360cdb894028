/** A site's files on the worker's own disk. */
import { constants, createReadStream } from 'node:fs';
import {
  chmod,
  copyFile,
  lchown,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  rename,
  rmdir,
  statfs,
  symlink,
  unlink,
} from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { basename, join } from 'node:path';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { WebTree } from '../../runbook/targets/index.ts';
import { atOnce } from './lanes.ts';
import { digestFile } from './manifest.ts';
import type { Remote, RemoteEntry } from './remote.ts';

const filesAtOnce = 16;

export function localRemote(tree: Extract<WebTree, { via: 'machine' }>): Remote {
  const where = tree.name;
  const modes = tree.machine.os === 'linux';
  const full = (path: string): string => join(tree.folder, path);
  const act = async <T>(doing: string, path: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (isNakatError(error)) throw error;
      const code = ['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error)) ? 'WEB_NOT_WRITABLE' : 'WEB_REFUSED';
      const vendor = error instanceof Error ? error.message : String(error);
      throw new NakatError(code, { where, values: { doing: `${doing} ${path}` }, vendor, cause: error });
    }
  };
  const entry = (name: string, stats: Stats): RemoteEntry => ({
    name,
    kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : 'other',
    size: stats.size,
    stamp: String(stats.mtimeMs),
    ...(modes ? { mode: stats.mode & 0o7777, owner: `${stats.uid}:${stats.gid}` } : {}),
  });
  const absentIsFine = async (work: Promise<unknown>): Promise<void> => {
    await work.catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
  };

  return {
    name: where,
    protocol: 'files',
    lanes: filesAtOnce,
    modes,
    resumes: false,
    list: (folder) =>
      act('list', folder, async () => {
        const names = await readdir(full(folder)).catch((error: unknown) => {
          if (codeOf(error) === 'ENOENT')
            throw new NakatError('WEB_FOLDER_MISSING', { where, values: { folder: full(folder) } });
          throw error;
        });
        const entries: RemoteEntry[] = [];
        await atOnce(filesAtOnce, names, async (name) => {
          // Gone between the two calls: it was not there.
          await absentIsFine(lstat(join(full(folder), name)).then((stats) => entries.push(entry(name, stats))));
        });
        return entries;
      }),
    look: async (paths) => {
      const found = new Map<string, RemoteEntry>();
      await atOnce(filesAtOnce, paths, (path) =>
        act('look at', path, () =>
          lstat(full(path)).then(
            (stats) => found.set(path, entry(basename(path), stats)),
            (error: unknown) => {
              if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error))) throw error;
            },
          ),
        ),
      );
      return found;
    },
    read: (path, take) =>
      act('read', path, async () => {
        for await (const piece of createReadStream(full(path)) as AsyncIterable<Buffer>) await take(piece);
      }),
    write: (path, source) =>
      act('write', path, async () => {
        if ('file' in source) await copyFile(source.file, full(path), constants.COPYFILE_FICLONE);
        const file = await open(full(path), 'file' in source ? 'r+' : 'w');
        try {
          if ('content' in source) await file.writeFile(source.content);
          await file.sync();
        } finally {
          await file.close();
        }
        return {};
      }),
    setMode: (path, mode) => act('chmod', path, () => chmod(full(path), mode)),
    setOwner: async (path, owner) => {
      const [uid = 0, gid = 0] = owner.split(':').map(Number);
      await lchown(full(path), uid, gid).catch(() => {});
    },
    rename: (from, to) => act('rename', `${from} → ${to}`, () => rename(full(from), full(to))),
    makeFolder: (path) =>
      act('make folder', path, () =>
        mkdir(full(path)).then(
          () => true,
          (error: unknown) => {
            if (codeOf(error) === 'EEXIST') return false;
            throw error;
          },
        ),
      ),
    makeLink: (path, target) => act('link', path, () => symlink(target, full(path))),
    readLink: (path) => act('read link', path, () => readlink(full(path))),
    removeFile: (path) => act('remove', path, () => absentIsFine(unlink(full(path)))),
    removeFolder: (path) => act('remove folder', path, () => absentIsFine(rmdir(full(path)))),
    hash: async (paths) => {
      const found = new Map<string, string>();
      await atOnce(filesAtOnce, paths, async (path) => {
        const stats = await lstat(full(path)).catch(() => undefined);
        if (stats?.isFile()) found.set(path, (await act('read', path, () => digestFile(full(path)))).sha256);
      });
      return found;
    },
    freeSpace: async () => {
      const { bavail, bsize } = await statfs(tree.folder);
      return bavail * bsize;
    },
    close: async () => {},
  };
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
