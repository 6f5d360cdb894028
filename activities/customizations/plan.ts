/**
 * What becomes of every path of three trees (or two, where the vendor's old version is not at hand), before any text is merged: moved
 * files found, names that collide asked about.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { clashesAsked, withoutClashes } from './clashes.ts';
import { modeOf, verdictOn, type Places, type SideName } from './fate.ts';
import type { Outcome } from './outcome.ts';
import { findParted, findRenames } from './renames.ts';
import { sameContent, type Tree, type Trees } from './trees.ts';

/** Sorted by path. `beat` is called now and then. */
export async function planMerge(trees: Trees, beat: () => void | Promise<void> = () => {}): Promise<Outcome[]> {
  const { base, ours, theirs } = trees;
  const found = base ? findRenames({ base, ours, theirs }) : new Map<string, Places>();
  const renames = withoutClashes(found, trees);
  const parted = base ? findParted({ base, ours, theirs }, found) : [];
  const moved = new Set([...renames].flatMap(([path, at]) => [path, at.ours ?? path, at.theirs ?? path]));
  const outcomes: Outcome[] = [];
  for (const [path, at] of renames) {
    // Whoever moved it, it goes where it was moved to.
    const to = at.ours !== path ? at.ours : at.theirs;
    outcomes.push(outcomeOf(trees, to ?? path, at));
  }
  const cameFrom = new Map<string, string | undefined>();
  for (const at of parted) {
    moved.add(at.base ?? '');
    for (const path of [at.ours, at.theirs]) if (path !== undefined) cameFrom.set(path, at.base);
  }
  const removed = new Set(parted.filter((at) => at.ours === undefined).map((at) => at.theirs));
  const paths = new Set([...(base?.files.keys() ?? []), ...ours.files.keys(), ...theirs.files.keys()]);
  let count = 0;
  for (const path of paths) {
    if (++count % 200 === 0) {
      await beat();
      await turn();
    }
    if (moved.has(path)) continue;
    const of = (tree: Tree | null): string | undefined => (tree?.files.has(path) ? path : undefined);
    const at = { base: of(base), ours: of(ours), theirs: of(theirs) };
    const outcome = outcomeOf(trees, path, at);
    if (!cameFrom.has(path)) outcomes.push(outcome);
    else {
      const whole = { ...outcome, at: { ...at, base: cameFrom.get(path) } };
      outcomes.push(removed.has(path) ? { ...whole, do: 'ask', kind: 'removed-and-moved' } : whole);
    }
  }
  const apart = parted.filter((at) => at.ours !== undefined);
  return clashesAsked(trees, outcomes, apart).sort((a, b) => (a.path < b.path ? -1 : 1));
}

const outcomeOf = (trees: Trees, path: string, at: Places): Outcome => ({
  path,
  at,
  mode: modeIn(trees, at),
  ...verdictOn(at, trees.base !== null, (one, other) => same(trees, at, one, other)),
});

function same(trees: Trees, at: Places, one: SideName, other: SideName): boolean {
  const [left, right] = [trees[one], trees[other]];
  const [path, otherPath] = [at[one], at[other]];
  return left && right && path !== undefined && otherPath !== undefined
    ? sameContent(left, path, right, otherPath)
    : false;
}

function modeIn(trees: Trees, at: Places): number | undefined {
  const of = (side: SideName): number | undefined => trees[side]?.files.get(at[side] ?? '')?.mode;
  return modeOf({ base: of('base'), ours: of('ours'), theirs: of('theirs') });
}
