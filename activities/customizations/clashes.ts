/**
 * Names of the two sides that cannot be in one result: they are one file on some system, or one is a file where the other needs a folder.
 * All that clash with each other are one conflict, and all of one side are chosen. So are the two names of a file that both sides moved.
 */
import { createHash } from 'node:crypto';
import { foldersAbove, sameFileKey } from '../web/names.ts';
import type { Places } from './fate.ts';
import type { Clash, Clashing, Outcome } from './outcome.ts';
import { readSide, type Trees } from './trees.ts';

/**
 * Outcomes whose names clash are put together: a person chooses. What clashes within one side is that side's own affair. `apart`: where each
 * side has moved the same file.
 */
export function clashesAsked(trees: Trees, outcomes: readonly Outcome[], apart: readonly Places[] = []): Outcome[] {
  const kept = outcomes.filter((one) => one.do !== 'leave-out');
  const customers = byKey(kept.filter(({ path }) => !trees.theirs.files.has(path)));
  const vendors = byKey(kept.filter(({ path }) => !trees.ours.files.has(path)));
  const meeting = new Map<Outcome, Outcome[]>();
  const meet = (one: Outcome, other: Outcome): void => {
    meeting.set(one, [...(meeting.get(one) ?? []), other]);
    meeting.set(other, [...(meeting.get(other) ?? []), one]);
  };
  for (const [key, of] of vendors)
    for (const above of [...foldersAbove(key), key])
      for (const customer of customers.get(above) ?? []) for (const vendor of of) meet(customer, vendor);
  for (const [key, of] of customers)
    for (const above of foldersAbove(key))
      for (const vendor of vendors.get(above) ?? []) for (const customer of of) meet(customer, vendor);
  const at = new Map(apart.length > 0 ? kept.map((one) => [one.path, one]) : []);
  for (const { ours, theirs } of apart) {
    const [customer, vendor] = [at.get(ours ?? ''), at.get(theirs ?? '')];
    if (customer && vendor) meet(customer, vendor);
  }
  if (meeting.size === 0) return [...outcomes];
  const vendorsOwn = new Set([...vendors.values()].flat());
  const asked = groups(meeting).map((group) => asMoved(questionAbout(group, vendorsOwn), apart));
  return [...outcomes.filter((one) => !meeting.has(one)), ...asked];
}

function byKey(outcomes: readonly Outcome[]): Map<string, Outcome[]> {
  const found = new Map<string, Outcome[]>();
  for (const one of outcomes) {
    const key = sameFileKey(one.path);
    const same = found.get(key);
    if (same) same.push(one);
    else found.set(key, [one]);
  }
  return found;
}

/** All that are connected by clashes. */
function groups(meeting: ReadonlyMap<Outcome, readonly Outcome[]>): Outcome[][] {
  const seen = new Set<Outcome>();
  const found: Outcome[][] = [];
  for (const first of meeting.keys()) {
    if (seen.has(first)) continue;
    seen.add(first);
    const group = [first];
    for (const one of group)
      for (const other of meeting.get(one) ?? []) {
        if (seen.has(other)) continue;
        seen.add(other);
        group.push(other);
      }
    found.push(group);
  }
  return found;
}

function questionAbout(group: readonly Outcome[], vendors: ReadonlySet<Outcome>): Outcome {
  const of = (vendor: boolean): Clashing[] =>
    group
      .filter((one) => vendors.has(one) === vendor)
      .map(({ path, at, mode }) => ({ path, at, mode }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  const clash = { ours: of(false), theirs: of(true) };
  const [ours, theirs] = [clash.ours[0]?.path, clash.theirs[0]?.path];
  return { path: ours ?? '', at: { ours, theirs }, do: 'ask', kind: 'names-collide', clash };
}

/** When it is about nothing but a file that both moved, it is asked as that, and its old content can be compared with. */
function asMoved(question: Outcome, apart: readonly Places[]): Outcome {
  const { at, clash } = question;
  const both = apart.find(({ ours, theirs }) => ours === at.ours && theirs === at.theirs);
  if (!both || clash?.ours.length !== 1 || clash.theirs.length !== 1) return question;
  return { ...question, at: both, do: 'ask', kind: 'moved-apart' };
}

/** Moved files whose new name clashes with one of the other side are not taken for moved: each name is asked about as it is. */
export function withoutClashes(renames: ReadonlyMap<string, Places>, { ours, theirs }: Trees): Map<string, Places> {
  if (renames.size === 0) return new Map();
  const taken = (files: ReadonlyMap<string, unknown>): { names: Set<string>; folders: Set<string> } => {
    const names = new Set([...files.keys()].map(sameFileKey));
    return { names, folders: new Set([...names].flatMap(foldersAbove)) };
  };
  const [customers, vendors] = [taken(ours.files), taken(theirs.files)];
  return new Map(
    [...renames].filter(([path, at]) => {
      const [to, others] = at.ours === path ? [at.theirs, customers] : [at.ours, vendors];
      const key = sameFileKey(to ?? path);
      const old = sameFileKey(path);
      const names = [...foldersAbove(key), key].filter((one) => one !== old);
      return !names.some((one) => others.names.has(one)) && !others.folders.has(key);
    }),
  );
}

/** A clash's name in the memory: by the names and contents that met. */
export function clashKey(trees: Trees, clash: Clash): string {
  const digests = (side: 'ours' | 'theirs'): [string, string][] =>
    clash[side].map(({ path }) => [path, createHash('sha256').update(readSide(trees[side], path)).digest('hex')]);
  return createHash('sha256')
    .update(JSON.stringify(['names', digests('ours'), digests('theirs')]))
    .digest('hex');
}

/** For people: what clashes with what. */
export const clashNames = ({ ours, theirs }: Clash): { ours: string[]; theirs: string[] } => ({
  ours: ours.map(({ path }) => path),
  theirs: theirs.map(({ path }) => path),
});
