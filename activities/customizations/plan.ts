/**
 * What becomes of every path of three trees (or two, where the vendor's old version is not at hand), before any text is merged. What only
 * one side touched is that side's; what both touched is merged or asked about.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { foldersAbove, sameFileKey } from '../web/names.ts';
import { findRenames } from './renames.ts';
import { sameContent, type SideName, type Tree } from './trees.ts';

export interface Trees {
  /** Null: two-way. */
  readonly base: Tree | null;
  readonly ours: Tree;
  readonly theirs: Tree;
}

/** What happened to a file, as people are told. */
export type Fate =
  | 'unchanged'
  | 'new-version'
  | 'added-by-vendor'
  | 'removed-by-vendor'
  | 'edit-kept'
  | 'added-by-customer'
  | 'removed-by-customer'
  | 'same-in-both'
  | 'merged';

export type ConflictKind =
  | 'both-changed'
  | 'both-added'
  | 'binary'
  | 'edited-and-removed'
  | 'removed-and-changed'
  | 'no-old-version'
  | 'names-collide';

/** Where each side has the file: its path there. */
export type Places = { readonly [S in SideName]?: string | undefined };

export type Outcome = {
  readonly path: string;
  readonly at: Places;
  readonly mode?: number | undefined;
} & (
  | { readonly do: 'take'; readonly from: SideName; readonly fate: Fate }
  | { readonly do: 'leave-out'; readonly fate: Fate }
  /** Both changed it: merged by lines where it is text. `kind`: what it is when that does not work out. */
  | { readonly do: 'merge'; readonly kind: ConflictKind }
  /** A whole file is chosen; `ours` and `theirs` may be "no file". */
  | { readonly do: 'ask'; readonly kind: ConflictKind }
);

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

function outcomeOf(trees: Trees, path: string, at: Places): Outcome {
  const common = { path, at, mode: modeOf(trees, at) };
  const take = (from: SideName, fate: Fate): Outcome => ({ ...common, do: 'take', from, fate });
  const leaveOut = (fate: Fate): Outcome => ({ ...common, do: 'leave-out', fate });
  const [ours, theirs] = [at.ours !== undefined, at.theirs !== undefined];
  if (!trees.base) {
    // Who made a file that one side alone has is not known: what is there stays, what is new comes.
    if (!theirs) return take('ours', 'added-by-customer');
    if (!ours) return take('theirs', 'added-by-vendor');
    return same(trees, at, 'ours', 'theirs')
      ? take('theirs', 'unchanged')
      : { ...common, do: 'merge', kind: 'no-old-version' };
  }
  if (at.base === undefined) {
    if (!theirs) return take('ours', 'added-by-customer');
    if (!ours) return take('theirs', 'added-by-vendor');
    return same(trees, at, 'ours', 'theirs')
      ? take('theirs', 'same-in-both')
      : { ...common, do: 'merge', kind: 'both-added' };
  }
  if (!ours && !theirs) return leaveOut('removed-by-vendor');
  if (!ours)
    return same(trees, at, 'base', 'theirs')
      ? leaveOut('removed-by-customer')
      : { ...common, do: 'ask', kind: 'removed-and-changed' };
  const edited = !same(trees, at, 'base', 'ours');
  if (!theirs) return edited ? { ...common, do: 'ask', kind: 'edited-and-removed' } : leaveOut('removed-by-vendor');
  const renewed = !same(trees, at, 'base', 'theirs');
  if (!edited) return take('theirs', renewed ? 'new-version' : 'unchanged');
  if (!renewed) return take('ours', 'edit-kept');
  return same(trees, at, 'ours', 'theirs')
    ? take('theirs', 'same-in-both')
    : { ...common, do: 'merge', kind: 'both-changed' };
}

function same(trees: Trees, at: Places, one: SideName, other: SideName): boolean {
  const [left, right] = [trees[one], trees[other]];
  const [path, otherPath] = [at[one], at[other]];
  return left && right && path !== undefined && otherPath !== undefined
    ? sameContent(left, path, right, otherPath)
    : false;
}

/** Who changed the rights wins, the customer before the vendor: on the customer's machine they matter. */
function modeOf(trees: Trees, at: Places): number | undefined {
  const of = (side: SideName): number | undefined => trees[side]?.files.get(at[side] ?? '')?.mode;
  const [base, ours, theirs] = [of('base'), of('ours'), of('theirs')];
  return (ours === base ? theirs : ours) ?? ours ?? theirs;
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
