/**
 * The entries of a tar or tar.gz (ustar, GNU tar, pax). Sparse files, links and what else is not an ordinary file or folder are `other`.
 * An archive that was cut is damaged, wherever that was.
 */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { ArchiveEntry } from './archive-entry.ts';

const block = 512;
/** Bytes that gzip makes of one byte at most is about 1032; text gives 10 to 20. */
const ratio = 200;
const ratioFrom = 64 * 2 ** 20;

export async function* entriesOfTar(file: string, gzip: boolean): AsyncGenerator<ArchiveEntry> {
  const name = basename(file);
  let entry = '';
  const damaged = (vendor: string, cause?: unknown): NakatError =>
    new NakatError('PACKAGE_DAMAGED', { values: { file: name, entry: entry || name }, vendor, cause });
  const archive = extract();
  // What goes wrong with it comes out of the archive as well.
  pipeline(bytesOf(file, gzip), archive).catch(() => {});
  try {
    for await (const one of archive) {
      const { name: path, size, mode, type, pax } = one.header;
      entry = path;
      const folder = type === 'directory';
      const sparse = Object.keys(pax ?? {}).some((key) => key.startsWith('GNU.sparse'));
      const ordinary = (type === 'file' || type === 'contiguous-file' || folder) && !sparse;
      const content: AsyncIterable<unknown> = one;
      yield {
        path: folder && !path.endsWith('/') ? `${path}/` : path.replace(/^\.\/(?=.)/, ''),
        kind: ordinary ? (folder ? 'folder' : 'file') : 'other',
        size: folder ? 0 : size,
        executable: (mode & 0o100) !== 0,
        content: () => content as AsyncIterable<Buffer>,
      };
      // Content that nobody read.
      one.resume();
    }
  } catch (cause) {
    throw isNakatError(cause) ? cause : damaged(cause instanceof Error ? cause.message : String(cause), cause);
  } finally {
    archive.destroy();
  }

  async function* bytesOf(path: string, packed: boolean): AsyncGenerator<Buffer> {
    const raw = createReadStream(path, { highWaterMark: 1 << 18 });
    const unpacked = packed ? raw.pipe(createGunzip()) : raw;
    raw.on('error', (error) => unpacked.destroy(error));
    let [bytes, last]: [number, Buffer] = [0, Buffer.alloc(0)];
    try {
      for await (const piece of unpacked as AsyncIterable<Buffer>) {
        bytes += piece.length;
        if (packed && bytes > ratioFrom && bytes > raw.bytesRead * ratio)
          throw new NakatError('PACKAGE_UNSAFE', { values: { file: name, entry, reason: 'packed too tightly' } });
        last = piece.length < block ? Buffer.concat([last, piece]).subarray(-block) : piece.subarray(-block);
        yield piece;
      }
    } finally {
      raw.destroy();
    }
    // The library does not ask for it, and an archive may well be cut between two files.
    if (last.some((byte) => byte !== 0)) throw damaged('it ends without its end mark');
  }
}
