/**
 * Reads a BPMSoft package archive: a zip of `<Name>.gz` files, each a gzip stream of records (length of the name in
 * UTF-16 units, name, length of the content, content; lengths are 32-bit little-endian), one of them `descriptor.json`
 * with the package's name and version (clio, CompressionUtilities.cs and cliogate/descriptor.json).
 * Nothing is unpacked to disk, and memory stays bounded whatever the archive claims.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { crc32, createGunzip } from 'node:zlib';
import yauzl from 'yauzl';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import { sameVersion } from '../../runbook/versions.ts';
import type { StepActivity } from '../step.ts';
import { descriptorIn, type PackageDescriptor } from './descriptor.ts';

export interface PackageArchive {
  readonly sha256: string;
  readonly bytes: number;
  readonly packages: readonly PackageDescriptor[];
}

const limits = {
  entries: 10_000,
  bytes: 4 * 2 ** 30,
  /** Source text packs 10 to 20 times; beyond this, and beyond `ratioFrom` bytes, it is a bomb. */
  ratio: 200,
  ratioFrom: 16 * 2 ** 20,
};

/** Throws PACKAGE_NOT_FOUND, PACKAGE_NOT_ZIP, PACKAGE_DAMAGED, PACKAGE_UNSAFE or PACKAGE_NOT_A_PACKAGE. */
export async function readPackage(path: string): Promise<PackageArchive> {
  const file = basename(path);
  const { sha256, bytes } = await digest(path).catch((cause: unknown) => {
    throw new NakatError('PACKAGE_NOT_FOUND', { values: { file: path }, vendor: text(cause), cause });
  });
  const packages: PackageDescriptor[] = [];
  let entry = '';
  try {
    const zip = await yauzl.openPromise(path, { lazyEntries: true, strictFileNames: true });
    let [entries, total] = [0, 0];
    for await (const item of zip.eachEntry()) {
      entry = item.fileName;
      entries++;
      total += item.uncompressedSize;
      const reason =
        danger(item) ??
        (entries > limits.entries ? 'too many entries' : total > limits.bytes ? 'too large' : undefined);
      if (reason) throw new NakatError('PACKAGE_UNSAFE', { values: { file, entry, reason } });
      if (entry.endsWith('/')) continue;
      const stream = Readable.from(verified(await zip.openReadStreamPromise(item), item.crc32));
      const found = entry.toLowerCase().endsWith('.gz')
        ? await readGzip(stream, item.compressedSize, file, entry)
        : await drain(stream);
      if (found) packages.push(found);
    }
  } catch (cause) {
    throw isNakatError(cause) ? cause : zipError(cause, file, entry);
  }
  if (packages.length === 0) throw new NakatError('PACKAGE_NOT_A_PACKAGE', { values: { file } });
  return { sha256, bytes, packages };
}

export const checkPackage: StepActivity<'checkPackage'> = async ({ archive }) => {
  const { sha256, bytes, packages } = await readPackage(archive.path);
  const file = basename(archive.path);
  if (sha256 !== archive.sha256)
    throw new NakatError('PACKAGE_DIGEST_CHANGED', { values: { file, found: sha256, expected: archive.sha256 } });
  const found = packages.find(({ name }) => name === archive.name);
  if (!found)
    throw new NakatError('PACKAGE_WRONG_NAME', {
      values: { file, found: packages.map(({ name }) => name).join(', '), expected: archive.name },
    });
  if (!sameVersion(found.version, archive.version)) {
    throw new NakatError('PACKAGE_WRONG_VERSION', {
      values: { file, package: archive.name, found: found.version, expected: archive.version },
    });
  }
  return { file, sha256, bytes, package: found.name, version: found.version, packages: packages.length };
};

async function digest(path: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}

function danger(item: yauzl.Entry): string | undefined {
  const kind = (item.externalFileAttributes >>> 16) & 0o170000;
  if (kind !== 0 && kind !== 0o100000 && kind !== 0o040000) return 'a link or device';
  if (item.isEncrypted()) return 'encrypted';
  if (item.uncompressedSize > limits.ratioFrom && item.uncompressedSize > item.compressedSize * limits.ratio)
    return 'packed too tightly';
  return undefined;
}

async function readGzip(
  stream: Readable,
  packed: number,
  file: string,
  entry: string,
): Promise<PackageDescriptor | undefined> {
  const gunzip = createGunzip();
  stream.on('error', (error) => gunzip.destroy(error));
  let bytes = 0;
  async function* bounded(): AsyncGenerator<Buffer> {
    for await (const chunk of stream.pipe(gunzip) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limits.bytes || (bytes > limits.ratioFrom && bytes > packed * limits.ratio)) {
        throw new NakatError('PACKAGE_UNSAFE', { values: { file, entry, reason: 'packed too tightly' } });
      }
      yield chunk;
    }
  }
  return descriptorIn(bounded());
}

/** The library does not compare the entry's checksum. */
async function* verified(stream: AsyncIterable<Buffer>, expected: number): AsyncGenerator<Buffer> {
  let sum = 0;
  for await (const chunk of stream) {
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (sum !== expected) throw new Error('the checksum is wrong');
}

async function drain(stream: Readable): Promise<undefined> {
  for await (const _ of stream);
}

function zipError(cause: unknown, file: string, entry: string): NakatError {
  const vendor = text(cause);
  if (/end of central directory|not a zip/i.test(vendor))
    return new NakatError('PACKAGE_NOT_ZIP', { values: { file }, vendor, cause });
  if (/relative path|absolute path|invalid characters/i.test(vendor)) {
    return new NakatError('PACKAGE_UNSAFE', {
      values: { file, entry: vendor.split(': ').at(-1) ?? entry, reason: 'a path that leaves the folder' },
      vendor,
      cause,
    });
  }
  return new NakatError('PACKAGE_DAMAGED', { values: { file, entry: entry || file }, vendor, cause });
}

const text = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
