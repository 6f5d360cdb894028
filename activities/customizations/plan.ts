/**
 * What becomes of every path of three trees (or two, where the vendor's old version is not at hand), before any text is merged: moved
 * files found, names that collide asked about.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { foldersAbove, sameFileKey } from '../web/names.ts';
import { modeOf, verdictOn, type Places, type SideName, type Verdict } from './fate.ts';
import { findRenames } from './renames.ts';
import { sameContent, type Tree } from './trees.ts';

export interface Trees {
  /** Null: two-way. */
  readonly base: Tree | null;
  readonly ours: Tree;
  readonly theirs: Tree;
}

export type Outcome = {
  readonly path: string;
  readonly at: Places;
  readonly mode?: number | undefined;
} & Verdict;

/** Sorted by path. `beat` is called now and then. */
export async function planMerge(trees: Trees, beat: () => void | Promise<void> = () => {}): Promise<Outcome[]> {
  const { base, ours, theirs } = trees;
  const renames = base ? findRenames({ base, ours, theirs }) : new Map<string, Places>();
  const moved = new Set([...renames].flatMap(([path, at]) => [path, at.ours ?? path, at.theirs ?? path]));
  const outcomes: Outcome[] = [];
  for (const [path, at] of renames) {
    // Whoever moved it, it goes where it was moved to.
    const to = at.ours !== path ? at.ours : at.theirs;
    outcomes.push(outcomeOf(trees, to ?? path, at));
  }
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
    outcomes.push(outcomeOf(trees, path, at));
  }
  return collisionsAsked(outcomes.sort((a, b) => (a.path < b.path ? -1 : 1)));
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

/** Two names that are one on some system, or a file where a folder is needed, brought in by different sides: a person chooses. */
function collisionsAsked(outcomes: readonly Outcome[]): Outcome[] {
  const kept = outcomes.filter((one) => one.do !== 'leave-out');
  const customers = byKey(kept.filter(({ at }) => at.theirs === undefined));
  const vendors = byKey(kept.filter(({ at }) => at.ours === undefined));
  const clashing = new Map<Outcome, Outcome>();
  for (const [key, vendor] of vendors) {
    const customer = [...foldersAbove(key), key].map((one) => customers.get(one)).find(Boolean);
    if (customer) clashing.set(vendor, customer);
  }
  for (const [key, customer] of customers) {
    const vendor = foldersAbove(key)
      .map((one) => vendors.get(one))
      .find(Boolean);
    if (vendor) clashing.set(vendor, customer);
  }
  const gone = new Set(clashing.values());
  return outcomes
    .filter((one) => !gone.has(one))
    .map((one) => {
      const other = clashing.get(one);
      return other
        ? { path: one.path, at: { ours: other.path, theirs: one.path }, do: 'ask', kind: 'names-collide' }
        : one;
    });
}

const byKey = (outcomes: readonly Outcome[]): Map<string, Outcome> =>
  new Map(outcomes.map((one) => [sameFileKey(one.path), one]));
