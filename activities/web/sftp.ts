/** A site's files over SFTP 3, with OpenSSH's extensions where the server has them: many requests in flight on one connection. */
import type { FileEntryWithStats } from 'ssh2';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { WebTree } from '../../runbook/targets/index.ts';
import { dial, type SshTarget } from '../machines/ssh-connection.ts';
import type { StepContext } from '../step.ts';
import { atOnce } from './lanes.ts';
import { nameOf } from './names.ts';
import type { Remote, RemoteEntry } from './remote.ts';
import { renameOver } from './rename-over.ts';
import { sftpHost } from './sftp-host.ts';
import { sftpPieces } from './sftp-pieces.ts';
import { sftpSession, SftpStatus, status, type Attributes } from './sftp-session.ts';
import { mostEntries } from './walk.ts';

/** Calls at once: with so many in flight a round trip costs next to nothing. */
const lanes = 1024;
/** Milliseconds there and back from which on a line counts as slower than compressing is; in one house it is below 1. */
const far = 5;
/** Paths; fewer are looked at over SFTP as quickly as by a command. */
const worthAsking = 2 * lanes;

export async function sftpRemote(
  tree: Extract<WebTree, { via: 'machine' }>,
  target: SshTarget,
  readSecret: StepContext['secret'],
): Promise<Remote> {
  const client = await dial(target, readSecret);
  const where = tree.name;
  const lost = (doing: string, cause?: unknown): NakatError =>
    new NakatError('WEB_CONNECTION_LOST', { where, values: { doing }, cause });
  let closed = false;
  client.once('close', () => (closed = true));
  const root = slashes(target, tree.folder);
  const base = root.endsWith('/') ? root : `${root}/`;
  // Paths were looked at (`names.ts`), so nothing is left to be resolved.
  const full = (path: string): string => (path === '' ? root : `${base}${path}`);

  // Both at once, for the sake of slow lines; SFTP first: some hosts allow one session on a connection.
  const opening = sftpSession(client, (cause) => lost('sftp', cause));
  const asked =
    target.os === 'linux'
      ? sftpHost(client, root, where, (cause) => lost('run a command', cause))
      : Promise.resolve(null);
  asked.catch(() => {});
  const session = await opening.catch((error: unknown) => {
    client.end();
    if (isNakatError(error)) throw error;
    throw new NakatError('WEB_REFUSED', {
      where,
      values: { doing: 'SFTP' },
      vendor: String(error),
      effect: 'not-done',
    });
  });
  const [host, distance] = await Promise.all([asked, millisecondsOf(session.look(root).catch(() => {}))]);
  const unpack = host?.unpack;
  const pieces = sftpPieces(session);

  const explain = (doing: string, path: string, error: unknown): Error => {
    if (isNakatError(error)) return error.code === 'WEB_CONNECTION_LOST' ? lost(`${doing} ${path}`, error) : error;
    if (!(error instanceof SftpStatus)) return error as Error;
    const code = error.code === status.denied ? 'WEB_NOT_WRITABLE' : 'WEB_REFUSED';
    return new NakatError(code, {
      where,
      values: { doing: `${doing} ${path}` },
      vendor: error.message,
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
  const modes = target.os === 'linux';
  const entryOf = (name: string, { mode, size, mtime, uid, gid }: Attributes): RemoteEntry => {
    const type = mode & 0o170000;
    const kind = type === 0o100000 ? 'file' : type === 0o040000 ? 'folder' : type === 0o120000 ? 'link' : 'other';
    const rights = modes ? { mode: mode & 0o7777, owner: `${uid}:${gid}` } : {};
    return { name, kind, size, stamp: String(mtime), ...rights };
  };

  async function entriesOf(folder: string): Promise<FileEntryWithStats[]> {
    const handle = await session.openFolder(full(folder));
    const entries: FileEntryWithStats[] = [];
    // Two at once: most folders are told by the first answer, and the second says that it was all.
    const next = (): Promise<FileEntryWithStats[] | null> => {
      const answer = session.readFolder(handle);
      answer.catch(() => {});
      return answer;
    };
    try {
      for (let answers = [next(), next()]; ; answers = [answers[1]!, next()]) {
        const some = await answers[0]!;
        if (some === null) return entries;
        entries.push(...some);
        if (entries.length > mostEntries)
          throw new NakatError('WEB_TOO_MUCH', { where, values: { limit: mostEntries } });
      }
    } finally {
      session.close(handle).catch(() => {});
    }
  }

  const remote: Remote = {
    name: where,
    protocol: 'SFTP',
    lanes,
    // Windows shows rights of its own making.
    modes,
    resumes: true,

    list: (folder) =>
      act('list', folder, async () => {
        try {
          return (await entriesOf(folder)).map(({ filename, attrs }) => entryOf(filename, attrs));
        } catch (error) {
          if (isAbsent(error)) throw new NakatError('WEB_FOLDER_MISSING', { where, values: { folder: full(folder) } });
          throw error;
        }
      }),
    listAll: async (keep) => (await host?.listAll(keep)) ?? null,
    look: async (paths) => {
      const byHost = paths.length < worthAsking ? null : await host?.look(paths);
      if (byHost) return byHost;
      const found = new Map<string, RemoteEntry>();
      await atOnce(lanes, paths, (path) =>
        act('look at', path, async () => {
          try {
            found.set(path, entryOf(nameOf(path), await session.look(full(path))));
          } catch (error) {
            if (!isAbsent(error)) throw error;
          }
        }),
      );
      return found;
    },
    read: (path, take) => act('read', path, () => pieces.read(full(path), take)),
    write: (path, source, { from = 0, mode } = {}) =>
      act('write', path, async () => {
        if (from > 0) {
          await pieces.goOn(full(path), source, from);
          return {};
        }
        const put = await pieces.put(full(path), source, { mode: modes ? mode : undefined, readBack: host === null });
        const entry = entryOf(nameOf(path), put.attributes);
        return put.sha256 === undefined ? { entry } : { entry, sha256: put.sha256 };
      }),
    ...(unpack ? { unpack: (folder, archive) => unpack(folder, archive, distance > far) } : {}),
    settle: async () => host?.sync(),
    setMode: (path, mode) => act('chmod', path, () => session.setMode(full(path), mode)),
    setOwner: async (path, owner) => {
      const [uid = 0, gid = 0] = owner.split(':').map(Number);
      await session.setOwner(full(path), uid, gid).catch((error: unknown) => {
        if (!(error instanceof SftpStatus)) throw error;
      });
    },
    rename: (from, to) =>
      act('rename', `${from} → ${to}`, async () => {
        await session.replace(full(from), full(to)).catch(async (error: unknown) => {
          if (!isStatus(error, status.unsupported)) throw error;
          // Plain SFTP 3 refuses an existing name.
          await renameOver(from, to, async (one, other) => {
            try {
              await session.rename(full(one), full(other));
              return true;
            } catch (failure) {
              if (one === to && isAbsent(failure)) return false;
              throw failure;
            }
          });
        });
      }),
    makeFolder: (path) =>
      act('make folder', path, async () => {
        try {
          await session.makeFolder(full(path));
          return true;
        } catch (error) {
          // SFTP 3 has no code for "exists".
          if (error instanceof SftpStatus && (await remote.look([path])).size > 0) return false;
          throw error;
        }
      }),
    makeLink: (path, to) => act('link', path, () => session.makeLink(full(path), to)),
    readLink: (path) => act('read link', path, () => session.readLink(full(path))),
    removeFile: (path) => act('remove', path, () => absentIsFine(session.remove(full(path)))),
    removeFolder: (path) => act('remove folder', path, () => absentIsFine(session.removeFolder(full(path)))),
    hash: async (paths) => (await host?.hash(paths)) ?? null,
    freeSpace: () => session.room(root).catch(() => null),
    close: () =>
      new Promise((resolve) => {
        if (closed) return resolve();
        // A line that is dead does not say so.
        const waited = setTimeout(() => {
          client.destroy();
          resolve();
        }, 5000);
        client.once('close', () => {
          clearTimeout(waited);
          resolve();
        });
        client.end();
      }),
  };
  return remote;
}

async function millisecondsOf(work: Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work;
  return performance.now() - begun;
}

/** `C:\site` is `/C:/site` over SFTP. */
const slashes = (target: SshTarget, folder: string): string =>
  target.os === 'windows' ? `/${folder.replaceAll('\\', '/')}`.replace(/^\/+(?=\/)/, '') : folder;

const isStatus = (error: unknown, code: number): boolean => error instanceof SftpStatus && error.code === code;
const isAbsent = (error: unknown): boolean => isStatus(error, status.noSuchFile);

async function absentIsFine(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!isAbsent(error)) throw error;
  });
}
