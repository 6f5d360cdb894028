/** What a command is built with. */
import type { Command } from 'commander';
import type { Language } from '../../runbook/messages/say.ts';
import type { Text } from '../../runbook/types.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Shell } from '../shell.ts';

/** Adds a command: name with arguments, and what it does. The action answers the exit code. */
export interface Builder {
  readonly language: Language;
  t(text: Text, values?: Record<string, string | number>): string;
  /** `under`: a command of a command, `nakat watch list`. */
  command(usage: string, does: Text, examples: readonly string[], under?: Command): Command;
  act<A extends unknown[], O>(
    command: Command,
    action: (shell: Shell, options: O, ...args: A) => Promise<ExitCode>,
  ): void;
}
