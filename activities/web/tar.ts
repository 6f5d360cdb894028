/**
 * The entries of a tar or tar.gz: ustar, with the long names of GNU tar and of POSIX pax (POSIX.1-2017, pax; GNU tar manual,
 * "Basic Tar Format"). Sparse files, multi-volume archives and what else is not an ordinary file or folder are `other`.
 */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { ArchiveEntry } from './archive.ts';

const block = 512;
/** Bytes of one extended header: names and times, nothing else is read. */
const longestHeader = 1 << 20;
/** Bytes that gzip makes of one byte at most is about 1032; text gives 10 to 20. */
const ratio = 200;
const ratioFrom = 64 * 2 ** 20;

export async function* entriesOfTar(file: string, gzip: boolean): AsyncGenerator<ArchiveEntry> {
  const name = basename(file);
  let entry = '';
  const damaged = (vendor: string, cause?: unknown): NakatError =>
    new NakatError('PACKAGE_DAMAGED', { values: { file: name, entry: entry || name }, vendor, cause });
  const from = new Reader(bytesOf(file, gzip));
  try {
    let long: { path?: string; size?: number; other?: boolean } = {};
    for (;;) {
      const head = await from.exactly(block);
      if (head === null) throw damaged('it ends without its end mark');
      if (head.every((byte) => byte === 0)) return;
      const [claimed, actual] = [octal(head, 148, 8), sumOf(head)];
      if (claimed !== actual) throw damaged('the checksum of a header is wrong');
      const type = String.fromCharCode(head[156] ?? 0);
      const size = long.size ?? octal(head, 124, 12);
      if (size === null || size < 0) throw damaged('a size that is no number');
      if (type === 'x' || type === 'L' || type === 'g' || type === 'K') {
        if (size > longestHeader) throw damaged('an extended header that is too long');
        const text = (await from.padded(size)).toString('utf8');
        if (type === 'x') long = { ...long, ...paxOf(text) };
        else if (type === 'L') long = { ...long, path: text.replace(/\0+$/, '') };
        continue;
      }
      entry = long.path ?? pathOf(head);
      const folder = type === '5' || ((type === '0' || type === '\0') && entry.endsWith('/'));
      const ordinary = (type === '0' || type === '\0' || type === '7' || folder) && !long.other;
      long = {};
      let read = false;
      yield {
        path: folder && !entry.endsWith('/') ? `${entry}/` : entry.replace(/^\.\/(?=.)/, ''),
        kind: ordinary ? (folder ? 'folder' : 'file') : 'other',
        size: folder ? 0 : size,
        executable: ((octal(head, 100, 8) ?? 0) & 0o100) !== 0,
        content: () => {
          read = true;
          return from.pieces(size);
        },
      };
      if (!read) for await (const piece of from.pieces(size)) void piece;
    }
  } catch (cause) {
    throw isNakatError(cause) ? cause : damaged(cause instanceof Error ? cause.message : String(cause), cause);
  } finally {
    await from.close();
  }

  async function* bytesOf(path: string, packed: boolean): AsyncGenerator<Buffer> {
    const raw = createReadStream(path, { highWaterMark: 1 << 18 });
    if (!packed) return yield* raw as AsyncIterable<Buffer>;
    const gunzip = createGunzip();
    raw.on('error', (error) => gunzip.destroy(error));
    let bytes = 0;
    try {
      for await (const piece of raw.pipe(gunzip) as AsyncIterable<Buffer>) {
        bytes += piece.length;
        if (bytes > ratioFrom && bytes > raw.bytesRead * ratio)
          throw new NakatError('PACKAGE_UNSAFE', { values: { file: name, entry, reason: 'packed too tightly' } });
        yield piece;
      }
    } finally {
      raw.destroy();
    }
  }
}

/** Gives exactly as many bytes as are asked for. */
class Reader {
  readonly #from: AsyncGenerator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  constructor(from: AsyncGenerator<Buffer>) {
    this.#from = from;
  }

  /** Null at the very end. */
  async exactly(count: number): Promise<Buffer | null> {
    const parts: Buffer[] = [];
    for (let missing = count; missing > 0;) {
      const piece = await this.#some(missing);
      if (piece === null) {
        if (parts.length === 0) return null;
        throw new Error('it ends in the middle');
      }
      parts.push(piece);
      missing -= piece.length;
    }
    return Buffer.concat(parts);
  }

  /** A content of so many bytes, and the zeros up to the next block. */
  async padded(size: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const piece of this.pieces(size)) parts.push(piece);
    return Buffer.concat(parts);
  }

  async *pieces(size: number): AsyncGenerator<Buffer> {
    for (let missing = size; missing > 0;) {
      const piece = await this.#some(missing);
      if (piece === null) throw new Error('it ends in the middle');
      missing -= piece.length;
      yield piece;
    }
    const padding = (block - (size % block)) % block;
    if (padding > 0 && (await this.exactly(padding)) === null) throw new Error('it ends in the middle');
  }

  async close(): Promise<void> {
    await this.#from.return(undefined);
  }

  async #some(most: number): Promise<Buffer | null> {
    while (this.#rest.length === 0) {
      const next = await this.#from.next();
      if (next.done) return null;
      this.#rest = next.value;
    }
    const piece = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }
}

const textOf = (head: Buffer, from: number, length: number): string => {
  const field = head.subarray(from, from + length);
  const end = field.indexOf(0);
  return field.subarray(0, end === -1 ? length : end).toString('utf8');
};

/** Octal digits, or GNU's binary numbers for large sizes (first bit set). Null: neither. */
function octal(head: Buffer, from: number, length: number): number | null {
  if ((head[from] ?? 0) & 0x80) {
    const number = head.subarray(from + 1, from + length).reduce((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(number) ? number : null;
  }
  const text = textOf(head, from, length).trim();
  return text === '' ? 0 : /^[0-7]+$/.test(text) ? parseInt(text, 8) : null;
}

/** Of all bytes, its own field taken as spaces. */
const sumOf = (head: Buffer): number => head.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);

function pathOf(head: Buffer): string {
  const [name, prefix] = [textOf(head, 0, 100), textOf(head, 345, 155)];
  const isPosix = head.subarray(257, 263).toString('latin1') === 'ustar\0';
  return isPosix && prefix !== '' ? `${prefix}/${name}` : name;
}

/** Records of `<length> <key>=<value>\n`; lengths are in bytes. A NUL in a name is left for the judge of names. */
function paxOf(text: string): { path?: string; size?: number; other?: boolean } {
  const found: { path?: string; size?: number; other?: boolean } = {};
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    const digits = /^(\d{1,7}) /.exec(rest.subarray(0, 10).toString('latin1'))?.[1];
    const length = Number(digits);
    if (digits === undefined || length <= digits.length + 1 || length > rest.length) throw new Error('a pax header');
    const record = rest.subarray(digits.length + 1, length - 1).toString('utf8');
    const at = record.indexOf('=');
    const [key, value] = [record.slice(0, at), record.slice(at + 1)];
    if (key === 'path') found.path = value;
    if (key === 'size') {
      if (!/^\d{1,15}$/.test(value)) throw new Error('a pax header');
      found.size = Number(value);
    }
    if (key.startsWith('GNU.sparse')) found.other = true;
    rest = rest.subarray(length);
  }
  return found;
}
