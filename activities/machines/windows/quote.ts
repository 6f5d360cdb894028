/**
 * Writes arguments so that a program gets them byte for byte, through cmd.exe. Two readers, two rules:
 * the C run-time cuts the command line (Microsoft Learn, "Parsing C command-line arguments"), and before it cmd.exe looks for
 * percent signs, carets and operators (dbenham and jeb, Stack Overflow 4094699).
 */
import { NakatError } from '../../../runbook/errors/index.ts';

/** cmd.exe takes no longer line (Microsoft Learn, "Command prompt line string limitation"). */
const longestLine = 8191;

/** One argument for the C run-time: quoted where it must be, backslashes doubled only before a quote. */
export function quoteArgument(argument: string): string {
  if (argument !== '' && !/[\s"]/.test(argument)) return argument;
  return `"${argument.replace(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, '$&$&')}"`;
}

/**
 * Text that cmd.exe hands on unchanged. Every character that means something to it gets a caret, quotes too, so it never thinks
 * itself inside quotes. On a command line a percent sign and what follows it are parted by a caret: no variable has such a name.
 */
function escapeText(text: string, place: Place): string {
  let out = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === '%' && place === 'batch') out += '%%';
    else if ('()!^"<>&|%'.includes(char) || (place === 'line' && text[at - 1] === '%')) out += `^${char}`;
    else out += char;
  }
  return out;
}

/** `line`: handed over by SSH. `batch`: a line of a .cmd file. */
type Place = 'line' | 'batch';

/** The whole command. Throws COMMAND_INVALID for what no quoting can carry. */
export function commandLine(argv: readonly string[], place: Place, where: string): string {
  const [program = '', ...rest] = argv;
  const refuse = (problem: string): NakatError => new NakatError('COMMAND_INVALID', { values: { problem }, where });
  if (argv.some((word) => /[\0\r\n]/.test(word))) throw refuse('a line break in an argument');
  if (program === '' || /["%]/.test(program)) throw refuse(`the name of the program: ${program}`);
  // A batch file would read its arguments a second time, by other rules (CVE-2024-24576).
  if (/\.(cmd|bat)\s*$/i.test(program)) throw refuse('a batch file as a program');
  // Real quotes around the name: cmd must see its end.
  const line = [`"${program}"`, ...rest.map((word) => escapeText(quoteArgument(word), place))].join(' ');
  if (line.length > longestLine - 200) throw refuse(`longer than ${longestLine} characters`);
  return line;
}

/** A path between real quotes, for cmd's own commands. */
export function quotePath(path: string, place: Place, where: string): string {
  if (/["\0\r\n]/.test(path) || (place === 'line' && path.includes('%'))) {
    throw new NakatError('COMMAND_INVALID', { values: { problem: `the path ${path}` }, where });
  }
  return `"${place === 'batch' ? path.replaceAll('%', '%%') : path}"`;
}

/** `set` in a batch file. An empty value unsets, as Windows has no empty variables. */
export function setLine(name: string, value: string, where: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || /[\0\r\n]/.test(value)) {
    throw new NakatError('COMMAND_INVALID', { values: { problem: `the variable ${name}` }, where });
  }
  return `set ${name}=${escapeText(value, 'batch')}`;
}
