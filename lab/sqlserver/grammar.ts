/**
 * Statement forms. A form is a pattern over tokens, written as the statement itself with holes: `{db}` a name, `{'path}` a
 * string, `{@value}` a parameter or string, `{#n}` a number; `optional` and `list` where the form varies. A statement that
 * fits no form is refused, as a real server refuses what it cannot parse: nothing is guessed.
 */
import { type Token, tokens } from './lexer.ts';

export interface Found {
  /** Text in a hole. Throws for a hole that was not filled: a mistake of the form's author. */
  text(name: string): string;
  has(name: string): boolean;
  /** Null for a parameter that is null. */
  value(name: string): string | null;
  many(name: string): readonly Found[];
  /** Which of the alternatives of a list item it was. */
  readonly alternative: number;
}

export type Pattern =
  | string
  | { readonly optional: readonly Pattern[]; readonly name: string }
  | { readonly list: string; readonly separator: string; readonly of: readonly string[] };
export const optional = (name: string, ...patterns: Pattern[]): Pattern => ({ optional: patterns, name });
/** One or more items, each fitting one of the alternatives; the first that fits is taken. */
export const list = (name: string, separator: string, ...of: string[]): Pattern => ({ list: name, separator, of });

export interface Reader {
  readonly tokens: readonly Token[];
  readonly params: ReadonlyMap<string, string | null>;
  /** The farthest token reached by any pattern: there the syntax is wrong. */
  farthest: number;
}

interface Captures {
  readonly texts: Map<string, string | null>;
  readonly lists: Map<string, Found[]>;
}

const holes = new Map<string, readonly Token[]>();
const patternTokens = (pattern: string): readonly Token[] => {
  let compiled = holes.get(pattern);
  if (compiled === undefined) holes.set(pattern, (compiled = tokens(pattern)));
  return compiled;
};

const found = ({ texts, lists }: Captures, alternative = 0): Found => ({
  alternative,
  has: (name) => texts.has(name) || lists.has(name),
  value: (name) => texts.get(name) ?? null,
  many: (name) => lists.get(name) ?? [],
  text(name) {
    const text = texts.get(name);
    if (text === undefined || text === null) throw new Error(`the form has no ${name}`);
    return text;
  },
});

/** Returns the position behind the match, or -1. */
function matchText(reader: Reader, start: number, pattern: string, captures: Captures): number {
  let at = start;
  for (const expected of patternTokens(pattern)) {
    reader.farthest = Math.max(reader.farthest, at);
    const token = reader.tokens[at];
    if (token === undefined) return -1;
    if (expected.kind === 'hole') {
      if (!fill(reader, token, expected.text.slice(1, -1), captures)) return -1;
    } else if (expected.kind !== token.kind) return -1;
    else if (
      expected.kind === 'string'
        ? expected.text !== token.text
        : expected.text.toLowerCase() !== token.text.toLowerCase()
    )
      return -1;
    at++;
  }
  return at;
}

function fill(reader: Reader, token: Token, hole: string, { texts }: Captures): boolean {
  const sigil = hole[0];
  const name = hole.replace(/^['@#]/, '');
  if (sigil === '@' && token.kind === 'variable') {
    const key = token.text.toLowerCase();
    if (!reader.params.has(key)) return false;
    texts.set(name, reader.params.get(key) ?? null);
    return true;
  }
  const kind: Token['kind'] = sigil === "'" || sigil === '@' ? 'string' : sigil === '#' ? 'number' : 'word';
  if (token.kind !== kind) return false;
  texts.set(name, token.text);
  return true;
}

function match(reader: Reader, start: number, patterns: readonly Pattern[], captures: Captures): number {
  let at = start;
  for (const pattern of patterns) {
    if (typeof pattern === 'string') at = matchText(reader, at, pattern, captures);
    else if ('optional' in pattern) {
      const tried = match(reader, at, pattern.optional, captures);
      if (tried >= 0) captures.texts.set(pattern.name, '');
      at = tried >= 0 ? tried : at;
    } else at = matchList(reader, at, pattern, captures);
    if (at < 0) return -1;
  }
  return at;
}

function matchList(
  reader: Reader,
  start: number,
  pattern: { list: string; separator: string; of: readonly string[] },
  captures: Captures,
): number {
  const items: Found[] = [];
  let at = start;
  let end = -1;
  while (true) {
    let next = -1;
    for (const [alternative, item] of pattern.of.entries()) {
      const own: Captures = { texts: new Map(), lists: new Map() };
      next = matchText(reader, at, item, own);
      if (next < 0) continue;
      items.push(found(own, alternative));
      break;
    }
    // What follows the list may begin like its separator.
    if (next < 0) return end;
    end = next;
    captures.lists.set(pattern.list, items);
    const separated = matchText(reader, next, pattern.separator, captures);
    if (separated < 0) return end;
    at = separated;
  }
}

export interface Form<H> {
  readonly patterns: readonly Pattern[];
  readonly run: H;
}

/** Splits a batch into statements. Null: it does not parse, and `reader.farthest` tells where. */
export function parse<H>(reader: Reader, forms: readonly Form<H>[]): { found: Found; run: H }[] | null {
  const statements: { found: Found; run: H }[] = [];
  let at = 0;
  while (at < reader.tokens.length) {
    if (reader.tokens[at]?.text === ';') {
      at++;
      continue;
    }
    let best = -1;
    let chosen: { found: Found; run: H } | null = null;
    for (const form of forms) {
      const captures: Captures = { texts: new Map(), lists: new Map() };
      const end = match(reader, at, form.patterns, captures);
      if (end > best) [best, chosen] = [end, { found: found(captures), run: form.run }];
    }
    reader.farthest = Math.max(reader.farthest, best);
    const after = reader.tokens[best];
    // Statements may follow each other without `;`, but only where the next one can begin.
    if (
      chosen === null ||
      (after !== undefined &&
        after.text !== ';' &&
        !/^(set|alter|restore|select|exec|insert|update|commit)$/i.test(after.text))
    )
      return null;
    statements.push(chosen);
    at = best;
  }
  return statements;
}
