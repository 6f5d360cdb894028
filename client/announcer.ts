/** That the Temporal server is being had: it may take minutes. */
import { createLogUpdate } from 'log-update';
import { cliTexts } from '../runbook/messages/cli.ts';
import type { FindOptions } from '../workers/temporal-binary.ts';
import type { Shell } from './shell.ts';

/** One line that counts the seconds, on stderr; where there is no terminal, once. */
export function announcer(shell: Shell): NonNullable<FindOptions['announce']> {
  const live = shell.stderr.isTTY ? createLogUpdate(shell.stderr as NodeJS.WriteStream) : null;
  return (what, seconds) => {
    const line = shell.text(what === 'download' ? cliTexts.downloading : cliTexts.building, { seconds });
    if (live) live(line);
    else if (seconds === 0) shell.stderr.write(`${line}\n`);
  };
}
