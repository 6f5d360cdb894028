/**
 * How a Windows program gets its arguments: one command line, cut by the C run-time.
 * Source: Microsoft Learn, "Parsing C command-line arguments" (backslashes before quotes, doubled quotes).
 */
export function splitCommandLine(line: string): string[] {
  const argv: string[] = [];
  let at = 0;
  // The program's name obeys a simpler rule: quotes only group, backslashes mean nothing.
  let name = '';
  for (let quoted = false; at < line.length && (quoted || !isBlank(line[at]!)); at++) {
    if (line[at] === '"') quoted = !quoted;
    else name += line[at];
  }
  argv.push(name);
  while (at < line.length) {
    while (at < line.length && isBlank(line[at]!)) at++;
    if (at >= line.length) break;
    let argument = '';
    let quoted = false;
    for (; at < line.length && (quoted || !isBlank(line[at]!)); at++) {
      let backslashes = 0;
      while (line[at] === '\\') {
        backslashes++;
        at++;
      }
      if (line[at] !== '"') {
        argument += '\\'.repeat(backslashes);
        if (at >= line.length || (!quoted && isBlank(line[at]!))) {
          at--;
          continue;
        }
        argument += line[at];
        continue;
      }
      argument += '\\'.repeat(backslashes >> 1);
      if (backslashes % 2 === 1) argument += '"';
      else if (quoted && line[at + 1] === '"') {
        argument += '"';
        at++;
      } else quoted = !quoted;
    }
    argv.push(argument);
  }
  return argv;
}

const isBlank = (char: string): boolean => char === ' ' || char === '\t';
