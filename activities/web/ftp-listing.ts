/** What an FTP server says of a folder. Every line must be understood: a file that is not seen would be written over unsaved. */
import { randomInt } from 'node:crypto';
import type { FileInfo } from 'basic-ftp';
import { FileType, parseList } from 'basic-ftp';
import { NakatError } from '../../runbook/errors/index.ts';
import { FtpRefusal, type FtpReply } from './ftp-control.ts';
import { unlessRefused, type FtpSession } from './ftp-session.ts';
import type { RemoteEntry } from './remote.ts';

/** Bytes of one listing. */
const longest = 64 * 2 ** 20;
/** "Not available" (RFC 959: 550; some say 553 or 450). */
export const absent: readonly number[] = [550, 553, 450];

/**
 * Folders as one server lists them, over any of its connections. `STAT` gives the lines of `LIST` in its answer, without a connection
 * of its own for each folder; few servers say anything of it, and some answer otherwise. So it is asked once beside `LIST`, and
 * used where both said the same. Names of files may hold lines, also one that ends the answer: behind it the server is told a number
 * that nobody can guess (`REST`), and must say it next.
 */
export class FtpFolders {
  readonly #where: string;
  #ways: readonly string[];
  #stat: boolean | undefined;

  constructor(where: string, mlsd: boolean) {
    this.#where = where;
    this.#ways = mlsd ? ['MLSD', 'LIST -a', 'LIST'] : ['LIST -a', 'LIST'];
    if (mlsd) this.#stat = false;
  }

  /** Whether `answered` is worth asking for. What stands for other characters in a shell does so in some servers. */
  answers(folder: string): boolean {
    return this.#stat === true && isPlain(folder);
  }

  /** Null where the answer is none of a folder, or not understood. Throws, and the connection has ended, where it ended early. */
  async answered({ control }: FtpSession, folder: string): Promise<FileInfo[] | null> {
    const number = randomInt(1, 2 ** 47);
    const asks = [
      () => unlessRefused(control.ask(`STAT -a ${folder}`)),
      ...[number, 0].map((at) => () => control.ask(`REST ${at}`, undefined, (reply) => says(reply, at))),
    ];
    const answers: (FtpReply | null)[] = [];
    if (control.pipelines) answers.push(...(await Promise.all(asks.map((ask) => ask()))));
    else for (const ask of asks) answers.push(await ask());
    const [answer] = answers;
    const lines = answer?.text.split('\n').slice(1, -1) ?? [];
    // An answer of a folder begins with the folder itself.
    if (!lines.some((line) => /\s\.$/.test(line))) return null;
    try {
      return parseListing(this.#where, lines.join('\n'));
    } catch {
      return null;
    }
  }

  /** Over a connection of its own. Null where there is no such folder. Nobody else may use the session meanwhile. */
  async transferred(session: FtpSession, folder: string): Promise<FileInfo[] | null> {
    const found = await this.#transferred(session, folder);
    if (isPlain(folder) && this.#stat === undefined && found !== null && found.length > 0) {
      this.#stat = false;
      const restarts = await unlessRefused(session.control.ask('REST 0'));
      const other = restarts && says(restarts, 0) ? await this.answered(session, folder) : null;
      this.#stat = other !== null && JSON.stringify(other) === JSON.stringify(found);
    }
    return found;
  }

  /** By going there first: `LIST` with a path is understood differently, and an unknown folder is an empty list to some servers. */
  async #transferred({ control, data }: FtpSession, folder: string): Promise<FileInfo[] | null> {
    if ((await unlessRefused(control.ask(`CWD ${folder}`), absent)) === null) return null;
    for (const [at, way] of this.#ways.entries()) {
      const last = at + 1 === this.#ways.length;
      const pieces: Buffer[] = [];
      let size = 0;
      try {
        await data.receive(way, (piece) => {
          size += piece.length;
          if (size > longest) throw new Error('a listing without an end');
          pieces.push(piece);
        });
      } catch (error) {
        if (error instanceof FtpRefusal && error.code !== 421 && !last) continue;
        throw error;
      }
      // An empty folder; or `-a` was taken for a name.
      if (size === 0 && !last) continue;
      if (size > 0) this.#ways = [way];
      return parseListing(this.#where, Buffer.concat(pieces).toString('utf8'));
    }
    return null;
  }
}

const isPlain = (folder: string): boolean => /^[^*?[\]{}\\~$`]+$/.test(folder);

/** Throws WEB_NAME_REFUSED for a line that is neither of `MLSD` nor of a Unix or DOS `LIST`. */
export function parseListing(where: string, text: string): FileInfo[] {
  const lines = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !/^total( \d+)?$/i.test(line.trim()) && !isItself(line));
  const found = parsed(lines);
  // The parser leaves out what it does not understand.
  const strange = found.length === lines.length ? undefined : lines.find((line) => parsed([line]).length !== 1);
  if (found.length === lines.length) return found;
  throw new NakatError('WEB_NAME_REFUSED', {
    where,
    values: {
      name: JSON.stringify((strange ?? text).slice(0, 200)),
      reason: 'a line of the listing that is not understood',
    },
  });
}

function parsed(lines: readonly string[]): FileInfo[] {
  try {
    return lines.length === 0 ? [] : parseList(lines.join('\n'));
  } catch {
    // None of its parsers knows them.
    return [];
  }
}

/** The folder and the one above it, which the parser leaves out; a folder may well be called `a .`. */
const isItself = (line: string): boolean =>
  (/^d.*\s\.{1,2}\/?$|<DIR>\s+\.{1,2}$/i.test(line) && parsed([line]).length === 0) || /(^|;)type=[cp]dir;/i.test(line);

/** That it goes on from there next. */
const says = ({ code, text }: FtpReply, at: number): boolean =>
  code === 350 && new RegExp(`(^|\\D)${at}(\\D|$)`).test(text.slice(4));

export function entryOf(info: FileInfo, modes: boolean): RemoteEntry {
  const kinds: Record<FileType, RemoteEntry['kind']> = {
    [FileType.File]: 'file',
    [FileType.Directory]: 'folder',
    [FileType.SymbolicLink]: 'link',
    [FileType.Unknown]: 'other',
  };
  const { permissions } = info;
  return {
    name: info.name,
    kind: kinds[info.type],
    size: Number.isSafeInteger(info.size) ? info.size : 0,
    stamp: info.rawModifiedAt,
    ...(modes && permissions ? { mode: permissions.user * 64 + permissions.group * 8 + permissions.world } : {}),
  };
}
