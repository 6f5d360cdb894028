/**
 * The second thing cmd.exe does with a line: quotes, carets, operators, redirections, blocks and `if`.
 * Source: dbenham and jeb (Stack Overflow 4094699), phase 2; Microsoft Learn, "cmd", "if", "Using command redirection operators".
 */
export interface Redirection {
  readonly handle: number;
  readonly kind: '<' | '>' | '>>' | '>&';
  readonly target: string;
}

export type Condition =
  | { readonly kind: 'exist'; readonly path: string }
  | { readonly kind: 'errorlevel'; readonly atLeast: number }
  | { readonly kind: 'defined'; readonly name: string }
  | {
      readonly kind: 'compare';
      readonly left: string;
      readonly operator: string;
      readonly right: string;
      readonly ignoreCase: boolean;
    };

export type Command =
  | { readonly kind: 'simple'; readonly text: string; readonly redirections: readonly Redirection[] }
  | { readonly kind: 'block'; readonly body: Command; readonly redirections: readonly Redirection[] }
  | {
      readonly kind: 'if';
      readonly not: boolean;
      readonly condition: Condition;
      readonly then: Command;
      readonly else?: Command;
    }
  | { readonly kind: '&' | '&&' | '||' | '|'; readonly left: Command; readonly right: Command };

export class SyntaxProblem extends Error {
  /** True: more lines may mend it (an open parenthesis). */
  readonly incomplete: boolean;

  constructor(message: string, incomplete = false) {
    super(message);
    this.incomplete = incomplete;
  }
}

export function parseCommand(text: string): Command | null {
  const parser = new Parser(text);
  const command = parser.chain(0);
  if (!parser.atEnd) throw new SyntaxProblem(`${parser.next} was unexpected at this time.`);
  return command;
}

const levels = ['&', '||', '&&', '|'] as const;
const delimiters = ' \t,;=';

class Parser {
  private at = 0;
  private depth = 0;
  /** The body of an `if` without parentheses ends with its line. */
  private lineBound = false;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    this.skip(delimiters + '\n');
    return this.at >= this.text.length;
  }

  get next(): string {
    return this.text[this.at] ?? '';
  }

  /** Operators from the loosest to the tightest; all join from left to right. */
  chain(level: number): Command | null {
    const operator = levels[level];
    if (!operator) return this.one();
    let left = this.chain(level + 1);
    while (this.takes(operator)) {
      const right = this.chain(level + 1);
      if (!right) {
        if (operator === '&' && left) return left;
        throw new SyntaxProblem('The syntax of the command is incorrect.');
      }
      left = left ? { kind: operator, left, right } : right;
    }
    return left;
  }

  private takes(operator: (typeof levels)[number]): boolean {
    this.skip(' \t');
    if (operator === '&' && this.depth > 0 && !this.lineBound && this.next === '\n') {
      this.skip('\n \t');
      return !this.text.startsWith(')', this.at);
    }
    if (!this.text.startsWith(operator, this.at)) return false;
    if (operator.length === 1 && this.text[this.at + 1] === operator) return false;
    this.at += operator.length;
    return true;
  }

  private one(): Command | null {
    this.skip(this.depth > 0 ? delimiters + '@\n' : delimiters + '@');
    if (this.at >= this.text.length) return null;
    if (this.next === ')' && this.depth > 0) return null;
    if (this.next === '(') return this.block();
    if (/^if(?=[\s,;=/])/i.test(this.text.slice(this.at))) return this.branch();
    if (/^rem(?=[\s]|$)/i.test(this.text.slice(this.at)) || this.next === ':') {
      while (this.at < this.text.length && this.next !== '\n') this.at++;
      return null;
    }
    return this.simple();
  }

  private block(): Command {
    this.at++;
    this.depth++;
    const outer = this.lineBound;
    this.lineBound = false;
    const body = this.chain(0);
    this.lineBound = outer;
    this.skip(' \t\n');
    if (!this.text.startsWith(')', this.at))
      throw new SyntaxProblem(`${this.next} was unexpected at this time.`, this.at >= this.text.length);
    this.at++;
    this.depth--;
    const redirections: Redirection[] = [];
    for (;;) {
      this.skip(' \t');
      const found = this.redirection();
      if (!found) break;
      redirections.push(found);
    }
    if (!body) throw new SyntaxProblem(') was unexpected at this time.');
    return { kind: 'block', body, redirections };
  }

  private branch(): Command {
    this.at += 2;
    let ignoreCase = false;
    let not = false;
    let word = this.word();
    if (/^\/i$/i.test(word)) {
      ignoreCase = true;
      word = this.word();
    }
    if (/^not$/i.test(word)) {
      not = true;
      word = this.word();
    }
    const condition = this.condition(word, ignoreCase);
    const outer = this.lineBound;
    this.lineBound = true;
    const then = this.chain(0);
    this.lineBound = outer;
    if (!then) throw new SyntaxProblem('The syntax of the command is incorrect.', this.at >= this.text.length);
    const mark = this.at;
    this.skip(' \t');
    if (then.kind === 'block' && /^else(?=[\s(])/i.test(this.text.slice(this.at))) {
      this.at += 4;
      const otherwise = this.chain(0);
      if (!otherwise) throw new SyntaxProblem('The syntax of the command is incorrect.', true);
      return { kind: 'if', not, condition, then, else: otherwise };
    }
    this.at = mark;
    return { kind: 'if', not, condition, then };
  }

  private condition(word: string, ignoreCase: boolean): Condition {
    if (/^exist$/i.test(word)) return { kind: 'exist', path: unquote(this.word()) };
    if (/^defined$/i.test(word)) return { kind: 'defined', name: this.word() };
    if (/^errorlevel$/i.test(word)) return { kind: 'errorlevel', atLeast: Number(this.word()) };
    const equal = word.indexOf('==');
    if (equal >= 0)
      return {
        kind: 'compare',
        left: word.slice(0, equal),
        operator: '==',
        right: word.slice(equal + 2) || this.word(),
        ignoreCase,
      };
    this.skip(' \t');
    if (this.text.startsWith('==', this.at)) {
      this.at += 2;
      return { kind: 'compare', left: word, operator: '==', right: this.word(), ignoreCase };
    }
    const operator = this.word().toUpperCase();
    if (!['EQU', 'NEQ', 'LSS', 'LEQ', 'GTR', 'GEQ'].includes(operator))
      throw new SyntaxProblem(`${operator} was unexpected at this time.`);
    return { kind: 'compare', left: word, operator, right: this.word(), ignoreCase };
  }

  private simple(): Command {
    let text = '';
    let quoted = false;
    const redirections: Redirection[] = [];
    while (this.at < this.text.length) {
      const char = this.next;
      if (quoted) {
        if (char === '\n') break;
        if (char === '"') quoted = false;
      } else {
        if (char === '^') {
          this.at++;
          if (this.at < this.text.length) text += this.text[this.at++];
          continue;
        }
        if (char === '&' || char === '|' || char === '\n') break;
        if (char === ')' && this.depth > 0) break;
        if (char === '"') quoted = true;
        const found = this.redirection(text);
        if (found) {
          redirections.push(found);
          if (/(^|[\s])\d$/.test(text) && this.digitTaken) text = text.slice(0, -1);
          continue;
        }
      }
      text += char;
      this.at++;
    }
    return { kind: 'simple', text, redirections };
  }

  private digitTaken = false;

  /** A digit belongs to the redirection when it stands alone before it. */
  private redirection(before = ''): Redirection | undefined {
    const found = /^(>>|>|<)/.exec(this.text.slice(this.at));
    if (!found && before === '') {
      const withDigit = /^(\d)(>>|>|<)/.exec(this.text.slice(this.at));
      if (!withDigit) return undefined;
      this.at += 1;
      return this.redirectionTo(Number(withDigit[1]), withDigit[2]!);
    }
    if (!found) return undefined;
    const digit = /(?:^|\s)(\d)$/.exec(before);
    this.digitTaken = digit !== null;
    return this.redirectionTo(digit ? Number(digit[1]) : found[1] === '<' ? 0 : 1, found[1]!);
  }

  private redirectionTo(handle: number, sign: string): Redirection {
    this.at += sign.length;
    const same = /^&(\d)/.exec(this.text.slice(this.at));
    if (sign === '>' && same) {
      this.at += 2;
      return { handle, kind: '>&', target: same[1]! };
    }
    const target = unquote(this.word());
    if (target === '') throw new SyntaxProblem('The syntax of the command is incorrect.');
    return { handle, kind: sign as '<' | '>' | '>>', target };
  }

  /** Up to a delimiter outside quotes. */
  private word(): string {
    this.skip(' \t,;');
    let word = '';
    let quoted = false;
    while (this.at < this.text.length) {
      const char = this.next;
      if (char === '\n') break;
      if (char === '"') quoted = !quoted;
      else if (!quoted) {
        if (char === '^') {
          this.at++;
          word += this.text[this.at++] ?? '';
          continue;
        }
        if (' \t,;&|<>('.includes(char) || (char === ')' && this.depth > 0)) break;
        if (char === '=' && !(this.text[this.at + 1] === '=' || word.endsWith('='))) break;
      }
      word += char;
      this.at++;
    }
    return word;
  }

  private skip(chars: string): void {
    while (this.at < this.text.length && chars.includes(this.next)) this.at++;
  }
}

export const unquote = (text: string): string => text.replaceAll('"', '');
