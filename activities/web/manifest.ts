/** Lists of trees: what is in a folder, with sizes and digests; and such a list as a file beside the folder. */
import { createHash, hash as oneHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import { replaceLocal } from '../machines/local-files.ts';
import { atOnce } from './lanes.ts';
import { badPath } from './names.ts';

export interface ListedFile {
  readonly kind: 'file';
  readonly size: number;
  readonly sha256: string;
  /** Permission bits; absent where the server shows none, or cannot set them. */
  readonly mode?: number;
  /** What the server says of its age, in its own words: only good for "the same as then". Empty: it says nothing. */
  readonly stamp: string;
}
export interface ListedFolder {
  readonly kind: 'folder';
  readonly mode?: number;
}
export interface ListedLink {
  readonly kind: 'link';
  /** Empty where the server does not show it. */
  readonly target: string;
}
export type Listed = ListedFile | ListedFolder | ListedLink;
/** By path below the folder, with `/`. */
export type TreeList = ReadonlyMap<string, Listed>;

export const digestOf = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

/** One line for each path, sorted: what two equal trees have in common, so without stamps. */
export const linesOf = (list: TreeList): string =>
  [...list]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, one]) => `${JSON.stringify(path)} ${textOf(one)}\n`)
    .join('');

/** What is compared of one entry. */
export function textOf(one: Listed | undefined): string {
  if (one === undefined) return '—';
  const mode = 'mode' in one && one.mode !== undefined ? ` ${one.mode.toString(8)}` : '';
  if (one.kind === 'file') return `file ${one.size} ${one.sha256}${mode}`;
  return one.kind === 'folder' ? `folder${mode}` : `link ${one.target}`;
}

export const sha256Of = (list: TreeList): string => digestOf(linesOf(list));
export const filesOf = (list: TreeList): [path: string, file: ListedFile][] =>
  [...list].filter((entry): entry is [string, ListedFile] => entry[1].kind === 'file');
export const bytesOf = (list: TreeList): number => filesOf(list).reduce((sum, [, { size }]) => sum + size, 0);

/** Paths that are on one side only, or differ. */
export const differences = (before: TreeList, after: TreeList): string[] =>
  [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => textOf(before.get(path)) !== textOf(after.get(path)))
    .sort();

/** For an error: the first few. */
export const someOf = (paths: readonly string[]): string =>
  paths.slice(0, 5).join(', ') + (paths.length > 5 ? ` … (${paths.length})` : '');

/** Under its name only when whole. */
export const writeList = (file: string, list: TreeList): Promise<void> =>
  writeWhole(file, JSON.stringify({ format: 1, entries: Object.fromEntries(list) }));

/** Null where there is none. Its paths are checked again: a list is read to decide where files go. */
export async function readList(file: string): Promise<TreeList | null> {
  const text = await readOrNull(file);
  if (text === null) return null;
  const { entries } = JSON.parse(text) as { entries: Record<string, Listed> };
  const list = new Map(Object.entries(entries));
  const bad = [...list.keys()].filter((path) => badPath(path) !== undefined);
  if (bad.length > 0) throw new NakatError('WEB_TREE_DAMAGED', { values: { place: file, files: someOf(bad) } });
  return list;
}

export const readOrNull = (file: string): Promise<string | null> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });

/** A local file that is there whole or not at all. */
export async function writeWhole(file: string, content: string): Promise<void> {
  await replaceLocal(file, async (beside) => {
    const handle = await open(beside, 'w');
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

/** Files of up to this many bytes are read in one go: four times as quick, and the process is kept for less than a millisecond. */
const small = Buffer.allocUnsafeSlow(256 << 10);

export async function digestFile(path: string): Promise<{ size: number; sha256: string }> {
  const whole = digestSmall(path);
  if (whole) return whole;
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(piece);
    size += piece.length;
  }
  return { size, sha256: hash.digest('hex') };
}

/** Null: it is not small. */
function digestSmall(path: string): { size: number; sha256: string } | null {
  const file = openSync(path, 'r');
  try {
    let size = 0;
    for (let got = -1; got !== 0; size += got) {
      got = readSync(file, small, size, small.length - size, size);
      if (size + got === small.length) return null;
    }
    return { size, sha256: oneHash('sha256', small.subarray(0, size)) };
  } finally {
    closeSync(file);
  }
}

/** Reads every file of a local folder that was listed; throws WEB_TREE_DAMAGED unless they are what the list says. */
export async function verifyLocal(place: string, list: TreeList): Promise<void> {
  const bad: string[] = [];
  await atOnce(8, filesOf(list), async ([path, wanted]) => {
    const found = await digestFile(join(place, path)).catch(() => undefined);
    if (found?.sha256 !== wanted.sha256) bad.push(path);
  });
  if (bad.length > 0) throw new NakatError('WEB_TREE_DAMAGED', { values: { place, files: someOf(bad.sort()) } });
}
