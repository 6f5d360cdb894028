/** What becomes of one file: what only one side touched is that side's; what both touched is merged or asked about. */

export type SideName = 'base' | 'ours' | 'theirs';

/** Of what each side that has the file says of it. */
export type BySide<T> = { readonly [S in SideName]?: T | undefined };
/** Where each side has the file: its path there. */
export type Places = BySide<string>;

/** What happened to a file, as people are told. */
export const fates = [
  'unchanged',
  'new-version',
  'added-by-vendor',
  'removed-by-vendor',
  'edit-kept',
  'added-by-customer',
  'removed-by-customer',
  'same-in-both',
  'merged',
] as const;
export type Fate = (typeof fates)[number];

export type ConflictKind =
  | 'both-changed'
  | 'both-added'
  | 'binary'
  | 'edited-and-removed'
  | 'removed-and-changed'
  | 'no-old-version'
  | 'names-collide'
  | 'moved-apart'
  | 'removed-and-moved';

export type Verdict =
  | { readonly do: 'take'; readonly from: SideName; readonly fate: Fate }
  | { readonly do: 'leave-out'; readonly fate: Fate }
  /** Both changed it: merged by lines where it is text. `kind`: what it is when that does not work out. */
  | { readonly do: 'merge'; readonly kind: ConflictKind }
  /** A whole file is chosen; `ours` and `theirs` may be "no file". */
  | { readonly do: 'ask'; readonly kind: ConflictKind };

/** `threeWay`: the vendor's old version is at hand. `same`: whether two sides that have the file have the same bytes. */
export function verdictOn(
  at: BySide<unknown>,
  threeWay: boolean,
  same: (one: SideName, other: SideName) => boolean,
): Verdict {
  const take = (from: SideName, fate: Fate): Verdict => ({ do: 'take', from, fate });
  const leaveOut = (fate: Fate): Verdict => ({ do: 'leave-out', fate });
  const [ours, theirs] = [at.ours !== undefined, at.theirs !== undefined];
  if (at.base === undefined) {
    // In a merge of two, who made a file that one side alone has is not known: what is there stays, what is new comes.
    if (!theirs) return take('ours', 'added-by-customer');
    if (!ours) return take('theirs', 'added-by-vendor');
    if (same('ours', 'theirs')) return take('theirs', threeWay ? 'same-in-both' : 'unchanged');
    return { do: 'merge', kind: threeWay ? 'both-added' : 'no-old-version' };
  }
  if (!ours && !theirs) return leaveOut('removed-by-vendor');
  if (!ours)
    return same('base', 'theirs') ? leaveOut('removed-by-customer') : { do: 'ask', kind: 'removed-and-changed' };
  const edited = !same('base', 'ours');
  if (!theirs) return edited ? { do: 'ask', kind: 'edited-and-removed' } : leaveOut('removed-by-vendor');
  const renewed = !same('base', 'theirs');
  if (!edited) return take('theirs', renewed ? 'new-version' : 'unchanged');
  if (!renewed) return take('ours', 'edit-kept');
  return same('ours', 'theirs') ? take('theirs', 'same-in-both') : { do: 'merge', kind: 'both-changed' };
}

/** Whose permission bits: of who changed them, the customer before the vendor: on the customer's machine they matter. */
export const modeOf = ({ base, ours, theirs }: BySide<number>): number | undefined =>
  (ours === base ? theirs : ours) ?? ours ?? theirs;
