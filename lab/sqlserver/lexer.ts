/** Tokens of Transact-SQL, as far as the stand-in understands it. */
export interface Token {
  /** `word` also stands for `[quoted]` names (`quoted` true). */
  readonly kind: 'word' | 'string' | 'number' | 'variable' | 'mark' | 'hole' | 'unknown';
  /** Names and strings without their quotes. */
  readonly text: string;
  readonly quoted?: boolean;
}

const rules: readonly (readonly [Token['kind'] | 'space', RegExp])[] = [
  ['space', /\s+|--[^\n]*|\/\*[\s\S]*?\*\//y],
  // Only in patterns, never in a statement: `{name}`, `{'path}`, `{@value}`.
  ['hole', /\{['@#]?\w+\}/y],
  ['string', /[Nn]?'((?:[^']|'')*)'/y],
  ['word', /\[((?:[^\]]|\]\])*)\]/y],
  ['variable', /@@?[\p{L}_][\p{L}\p{N}_]*/uy],
  ['word', /[\p{L}_#][\p{L}\p{N}_$#]*/uy],
  ['number', /\d+(?:\.\d+)?/y],
  ['mark', /<>|<=|>=|[-(),.=;*<>+]/y],
];

export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  next: while (at < text.length) {
    for (const [kind, rule] of rules) {
      rule.lastIndex = at;
      const match = rule.exec(text);
      if (match === null) continue;
      at = rule.lastIndex;
      if (kind === 'string') found.push({ kind, text: (match[1] ?? '').replaceAll("''", "'") });
      else if (kind === 'word' && match[1] !== undefined)
        found.push({ kind, text: match[1].replaceAll(']]', ']'), quoted: true });
      else if (kind !== 'space') found.push({ kind, text: match[0] });
      continue next;
    }
    found.push({ kind: 'unknown', text: text[at] ?? '' });
    at++;
  }
  return found;
}
