/** A site's files over SFTP 3, with OpenSSH's extensions where the server has them: many requests in flight on one connection. */
import { posix } from 'node:path';
import type { Attributes, Client, SFTPWrapper, Stats } from 'ssh2';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { WebTree } from '../../runbook/targets/index.ts';
import { dial, type SshTarget } from '../machines/ssh-connection.ts';
import { quote } from '../machines/sh.ts';
import type { StepContext } from '../step.ts';
import { atOnce } from './lanes.ts';
import type { Remote, RemoteEntry } from './remote.ts';
import { readPieces, writePieces } from './sftp-pieces.ts';

/** Files at once: with many in flight a round trip costs next to nothing. */
const filesAtOnce = 64;
const noSuchFile = 2;
const denied = 3;
/** Commands that hash at once. */
const hashersAtOnce = 2;

export async function sftpRemote(
  tree: Extract<WebTree, { via: 'machine' }>,
  target: SshTarget,
  readSecret: StepContext['secret'],
): Promise<Remote> {
  const client = await dial(target, readSecret);
  const where = tree.name;
  const lost = (doing: string, cause?: unknown): NakatError =>
    new NakatError('WEB_CONNECTION_LOST', { where, values: { doing }, cause });
  const broken = new Set<(error: Error) => void>();
  let closed = false;
  client.once('close', () => {
    closed = true;
    for (const tell of [...broken]) tell(lost('closed'));
  });
  /** An answer, or the end of the connection. */
  const call = <T = void>(doing: string, ask: (done: (error: Error | null | undefined, value: T) => void) => void) =>
    new Promise<T>((resolve, reject) => {
      if (closed) return reject(lost(doing));
      const breaks = (): void => reject(lost(doing));
      broken.add(breaks);
      try {
        ask((error, value) => {
          broken.delete(breaks);
          if (error) reject(error);
          else resolve(value);
        });
      } catch (error) {
        broken.delete(breaks);
        reject(error as Error);
      }
    });

  let sftp: SFTPWrapper;
  try {
    sftp = await call<SFTPWrapper>('sftp', (done) => client.sftp(done));
  } catch (error) {
    client.end();
    throw isNakatError(error)
      ? error
      : new NakatError('WEB_REFUSED', { where, values: { doing: 'SFTP' }, vendor: String(error), effect: 'not-done' });
  }
  sftp.on('close', () => client.end());

  const root = wire(target, tree.folder);
  const full = (path: string): string => (path === '' ? root : posix.join(root, path));
  const explain = (doing: string, path: string, error: unknown): NakatError => {
    if (isNakatError(error)) return error;
    const status = statusOf(error);
    if (status === undefined) return lost(`${doing} ${path}`, error);
    const code = status === denied ? 'WEB_NOT_WRITABLE' : 'WEB_REFUSED';
    return new NakatError(code, {
      where,
      values: { doing: `${doing} ${path}` },
      vendor: messageOf(error),
      cause: error,
    });
  };
  const act = async <T>(doing: string, path: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw explain(doing, path, error);
    }
  };
  /** An extension: false when the server does not have it, which ssh2 says by throwing before it asks. */
  const optional = async (doing: string, ask: (done: (error?: Error | null) => void) => void): Promise<boolean> => {
    let asked = false;
    await call(doing, (done) => {
      try {
        ask((error) => done(error, undefined));
        asked = true;
      } catch {
        done(null, undefined);
      }
    });
    return asked;
  };
  const withFile = async <T>(path: string, flags: 'r' | 'w' | 'r+', use: (file: Buffer) => Promise<T>): Promise<T> => {
    const file = await call<Buffer>('open', (done) => sftp.open(full(path), flags, done));
    try {
      return await use(file);
    } finally {
      await call('close', (done) => sftp.close(file, done)).catch(() => {});
    }
  };
  const mayRun = once(() => commandsRun(client));

  const remote: Remote = {
    name: where,
    protocol: 'SFTP',
    lanes: filesAtOnce,
    // Windows shows rights of its own making.
    modes: target.os === 'linux',
    resumes: true,

    list: (folder) =>
      act('list', folder, async () => {
        try {
          const entries = await call<{ filename: string; attrs: Attributes }[]>('list', (done) =>
            sftp.readdir(full(folder), done),
          );
          return entries.map(({ filename, attrs }) => entryOf(filename, attrs, remote.modes));
        } catch (error) {
          if (statusOf(error) === noSuchFile)
            throw new NakatError('WEB_FOLDER_MISSING', { where, values: { folder: full(folder) } });
          throw error;
        }
      }),
    look: async (paths) => {
      const found = new Map<string, RemoteEntry>();
      await atOnce(filesAtOnce, paths, (path) =>
        act('look at', path, async () => {
          try {
            const stats = await call<Stats>('stat', (done) => sftp.lstat(full(path), done));
            found.set(path, entryOf(posix.basename(path), stats, remote.modes));
          } catch (error) {
            if (statusOf(error) !== noSuchFile) throw error;
          }
        }),
      );
      return found;
    },
    read: (path, take) =>
      act('read', path, () =>
        withFile(path, 'r', async (file) => {
          const { size } = await call<Stats>('stat', (done) => sftp.fstat(file, done));
          await readPieces(size, take, (at, length) =>
            call<Buffer>('read', (done) => {
              const into = Buffer.allocUnsafe(length);
              sftp.read(file, into, 0, length, at, (error, got) => done(error, into.subarray(0, got)));
            }),
          );
        }),
      ),
    write: (path, source, { from = 0 } = {}) =>
      act('write', path, () =>
        withFile(path, from === 0 ? 'w' : 'r+', async (file) => {
          await writePieces(source, from, (bytes, at) =>
            call('write', (done) => sftp.write(file, bytes, 0, bytes.length, at, done)),
          );
          await optional('sync', (done) => sftp.ext_openssh_fsync(file, done)).catch((error: unknown) => {
            // A file system that cannot is no reason to stop; a lost connection is.
            if (isNakatError(error)) throw error;
          });
          return {};
        }),
      ),
    setMode: (path, mode) => act('chmod', path, () => call('chmod', (done) => sftp.chmod(full(path), mode, done))),
    setOwner: async (path, owner) => {
      const [uid = 0, gid = 0] = owner.split(':').map(Number);
      await act('chown', path, () =>
        call('chown', (done) => sftp.chown(full(path), uid, gid, done)).catch((error: unknown) => {
          if (isNakatError(error)) throw error;
        }),
      );
    },
    rename: (from, to) =>
      act('rename', `${from} → ${to}`, async () => {
        if (await optional('rename', (done) => sftp.ext_openssh_rename(full(from), full(to), done))) return;
        // Plain SFTP 3 refuses an existing name: such a server leaves a moment without the file.
        await call('unlink', (done) => sftp.unlink(full(to), done)).catch((error: unknown) => {
          if (statusOf(error) !== noSuchFile) throw error;
        });
        await call('rename', (done) => sftp.rename(full(from), full(to), done));
      }),
    makeFolder: (path) =>
      act('make folder', path, async () => {
        try {
          await call('mkdir', (done) => sftp.mkdir(full(path), done));
          return true;
        } catch (error) {
          // SFTP 3 has no code for "exists".
          if (statusOf(error) !== undefined && (await remote.look([path])).size > 0) return false;
          throw error;
        }
      }),
    makeLink: (path, to) => act('link', path, () => call('link', (done) => sftp.symlink(to, full(path), done))),
    readLink: (path) =>
      act('read link', path, () => call<string>('readlink', (done) => sftp.readlink(full(path), done))),
    removeFile: (path) =>
      act('remove', path, () => absentIsFine(call('unlink', (done) => sftp.unlink(full(path), done)))),
    removeFolder: (path) =>
      act('remove folder', path, () => absentIsFine(call('rmdir', (done) => sftp.rmdir(full(path), done)))),
    hash: async (paths) => {
      if (target.os !== 'linux' || !(await mayRun())) return null;
      const found = new Map<string, string>();
      const share = Math.ceil(paths.length / hashersAtOnce) || 1;
      const shares = Array.from({ length: hashersAtOnce }, (_, index) =>
        paths.slice(index * share, (index + 1) * share),
      );
      await Promise.all(
        shares.map(async (names) => {
          if (names.length === 0) return;
          const list = names.map((name) => `./${name}\0`).join('');
          // A file that went away meanwhile makes the code 123, and is left out.
          const answer = await run(
            client,
            `cd -- ${quote(root, where)} && exec xargs -0 -r sha256sum -z -- 2>/dev/null`,
            list,
          );
          for (const line of answer.split('\0')) if (line !== '') found.set(line.slice(68), line.slice(0, 64));
        }),
      );
      return found;
    },
    freeSpace: async () => {
      let room: { f_bavail?: number | bigint; f_frsize?: number | bigint } | undefined;
      await optional('statvfs', (done) =>
        sftp.ext_openssh_statvfs(root, (error, info: typeof room) => {
          room = info;
          done(error);
        }),
      ).catch(() => false);
      return room?.f_bavail === undefined ? null : Number(room.f_bavail) * Number(room.f_frsize ?? 0);
    },
    close: () =>
      new Promise((resolve) => {
        if (closed) return resolve();
        client.once('close', () => resolve());
        client.end();
      }),
  };
  return remote;
}

/** `C:\site` is `/C:/site` over SFTP. */
const wire = (target: SshTarget, folder: string): string =>
  target.os === 'windows' ? `/${folder.replaceAll('\\', '/')}`.replace(/^\/+(?=\/)/, '') : folder;

function entryOf(name: string, attrs: Attributes, modes: boolean): RemoteEntry {
  const type = attrs.mode & 0o170000;
  const kind = type === 0o100000 ? 'file' : type === 0o040000 ? 'folder' : type === 0o120000 ? 'link' : 'other';
  return {
    name,
    kind,
    size: attrs.size,
    stamp: String(attrs.mtime),
    ...(modes ? { mode: attrs.mode & 0o7777, owner: `${attrs.uid}:${attrs.gid}` } : {}),
  };
}

const statusOf = (error: unknown): number | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function absentIsFine(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    if (statusOf(error) !== noSuchFile) throw error;
  });
}

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
};

/** An account for files only (`ForceCommand internal-sftp`, `nologin`) answers otherwise, or not at all. */
const commandsRun = async (client: Client): Promise<boolean> =>
  (await run(client, 'echo nakat-$((6 * 7)); command -v xargs sha256sum', '').catch(() => '')).match(
    /^nakat-42\n.*xargs\n.*sha256sum\n$/s,
  ) !== null;

/** What a command printed. */
const run = (client: Client, command: string, input: string): Promise<string> =>
  new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      const printed: Buffer[] = [];
      channel.on('data', (bytes: Buffer) => printed.push(bytes));
      channel.stderr.resume();
      channel.on('error', () => {});
      channel.once('close', () => resolve(Buffer.concat(printed).toString('utf8')));
      channel.end(input);
    });
  });
