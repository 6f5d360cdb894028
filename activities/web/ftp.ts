/** A site's files over FTP or FTPS: a few log-ins at once, each doing one thing at a time. */
import { posix } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import type { StepContext } from '../step.ts';
import { FtpRefusal, type FtpReply } from './ftp-control.ts';
import { absent, entryOf, FtpFolders } from './ftp-listing.ts';
import { isSmall } from './ftp-data.ts';
import { ftpPool, type Share } from './ftp-pool.ts';
import { unlessRefused, type FtpSession, type FtpTree } from './ftp-session.ts';
import { atOnce } from './lanes.ts';
import type { Remote, RemoteEntry, Written } from './remote.ts';
import { renameOver } from './rename-over.ts';

export async function ftpRemote(tree: FtpTree, readSecret: StepContext['secret']): Promise<Remote> {
  const where = tree.name;
  const pool = await ftpPool(tree, readSecret);
  const { features, greeting } = pool.first;
  const root = posix.join('/', tree.folder).replace(/\/+$/, '');
  const full = (path: string): string => (path === '' ? root || '/' : `${root}/${path}`);
  const hashCommand = hashCommandOf(features);
  const [lists, chmod] = [features.has('MLST'), await pool.use('command', 'probe', (session) => knowsChmod(session))];

  const act = async <T>(
    share: Share,
    doing: string,
    path: string,
    work: (session: FtpSession, over: () => void) => Promise<T>,
  ): Promise<T> => {
    // The control connection is a text of lines: such a name would be a command of its own.

    if (/[\u0000-\u001f]/.test(path))
      throw new NakatError('WEB_NAME_REFUSED', {
        where,
        values: { name: JSON.stringify(path), reason: 'holds a control character' },
      });
    return await pool.use(share, `${doing} ${path}`, work);
  };
  const folders = new FtpFolders(where, lists);
  const listIn = async (folder: string): Promise<RemoteEntry[] | null> => {
    const place = full(folder);
    // What is wrong with an answer is seen in the listing too, and said in words there.
    const answered = folders.answers(place)
      ? await act('command', 'list', folder, (session) => folders.answered(session, place)).catch(() => null)
      : null;
    const found = answered ?? (await act('alone', 'list', folder, (session) => folders.transferred(session, place)));
    return found?.map((info) => entryOf(info, chmod)) ?? null;
  };
  const refused = (doing: string, vendor: string): NakatError =>
    new NakatError('WEB_REFUSED', { where, values: { doing }, vendor });
  /** No code means "exists", or "not there", and nothing else. */
  const isThere = async (path: string): Promise<boolean> =>
    (await listIn(above(path)))?.some(({ name }) => name === posix.basename(path)) ?? false;

  const remote: Remote = {
    name: where,
    protocol: `FTP${tree.security === 'none' ? '' : 'S'} (${
      greeting
        .replace(/^220[ -]?/, '')
        .split('\n')[0]
        ?.trim()
        .slice(0, 60) ?? ''
    }; ${lists ? 'MLSD' : 'LIST'})`,
    get lanes() {
      return pool.lanes;
    },
    modes: chmod,
    resumes: true,

    list: async (folder) => {
      const entries = await listIn(folder);
      if (entries === null) throw new NakatError('WEB_FOLDER_MISSING', { where, values: { folder: full(folder) } });
      return entries;
    },
    look: async (paths) => {
      const found = new Map<string, RemoteEntry>();
      const wantedIn = new Map<string, string[]>();
      for (const path of paths) {
        const others = wantedIn.get(above(path));
        if (others) others.push(path);
        else wantedIn.set(above(path), [path]);
      }
      await atOnce(pool.lanes, wantedIn, async ([folder, wanted]) => {
        const entries = new Map((await listIn(folder))?.map((entry) => [entry.name, entry]));
        for (const path of wanted) {
          const entry = entries.get(posix.basename(path));
          if (entry) found.set(path, entry);
        }
      });
      return found;
    },
    read: async (path, take) => {
      // Our own fault (a full disk) is none of the connection.
      let fault: { readonly error: unknown } | undefined;
      const ours = (error: unknown): never => {
        fault = { error };
        throw error;
      };
      const taken = (piece: Buffer): void | Promise<void> => {
        try {
          return take(piece)?.catch(ours);
        } catch (error) {
          return ours(error);
        }
      };
      await act('alone', 'read', path, ({ data }, over) => data.receive(`RETR ${full(path)}`, taken, over)).catch(
        (error: unknown) => {
          throw fault ? fault.error : error;
        },
      );
    },
    write: async (path, source, { from = 0 } = {}) => {
      // REST before STOR is refused by some servers that take APPE; what came of it is read back in any case.
      const command = `${from === 0 ? 'STOR' : 'APPE'} ${full(path)}`;
      const send = (): Promise<Written> =>
        act(isSmall(source) ? 'small' : 'alone', 'write', path, async ({ data }, over) => {
          if (hashCommand === null)
            return { sha256: await data.sendAndRead(command, source, from, `RETR ${full(path)}`, over) };
          await data.send(command, source, from);
          return {};
        });
      const { apart } = pool.manners;
      return await send().catch((error: unknown) => {
        if (pool.manners.apart === apart) throw error;
        return send();
      });
    },
    setMode: (path, mode) =>
      act('command', 'chmod', path, async ({ control }) => {
        await control.ask(`SITE CHMOD ${mode.toString(8).padStart(3, '0')} ${full(path)}`);
      }),
    setOwner: async () => {},
    rename: async (from, to) => {
      const [doing, names] = [`${from} → ${to}`, [`RNFR ${full(from)}`, `RNTO ${full(to)}`]];
      const isDone = await act('command', 'rename', doing, async ({ control }) => {
        const [taken, renamed] = await control.inOrder(names);
        if (taken?.status === 'rejected') throw taken.reason;
        if (renamed?.status === 'rejected' && !(renamed.reason instanceof FtpRefusal)) throw renamed.reason;
        return renamed?.status === 'fulfilled';
      });
      if (isDone) return;
      // Some servers refuse an existing name: IIS, and where overwriting is switched off.
      await act('alone', 'rename', doing, ({ control }) =>
        renameOver(from, to, async (one, other) => {
          const taken = control.ask(`RNFR ${full(one)}`);
          if ((await unlessRefused(taken, one === to ? absent : [])) === null) return false;
          await control.ask(`RNTO ${full(other)}`);
          return true;
        }),
      );
    },
    makeFolder: async (path) => {
      const refusal = await act('command', 'make folder', path, ({ control }) =>
        refusalOf(control.ask(`MKD ${full(path)}`)),
      );
      if (refusal === undefined) return true;
      if (await isThere(path)) return false;
      throw refused(`make folder ${path}`, refusal.message);
    },
    makeLink: (path) =>
      Promise.reject(new NakatError('WEB_REFUSED', { where, values: { doing: `link ${path}` }, effect: 'not-done' })),
    readLink: async () => '',
    removeFile: async (path) => {
      const answer = await act('command', 'remove', path, ({ control }) =>
        unlessRefused(control.ask(`DELE ${full(path)}`), absent),
      );
      // The same code is said for "not there" and for "not allowed".
      if (answer === null && (await isThere(path)))
        throw new NakatError('WEB_NOT_WRITABLE', { where, values: { doing: `remove ${path}` } });
    },
    removeFolder: async (path) => {
      // Some servers remove a folder with all in it.
      const inside = await listIn(path);
      if (inside === null) return;
      if (inside.length > 0) throw refused(`remove folder ${path}`, 'not empty');
      await act('alone', 'remove folder', path, async ({ control }) => {
        // Not from inside.
        await control.ask('CWD /');
        await control.ask(`RMD ${full(path)}`);
      });
    },
    hash: async (paths) => {
      if (hashCommand === null) return null;
      const found = new Map<string, string>();
      await atOnce(pool.lanes, paths, (path) =>
        act('command', 'hash', path, async ({ control }) => {
          const answer = await unlessRefused(control.ask(`${hashCommand} ${full(path)}`), absent);
          const sha256 = /\b[0-9a-f]{64}\b/i.exec(answer?.text ?? '')?.[0];
          if (sha256) found.set(path, sha256.toLowerCase());
        }),
      );
      return found;
    },
    freeSpace: () =>
      act('command', 'AVBL', '', async ({ control }) => {
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

/** Undefined where the server did it. */
const refusalOf = (answer: Promise<FtpReply>): Promise<FtpRefusal | undefined> =>
  answer.then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof FtpRefusal && error.code !== 421) return error;
      throw error;
    },
  );

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
