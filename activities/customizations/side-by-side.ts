/**
 * Folders read side by side: their files, and which have the same bytes under the same path. Nothing counts but the bytes: neither dates
 * nor names of anything. All at once and not by promises, which cost five times as much for small files; so it runs in several threads.
 */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { badName, badPath } from '../web/names.ts';

/** A folder to be read with all below it: `path` under each of the roots named by `sides`. */
export interface Below {
  readonly roots: readonly string[];
  /** Empty: the roots themselves. */
  readonly path: string;
  /** Numbers of the roots that have it. */
  readonly sides: readonly number[];
}

export interface FoundFile {
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** Number of the first root that has these bytes at this path. */
  readonly content: number;
}

export interface Found {
  readonly path: string;
  /** By number of the root. */
  readonly files: readonly (FoundFile | undefined)[];
  /** Why it cannot be used. */
  readonly refused?: { readonly side: number; readonly reason: string };
}

export function readBelow(start: Below): Found[] {
  const found: Found[] = [];
  const folders = [start];
  for (let one = folders.pop(); one; one = folders.pop()) folders.push(...readFolder(one, found));
  return found;
}

/** Puts the files of this folder to what was found, and answers the folders in it. */
export function readFolder({ roots, path: folder, sides }: Below, found: Found[]): Below[] {
  const [files, folders] = [new Map<string, number[]>(), new Map<string, number[]>()];
  for (const side of sides) {
    try {
      for (const entry of readdirSync(`${roots[side]}/${folder}`, { withFileTypes: true })) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        const reason = entry.isDirectory() ? badPath(path) : entry.isFile() ? badName(entry.name) : noFile(entry);
        if (reason !== undefined) found.push({ path, files: [], refused: { side, reason } });
        const kind = entry.isDirectory() ? folders : files;
        const having = kind.get(path);
        if (having) having.push(side);
        else kind.set(path, [side]);
      }
    } catch (error) {
      found.push({ path: folder || '.', files: [], refused: { side, reason: unreadable(error) } });
    }
  }
  for (const [path, having] of files) found.push(readFiles(roots, path, having));
  return [...folders].map(([path, having]) => ({ roots, path, sides: having }));
}

const noFile = (entry: { isSymbolicLink(): boolean }): string => (entry.isSymbolicLink() ? 'is a link' : 'is no file');
const unreadable = (error: unknown): string => `cannot be read (${(error as NodeJS.ErrnoException).code})`;

function readFiles(roots: readonly string[], path: string, sides: readonly number[]): Found {
  const files: (FoundFile | undefined)[] = roots.map(() => undefined);
  const opened: Opened[] = [];
  let side = 0;
  try {
    for (side of sides) opened.push(open(`${roots[side]}/${path}`));
    const first = firstAlike(opened);
    for (const [at, { size, mode }] of opened.entries())
      files[sides[at] ?? 0] = { size, mode, content: sides[first[at] ?? 0] ?? 0 };
    return { path, files };
  } catch (error) {
    return { path, files, refused: { side, reason: unreadable(error) } };
  } finally {
    for (const { fd } of opened) closeSync(fd);
  }
}

/** Whether two files have the same bytes. */
export function alike(...paths: readonly [string, string]): boolean {
  const opened: Opened[] = [];
  try {
    for (const path of paths) opened.push(open(path));
    return firstAlike(opened)[1] === 0;
  } finally {
    for (const { fd } of opened) closeSync(fd);
  }
}

interface Opened {
  readonly fd: number;
  readonly size: number;
  readonly mode: number;
}

function open(path: string): Opened {
  const fd = openSync(path, 'r');
  const { size, mode } = fstatSync(fd);
  return { fd, size, mode: mode & 0o777 };
}

const piece = 256 * 1024;
const buffers: Buffer[] = [];

/** For each file the place of the first with the same bytes. They are read only as long as some may still be the same. */
function firstAlike(files: readonly Opened[]): number[] {
  let first = files.map(({ size }) => files.findIndex((other) => other.size === size));
  for (let more = true; more;) {
    more = false;
    const read = files.map(({ fd }, at) => {
      if (first.indexOf(first[at] ?? at) === first.lastIndexOf(first[at] ?? at)) return 0;
      const length = readSync(fd, (buffers[at] ??= Buffer.allocUnsafe(piece)), 0, piece, null);
      more ||= length === piece;
      return length;
    });
    const same = (one: number, other: number): boolean => {
      const [a, b, length] = [buffers[one], buffers[other], read[one]];
      return length === read[other] && a?.compare(b ?? a, 0, length, 0, length) === 0;
    };
    const before = first;
    first = before.map((group, at) => before.findIndex((other, to) => other === group && (to === at || same(to, at))));
  }
  return first;
}
