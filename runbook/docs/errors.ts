import type { ErrorKind } from '../errors/define.ts';
import { errorCatalogue } from '../errors/index.ts';
import type { Text } from '../types.ts';
import { cell, generated } from './markdown.ts';

/** `docs/errors.md`: every code with what happened, what was left and what to do, in both languages. */
export function errorsDocument(): string {
  const kinds = Object.entries<ErrorKind>(errorCatalogue).sort(([a], [b]) => (a < b ? -1 : 1));
  return `# Errors / Ошибки

${generated}

Codes are stable. \`{name}\` stands for a value of the error. *Passing*: nakat tries again by itself before the step counts as
failed. *Effect unknown*: the step may have taken effect, and is probed before anything is done again.

Коды не меняются. \`{name}\` заменяется значением ошибки. *Passing*: nakat сам повторит попытку, прежде чем счесть шаг неудачным.
*Effect unknown*: шаг мог подействовать; прежде чем что-либо повторять, это проверяется.

| Code | | |
|---|---|---|
${kinds.map(([code, { what }]) => `| [${code}](#${code.toLowerCase()}) | ${cell(what.en)} | ${cell(what.ru)} |`).join('\n')}

${kinds.map(([code, kind]) => entry(code, kind)).join('\n')}`;
}

function entry(code: string, { what, todo, passing, effect }: ErrorKind): string {
  const marks = [passing ? 'passing' : null, effect === 'unknown' ? 'effect unknown' : null].filter(
    (mark) => mark !== null,
  );
  const both = (language: keyof Text): string => `**${what[language]}**\\\n${todo[language]}\n`;
  return `## ${code}\n${marks.length > 0 ? `\n*${marks.join(', ')}*\n` : ''}\n${both('en')}\n${both('ru')}`;
}
