/**
 * Two texts that were made from one are put together again, by git's rules: what one side changed is taken, what both changed alike is
 * taken once, and changes of both that touch (without an unchanged line between them) are a conflict. Pure; lines are numbers.
 */
import { changesBetween, type Change, type Lines } from './lines.ts';

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A piece of the result, in order. `same`: unchanged in both, with the place of the piece in all three. */
export interface Region {
  readonly kind: 'same' | 'ours' | 'theirs' | 'both' | 'conflict';
  readonly base: Range;
  readonly ours: Range;
  readonly theirs: Range;
}

export function threeWay(base: Lines, ours: Lines, theirs: Lines): Region[] {
  const [mine, yours] = [changesBetween(base, ours), changesBetween(base, theirs)];
  const regions: Region[] = [];
  // Where each text has been read up to.
  const at = { base: 0, ours: 0, theirs: 0 };
  const push = (kind: Region['kind'], base: number, ours: number, theirs: number): void => {
    if (base > at.base || ours > at.ours || theirs > at.theirs)
      regions.push({
        kind,
        base: { from: at.base, to: base },
        ours: { from: at.ours, to: ours },
        theirs: { from: at.theirs, to: theirs },
      });
    Object.assign(at, { base, ours, theirs });
  };
  const same = (upTo: number): void => push('same', upTo, at.ours + upTo - at.base, at.theirs + upTo - at.base);
  let [i, j] = [0, 0];
  for (;;) {
    const [mineNext, yoursNext] = [mine[i], yours[j]];
    if (!mineNext && !yoursNext) break;
    same(Math.min(mineNext?.from ?? Infinity, yoursNext?.from ?? Infinity));
    const [firstMine, firstYours] = [i, j];
    let end = at.base;
    // All that touches is one region: a change that begins where the region ends belongs to it.
    for (;;) {
      const next = touching(mine[i], end) ?? touching(yours[j], end);
      if (!next) break;
      if (next === mine[i]) i++;
      else j++;
      end = Math.max(end, next.to);
    }
    const [oursEnd, theirsEnd] = [
      ending(mine.slice(firstMine, i), at.base, at.ours, end),
      ending(yours.slice(firstYours, j), at.base, at.theirs, end),
    ];
    push(
      i === firstMine
        ? 'theirs'
        : j === firstYours
          ? 'ours'
          : equal(ours, at.ours, oursEnd, theirs, at.theirs, theirsEnd)
            ? 'both'
            : 'conflict',
      end,
      oursEnd,
      theirsEnd,
    );
  }
  same(base.length);
  return regions;
}

const touching = (change: Change | undefined, end: number): Change | undefined =>
  change !== undefined && change.from <= end ? change : undefined;

/** Where a side stands when the base has been read up to `end`: its changes shift it. */
const ending = (changes: readonly Change[], base: number, side: number, end: number): number =>
  changes.reduce((sum, one) => sum + (one.otherTo - one.otherFrom) - (one.to - one.from), side + end - base);

function equal(one: Lines, from: number, to: number, other: Lines, otherFrom: number, otherTo: number): boolean {
  if (to - from !== otherTo - otherFrom) return false;
  for (let at = 0; from + at < to; at++) if (one[from + at] !== other[otherFrom + at]) return false;
  return true;
}

/**
 * Numbers for lines, the same in every text that is given to one call. A line that stands where the first text has it, counted from the top
 * or from the end, is only compared with that one: most do.
 */
export function numbered(first: readonly string[], ...others: readonly (readonly string[])[]): Lines[] {
  const numbers = new Map<string, number>();
  const numberOf = (line: string): number => {
    const known = numbers.get(line);
    if (known !== undefined) return known;
    numbers.set(line, numbers.size);
    return numbers.size - 1;
  };
  const one = new Int32Array(first.length);
  for (let at = 0; at < first.length; at++) one[at] = numberOf(first[at] ?? '');
  const rest = others.map((lines) => {
    const result = new Int32Array(lines.length);
    const longer = first.length - lines.length;
    for (let at = 0; at < lines.length; at++) {
      const line = lines[at] ?? '';
      result[at] =
        (first[at] === line ? one[at] : first[at + longer] === line ? one[at + longer] : undefined) ?? numberOf(line);
    }
    return result;
  });
  return [one, ...rest];
}
