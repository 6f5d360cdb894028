/** Files that were moved, recognised by what is in them: only those that both sides have to do with, for the others nothing is lost. */
import { basename } from 'node:path';
import type { Places } from './fate.ts';
import { readText } from './text.ts';
import { readSide, sameContent, type Tree } from './trees.ts';

type Three = { readonly base: Tree; readonly ours: Tree; readonly theirs: Tree };

/** As git: half of the lines and more. */
const alike = 0.5;
/** Pairs that are compared by lines, at most; beyond it only equal contents count as moved. */
const mostPairs = 20_000;

/** By the old path: where each side has it now. */
export function findRenames({ base, ours, theirs }: Three): Map<string, Places> {
  const found = new Map<string, Places>();
  // The vendor moved what the customer edited.
  const edited: string[] = [];
  for (const path of base.files.keys())
    if (!theirs.files.has(path) && ours.files.has(path) && !sameContent(base, path, ours)) edited.push(path);
  const appeared = [...theirs.files.keys()].filter((path) => !base.files.has(path) && !ours.files.has(path));
  for (const [path, to] of matches(base, edited.sort(), theirs, appeared.sort()))
    found.set(path, { base: path, ours: path, theirs: to });
  // The customer moved what the vendor changed.
  const renewed: string[] = [];
  for (const path of base.files.keys())
    if (!ours.files.has(path) && theirs.files.has(path) && !sameContent(base, path, theirs)) renewed.push(path);
  const added = [...ours.files.keys()].filter((path) => !base.files.has(path) && !theirs.files.has(path));
  for (const [path, to] of matches(base, renewed.sort(), ours, added.sort()))
    found.set(path, { base: path, ours: to, theirs: path });
  return found;
}

/**
 * Files that neither side has any more under the old name, and the vendor has under another: the customer removed them, or moved them
 * elsewhere. Each side by itself would bring its file, and what one did would be undone by the other without a word; so they are asked about.
 */
export function findParted({ base, ours, theirs }: Three, moved: ReadonlyMap<string, Places>): Places[] {
  const gone = [...base.files.keys()].filter((path) => !ours.files.has(path) && !theirs.files.has(path)).sort();
  if (gone.length === 0) return [];
  const taken = new Set([...moved.values()].flatMap((at) => [at.ours, at.theirs]));
  const newIn = (side: Tree, other: Tree): string[] =>
    [...side.files.keys()].filter((path) => !base.files.has(path) && !other.files.has(path) && !taken.has(path)).sort();
  const vendors = matches(base, gone, theirs, newIn(theirs, ours));
  if (vendors.size === 0) return [];
  const customers = matches(base, [...vendors.keys()], ours, newIn(ours, theirs));
  return [...vendors].map(([path, to]) => ({ base: path, ours: customers.get(path), theirs: to }));
}

/** Each old path with the new one that is most like it; a new path belongs to one old path only. */
function matches(from: Tree, gone: readonly string[], to: Tree, appeared: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  const free = new Set(appeared);
  const pair = (path: string, other: string): void => {
    found.set(path, other);
    free.delete(other);
  };
  const bySize = new Map<number, string[]>();
  for (const other of appeared) {
    const size = to.files.get(other)?.size ?? 0;
    const same = bySize.get(size);
    if (same) same.push(other);
    else bySize.set(size, [other]);
  }
  for (const path of gone) {
    const size = from.files.get(path)?.size ?? 0;
    const equal = (size > 0 ? (bySize.get(size) ?? []) : []).filter(
      (other) => free.has(other) && sameContent(from, path, to, other),
    );
    const best = equal.find((other) => basename(other) === basename(path)) ?? equal[0];
    if (best !== undefined) pair(path, best);
  }
  const left = gone.filter((path) => !found.has(path));
  if (left.length * free.size > mostPairs) return found;
  const counted = new Map<string, Map<string, number> | null>();
  const scores: { path: string; other: string; score: number }[] = [];
  for (const path of left) {
    const old = linesOf(from, path);
    for (const other of free) {
      if (!counted.has(other)) counted.set(other, linesOf(to, other));
      const score = similarity(old, counted.get(other) ?? null);
      if (score >= alike) scores.push({ path, other, score });
    }
  }
  const closeness = (one: { path: string; other: string; score: number }): number =>
    one.score + (basename(one.path) === basename(one.other) ? 0.001 : 0);
  for (const { path, other } of scores.sort((a, b) => closeness(b) - closeness(a)))
    if (!found.has(path) && free.has(other)) pair(path, other);
  return found;
}

function linesOf(tree: Tree, path: string): Map<string, number> | null {
  const text = readText(readSide(tree, path));
  if (!text) return null;
  const counts = new Map<string, number>();
  for (const line of text.lines) if (line.trim() !== '') counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

/** Share of the lines that both have, of all lines of the larger. */
function similarity(one: Map<string, number> | null, other: Map<string, number> | null): number {
  if (!one || !other) return 0;
  const total = (counts: Map<string, number>): number => [...counts.values()].reduce((sum, many) => sum + many, 0);
  let shared = 0;
  for (const [line, many] of one) shared += Math.min(many, other.get(line) ?? 0);
  return shared / Math.max(1, total(one), total(other));
}
