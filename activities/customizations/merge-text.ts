/** Three versions of one text file → one, or a file with conflict markers. Encoding, mark and line ends are merged like lines: who changed them wins. */
import { createHash } from 'node:crypto';
import type { LegacyEncoding } from '../../runbook/targets/index.ts';
import { changesBetween, type Change } from './lines.ts';
import { fromLegacy, lineEnds, readText, toLegacy, writeText, type Text } from './text.ts';
import { numbered, threeWay, type Range, type Region } from './three-way.ts';

export interface Sides<T> {
  /** Null: there is no common version, so every difference is a conflict. */
  readonly base: T | null;
  readonly ours: T;
  readonly theirs: T;
}

/** One place where the sides disagree; `key` is the same wherever the same three pieces meet again. */
export interface Hunk {
  readonly key: string;
  /** Lines of the marked file, markers included. */
  readonly marked: Range;
  readonly resolved: boolean;
}

export type MergedText =
  | { readonly kind: 'clean'; readonly content: Buffer; readonly recalled: readonly string[] }
  /** `content` holds the markers of what is still open. */
  | { readonly kind: 'conflict'; readonly content: Buffer; readonly hunks: readonly Hunk[] }
  /** One of them is no text: a person chooses a whole file. */
  | { readonly kind: 'binary' };

export interface MergeTextOptions {
  readonly legacy: LegacyEncoding;
  /** What was decided about such a place before: its lines. */
  readonly recall?: (key: string) => readonly string[] | undefined;
}

export const markers = {
  ours: '<<<<<<< ours (customer)',
  base: '||||||| base (vendor, old)',
  middle: '=======',
  theirs: '>>>>>>> theirs (vendor, new)',
} as const;

export function mergeText(sides: Sides<Buffer>, { legacy, recall }: MergeTextOptions): MergedText {
  const texts = readable(sides, legacy);
  if (!texts) return { kind: 'binary' };
  const { base, ours, theirs } = texts;
  const out = new Output(texts);
  for (const region of regionsOf(texts)) {
    switch (region.kind) {
      case 'same':
        out.same(region);
        break;
      case 'ours':
      case 'both':
        out.piece(ours, region.ours);
        break;
      case 'theirs':
        out.piece(theirs, region.theirs);
        break;
      case 'conflict':
        out.conflict(
          base && pieceOf(base, region.base),
          pieceOf(ours, region.ours),
          pieceOf(theirs, region.theirs),
          recall,
        );
    }
  }
  const content = out.content(legacy);
  const open = out.hunks.some(({ resolved }) => !resolved);
  return open
    ? { kind: 'conflict', content, hunks: out.hunks }
    : { kind: 'clean', content, recalled: out.hunks.map(({ key }) => key) };
}

/** All three as text in characters that can be compared; null when one is none. */
function readable({ base, ours, theirs }: Sides<Buffer>, legacy: LegacyEncoding): Sides<Text> | null {
  const [o, t] = [readText(ours), readText(theirs)];
  const b = base && readText(base);
  if (!o || !t || (base && !b)) return null;
  const alike = [o, t, ...(b ? [b] : [])].every(
    ({ encoding }) => (encoding === 'legacy') === (o.encoding === 'legacy'),
  );
  if (alike) return { base: b, ours: o, theirs: t };
  const read = (text: Text): Text =>
    text.encoding === 'legacy' ? { ...text, lines: text.lines.map((line) => fromLegacy(line, legacy)) } : text;
  return { base: b && read(b), ours: read(o), theirs: read(t) };
}

function regionsOf({ base, ours, theirs }: Sides<Text>): Region[] {
  if (base) {
    const [b, o, t] = numbered(base.lines, ours.lines, theirs.lines);
    return b && o && t ? threeWay(b, o, t) : [];
  }
  const [o, t] = numbered(ours.lines, theirs.lines);
  if (!o || !t) return [];
  const regions: Region[] = [];
  const none = { from: 0, to: 0 };
  let [at, otherAt] = [0, 0];
  for (const { from, to, otherFrom, otherTo } of changesBetween(o, t)) {
    regions.push({ kind: 'same', base: none, ours: { from: at, to: from }, theirs: { from: otherAt, to: otherFrom } });
    regions.push({ kind: 'conflict', base: none, ours: { from, to }, theirs: { from: otherFrom, to: otherTo } });
    [at, otherAt] = [to, otherTo];
  }
  regions.push({ kind: 'same', base: none, ours: { from: at, to: o.length }, theirs: { from: otherAt, to: t.length } });
  return regions;
}

const pieceOf = ({ lines }: Text, { from, to }: Range): readonly string[] => lines.slice(from, to);

/** Of three: what one side changed; where both did, the vendor's. Without a base the vendor's. */
const chosen = <T>(base: T | undefined, ours: T, theirs: T): T => (theirs === base ? ours : theirs);

class Output {
  readonly hunks: Hunk[] = [];
  readonly #texts: Sides<Text>;
  readonly #lines: string[] = [];
  readonly #ends: string[] = [];
  /** Ends of lines that are in no file: as most of the result has them. */
  readonly #usual: string;
  readonly #uniform: string | undefined;

  constructor(texts: Sides<Text>) {
    this.#texts = texts;
    const { base, ours, theirs } = texts;
    const wanted = chosen(base ? lineEnds(base) : undefined, lineEnds(ours), lineEnds(theirs));
    const candidates = [wanted, lineEnds(theirs), lineEnds(ours), ...(base ? [lineEnds(base)] : [])];
    this.#usual = candidates.find((one) => one !== 'mixed' && one !== 'none') ?? '\n';
    this.#uniform = wanted === 'mixed' ? undefined : this.#usual;
  }

  same({ base: at, ours: mine, theirs: yours }: Region): void {
    const { base, ours, theirs } = this.#texts;
    for (let line = 0; mine.from + line < mine.to; line++)
      this.#add(
        ours.lines[mine.from + line] ?? '',
        chosen(base?.ends[at.from + line], ours.ends[mine.from + line] ?? '', theirs.ends[yours.from + line] ?? ''),
      );
  }

  piece({ lines, ends }: Text, { from, to }: Range): void {
    for (let at = from; at < to; at++) this.#add(lines[at] ?? '', ends[at] ?? '');
  }

  conflict(
    base: readonly string[] | null,
    ours: readonly string[],
    theirs: readonly string[],
    recall: MergeTextOptions['recall'],
  ): void {
    const key = createHash('sha256')
      .update(JSON.stringify([base, ours, theirs]))
      .digest('hex');
    const known = recall?.(key);
    const from = this.#lines.length;
    const lines = known ?? [
      markers.ours,
      ...ours,
      ...(base ? [markers.base, ...base] : []),
      markers.middle,
      ...theirs,
      markers.theirs,
    ];
    for (const line of lines) this.#add(line, this.#usual);
    this.hunks.push({ key, marked: { from, to: this.#lines.length }, resolved: known !== undefined });
  }

  content(legacy: LegacyEncoding): Buffer {
    const { base, ours, theirs } = this.#texts;
    const last = this.#lines.length - 1;
    const endsWithEnd = ({ ends }: Text): boolean => ends.at(-1) !== '';
    const final = chosen(base ? endsWithEnd(base) : undefined, endsWithEnd(ours), endsWithEnd(theirs));
    const marked = this.hunks.some(({ resolved, marked: { to } }) => !resolved && to > last);
    const ends = this.#ends.map((end, at) => {
      if (at === last && !final && !marked) return '';
      return this.#uniform ?? (end === '' ? this.#usual : end);
    });
    const encoding = chosen(base?.encoding, ours.encoding, theirs.encoding);
    const bom = chosen(base?.bom, ours.bom, theirs.bom);
    const text: Text = { encoding, bom, lines: this.#lines, ends };
    return encoded(text, this.#texts, legacy);
  }

  #add(line: string, end: string): void {
    this.#lines.push(line);
    this.#ends.push(end);
  }
}

/** In the wanted encoding; where that has no bytes for a character, in UTF-8. */
function encoded(text: Text, { base, ours, theirs }: Sides<Text>, legacy: LegacyEncoding): Buffer {
  const read = [base, ours, theirs].some((side) => side && side.encoding !== 'legacy');
  const lines = text.encoding === 'legacy' && read ? text.lines.map((line) => toLegacy(line, legacy)) : text.lines;
  const written = lines.every((line) => line !== null) ? writeText({ ...text, lines }) : null;
  return written ?? writeText({ ...text, encoding: 'utf8', bom: false }) ?? Buffer.alloc(0);
}

/** Whether an edited file still holds a marker that none of its sides had. */
export function stillMarked(edited: Buffer, sides: readonly Buffer[]): boolean {
  const text = readText(edited);
  if (!text) return false;
  const known = new Set(sides.flatMap((side) => readText(side)?.lines ?? []));
  return text.lines.some((line) => Object.values<string>(markers).includes(line) && !known.has(line));
}

/**
 * What a person made of each open place: the lines that now stand between the unchanged ones around it. A place whose surroundings were
 * edited too is left out: only the whole file is remembered then.
 */
export function resolutionsOf(marked: Buffer, edited: Buffer, hunks: readonly Hunk[]): Map<string, readonly string[]> {
  const [before, after] = [readText(marked), readText(edited)];
  const found = new Map<string, readonly string[]>();
  if (!before || !after) return found;
  const [one, other] = numbered(before.lines, after.lines);
  if (!one || !other) return found;
  const changes = changesBetween(one, other);
  const growth = (some: readonly Change[]): number =>
    some.reduce((sum, { from, to, otherFrom, otherTo }) => sum + (otherTo - otherFrom) - (to - from), 0);
  for (const { key, marked: range, resolved } of hunks) {
    if (resolved) continue;
    const above = changes.filter(({ from, to }) => from < range.from && to <= range.from);
    const inside = changes.filter(({ from, to }) => from >= range.from && to <= range.to);
    const across = changes.filter(({ from, to }) => from < range.to && to > range.from);
    if (!across.every((change) => inside.includes(change))) continue;
    const start = range.from + growth(above);
    found.set(key, after.lines.slice(start, range.to + growth(above) + growth(inside)));
  }
  return found;
}
