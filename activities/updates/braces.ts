/** 1C’s notation: `{1,"text with ""quotes""",{…}}`. Nothing is guessed: what is not closed is unreadable. */
import { unreadable } from './text.ts';

export type Braces = string | readonly Braces[];

const deepest = 200;

/** Values between commas are given as text. Throws SERVICE_UNREADABLE. */
export function parseBraces(text: string, service: string): Braces {
  const stack: Braces[][] = [];
  let root: Braces[] | null = null;
  const token = /\s*(?:([{}])|"((?:[^"]|"")*)"|([^{}",\s][^{}",]*)|(,))/y;
  for (let at = skipMark(text); ;) {
    token.lastIndex = at;
    const found = token.exec(text);
    if (found === null) {
      if (text.slice(at).trim() !== '') throw unreadable(service, `the list breaks off at character ${at}`);
      break;
    }
    at = token.lastIndex;
    const [, brace, quoted, bare] = found;
    const top = stack.at(-1);
    if (brace === '{') {
      if (root !== null && top === undefined) throw unreadable(service, `more than one value, at character ${at}`);
      const list: Braces[] = [];
      top?.push(list);
      stack.push(list);
      root ??= list;
      if (stack.length > deepest) throw unreadable(service, 'nested too deeply');
    } else if (brace === '}') {
      if (stack.pop() === undefined) throw unreadable(service, `a brace too many at character ${at}`);
    } else if (quoted !== undefined || bare !== undefined) {
      if (top === undefined) throw unreadable(service, 'it does not begin with a brace');
      top.push(quoted === undefined ? (bare ?? '').trim() : quoted.replaceAll('""', '"'));
    }
  }
  if (root === null || stack.length > 0) throw unreadable(service, 'the list is not whole');
  return root;
}

const skipMark = (text: string): number => (text.startsWith('\uFEFF') ? 1 : 0);
