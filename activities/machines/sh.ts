/** Command lines for a POSIX shell (the login shell must be one of sh, bash, dash, ksh, zsh). */
import { NakatError } from '../../runbook/errors/index.ts';

const single = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** One word, whatever it holds. Throws COMMAND_INVALID for what no program can be given: NUL and half characters. */
export function quote(word: string, where: string): string {
  checkWord(word, where);
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : single(word);
}

export const commandLine = (argv: readonly string[], where: string): string =>
  argv.map((word) => quote(word, where)).join(' ');

/**
 * Shell text that reads one line of input and makes environment variables of it; the program's own input may follow.
 * POSIX lets `read` take no byte beyond the line. Environment on a command line would be seen by every user of the machine, and
 * sshd refuses what is not in its AcceptEnv.
 */
export const readEnv = `nakat_n=$(printf '\\nx'); nakat_n=\${nakat_n%x}; IFS= read -r nakat_e; eval "$nakat_e"; unset nakat_n nakat_e`;

/** The line for `readEnv`. */
export function envLine(env: Readonly<Record<string, string>>, where: string): string {
  const settings = Object.entries(env).map(([name, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw invalid(`environment variable ${JSON.stringify(name)}`, where);
    checkWord(value, where);
    return `export ${name}=${single(value).replaceAll('\n', `'"$nakat_n"'`)};`;
  });
  return `${settings.join(' ')}\n`;
}

function checkWord(word: string, where: string): void {
  if (word.includes('\0')) throw invalid('a NUL character', where);
  if (/\p{Surrogate}/u.test(word)) throw invalid('half of a UTF-16 pair', where);
}

const invalid = (problem: string, where: string): NakatError =>
  new NakatError('COMMAND_INVALID', { values: { problem }, where });
