/**
 * ssh2's SFTP with promises. Many requests are on their way at once, and a caller may send the next before the last is answered:
 * draft-ietf-secsh-filexfer-02, part 6.1, promises that requests on one file have the same outcome as if each had waited for the one
 * before.
 */
import type { Client, FileEntryWithStats, SFTPWrapper, Stats } from 'ssh2';
import { budgetOf } from './budget.ts';

/** The server said no; `code` as in part 7 of the draft. */
export class SftpStatus extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
export const status = { end: 1, noSuchFile: 2, denied: 3, unsupported: 8 } as const;

/** Bytes of one read or write: so many every server takes (part 3 of the draft: 34,000 with the head); more than the second bring nothing. */
const [usualPiece, largestPiece] = [31 * 1024, 128 * 1024];

/** Files and folders that are open at once: so many where the server does not say how many may be (`limits@openssh.com`), and at most. */
const [usualHandles, mostHandles] = [64, 256];

export type Handle = Buffer;
export type Attributes = Pick<Stats, 'size' | 'uid' | 'gid' | 'mode' | 'mtime'>;

export interface SftpSession {
  /** Bytes of one read or write: ssh2 would split longer ones, and later requests overtake the rest. */
  readonly piece: number;
  /** Waits while too much is open. */
  open(path: string, flags: 'r' | 'r+' | 'w+', mode?: number): Promise<Handle>;
  close(handle: Handle): Promise<void>;
  /** Fills the buffer from its beginning; returns what was filled: fewer bytes are allowed to the server, none at the end of the file. */
  read(handle: Handle, at: number, into: Buffer): Promise<Buffer>;
  /** The bytes may be used again at once. */
  write(handle: Handle, at: number, bytes: Buffer): Promise<void>;
  /** `fsync@openssh.com`. */
  sync(handle: Handle): Promise<void>;
  attributesOf(handle: Handle): Promise<Attributes>;
  /** Of a link itself. */
  look(path: string): Promise<Attributes>;
  /** Waits likewise. */
  openFolder(path: string): Promise<Handle>;
  /** Some entries, null after the last ones. */
  readFolder(handle: Handle): Promise<FileEntryWithStats[] | null>;
  setMode(path: string, mode: number): Promise<void>;
  setOwner(path: string, uid: number, gid: number): Promise<void>;
  /** In the place of an existing file; by `posix-rename@openssh.com`. */
  replace(from: string, to: string): Promise<void>;
  /** To a free name. */
  rename(from: string, to: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  makeLink(path: string, target: string): Promise<void>;
  readLink(path: string): Promise<string>;
  remove(path: string): Promise<void>;
  removeFolder(path: string): Promise<void>;
  /** Bytes for this account, by `statvfs@openssh.com`. */
  room(path: string): Promise<number>;
}

type Answer<T> = (error: (Error & { code?: unknown }) | null | undefined, value: T) => void;

/** What the server says of itself, and what ssh2 makes of it; not in ssh2's types. */
interface Limits {
  readonly maxOpenHandles?: number;
  readonly _maxReadLen?: number;
  readonly _maxWriteLen?: number;
}

/**
 * Rejects with SftpStatus what the server refused (also an extension that it does not have), and with what `lost` makes everything that
 * it did not answer.
 */
export async function sftpSession(client: Client, lost: (cause?: unknown) => Error): Promise<SftpSession> {
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
    client.once('close', () => reject(lost()));
    client.sftp((error, opened) => (error ? reject(error) : resolve(opened)));
  });
  let ended: Error | undefined;
  const end = (cause?: unknown): void => void (ended ??= lost(cause));
  // Whatever is asked between the end of its answers and the end of the channel would never be answered.
  for (const last of ['end', 'close'])
    sftp.once(last, () => {
      end();
      client.end();
    });
  // It tells all who wait after that.
  sftp.on('error', end);

  const call = <T = void>(send: (answer: Answer<T>) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      // ssh2 drops requests on a channel that is closed.
      if (ended) return reject(ended);
      const answer: Answer<T> = (error, value) => {
        if (!error) resolve(value);
        else reject(typeof error.code === 'number' ? new SftpStatus(error.code, error.message) : lost(error));
      };
      try {
        send(answer);
      } catch (error) {
        // The server did not announce the extension.
        reject(new SftpStatus(status.unsupported, String(error)));
      }
    });

  const { maxOpenHandles, _maxReadLen = usualPiece, _maxWriteLen = usualPiece } = sftp as Limits;
  const says = maxOpenHandles !== undefined;
  const handles = budgetOf(Math.max(Math.min(maxOpenHandles ?? usualHandles, mostHandles), 8));
  const opened = async (send: (answer: Answer<Handle>) => void): Promise<Handle> => {
    await handles.take(1);
    return await call(send).catch((error: unknown) => {
      handles.give(1);
      throw error;
    });
  };

  return {
    // A server that does not say its limits may answer with less than it was asked for, and every file would be read twice.
    piece: Math.min(_maxReadLen, _maxWriteLen, says ? largestPiece : usualPiece),
    open: (path, flags, mode) => opened((answer) => sftp.open(path, flags, mode === undefined ? {} : { mode }, answer)),
    close: (handle) => call<void>((answer) => sftp.close(handle, answer)).finally(() => handles.give(1)),
    read: (handle, at, into) =>
      call((answer) => sftp.read(handle, into, 0, into.length, at, (error, _count, bytes) => answer(error, bytes))),
    write: (handle, at, bytes) => call((answer) => sftp.write(handle, bytes, 0, bytes.length, at, answer)),
    sync: (handle) => call((answer) => sftp.ext_openssh_fsync(handle, answer)),
    attributesOf: (handle) => call((answer) => sftp.fstat(handle, answer)),
    look: (path) => call((answer) => sftp.lstat(path, answer)),
    openFolder: (path) => opened((answer) => sftp.opendir(path, answer)),
    readFolder: (handle) =>
      call<FileEntryWithStats[] | null>((answer) => sftp.readdir(handle, answer)).catch((error: unknown) => {
        if (error instanceof SftpStatus && error.code === status.end) return null;
        throw error;
      }),
    setMode: (path, mode) => call((answer) => sftp.chmod(path, mode, answer)),
    setOwner: (path, uid, gid) => call((answer) => sftp.chown(path, uid, gid, answer)),
    replace: (from, to) => call((answer) => sftp.ext_openssh_rename(from, to, answer)),
    rename: (from, to) => call((answer) => sftp.rename(from, to, answer)),
    makeFolder: (path) => call((answer) => sftp.mkdir(path, answer)),
    makeLink: (path, target) => call((answer) => sftp.symlink(target, path, answer)),
    readLink: (path) => call((answer) => sftp.readlink(path, answer)),
    remove: (path) => call((answer) => sftp.unlink(path, answer)),
    removeFolder: (path) => call((answer) => sftp.rmdir(path, answer)),
    room: async (path) => {
      const { f_frsize, f_bavail } = await call<{ f_frsize: number; f_bavail: number }>((answer) =>
        sftp.ext_openssh_statvfs(path, answer),
      );
      return f_frsize * f_bavail;
    },
  };
}
