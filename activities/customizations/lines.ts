/**
 * Where two texts differ, line by line: the shortest script after E. Myers, "An O(ND) Difference Algorithm and Its Variations"
 * (1986), in linear space, then each group of changed lines moved to where git puts it, so that the same places count as changed. Lines are
 * numbers from 0 on, as few as there are different lines: equal lines have the same number.
 */
export interface Change {
  /** Lines `from` up to, without, `to` of the first text … */
  readonly from: number;
  readonly to: number;
  /** … stand where these of the second do. Either may be empty. */
  readonly otherFrom: number;
  readonly otherTo: number;
}

export type Lines = Int32Array;

/** Steps of the search before the rest of a piece is simply taken for changed: two texts that have nothing to do with each other. */
const patience = 40_000_000;

export function changesBetween(one: Lines, other: Lines): Change[] {
  const [first, second] = [new Side(one), new Side(other)];
  markChanged(first, second);
  slide(first, second);
  slide(second, first);
  return pairs(first, second);
}

class Side {
  readonly lines: Lines;
  /** One more than lines: the end is never changed. */
  readonly changed: Uint8Array;
  constructor(lines: Lines) {
    this.lines = lines;
    this.changed = new Uint8Array(lines.length + 1);
  }
}

/** A line that the other text has nowhere is changed, and is in nobody's way when the others are looked for. */
function markChanged(first: Side, second: Side): void {
  const [a, b] = [known(first, second), known(second, first)];
  new Search(first, second, a, b).run();
}

/** Places of the lines that the other side has too; marks the rest. */
function known(side: Side, other: Side): Int32Array {
  const there = new Uint8Array(Math.max(largest(side.lines), largest(other.lines)) + 1);
  for (let at = 0; at < other.lines.length; at++) there[other.lines[at] ?? 0] = 1;
  const places: number[] = [];
  for (let at = 0; at < side.lines.length; at++) {
    if (there[side.lines[at] ?? 0]) places.push(at);
    else side.changed[at] = 1;
  }
  return Int32Array.from(places);
}

function largest(lines: Lines): number {
  let most = 0;
  for (let at = 0; at < lines.length; at++) most = Math.max(most, lines[at] ?? 0);
  return most;
}

class Search {
  readonly #first: Side;
  readonly #second: Side;
  /** Places of the lines that take part. */
  readonly #a: Int32Array;
  readonly #b: Int32Array;
  readonly #lineA: Lines;
  readonly #lineB: Lines;
  /** Furthest points by diagonal, forward and backward. */
  readonly #forward: Int32Array;
  readonly #backward: Int32Array;
  readonly #zero: number;
  #left = patience;

  constructor(first: Side, second: Side, a: Int32Array, b: Int32Array) {
    [this.#first, this.#second, this.#a, this.#b] = [first, second, a, b];
    this.#lineA = a.map((place) => first.lines[place] ?? 0);
    this.#lineB = b.map((place) => second.lines[place] ?? 0);
    const diagonals = a.length + b.length + 3;
    this.#forward = new Int32Array(diagonals);
    this.#backward = new Int32Array(diagonals);
    this.#zero = b.length + 1;
  }

  run(): void {
    this.#box(0, this.#a.length, 0, this.#b.length);
  }

  /** Marks what is changed in lines `[a, aEnd)` against `[b, bEnd)`. */
  #box(a: number, aEnd: number, b: number, bEnd: number): void {
    const [x, y] = [this.#lineA, this.#lineB];
    while (a < aEnd && b < bEnd && x[a] === y[b]) (a++, b++);
    while (a < aEnd && b < bEnd && x[aEnd - 1] === y[bEnd - 1]) (aEnd--, bEnd--);
    const middle = a < aEnd && b < bEnd ? this.#middle(a, aEnd, b, bEnd) : null;
    if (middle) {
      this.#box(a, middle[0], b, middle[1]);
      this.#box(middle[0], aEnd, middle[1], bEnd);
      return;
    }
    for (; a < aEnd; a++) this.#first.changed[this.#a[a] ?? 0] = 1;
    for (; b < bEnd; b++) this.#second.changed[this.#b[b] ?? 0] = 1;
  }

  /** A point on a shortest path, found from both ends at once; null when the patience is over. */
  #middle(a: number, aEnd: number, b: number, bEnd: number): [number, number] | null {
    const [x, y, forward, backward, zero] = [this.#lineA, this.#lineB, this.#forward, this.#backward, this.#zero];
    const [lowest, highest] = [a - bEnd, aEnd - b];
    const [start, end] = [a - b, aEnd - bEnd];
    const odd = (start - end) % 2 !== 0;
    const get = (from: Int32Array, diagonal: number): number => from[zero + diagonal] ?? 0;
    forward[zero + start] = a;
    backward[zero + end] = aEnd;
    let [low, high, lowBack, highBack] = [start, start, end, end];
    for (;;) {
      // One more step from each end; a diagonal outside the box is walled off, so that nobody comes from there.
      if (low > lowest) forward[zero + --low - 1] = -1;
      else low++;
      if (high < highest) forward[zero + ++high + 1] = -1;
      else high--;
      for (let diagonal = high; diagonal >= low; diagonal -= 2) {
        const [below, above] = [get(forward, diagonal - 1), get(forward, diagonal + 1)];
        let at = below >= above ? below + 1 : above;
        while (at < aEnd && at - diagonal < bEnd && x[at] === y[at - diagonal]) at++;
        forward[zero + diagonal] = at;
        if (odd && lowBack <= diagonal && diagonal <= highBack && get(backward, diagonal) <= at)
          return [at, at - diagonal];
      }
      if (lowBack > lowest) backward[zero + --lowBack - 1] = 0x7fffffff;
      else lowBack++;
      if (highBack < highest) backward[zero + ++highBack + 1] = 0x7fffffff;
      else highBack--;
      for (let diagonal = highBack; diagonal >= lowBack; diagonal -= 2) {
        const [below, above] = [get(backward, diagonal - 1), get(backward, diagonal + 1)];
        let at = below < above ? below : above - 1;
        while (at > a && at - diagonal > b && x[at - 1] === y[at - diagonal - 1]) at--;
        backward[zero + diagonal] = at;
        if (!odd && low <= diagonal && diagonal <= high && at <= get(forward, diagonal)) return [at, at - diagonal];
      }
      if ((this.#left -= high - low + highBack - lowBack + 2) < 0) return null;
    }
  }
}

/**
 * Where the line before a group equals its last one (or the first one the line after it), the same edit can be told higher or lower.
 * Told as low as it goes, so that groups that meet become one; but a group that can stand opposite one of the other text does.
 */
function slide(side: Side, other: Side): void {
  const [group, opposite] = [new Group(side), new Group(other)];
  for (;;) {
    if (group.size > 0) settle(group, opposite, side.lines);
    if (!group.next()) return;
    opposite.next();
  }
}

function settle(group: Group, opposite: Group, lines: Lines): void {
  let [size, highest, facing] = [0, 0, false];
  do {
    size = group.size;
    while (group.start > 0 && lines[group.start - 1] === lines[group.end - 1]) {
      group.up();
      opposite.previous();
    }
    highest = group.end;
    facing = opposite.size > 0;
    while (group.end < lines.length && lines[group.start] === lines[group.end]) {
      group.down();
      opposite.next();
      facing ||= opposite.size > 0;
    }
    // It met another group on its way: the two are one now, and may go further.
  } while (group.size !== size);
  if (!facing || group.end === highest) return;
  while (opposite.size === 0) {
    group.up();
    opposite.previous();
  }
}

/** A group of changed lines between two unchanged ones; may be empty. Goes over a side together with the group opposite. */
class Group {
  start = 0;
  end = 0;
  readonly #changed: Uint8Array;
  readonly #length: number;

  constructor({ lines, changed }: Side) {
    this.#changed = changed;
    this.#length = lines.length;
    while (changed[this.end]) this.end++;
  }

  get size(): number {
    return this.end - this.start;
  }

  next(): boolean {
    if (this.end === this.#length) return false;
    this.start = this.end + 1;
    for (this.end = this.start; this.#changed[this.end];) this.end++;
    return true;
  }

  previous(): void {
    if (this.start === 0) return;
    this.end = this.start - 1;
    for (this.start = this.end; this.start > 0 && this.#changed[this.start - 1];) this.start--;
  }

  /** Takes the line above for the last of its own, and what is changed above that. */
  up(): void {
    this.#changed[--this.start] = 1;
    this.#changed[--this.end] = 0;
    while (this.start > 0 && this.#changed[this.start - 1]) this.start--;
  }

  down(): void {
    this.#changed[this.start++] = 0;
    this.#changed[this.end++] = 1;
    while (this.#changed[this.end]) this.end++;
  }
}

function pairs(first: Side, second: Side): Change[] {
  const changes: Change[] = [];
  let [at, otherAt] = [0, 0];
  while (at < first.lines.length || otherAt < second.lines.length) {
    const [from, otherFrom] = [at, otherAt];
    while (first.changed[at]) at++;
    while (second.changed[otherAt]) otherAt++;
    if (at > from || otherAt > otherFrom) changes.push({ from, to: at, otherFrom, otherTo: otherAt });
    // The line that both have.
    at++;
    otherAt++;
  }
  return changes;
}
