/** The entries of a zip or zip64, in the order of its directory. */
import { isUtf8 } from 'node:buffer';
import { basename } from 'node:path';
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { ArchiveEntry } from './archive-entry.ts';

/** Unix in the upper byte of "version made by" (APPNOTE.TXT, 4.4.2). */
const unix = 3;

export async function* entriesOfZip(file: string): AsyncGenerator<ArchiveEntry> {
  const name = basename(file);
  let entry = '';
  try {
    // Names are judged by `archive.ts`, as they stand: the library's own repairs (`\` → `/`) would hide what the vendor sent.
    const zip = await yauzl.openPromise(file, { strictFileNames: true, decodeStrings: false });
    try {
      const places: [from: number, to: number][] = [];
      for await (const item of zip.eachEntry()) {
        entry = decode(item.fileName as unknown as Buffer, item.generalPurposeBitFlag);
        places.push([item.relativeOffsetOfLocalHeader, item.relativeOffsetOfLocalHeader + 30 + item.compressedSize]);
        const mode = item.versionMadeBy >>> 8 === unix ? item.externalFileAttributes >>> 16 : 0;
        const type = mode & 0o170000;
        const kind = entry.endsWith('/') ? 'folder' : 'file';
        const ordinary = type === 0 || type === (kind === 'folder' ? 0o040000 : 0o100000);
        if (item.isEncrypted())
          throw new NakatError('PACKAGE_UNSAFE', { values: { file: name, entry, reason: 'encrypted' } });
        yield {
          path: entry,
          kind: ordinary ? kind : 'other',
          size: item.uncompressedSize,
          packed: item.compressedSize,
          executable: (mode & 0o100) !== 0,
          content: () => verified(zip, item),
        };
      }
      // Bombs without nesting lay entries over each other (Fifield, "A better zip bomb").
      places.sort(([a], [b]) => a - b);
      if (places.some(([from], index) => index > 0 && from < (places[index - 1]?.[1] ?? 0)))
        throw new NakatError('PACKAGE_UNSAFE', { values: { file: name, entry: name, reason: 'entries that overlap' } });
    } finally {
      zip.close();
    }
  } catch (cause) {
    if (isNakatError(cause)) throw cause;
    const vendor = cause instanceof Error ? cause.message : String(cause);
    if (/end of central directory|not a zip/i.test(vendor))
      throw new NakatError('PACKAGE_NOT_ZIP', { values: { file: name }, vendor, cause });
    throw new NakatError('PACKAGE_DAMAGED', { values: { file: name, entry: entry || name }, vendor, cause });
  }
}

/**
 * Bit 11: UTF-8. Without it DOS's own set, which in Russian archives is cp866; but Info-ZIP's zip on Linux and macOS's Archive Utility write
 * UTF-8 without the bit. A few words of cp866 are UTF-8 by chance ("сок"): where cp866 reads nothing but letters, it is cp866.
 */
function decode(name: Buffer, flags: number): string {
  if (flags & 0x800 || name.every((byte) => byte < 0x80)) return name.toString('utf8');
  const dos = new TextDecoder('ibm866').decode(name);
  return isUtf8(name) && !/^[\u0000-\u007fА-яЁё]*$/.test(dos) ? name.toString('utf8') : dos;
}

/** The library checks the size, not the checksum. */
async function* verified(zip: yauzl.ZipFile, item: yauzl.Entry): AsyncGenerator<Buffer> {
  let sum = 0;
  for await (const piece of (await zip.openReadStreamPromise(item)) as AsyncIterable<Buffer>) {
    sum = crc32(piece, sum);
    yield piece;
  }
  if (sum !== item.crc32) throw new Error('the checksum is wrong');
}
