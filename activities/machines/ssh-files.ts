/** Files of a machine over SFTP (version 3 with OpenSSH's extensions where the server has them). */
import { stat as localStat } from 'node:fs/promises';
import type { Attributes, SFTPWrapper, Stats } from 'ssh2';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import { replaceLocal } from './local-files.ts';
import type { FileStat } from './machine.ts';
import type { Transport } from './transport.ts';

type SftpFiles = Omit<Transport, 'name' | 'exec' | 'close'>;
/** Gives the open SFTP session, and waits for the answer or for the end of the connection. */
export type OverSftp = <T>(doing: string, ask: (sftp: SFTPWrapper) => Promise<T>) => Promise<T>;

/** Every server takes requests of this size (draft-ietf-secsh-filexfer-02, part 3: 34,000 bytes with the head). */
const piece = 32 * 1024;
/** Requests in flight for one file: with 64, a round trip of 20 ms costs a large file next to nothing. */
const inFlight = 64;

/** Status codes of SFTP 3. */
const noSuchFile = 2;
const denied = 3;

export function sftpFiles(machine: string, overSftp: OverSftp): SftpFiles {
  const act = <T>(doing: string, path: string, ask: (sftp: SFTPWrapper) => Promise<T>): Promise<T> =>
    overSftp(doing, async (sftp) => {
      try {
        return await ask(sftp);
      } catch (error) {
        throw explain(error, machine, doing, path);
      }
    });

  const files: SftpFiles = {
    stat: (path) =>
      overSftp('stat', async (sftp) => {
        try {
          return statOf(await call<Stats>((done) => sftp.lstat(path, done)));
        } catch (error) {
          if (statusOf(error) === noSuchFile) return null;
          throw explain(error, machine, 'stat', path);
        }
      }),
    list: (path) =>
      act('list', path, async (sftp) => {
        const entries = await call<{ filename: string; attrs: Attributes }[]>((done) => sftp.readdir(path, done));
        return entries.map(({ filename, attrs }) => ({ name: filename, stat: statOf(attrs) }));
      }),
    read: (path, limit, from) =>
      act('read', path, (sftp) => withFile(sftp, path, 'r', undefined, (file) => readAll(sftp, file, limit, from))),
    write: (path, content, mode) =>
      act('write', path, (sftp) =>
        withFile(sftp, path, 'w', mode, async (file) => {
          // A file that was there keeps its rights at open.
          if (mode !== undefined) await call((done) => sftp.fchmod(file, mode, done));
          await eachPiece(content.length, (from, size) =>
            call((done) => sftp.write(file, content, from, size, from, done)),
          );
          await optional((done) => sftp.ext_openssh_fsync(file, done));
        }),
      ),
    rename: (from, to) =>
      act('rename', from, async (sftp) => {
        if (await optional((done) => sftp.ext_openssh_rename(from, to, done))) return;
        // Plain SFTP 3 refuses an existing name: such a server leaves a moment without the file.
        await call((done) => sftp.unlink(to, done)).catch((error: unknown) => {
          if (statusOf(error) !== noSuchFile) throw error;
        });
        await call((done) => sftp.rename(from, to, done));
      }),
    unlink: (path) => act('unlink', path, (sftp) => call((done) => sftp.unlink(path, done))),
    rmdir: (path) => act('rmdir', path, (sftp) => call((done) => sftp.rmdir(path, done))),
    mkdir: (path) =>
      act('mkdir', path, async (sftp) => {
        try {
          await call((done) => sftp.mkdir(path, done));
          return true;
        } catch (error) {
          // SFTP 3 has no code for "exists".
          const found = await call<Stats>((done) => sftp.stat(path, done)).catch(() => undefined);
          if (found?.isDirectory()) return false;
          if (found) throw new NakatError('TARGET_EXISTS', { values: { path }, where: machine });
          throw error;
        }
      }),
    upload: async (local, remote, onBytes) => {
      const { size } = await localStat(local);
      await act('upload', remote, async (sftp) => {
        const step = (done: number): void => onBytes?.(done, size);
        await call((done) => sftp.fastPut(local, remote, { concurrency: inFlight, chunkSize: piece, step }, done));
        const there = await call<Stats>((done) => sftp.stat(remote, done));
        if (there.size !== size) throw new Error(`${there.size} of ${size} bytes arrived`);
      });
    },
    download: (remote, local, onBytes) =>
      replaceLocal(local, (beside) =>
        act('download', remote, (sftp) => {
          const step = (done: number, _piece: number, total: number): void => onBytes?.(done, total);
          return call((done) => sftp.fastGet(remote, beside, { concurrency: inFlight, chunkSize: piece, step }, done));
        }),
      ),
  };
  return files;
}

type Done<T> = (error: Error | null | undefined, value: T) => void;

const call = <T = void>(ask: (done: Done<T>) => void): Promise<T> =>
  new Promise((resolve, reject) => ask((error, value) => (error ? reject(error) : resolve(value))));

/** An extension: false when the server does not have it, which ssh2 says by throwing before it asks. */
async function optional(ask: (done: Done<void>) => void): Promise<boolean> {
  let asked = false;
  await call<void>((done) => {
    try {
      ask(done);
      asked = true;
    } catch {
      done(null);
    }
  });
  return asked;
}

async function withFile<T>(
  sftp: SFTPWrapper,
  path: string,
  flags: 'r' | 'w',
  mode: number | undefined,
  use: (file: Buffer) => Promise<T>,
): Promise<T> {
  const file = await call<Buffer>((done) =>
    mode === undefined ? sftp.open(path, flags, done) : sftp.open(path, flags, mode, done),
  );
  try {
    return await use(file);
  } finally {
    await call((done) => sftp.close(file, done));
  }
}

async function readAll(sftp: SFTPWrapper, file: Buffer, limit = Infinity, first = 0): Promise<Buffer> {
  const { size } = await call<Stats>((done) => sftp.fstat(file, done));
  const content = Buffer.alloc(Math.max(0, Math.min(size - first, limit)));
  let end = content.length;
  await eachPiece(content.length, async (from, wanted) => {
    for (let got = 0; got < wanted;) {
      const read = await call<number>((done) =>
        sftp.read(file, content, from + got, wanted - got, first + from + got, (error, bytes) => done(error, bytes)),
      );
      // The file became shorter meanwhile.
      if (read === 0) return void (end = Math.min(end, from + got));
      got += read;
    }
  });
  return content.subarray(0, end);
}

/** All pieces of so many bytes, some in flight at a time. */
async function eachPiece(total: number, act: (from: number, size: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < total) {
      const from = next;
      next += piece;
      await act(from, Math.min(piece, total - from));
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, Math.ceil(total / piece)) }, lane));
}

function statOf(attrs: Attributes): FileStat {
  const type = attrs.mode & 0o170000;
  const kind = type === 0o100000 ? 'file' : type === 0o040000 ? 'folder' : type === 0o120000 ? 'link' : 'other';
  return { kind, size: attrs.size, modified: attrs.mtime * 1000, mode: attrs.mode & 0o7777 };
}

const statusOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

function explain(error: unknown, machine: string, doing: string, path: string): NakatError {
  if (isNakatError(error)) return error;
  const status = statusOf(error);
  const options = { values: { path, doing }, where: machine, cause: error };
  if (status === noSuchFile) return new NakatError('FILE_NOT_FOUND', options);
  if (status === denied) return new NakatError('FILE_DENIED', options);
  const vendor = error instanceof Error ? error.message : String(error);
  // What ssh2 says of requests whose session ended before the answer.
  if (/^(No response from server|Not connected|Channel closed)/i.test(vendor)) {
    return new NakatError('CONNECTION_LOST', { values: { doing: `${doing} ${path}` }, where: machine, cause: error });
  }
  return new NakatError('FILE_FAILED', { ...options, vendor });
}
