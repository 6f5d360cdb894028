/** Time to width, piece by piece: work is drawn to scale, long stretches in which nothing runs are cut to a fixed width. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Scale {
  x(at: number): number;
  /** Stretches that were cut, with where they are drawn. */
  readonly cuts: readonly (Span & { readonly x: number; readonly width: number })[];
}

const cutWidth = 46;

/** `busy`: any order, may overlap. Stretches longer than a twelfth of all work (and than 20 s) are cut. */
export function scaleOf(whole: Span, busy: readonly Span[], width: number): Scale {
  const merged = merge(busy.filter(({ from, to }) => to > from));
  const work = merged.reduce((sum, { from, to }) => sum + to - from, 0) || whole.to - whole.from;
  const edges = [whole.from, ...merged.flatMap(({ from, to }) => [from, to]), whole.to];
  const pieces: (Span & { cut: boolean })[] = [];
  for (let i = 0; i + 1 < edges.length; i++) {
    const [from, to] = [edges[i] ?? 0, edges[i + 1] ?? 0];
    // Between the edges idle and busy take turns, and idle is first.
    if (to > from)
      pieces.push({ from, to, cut: i % 2 === 0 && merged.length > 0 && to - from > Math.max(work / 12, 20_000) });
  }
  const cutCount = pieces.filter(({ cut }) => cut).length;
  const drawn = pieces.reduce((sum, { from, to, cut }) => sum + (cut ? 0 : to - from), 0) || 1;
  const perMillisecond = (width - cutCount * cutWidth) / drawn;
  const placed: (Span & { cut: boolean; x: number; width: number })[] = [];
  let x = 0;
  for (const piece of pieces) {
    const wide = piece.cut ? cutWidth : (piece.to - piece.from) * perMillisecond;
    placed.push({ ...piece, x, width: wide });
    x += wide;
  }
  return {
    x(at) {
      const piece = placed.find(({ to }) => at <= to) ?? placed.at(-1);
      if (piece === undefined) return 0;
      const part = (Math.max(at, piece.from) - piece.from) / (piece.to - piece.from);
      return piece.x + Math.min(part, 1) * piece.width;
    },
    cuts: placed.filter(({ cut }) => cut),
  };
}

function merge(spans: readonly Span[]): Span[] {
  const merged: { from: number; to: number }[] = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}
