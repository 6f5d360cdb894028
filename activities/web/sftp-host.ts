/** What the host of a site does quicker itself, where its account may run commands: hashes, listings, unpacking, a sync of the disk. */
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { Client, ClientChannel } from 'ssh2';
import { quote } from '../machines/sh.ts';
import type { RemoteEntry } from './remote.ts';
import { folderOf, nameOf } from './names.ts';
import { ownPrefix } from './walk.ts';

/** Commands that hash at once. */
const hashersAtOnce = 2;
/** Bytes. A site that needs more is listed folder by folder, and refused there. */
const mostPrinted = 256 << 20;

export interface SftpHost {
  /** Absent files are left out; null when it cannot. */
  hash(paths: readonly string[]): Promise<Map<string, string> | null>;
  /** Null when the command did not do all of it: folder by folder it is said why. */
  listAll(keep: readonly string[]): Promise<Map<string, RemoteEntry> | null>;
  /** Null unless all of them are there and can be looked at: one by one it is said which is not. */
  look(paths: readonly string[]): Promise<Map<string, RemoteEntry> | null>;
  /** See `Remote`; absent without GNU's `tar`. `packed`: compressed on its way, where the host has `gzip`. */
  readonly unpack?: (folder: string, archive: AsyncIterable<Buffer>, packed: boolean) => Promise<boolean>;
  /** Writes out the file system of the site. */
  sync(): Promise<void>;
}

/** Code of a command that the host did not begin. */
const refused = -1;
/** Bytes of input that are given to a command at once. */
const portion = 128 * 1024;

/** Where the name begins in a line of either hasher: after 64 digits and two more signs. */
const nameAt = 66;

/** SHA-256 of nothing. */
const ofNothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * Tries the programs out. Each says what they say with GNU's and OpenSSL's tools, or is not used. OpenSSL's hash is three times as
 * quick as that of GNU coreutils where those were built without it (as Debian does).
 */
const probe = [
  'echo nakat-$((6 * 7))',
  'command -v xargs >/dev/null && echo xargs',
  'sha256sum -z /dev/null 2>/dev/null | tr "\\0" "\\n"',
  'openssl dgst -sha256 -r /dev/null 2>/dev/null',
  "find /dev/null -maxdepth 0 -printf 'find %y %s\\n' 2>/dev/null",
  "tar --version 2>/dev/null | grep -q '^tar (GNU tar)' && echo tar",
  'gzip --version >/dev/null 2>&1 && echo gzip',
].join('; ');

/** Null for an account for files only (`ForceCommand internal-sftp`, `nologin`): it answers otherwise, or not at all. */
export async function sftpHost(
  client: Client,
  root: string,
  where: string,
  lost: (cause?: unknown) => Error,
): Promise<SftpHost | null> {
  const lines = (await run(client, probe, '').catch(() => ({ text: '' }))).text.split('\n');
  if (lines[0] !== 'nakat-42' || !lines.includes('xargs')) return null;
  const openssl = lines.includes(`${ofNothing} */dev/null`);
  if (!openssl && !lines.includes(`${ofNothing}  /dev/null`)) return null;
  const hasher = openssl ? 'openssl dgst -sha256 -r' : 'sha256sum -z --';
  const end = openssl ? '\n' : '\0';
  const [finds, tars, gzips] = ['find c 0', 'tar', 'gzip'].map((word) => lines.includes(word));
  const at = `cd -- ${quote(root, where)} && `;

  let closed = false;
  client.once('close', () => (closed = true));
  const must = async (
    command: string,
    input: string | AsyncIterable<Buffer>,
  ): Promise<{ code: number; text: string }> => {
    const { code, text } = await run(client, command, input).catch((error: unknown) => {
      if (closed) throw lost(error);
      // No further session on this connection: the host does not do it.
      return { code: refused, text: '' };
    });
    if (code === undefined) throw lost(new Error(`${command.slice(0, 60)} did not end`));
    return { code, text };
  };

  return {
    hash: async (paths) => {
      const found = new Map<string, string>();
      const shares = Array.from({ length: hashersAtOnce }, (_, one) =>
        paths.filter((_path, index) => index % hashersAtOnce === one),
      );
      const hashed = async (names: readonly string[]): Promise<boolean> => {
        if (names.length === 0) return true;
        const list = names.map((name) => `./${name}\0`).join('');
        // A file that went away meanwhile makes the code 123, and is left out.
        const { code, text } = await must(`${at}exec xargs -0 -r ${hasher} 2>/dev/null`, list);
        for (const line of text.split(end))
          if (line.startsWith('./', nameAt)) found.set(line.slice(nameAt + 2), line.slice(0, 64));
        return code !== refused;
      };
      const done = await Promise.all(shares.map(hashed));
      // Hosts that allow few sessions on a connection: one after the other.
      for (const [one, names] of shares.entries()) if (!done[one] && !(await hashed(names))) return null;
      return found;
    },

    listAll: async (keep) => {
      if (!finds) return null;
      const patterns = [...keep.map(pattern), `${ownPrefix}*`];
      const kept = patterns.flatMap((path) => ['-path', quote(`./${path}`, where), '-prune', '-o']);
      const { code, text } = await must(
        `${at}exec find . -mindepth 1 ${kept.join(' ')} -printf ${shown} 2>/dev/null`,
        '',
      );
      return code === 0 ? entriesIn(text) : null;
    },

    look: async (paths) => {
      if (!finds) return null;
      const list = paths.map((path) => `./${path}\0`).join('');
      const find = `sh -c 'shown=$1; shift; exec find "$@" -maxdepth 0 -printf "$shown"' sh ${shown}`;
      const { code, text } = await must(`${at}exec xargs -0 -r ${find} 2>/dev/null`, list);
      return code === 0 ? entriesIn(text) : null;
    },

    ...(tars
      ? {
          unpack: async (folder, archive, packed) => {
            const zip = packed && gzips;
            // Rights as the archive has them but for the account's umask; owner and time as those of any new file.
            const tar = `LC_ALL=C TAR_OPTIONS= tar -x${zip ? ' -z' : ''} -m --no-same-owner -f -`;
            const [above, own] = [folderOf(folder), nameOf(folder)].map((path) => quote(path, where));
            const into = `cd ${above} && mkdir -m 700 ${own} && cd ${own}`;
            // By its name, which it has no more when another attempt has taken over.
            const back = `cd -- ${quote(`${root}/${folderOf(folder)}`, where)}`;
            const out = `${back} && mv -n -- ${own}/* . && exec rmdir ${own}`;
            const command = `${at}{ ${into} && ${tar} && ${out}; } 2>/dev/null`;
            const portions = inPortions(archive);
            return (await must(command, zip ? zipped(portions) : portions)).code === 0;
          },
        }
      : {}),

    sync: async () => {
      await must(`${at}{ sync -f . || sync; } 2>/dev/null`, '');
    },
  };
}

/** For `find -printf`: what `entriesIn` reads. */
const shown = String.raw`'%y %s %T@ %m %U:%G %p\0'`;

/** By path; null when it is not what `find` was asked for. */
function entriesIn(text: string): Map<string, RemoteEntry> | null {
  if (!(text === '' || text.endsWith('\0'))) return null;
  const found = new Map<string, RemoteEntry>();
  for (const line of text.split('\0').slice(0, -1)) {
    const [, type = '', size, time = '', mode = '', owner = '', path] =
      /^(\S) (\d+) (-?\d+)\S* (\d+) (\d+:\d+) \.\/(.+)$/s.exec(line) ?? [];
    if (path === undefined) return null;
    found.set(path, {
      name: nameOf(path),
      kind: kinds[type] ?? 'other',
      size: Number(size),
      stamp: time,
      mode: Number.parseInt(mode, 8),
      owner,
    });
  }
  return found;
}

const kinds: Readonly<Record<string, RemoteEntry['kind']>> = { f: 'file', d: 'folder', l: 'link' };

/** For `find -path`: these mean something there. */
const pattern = (path: string): string => path.replace(/[[\]*?\\]/g, '\\$&');

/** What a command printed; no code when the connection ended first. */
const run = (
  client: Client,
  command: string,
  input: string | AsyncIterable<Buffer>,
): Promise<{ code?: number; text: string }> =>
  new Promise((resolve, reject) => {
    const cut = (): void => resolve({ text: '' });
    client.once('close', cut);
    const fail = (error: unknown): void => {
      client.removeListener('close', cut);
      reject(error as Error);
    };
    const begun = (error: Error | undefined, channel: ClientChannel): void => {
      if (error) return fail(error);
      const printed: Buffer[] = [];
      let [code, bytes] = [undefined as number | undefined, 0];
      channel.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes <= mostPrinted) printed.push(piece);
      });
      channel.stderr.resume();
      channel.on('error', () => {});
      channel.on('exit', (ended: number | null) => (code = ended ?? 255));
      channel.once('close', () => {
        client.removeListener('close', cut);
        const text = Buffer.concat(printed).toString('utf8');
        if (bytes > mostPrinted) resolve({ code: 255, text: '' });
        else resolve(code === undefined ? { text } : { code, text });
      });
      if (typeof input === 'string') channel.end(input);
      // Input that breaks off is seen by the command.
      else
        feed(input, channel)
          .catch(() => {})
          .finally(() => channel.end());
    };
    try {
      client.exec(command, begun);
    } catch (error) {
      fail(error);
    }
  });

/** Until there is no more, or the command ended. */
async function feed(input: AsyncIterable<Buffer>, channel: ClientChannel): Promise<void> {
  let ended = false;
  const closed = once(channel, 'close')
    .catch(() => {})
    .then(() => (ended = true));
  for await (const piece of input) {
    if (!channel.write(piece)) await Promise.race([once(channel, 'drain'), closed]);
    if (ended) return;
  }
}

/** Small pieces together: each write is a packet, and each one to be compressed is a task of its own. */
async function* inPortions(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let [pieces, bytes] = [[] as Buffer[], 0];
  for await (const piece of input) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes < portion) continue;
    yield Buffer.concat(pieces);
    [pieces, bytes] = [[], 0];
  }
  yield Buffer.concat(pieces);
}

/** Quickly rather than well: 180 MB of text a second, to a quarter of it, and 55 MB of what is packed already. */
async function* zipped(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED, chunkSize: portion });
  // Input that breaks off is seen by whoever reads.
  pipeline(input, gzip).catch(() => {});
  yield* gzip as AsyncIterable<Buffer>;
}
