/** Triples of texts as people make them: a base, and two sides that were edited here and there. Seeded. */
export interface Triple {
  readonly base: string[];
  readonly ours: string[];
  readonly theirs: string[];
}

export function triples(seed: number, count: number): Triple[] {
  let state = seed >>> 0;
  const random = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const int = (below: number): number => Math.floor(random() * below);
  return Array.from({ length: count }, () => {
    // From nearly all lines alike to nearly all different: the places of equal lines are what merges stumble over.
    const words = [2, 5, 15, 60, 1000][int(5)] ?? 5;
    const line = (): string => (random() < 0.25 ? (['', '}', '  end', '{'][int(4)] ?? '') : `word ${int(words)}`);
    const lines = (most: number): string[] => Array.from({ length: 1 + int(most) }, line);
    const edited = (base: readonly string[]): string[] => {
      const result = [...base];
      for (let times = 1 + int(3); times > 0; times--) {
        const at = int(result.length + 1);
        switch (int(5)) {
          case 0:
            result.splice(at, 0, ...lines(3));
            break;
          case 1:
            result.splice(at, 1 + int(3));
            break;
          case 2:
            result.splice(at, 1 + int(2), ...lines(2));
            break;
          case 3:
            result.splice(int(result.length + 1), 0, ...result.splice(at, 1 + int(3)));
            break;
          default:
            result.splice(at, 0, ...result.slice(at, at + 1 + int(3)));
        }
      }
      return result;
    };
    const base = lines(45);
    return { base, ours: edited(base), theirs: edited(base) };
  });
}
