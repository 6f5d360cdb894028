/** The sides of a merge: folders on the worker's disk, with a list of their files. */
import { closeSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { NakatError } from '../../runbook/errors/index.ts';
import { filesOf, readList, sha256Of } from '../web/manifest.ts';
import { badName, badPath, foldersAbove } from '../web/names.ts';

export type SideName = 'base' | 'ours' | 'theirs';

export interface TreeFile {
  readonly size: number;
  /** Where somebody has listed the folder with digests. */
  readonly sha256?: string;
  /** Permission bits, where the source has them. */
  readonly mode?: number;
}

export interface Tree {
  readonly side: SideName;
  readonly folder: string;
  /** By path below the folder, with `/`. */
  readonly files: ReadonlyMap<string, TreeFile>;
  /** Folders without any file in them, where they were listed: they stay. */
  readonly emptyFolders?: readonly string[];
}

/**
 * A tree that a step before has left with its list beside it. `part`: folder in it that counts; empty: all. `sha256`: of the list as that
 * step said. Throws MERGE_INPUT_GONE, MERGE_SIDE_EMPTY.
 */
export async function openListed(
  side: SideName,
  { place, sha256 }: { readonly place: string; readonly sha256: string | null },
  part = '',
): Promise<Tree> {
  const list = await readList(`${place}.json`);
  if (!list || sha256Of(list) !== sha256) throw new NakatError('MERGE_INPUT_GONE', { values: { place } });
  const inside = part === '' ? '' : `${part}/`;
  const files = new Map<string, TreeFile>();
  for (const [path, { size, sha256: digest, mode }] of filesOf(list))
    if (path.startsWith(inside))
      files.set(path.slice(inside.length), { size, sha256: digest, ...(mode === undefined ? {} : { mode }) });
  const used = new Set([...files.keys()].flatMap(foldersAbove));
  const emptyFolders = [...list]
    .filter(([path, { kind }]) => kind === 'folder' && path.startsWith(inside))
    .map(([path]) => path.slice(inside.length))
    .filter((path) => path !== '' && !used.has(path));
  return filled({ side, folder: part === '' ? place : join(place, part), files, emptyFolders });
}

/** A folder as it is. Links are refused: what they lead to is nobody's file here. Throws MERGE_FILE_REFUSED, MERGE_SIDE_EMPTY. */
export async function scanFolder(side: SideName, folder: string): Promise<Tree> {
  const files = new Map<string, TreeFile>();
  const folders = [''];
  for (let below = folders.pop(); below !== undefined; below = folders.pop()) {
    const prefix = below === '' ? '' : `${below}/`;
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      const path = prefix + entry.name;
      const reason = badName(entry.name) ?? badPath(path);
      if (reason) throw refused(side, path, reason);
      if (entry.isDirectory()) {
        folders.push(path);
        continue;
      }
      if (!entry.isFile()) throw refused(side, path, entry.isSymbolicLink() ? 'is a link' : 'is no file');
      const { size, mode } = lstatSync(join(folder, path));
      files.set(path, { size, mode: mode & 0o777 });
    }
    await turn();
  }
  return filled({ side, folder, files: new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1))) });
}

const refused = (side: SideName, path: string, reason: string): NakatError =>
  new NakatError('MERGE_FILE_REFUSED', { values: { path, side, reason } });

function filled(tree: Tree): Tree {
  if (tree.files.size === 0)
    throw new NakatError('MERGE_SIDE_EMPTY', { values: { side: tree.side, place: tree.folder } });
  return tree;
}

export const placeOf = (tree: Tree, path: string): string => join(tree.folder, path);
export const readSide = (tree: Tree, path: string): Promise<Buffer> => readFile(placeOf(tree, path));

/**
 * By digest where both have one; else by reading, which a differing size spares. Read at once, not by promises: of tens of thousands of small
 * files each costs a fifth so. Whoever asks for many lets others have their turn in between.
 */
export function sameContent(one: Tree, path: string, other: Tree, otherPath = path): boolean {
  const [a, b] = [one.files.get(path), other.files.get(otherPath)];
  if (!a || !b || a.size !== b.size) return false;
  if (a.sha256 !== undefined && b.sha256 !== undefined) return a.sha256 === b.sha256;
  return sameBytes(placeOf(one, path), placeOf(other, otherPath));
}

const piece = 256 * 1024;
const [left, right] = [Buffer.allocUnsafe(piece), Buffer.allocUnsafe(piece)];

function sameBytes(path: string, otherPath: string): boolean {
  const file = openSync(path, 'r');
  try {
    const other = openSync(otherPath, 'r');
    try {
      for (;;) {
        const [read, otherRead] = [readSync(file, left), readSync(other, right)];
        if (read !== otherRead || left.compare(right, 0, read, 0, read) !== 0) return false;
        if (read < piece) return true;
      }
    } finally {
      closeSync(other);
    }
  } finally {
    closeSync(file);
  }
}
