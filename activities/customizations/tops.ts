/** Where the files of an archive begin: people zip a folder, or what is in it, and each side may have come another way. */
import { readdirSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import type { SideName } from './fate.ts';

export interface OpenedSide {
  readonly side: SideName;
  readonly folder: string;
  readonly archive: boolean;
}

/** Folders of archives that were taken for the top: what is in them is merged. */
export type Tops = { readonly [S in SideName]?: string };

/**
 * One folder that holds all of an archive is its top only where the sides then have more files in common, all of them with each other.
 * So it is decided for all sides together: taken off by itself, a side's files would meet none of the others'.
 */
export function topsOf(sides: readonly OpenedSide[]): Tops {
  const around = sides.map(({ folder, archive }) => (archive ? folderAround(folder) : null));
  if (around.every((name) => name === null)) return {};
  const paths = sides.map(({ folder }) => filesBelow(folder));
  const below = paths.map((of, at) => inside(of, around[at] ?? null));
  let best: { readonly off: readonly boolean[]; readonly common: number } | undefined;
  for (const off of choices(around)) {
    const common = leastInCommon(paths.map((of, at) => (off[at] ? (below[at] ?? of) : of)));
    if (!best || common > best.common) best = { off, common };
  }
  return Object.fromEntries(sides.flatMap(({ side }, at) => (best?.off[at] ? [[side, around[at]]] : [])));
}

/** Every way to take folders off; those that take off fewer come first. */
function choices(around: readonly (string | null)[]): boolean[][] {
  const all = around.reduce<boolean[][]>(
    (before, name) => before.flatMap((off) => (name === null ? [false] : [false, true]).map((one) => [...off, one])),
    [[]],
  );
  const count = (off: readonly boolean[]): number => off.filter(Boolean).length;
  return all.sort((a, b) => count(a) - count(b));
}

/** Of the two sides that have the fewest paths in common: how many. */
function leastInCommon(sides: readonly ReadonlySet<string>[]): number {
  const counts = sides.flatMap((one, at) =>
    sides.slice(at + 1).map((other) => [...one].filter((path) => other.has(path)).length),
  );
  return Math.min(...counts);
}

/** Name of the one folder that holds all files; null when there is none. */
function folderAround(folder: string): string | null {
  const holding = entriesOf(folder).filter((entry) => !entry.isDirectory() || holdsFiles(join(folder, entry.name)));
  return holding.length === 1 && holding[0]?.isDirectory() ? holding[0].name : null;
}

const holdsFiles = (folder: string): boolean =>
  entriesOf(folder).some((entry) => !entry.isDirectory() || holdsFiles(join(folder, entry.name)));

function filesBelow(folder: string): Set<string> {
  const files = new Set<string>();
  const below = ['/'];
  for (let at = below.pop(); at !== undefined; at = below.pop())
    for (const entry of entriesOf(join(folder, at))) {
      if (entry.isDirectory()) below.push(`${at}${entry.name}/`);
      else files.add(`${at}${entry.name}`);
    }
  return files;
}

const inside = (paths: ReadonlySet<string>, folder: string | null): Set<string> =>
  new Set([...paths].filter((path) => path.startsWith(`/${folder}/`)).map((path) => path.slice(`/${folder}`.length)));

/** What cannot be read is named when the side is. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
