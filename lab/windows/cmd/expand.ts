/**
 * The first thing cmd.exe does with a line: percent signs. It knows nothing of quotes or carets yet.
 * Source: the study of cmd's phases by dbenham and jeb (Stack Overflow 4094699), phases 1 and 1.1; Microsoft Learn, "set", "call".
 */
export interface Expansion {
  /** Upper-case names. */
  readonly env: ReadonlyMap<string, string>;
  /** `%0`, `%1` …, and the rest as one text for `%*`; null on a command line, where `%x%` without a variable stays as it is. */
  readonly batch: { readonly args: readonly string[]; readonly rest: string } | null;
  /** For `%ERRORLEVEL%`, `%CD%` and such, when no variable of that name is set. */
  readonly dynamic: (name: string) => string | undefined;
}

export function expandPercent(line: string, by: Expansion): string {
  let out = '';
  for (let at = 0; at < line.length; at++) {
    if (line[at] !== '%') {
      out += line[at];
      continue;
    }
    if (by.batch) {
      if (line[at + 1] === '%') {
        out += '%';
        at++;
        continue;
      }
      const argument = /^%(\*|~([fdpnx]*)(\d)|\d)/.exec(line.slice(at));
      if (argument) {
        out +=
          argument[1] === '*'
            ? by.batch.rest
            : modified(by.batch.args[Number(argument[3] ?? argument[1])] ?? '', argument[2]);
        at += argument[0].length - 1;
        continue;
      }
    }
    const found = variable(line.slice(at), by);
    if (found) {
      out += found.value;
      at += found.length - 1;
    } else if (!by.batch) out += '%';
    else {
      // In a batch file an undefined `%name%` becomes nothing, and a single percent sign vanishes.
      const undefinedName = /^%[^%:]+%/.exec(line.slice(at));
      if (undefinedName) at += undefinedName[0].length - 1;
    }
  }
  return out;
}

function variable(text: string, by: Expansion): { value: string; length: number } | undefined {
  const name = /^%([^%:]+)(%|:)/.exec(text);
  if (!name) return undefined;
  const value = by.env.get(name[1]!.toUpperCase()) ?? by.dynamic(name[1]!.toUpperCase());
  if (value === undefined) return undefined;
  if (name[2] === '%') return { value, length: name[0].length };
  const rest = text.slice(name[0].length);
  const part = /^~(-?\d+)(?:,(-?\d+))?%/.exec(rest);
  if (part) {
    const from = Number(part[1]);
    const count = part[2] === undefined ? value.length : Number(part[2]);
    const tail = value.slice(from);
    return { value: tail.slice(0, count), length: name[0].length + part[0].length };
  }
  const replace = /^([^=%]+)=([^%]*)%/.exec(rest);
  if (!replace) return undefined;
  return { value: replaceIgnoringCase(value, replace[1]!, replace[2]!), length: name[0].length + replace[0].length };
}

function replaceIgnoringCase(text: string, old: string, by: string): string {
  let out = '';
  for (let at = 0; at < text.length;) {
    if (text.slice(at, at + old.length).toLowerCase() === old.toLowerCase()) {
      out += by;
      at += old.length;
    } else out += text[at++];
  }
  return out;
}

/** `%~dp0`: quotes removed, then drive, path, name, extension as asked for. */
function modified(argument: string, parts: string | undefined): string {
  if (parts === undefined) return argument;
  const plain = argument.replace(/^"(.*)"$/, '$1');
  if (parts === '' || parts.includes('f')) return plain;
  const cut = plain.lastIndexOf('\\') + 1;
  const file = plain.slice(cut);
  const dot = file.lastIndexOf('.') < 0 ? file.length : file.lastIndexOf('.');
  return (
    (parts.includes('d') ? plain.slice(0, 2) : '') +
    (parts.includes('p') ? plain.slice(2, cut) : '') +
    (parts.includes('n') ? file.slice(0, dot) : '') +
    (parts.includes('x') ? file.slice(dot) : '')
  );
}
