/** Files of the worker's own machine. */
import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, open, readdir, rename, rmdir, stat, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Stats } from 'node:fs';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { FileStat } from './machine.ts';
import type { OnBytes, Transport } from './transport.ts';

export function localFiles(machine: string): Omit<Transport, 'name' | 'exec' | 'close'> {
  const act = async <T>(doing: string, path: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw explain(error, machine, doing, path);
    }
  };
  /** A file of the same machine: the file system shares the blocks where it can. */
  const copy = async (from: string, to: string, onBytes?: OnBytes): Promise<void> => {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    const { size } = await stat(to);
    onBytes?.(size, size);
  };
  return {
    stat: (path) =>
      act('stat', path, async () => {
        try {
          return statOf(await lstat(path));
        } catch (error) {
          if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return null;
          throw error;
        }
      }),
    list: (path) =>
      act('list', path, async () => {
        const names = await readdir(path);
        return Promise.all(names.map(async (name) => ({ name, stat: statOf(await lstat(join(path, name))) })));
      }),
    read: (path, limit, from = 0) =>
      act('read', path, () =>
        withFile(path, 'r', undefined, async (file) => {
          if (limit === undefined) return (await file.readFile()).subarray(from);
          const { bytesRead, buffer } = await file.read(Buffer.alloc(limit), 0, limit, from);
          return buffer.subarray(0, bytesRead);
        }),
      ),
    write: (path, content, mode) =>
      act('write', path, () =>
        withFile(path, 'w', mode, async (file) => {
          // A file that was there keeps its rights at open.
          if (mode !== undefined) await file.chmod(mode);
          await file.writeFile(content);
          await file.sync();
        }),
      ),
    rename: (from, to) => act('rename', from, () => rename(from, to)),
    unlink: (path) => act('unlink', path, () => unlink(path)),
    rmdir: (path) => act('rmdir', path, () => rmdir(path)),
    mkdir: (path) =>
      act('mkdir', path, async () => {
        try {
          await mkdir(path);
          return true;
        } catch (error) {
          if (codeOf(error) !== 'EEXIST') throw error;
          if ((await stat(path)).isDirectory()) return false;
          throw new NakatError('TARGET_EXISTS', { values: { path }, where: machine });
        }
      }),
    upload: (local, remote, onBytes) => act('upload', remote, () => copy(local, remote, onBytes)),
    download: (remote, local, onBytes) =>
      act('download', remote, () => replaceLocal(local, (beside) => copy(remote, beside, onBytes))),
  };
}

/** Makes a local file under a temporary name and renames it when it is whole; what failed leaves nothing. */
export async function replaceLocal(path: string, make: (beside: string) => Promise<void>): Promise<void> {
  const beside = join(dirname(path), `${basename(path)}.nakat-new`);
  try {
    await make(beside);
    await rename(beside, path);
  } catch (error) {
    await unlink(beside).catch(() => {});
    throw error;
  }
}

async function withFile<T>(
  path: string,
  flags: string,
  mode: number | undefined,
  use: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await open(path, flags, mode);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

function statOf(stats: Stats): FileStat {
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : 'other';
  return { kind, size: stats.size, modified: stats.mtimeMs, mode: stats.mode & 0o7777 };
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

function explain(error: unknown, machine: string, doing: string, path: string): NakatError {
  if (isNakatError(error)) return error;
  const options = { values: { path, doing }, where: machine, cause: error };
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new NakatError('FILE_NOT_FOUND', options);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new NakatError('FILE_DENIED', options);
    default:
      return new NakatError('FILE_FAILED', {
        ...options,
        vendor: error instanceof Error ? error.message : String(error),
      });
  }
}
