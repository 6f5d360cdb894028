/** Proof that nothing of the customer's got lost, from the files themselves: what the merge says of itself counts only where a person decided. */
import { dirname } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import type { FileTree } from '../../runbook/results.ts';
import type { LegacyEncoding } from '../../runbook/targets/index.ts';
import type { Said, Text } from '../../runbook/types.ts';
import type { StepActivity } from '../step.ts';
import { readList, someOf, verifyLocal } from '../web/manifest.ts';
import { readRecord, type MergeRecord } from './desk.ts';
import { editsOf } from './edits.ts';
import { contentsOf, type Laid } from './lay-out.ts';
import { changesBetween, type Change, type Lines } from './lines.ts';
import { fromLegacy, readText } from './text.ts';
import { numbered } from './three-way.ts';
import { openListed, readSide, sameContent, type Tree, type Trees } from './trees.ts';

const texts = {
  resolved: {
    en: '{path}: {who} decided ({choice}) on {when} UTC',
    ru: '{path}: решил(а) {who} ({choice}) {when} UTC',
  },
  remembered: {
    en: '{path}: decided as before, by {who} ({choice}) on {when} UTC',
    ru: '{path}: решено как прежде, решал(а) {who} ({choice}) {when} UTC',
  },
  merged: {
    en: '{path}: both changed it in different places, merged by lines',
    ru: '{path}: обе стороны изменили его в разных местах, слито по строкам',
  },
  more: { en: '… and {count} more: see {place}', ru: '… и ещё {count}: см. {place}' },
} satisfies Record<string, Text>;

/** A report is read by people. */
const mostLines = 100;

export const checkCustomizations: StepActivity<'checkCustomizations'> = async (
  { part, encoding, keep = [] },
  { base, ours, theirs, merged },
  context,
) => {
  const result = await openListed('theirs', merged);
  const list = await readList(`${merged.place}.json`);
  if (list) await verifyLocal(merged.place, list);
  const record = await readRecord(dirname(merged.place));
  if (!record) throw new NakatError('MERGE_INPUT_GONE', { values: { place: dirname(merged.place) } });
  const trees = {
    base: base ? await openListed('base', base, part, keep) : null,
    ours: await openListed('ours', ours, '', keep),
    theirs: await openListed('theirs', theirs, part, keep),
  };
  const lost = await lostChanges(trees, result, record, encoding, () => context.signal.throwIfAborted());
  if (lost.length > 0)
    throw new NakatError('MERGE_LOST', {
      where: merged.machine,
      values: { files: someOf(lost), place: dirname(merged.place) },
    });
  return { lines: linesOf(record, merged), edits: editsOf(record, merged) };
};

/** Paths of the customer's changes that are neither in the result nor decided about. */
export async function lostChanges(
  trees: Trees,
  result: Tree,
  record: MergeRecord,
  legacy: LegacyEncoding,
  beat: () => void = () => {},
): Promise<string[]> {
  const { base, ours } = trees;
  const by = new Map<string, Laid>();
  for (const one of record.laid)
    for (const path of [one.at.ours, one.at.base]) if (path !== undefined) by.set(path, one);
  const lost: string[] = [];
  for (const path of new Set([...ours.files.keys(), ...(base?.files.keys() ?? [])])) {
    beat();
    const one = by.get(path);
    if (one?.fate === 'resolved') continue;
    const moved = one?.at.ours === undefined ? one?.at.base : one.at.ours;
    // Both names of a moved file stand for the same one.
    if (one && moved !== path) continue;
    const untouched = base && one?.at.base !== undefined && sameContent(base, one.at.base, ours, one.at.ours ?? path);
    if (untouched) continue;
    if (!ours.files.has(path)) {
      // Removed by the customer: it must not come back.
      if (base?.files.has(path) && result.files.has(path)) lost.push(path);
      continue;
    }
    const target = one?.path ?? path;
    if (sameContent(ours, path, result, target)) continue;
    if (one && (await holdsEdits(trees, one, result, legacy))) continue;
    lost.push(path);
  }
  return lost;
}

/**
 * Counted by lines, wherever they stand: what both sides left alone and what the customer put in is there; no line is there more often
 * than he has it and the vendor put it in, nor than the vendor has it and he put it in.
 */
async function holdsEdits(trees: Trees, one: Laid, result: Tree, legacy: LegacyEncoding): Promise<boolean> {
  const { base, ours, theirs } = contentsOf(trees, one.at);
  if (!base || !ours || !theirs || !result.files.has(one.path)) return false;
  const [first, ...others] = [base, ours, theirs, readSide(result, one.path)].map((side) => linesIn(side, legacy));
  if (!first || !others.every((lines) => lines !== null)) return false;
  const [before, customers, vendors, now] = numbered(first, ...others);
  if (!before || !customers || !vendors || !now) return false;
  const [edits, update] = [changesBetween(before, customers), changesBetween(before, vendors)];
  const [has, puts] = [counted(customers), counted(...putIn(customers, edits))];
  const [vendorHas, vendorPuts] = [counted(vendors), counted(...putIn(vendors, update))];
  const touched = new Uint8Array(before.length);
  for (const { from, to } of [...edits, ...update]) touched.fill(1, from, to);
  const [left, there] = [counted(before.filter((_, at) => !touched[at])), counted(now)];
  return [...new Set([...before, ...customers])].every((line) => {
    const of = (counts: ReadonlyMap<number, number>): number => counts.get(line) ?? 0;
    const most = Math.min(of(has) + of(vendorPuts), of(vendorHas) + of(puts));
    return of(left) + of(puts) <= of(there) && of(there) <= most;
  });
}

const putIn = (lines: Lines, changes: readonly Change[]): Lines[] =>
  changes.map(({ otherFrom, otherTo }) => lines.subarray(otherFrom, otherTo));

function counted(...pieces: readonly Lines[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const lines of pieces) for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

function linesIn(content: Buffer, legacy: LegacyEncoding): readonly string[] | null {
  const text = readText(content);
  if (!text) return null;
  return text.encoding === 'legacy' ? text.lines.map((line) => fromLegacy(line, legacy)) : text.lines;
}

function linesOf(record: MergeRecord, { place }: FileTree): Said[] {
  const lines = record.laid.flatMap((one): Said[] => {
    const { path, resolution, fate } = one;
    if (resolution) {
      const values = {
        path,
        who: resolution.by,
        choice: resolution.choice,
        when: resolution.at.slice(0, 16).replace('T', ' '),
      };
      return [{ ...(resolution.remembered ? texts.remembered : texts.resolved), values }];
    }
    return fate === 'merged' ? [{ ...texts.merged, values: { path } }] : [];
  });
  if (lines.length <= mostLines) return lines;
  const more: Said = {
    ...texts.more,
    values: { count: lines.length - mostLines, place: `${dirname(place)}/merge.json` },
  };
  return [...lines.slice(0, mostLines), more];
}
