/** The sides of a merge: folders on the worker's disk, with a list of their files. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import { filesOf, readList, sha256Of } from '../web/manifest.ts';
import { foldersAbove, isKept } from '../web/names.ts';
import { alike } from './bytes.ts';
import type { SideName } from './fate.ts';
import { readAlone, type ReadAll } from './hands.ts';
import type { Result } from './settle.ts';
import { Reader, type Below, type Root, type Settled } from './side-by-side.ts';

export interface TreeFile {
  readonly size: number;
  /** Where somebody has listed the folder with digests. */
  readonly sha256?: string;
  /** Permission bits, where the source has them. */
  readonly mode?: number;
  /** Of trees that were read together: files of one path with the same number have the same bytes. */
  readonly content?: number;
}

export interface Tree {
  readonly side: SideName;
  readonly folder: string;
  /** By path below the folder, with `/`. */
  readonly files: ReadonlyMap<string, TreeFile>;
  /** The same of trees that were read together, and of no others. */
  readonly together?: symbol;
  /** Folders without any file in them, where they were listed: they stay. */
  readonly emptyFolders?: readonly string[];
}

export interface Trees {
  /** Null: two-way. */
  readonly base: Tree | null;
  readonly ours: Tree;
  readonly theirs: Tree;
}

/**
 * A tree that a step before has left with its list beside it. `part`: folder in it that counts; empty: all. `keep`, below it: what the
 * running site has for itself, so of a vendor's tree it does not count either: it would pass for removed by the customer. `sha256`: of the
 * list as that step said. Throws MERGE_INPUT_GONE, MERGE_SIDE_EMPTY.
 */
export async function openListed(
  side: SideName,
  { place, sha256 }: { readonly place: string; readonly sha256: string | null },
  part = '',
  keep: readonly string[] = [],
): Promise<Tree> {
  const list = await readList(`${place}.json`);
  if (!list || sha256Of(list) !== sha256) throw new NakatError('MERGE_INPUT_GONE', { values: { place } });
  const inside = part === '' ? '' : `${part}/`;
  const counts = (path: string): boolean => path.startsWith(inside) && !isKept(path.slice(inside.length), keep);
  const files = new Map<string, TreeFile>();
  for (const [path, { size, sha256: digest, mode }] of filesOf(list))
    if (counts(path))
      files.set(path.slice(inside.length), { size, sha256: digest, ...(mode === undefined ? {} : { mode }) });
  const used = new Set([...files.keys()].flatMap(foldersAbove));
  const emptyFolders = [...list]
    .filter(([path, { kind }]) => kind === 'folder' && counts(path))
    .map(([path]) => path.slice(inside.length))
    .filter((path) => path !== '' && !used.has(path));
  return filled({ side, folder: part === '' ? place : join(place, part), files, emptyFolders });
}

/** A folder as it is. Throws MERGE_FILE_REFUSED, MERGE_SIDE_EMPTY. */
export async function scanFolder(side: SideName, folder: string): Promise<Tree> {
  const { trees } = await scanTogether([{ side, folder }]);
  if (!trees[0]) throw new Error('no tree');
  return trees[0];
}

/** So many folders are worth a thread: what is above them is read before. */
const spread = 64;

/**
 * Folders as they are, read side by side: what each has, and which of them have the same. Links are refused: what they lead to is nobody's
 * file here. `into`, a new folder: what can be settled while it is read is put there (`settle.ts`), and is not in the trees. Throws
 * MERGE_FILE_REFUSED, MERGE_SIDE_EMPTY.
 */
export async function scanTogether(
  roots: readonly Root[],
  into?: Result,
  read: ReadAll = readAlone,
): Promise<{ readonly trees: Tree[]; readonly settled: Settled }> {
  const above = new Reader(roots, into);
  let below: Below[] = [{ roots, path: '', sides: roots.map((_, side) => side), into }];
  while (below.length > 0 && below.length < spread)
    below = below.flatMap(({ path, sides }) => above.read(path, sides).map((one) => ({ ...one, roots, into })));
  const together = Symbol();
  const trees = roots.map(({ side, folder }) => ({ side, folder, together, files: new Map<string, TreeFile>() }));
  const settled: Settled = { fates: new Map(), changed: [] };
  for (const reading of [above, ...(await read(below))]) {
    for (const one of reading.settled.changed) settled.changed.push(one);
    for (const [fate, count] of reading.settled.fates) settled.fates.set(fate, (settled.fates.get(fate) ?? 0) + count);
    for (const { path, files, refused } of reading.found) {
      if (refused)
        throw new NakatError('MERGE_FILE_REFUSED', {
          values: { path, side: roots[refused.side]?.side ?? '', reason: refused.reason },
        });
      for (const [side, file] of files.entries()) if (file) trees[side]?.files.set(path, file);
    }
  }
  // What is settled, all sides have.
  return { trees: settled.fates.size > 0 ? trees : trees.map((tree, at) => filled(tree, roots[at]?.given)), settled };
}

function filled(tree: Tree, given = tree.folder): Tree {
  if (tree.files.size === 0) throw new NakatError('MERGE_SIDE_EMPTY', { values: { side: tree.side, place: given } });
  return tree;
}

export const placeOf = (tree: Tree, path: string): string => join(tree.folder, path);
export const readSide = (tree: Tree, path: string): Buffer => readFileSync(placeOf(tree, path));

/** As it was found when both were read together, or by digest where both have one; else by reading, which a differing size spares. */
export function sameContent(one: Tree, path: string, other: Tree, otherPath = path): boolean {
  const [a, b] = [one.files.get(path), other.files.get(otherPath)];
  if (!a || !b || a.size !== b.size) return false;
  if (path === otherPath && one.together !== undefined && one.together === other.together)
    return a.content === b.content;
  if (a.sha256 !== undefined && b.sha256 !== undefined) return a.sha256 === b.sha256;
  return alike(placeOf(one, path), placeOf(other, otherPath));
}
