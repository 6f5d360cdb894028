/**
 * Unpacks an archive that somebody else made. Every entry is judged by its name, kind and size before a byte of it is written, memory
 * and disk stay bounded whatever the archive claims, and only ordinary files and folders come out of it.
 */
import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { ArchiveEntry } from './archive-entry.ts';
import type { Listed, TreeList } from './manifest.ts';
import { badPath, badPortableName, foldersAbove, sameFileKey } from './names.ts';
import { entriesOfTar } from './tar.ts';
import { entriesOfZip } from './zip.ts';

export const limits = {
  entries: 200_000,
  /** Of all files together, and of one. */
  bytes: 16 * 2 ** 30,
  /** Source text packs 10 to 20 times; beyond this, and beyond `ratioFrom` bytes, it is a bomb. */
  ratio: 200,
  ratioFrom: 16 * 2 ** 20,
};
export type Limits = typeof limits;

/**
 * Into `folder`, which is made and must not exist. `file` is a zip (also zip64), tar or tar.gz, told by its first bytes.
 * Throws PACKAGE_NOT_FOUND, PACKAGE_NOT_ZIP, PACKAGE_DAMAGED, PACKAGE_UNSAFE.
 */
export async function unpack(
  file: string,
  folder: string,
  onEntry: (path: string) => void = () => {},
  bounds: Limits = limits,
): Promise<TreeList> {
  const name = basename(file);
  const unsafe = (entry: string, reason: string): NakatError =>
    new NakatError('PACKAGE_UNSAFE', { values: { file: name, entry: entry.slice(0, 300), reason } });
  const list = new Map<string, Listed>();
  /** Kinds by what the path is on a system that does not tell letter case apart. */
  const taken = new Map<string, { path: string; kind: 'file' | 'folder' }>();
  const take = (path: string, kind: 'file' | 'folder'): void => {
    const known = taken.get(sameFileKey(path));
    if (known && (known.path !== path || known.kind !== kind || kind === 'file'))
      throw unsafe(path, known.path === path ? 'named twice' : `the same file as ${known.path} on some systems`);
    taken.set(sameFileKey(path), { path, kind });
    if (kind === 'folder') list.set(path, { kind: 'folder' });
  };

  await mkdir(folder, { mode: 0o700 });
  let [entries, total] = [0, 0];
  for await (const entry of await entriesOf(file)) {
    if (++entries > bounds.entries) throw unsafe(entry.path, 'too many entries');
    const path = entry.kind === 'folder' ? entry.path.replace(/\/$/, '') : entry.path;
    if (entry.kind === 'folder' && path === '.') continue;
    const reason = badEntry(path, entry, bounds);
    if (reason) throw unsafe(entry.path, reason);
    for (const above of foldersAbove(path)) take(above, 'folder');
    take(path, entry.kind === 'folder' ? 'folder' : 'file');
    if (entry.kind === 'folder') {
      await mkdir(join(folder, path), { recursive: true });
      continue;
    }
    onEntry(path);
    await mkdir(dirname(join(folder, path)), { recursive: true });
    const { size, sha256 } = await write(entry, name, join(folder, path), (bytes) => {
      if (bytes > entry.size) throw unsafe(path, 'larger than it claims');
      if (total + bytes > bounds.bytes) throw unsafe(path, 'too large');
      if (entry.packed !== undefined && bytes > bounds.ratioFrom && bytes > entry.packed * bounds.ratio)
        throw unsafe(path, 'packed too tightly');
    });
    if (size !== entry.size) throw new NakatError('PACKAGE_DAMAGED', { values: { file: name, entry: path } });
    total += size;
    list.set(path, { kind: 'file', size, sha256, stamp: '', ...(entry.executable ? { mode: 0o755 } : {}) });
  }
  return list;
}

function badEntry(path: string, entry: ArchiveEntry, bounds: Limits): string | undefined {
  if (entry.kind === 'other') return 'a link or device';
  if (path.startsWith('/')) return 'an absolute path';
  const reason = badPath(path) ?? path.split('/').map(badPortableName).find(Boolean);
  if (reason) return reason;
  if (entry.size > bounds.bytes) return 'too large';
  if (entry.packed !== undefined && entry.size > bounds.ratioFrom && entry.size > entry.packed * bounds.ratio)
    return 'packed too tightly';
  return undefined;
}

async function write(
  entry: ArchiveEntry,
  name: string,
  path: string,
  check: (bytes: number) => void,
): Promise<{ size: number; sha256: string }> {
  // Never through or over anything: the folder is new, and so is every name in it.
  const into = await open(path, 'wx', entry.executable ? 0o755 : 0o644);
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const piece of sound(entry, name)) {
      size += piece.length;
      check(size);
      hash.update(piece);
      await into.write(piece);
    }
    await into.sync();
  } finally {
    await into.close();
  }
  return { size, sha256: hash.digest('hex') };
}

/** What goes wrong while it is read is the archive's fault; what goes wrong while it is written is not. */
async function* sound(entry: ArchiveEntry, file: string): AsyncGenerator<Buffer> {
  try {
    yield* entry.content();
  } catch (cause) {
    if (isNakatError(cause)) throw cause;
    const vendor = cause instanceof Error ? cause.message : String(cause);
    throw new NakatError('PACKAGE_DAMAGED', { values: { file, entry: entry.path }, vendor, cause });
  }
}

/** By the first bytes: names lie. */
async function entriesOf(file: string): Promise<AsyncIterable<ArchiveEntry>> {
  let head: Buffer;
  try {
    const handle = await open(file, 'r');
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(512), 0, 512, 0);
      head = buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new NakatError('PACKAGE_NOT_FOUND', { values: { file }, vendor: (cause as Error).message, cause });
  }
  const [a, b] = head;
  if (a === 0x1f && b === 0x8b) return entriesOfTar(file, true);
  if (head.subarray(257, 262).toString('latin1') === 'ustar') return entriesOfTar(file, false);
  return entriesOfZip(file);
}
