/** A site's files over FTP or FTPS: a few log-ins at once, each doing one thing at a time. */
import { posix } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import type { StepContext } from '../step.ts';
import { FtpRefusal } from './ftp-control.ts';
import { sentOf } from './ftp-data.ts';
import { absent, entryOf, FtpFolders } from './ftp-listing.ts';
import { ftpPool } from './ftp-pool.ts';
import { unlessRefused, type FtpSession, type FtpTree } from './ftp-session.ts';
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
  const folders = new FtpFolders(where, lists);
  const listIn = async (session: FtpSession, folder: string): Promise<RemoteEntry[] | null> =>
    (await folders.list(session, full(folder)))?.map((info) => entryOf(info, chmod)) ?? null;

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
      const wantedIn = new Map<string, string[]>();
      for (const path of paths) {
        const others = wantedIn.get(above(path));
        if (others) others.push(path);
        else wantedIn.set(above(path), [path]);
      }
      await atOnce(tree.connections, wantedIn, ([folder, wanted]) =>
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
    read: (path, take) => act('read', path, ({ data }) => data.receive(`RETR ${full(path)}`, take)),
    write: async (path, source, { from = 0 } = {}) => {
      const sent = await sentOf(source, from);
      // REST before STOR is refused by some servers that take APPE; what came of it is read back in any case.
      const command = `${from === 0 ? 'STOR' : 'APPE'} ${full(path)}`;
      return await act('write', path, async ({ data }) => {
        if (hashCommand === null) return { sha256: await data.sendAndRead(command, sent, `RETR ${full(path)}`) };
        await data.send(command, sent);
        return {};
      });
    },
    setMode: (path, mode) =>
      act('chmod', path, async ({ control }) => {
        await control.ask(`SITE CHMOD ${mode.toString(8).padStart(3, '0')} ${full(path)}`);
      }),
    setOwner: async () => {},
    rename: (from, to) =>
      act('rename', `${from} → ${to}`, async ({ control }) => {
        await control.ask(`RNFR ${full(from)}`);
        try {
          await control.ask(`RNTO ${full(to)}`);
        } catch (error) {
          if (!(error instanceof FtpRefusal)) throw error;
          // Some servers refuse an existing name (IIS, and where overwriting is switched off): they leave a moment without the file.
          const removed = await unlessRefused(control.ask(`DELE ${full(to)}`), absent);
          if (removed === null) throw error;
          await control.ask(`RNFR ${full(from)}`);
          await control.ask(`RNTO ${full(to)}`);
        }
      }),
    makeFolder: (path) =>
      act('make folder', path, async (session) => {
        try {
          await session.control.ask(`MKD ${full(path)}`);
          return true;
        } catch (error) {
          if (!(error instanceof FtpRefusal)) throw error;
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
        if ((await unlessRefused(session.control.ask(`DELE ${full(path)}`), absent)) !== null) return;
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
        await session.control.ask('CWD /');
        if (inside.length > 0)
          throw new NakatError('WEB_REFUSED', {
            where,
            values: { doing: `remove folder ${path}` },
            vendor: 'not empty',
          });
        await session.control.ask(`RMD ${full(path)}`);
      }),
    hash: async (paths) => {
      if (hashCommand === null) return null;
      const found = new Map<string, string>();
      await atOnce(tree.connections, paths, (path) =>
        act('hash', path, async ({ control }) => {
          const answer = await unlessRefused(control.ask(`${hashCommand} ${full(path)}`), absent);
          const sha256 = /\b[0-9a-f]{64}\b/i.exec(answer?.text ?? '')?.[0];
          if (sha256) found.set(path, sha256.toLowerCase());
        }),
      );
      return found;
    },
    freeSpace: () =>
      act('AVBL', '', async ({ control }) => {
        if (!features.has('AVBL')) return null;
        const answer = await unlessRefused(control.ask(`AVBL ${full('')}`), absent);
        const bytes = /^213[ -](\d+)/.exec(answer?.text ?? '')?.[1];
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
async function knowsChmod({ control }: FtpSession): Promise<boolean> {
  try {
    await control.ask('SITE CHMOD 644 /.nakat-no-such-file');
    return false;
  } catch (error) {
    if (!(error instanceof FtpRefusal)) throw error;
    const known = !/unknown|not (understood|implemented|supported)|disabled|denied|not allowed/i.test(error.message);
    return error.code === 550 && known;
  }
}
