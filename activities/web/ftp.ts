/** A site's files over FTP or FTPS: a few log-ins at once, each doing one thing at a time. */
import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { FTPError } from 'basic-ftp';
import { NakatError } from '../../runbook/errors/index.ts';
import type { StepContext } from '../step.ts';
import { entryOf } from './ftp-listing.ts';
import { ftpPool } from './ftp-pool.ts';
import type { FtpSession, FtpTree } from './ftp-session.ts';
import { atOnce } from './lanes.ts';
import type { Remote, RemoteEntry } from './remote.ts';

export async function ftpRemote(tree: FtpTree, readSecret: StepContext['secret']): Promise<Remote> {
  const where = tree.name;
  const pool = await ftpPool(tree, readSecret);
  const { features, greeting } = pool.first;
  const full = (path: string): string => posix.join('/', tree.folder, path);
  const hashCommand = hashCommandOf(features);
  const [lists, chmod] = [features.has('MLST'), await pool.use('probe', (session) => knowsChmod(session))];

  const act = async <T>(doing: string, path: string, work: (session: FtpSession) => Promise<T>): Promise<T> => {
    // The control connection is a text of lines: such a name would be a command of its own.

    if (/[\u0000-\u001f]/.test(path))
      throw new NakatError('WEB_NAME_REFUSED', {
        where,
        values: { name: JSON.stringify(path), reason: 'holds a control character' },
      });
    return await pool.use(`${doing} ${path}`, work);
  };
  /** The server's answer, or null where it says that the file is not available (RFC 959: 550; some say 553 or 450). */
  const unlessAbsent = async <T>(work: Promise<T>): Promise<T | null> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof FTPError && [550, 553, 450].includes(error.code)) return null;
      throw error;
    }
  };
  /** By going there first: `LIST` with a path is understood differently, and an unknown folder is an empty list to some servers. */
  const listIn = async (session: FtpSession, folder: string): Promise<RemoteEntry[] | null> => {
    if ((await unlessAbsent(session.client.send(`CWD ${full(folder)}`))) === null) return null;
    const modes = chmod;
    return (await session.client.list()).map((info) => entryOf(info, modes));
  };

  const remote: Remote = {
    name: where,
    protocol: `FTP${tree.security === 'none' ? '' : 'S'} (${
      greeting
        .replace(/^220[ -]?/, '')
        .split('\n')[0]
        ?.trim()
        .slice(0, 60) ?? ''
    }; ${lists ? 'MLSD' : 'LIST'})`,
    lanes: tree.connections,
    modes: chmod,
    resumes: true,

    list: (folder) =>
      act('list', folder, async (session) => {
        const entries = await listIn(session, folder);
        if (entries === null) throw new NakatError('WEB_FOLDER_MISSING', { where, values: { folder: full(folder) } });
        return entries;
      }),
    look: async (paths) => {
      const found = new Map<string, RemoteEntry>();
      const folders = new Map<string, string[]>();
      for (const path of paths) folders.set(above(path), [...(folders.get(above(path)) ?? []), path]);
      await atOnce(tree.connections, folders, ([folder, wanted]) =>
        act('list', folder, async (session) => {
          const entries = new Map((await listIn(session, folder))?.map((entry) => [entry.name, entry]));
          for (const path of wanted) {
            const entry = entries.get(posix.basename(path));
            if (entry) found.set(path, entry);
          }
        }),
      );
      return found;
    },
    read: (path, take) =>
      act('read', path, async ({ client }) => {
        const into = new Writable({
          write: (piece: Buffer, _encoding, done) => {
            Promise.resolve(take(piece)).then(() => done(), done);
          },
        });
        await client.downloadTo(into, full(path));
      }),
    write: (path, source, { from = 0 } = {}) =>
      act('write', path, async ({ client }) => {
        const total = 'content' in source ? source.content.length : source.size;
        const stream =
          'content' in source
            ? Readable.from(source.content.subarray(from), { objectMode: false })
            : from >= total
              ? Readable.from([])
              : createReadStream(source.file, { start: from, end: total - 1, highWaterMark: 256 * 1024 });
        // REST before STOR is refused by some servers that take APPE; what came of it is read back in any case.
        if (from === 0) await client.uploadFrom(stream, full(path));
        else await client.appendFrom(stream, full(path));
        return {};
      }),
    setMode: (path, mode) =>
      act('chmod', path, async ({ client }) => {
        await client.send(`SITE CHMOD ${mode.toString(8).padStart(3, '0')} ${full(path)}`);
      }),
    setOwner: async () => {},
    rename: (from, to) =>
      act('rename', `${from} → ${to}`, async ({ client }) => {
        await client.send(`RNFR ${full(from)}`);
        try {
          await client.send(`RNTO ${full(to)}`);
        } catch (error) {
          if (!(error instanceof FTPError)) throw error;
          // Some servers refuse an existing name (IIS, and where overwriting is switched off): they leave a moment without the file.
          const removed = await unlessAbsent(client.send(`DELE ${full(to)}`));
          if (removed === null) throw error;
          await client.send(`RNFR ${full(from)}`);
          await client.send(`RNTO ${full(to)}`);
        }
      }),
    makeFolder: (path) =>
      act('make folder', path, async (session) => {
        try {
          await session.client.send(`MKD ${full(path)}`);
          return true;
        } catch (error) {
          if (!(error instanceof FTPError)) throw error;
          // No code means "exists" and nothing else.
          const there = await listIn(session, above(path));
          if (there?.some(({ name }) => name === posix.basename(path))) return false;
          throw error;
        }
      }),
    makeLink: (path) =>
      Promise.reject(new NakatError('WEB_REFUSED', { where, values: { doing: `link ${path}` }, effect: 'not-done' })),
    readLink: async () => '',
    removeFile: (path) =>
      act('remove', path, async (session) => {
        if ((await unlessAbsent(session.client.send(`DELE ${full(path)}`))) !== null) return;
        // The same code is said for "not there" and for "not allowed".
        const left = await listIn(session, above(path));
        if (left?.some(({ name }) => name === posix.basename(path)))
          throw new NakatError('WEB_NOT_WRITABLE', { where, values: { doing: `remove ${path}` } });
      }),
    removeFolder: (path) =>
      act('remove folder', path, async (session) => {
        // Some servers remove a folder with all in it.
        const inside = await listIn(session, path);
        if (inside === null) return;
        await session.client.send('CWD /');
        if (inside.length > 0)
          throw new NakatError('WEB_REFUSED', {
            where,
            values: { doing: `remove folder ${path}` },
            vendor: 'not empty',
          });
        await session.client.send(`RMD ${full(path)}`);
      }),
    hash: async (paths) => {
      if (hashCommand === null) return null;
      const found = new Map<string, string>();
      await atOnce(tree.connections, paths, (path) =>
        act('hash', path, async ({ client }) => {
          const answer = await unlessAbsent(client.send(`${hashCommand} ${full(path)}`));
          const sha256 = /\b[0-9a-f]{64}\b/i.exec(answer?.message ?? '')?.[0];
          if (sha256) found.set(path, sha256.toLowerCase());
        }),
      );
      return found;
    },
    freeSpace: () =>
      act('AVBL', '', async ({ client }) => {
        if (!features.has('AVBL')) return null;
        const answer = await unlessAbsent(client.send(`AVBL ${full('')}`));
        const bytes = /^213[ -](\d+)/.exec(answer?.message ?? '')?.[1];
        return bytes === undefined ? null : Number(bytes);
      }),
    close: () => pool.close(),
  };
  return remote;
}

const above = (path: string): string => (path.includes('/') ? posix.dirname(path) : '');

/** Where the server computes SHA-256: draft-bryan-ftpext-hash, or ProFTPD's mod_digest. */
function hashCommandOf(features: ReadonlyMap<string, string>): string | null {
  if (features.has('XSHA256')) return 'XSHA256';
  return /SHA-256\*/.test(features.get('HASH') ?? '') ? 'HASH' : null;
}

/** `SITE CHMOD` of nothing: a server that does not know it says 500, 501, 502, 504 or 202, one that forbids it says so; others say that there is no such file. */
async function knowsChmod({ client }: FtpSession): Promise<boolean> {
  const { code, message } = await client.sendIgnoringError('SITE CHMOD 644 /.nakat-no-such-file');
  return code === 550 && !/unknown|not (understood|implemented|supported)|disabled|denied|not allowed/i.test(message);
}
