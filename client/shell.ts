/** What every command stands on: the reader, the streams, and how results and errors are shown. */
import { userInfo } from 'node:os';
import type { Readable } from 'node:stream';
import { mistakeIn } from '../runbook/messages/mistakes.ts';
import { isNakatError, NakatError } from '../runbook/errors/index.ts';
import { languageOf, tell, type Language, type Values } from '../runbook/messages/say.ts';
import type { Text } from '../runbook/types.ts';
import type { Where } from '../workers/connection.ts';
import type { PlanMistakes } from './compile.ts';
import type { Nakat } from './connect.ts';
import { exitCodeOfError, exitCodes, type ExitCode } from './exit-codes.ts';
import { paintFor, type Paint } from './paint.ts';
import { renderFailure, type Reader } from './view.ts';
import { wrapped } from './wrap.ts';

/** A stream that may be a terminal; tests give one that only collects. */
export type Out = Pick<NodeJS.WriteStream, 'write'> & Partial<NodeJS.WriteStream>;

export interface Streams {
  readonly stdin: Readable & { isTTY?: boolean };
  readonly stdout: Out;
  readonly stderr: Out;
  readonly env: NodeJS.ProcessEnv;
}

export interface GlobalOptions {
  readonly json?: boolean;
  readonly lang?: Language;
  readonly address?: string;
  readonly state?: string;
}

export interface Shell extends Streams {
  readonly language: Language;
  readonly json: boolean;
  readonly where: Where;
  /** A terminal on both ends: somebody can be asked. */
  readonly interactive: boolean;
  readonly paint: Paint;
  text(text: Text, values?: Values): string;
  /** Lines for people: on stdout, or with --json on stderr, so that stdout holds nothing but JSON. */
  say(lines: string | readonly string[]): void;
  /** The one JSON document of --json. */
  document(value: unknown): void;
  /** Where people read. */
  readonly people: Out;
  reader(): Reader;
}

export function openShell(streams: Streams, options: GlobalOptions): Shell {
  const language = options.lang ?? languageOf(streams.env);
  const json = options.json ?? false;
  const people = json ? streams.stderr : streams.stdout;
  const paint = paintFor(people, streams.env);
  return {
    ...streams,
    language,
    json,
    where: { address: options.address, stateDir: options.state },
    interactive: !json && Boolean(streams.stdin.isTTY && streams.stdout.isTTY),
    paint,
    people,
    text: (text, values) => tell(text, language, values),
    say: (lines) => void people.write(`${typeof lines === 'string' ? lines : lines.join('\n')}\n`),
    document: (value) => {
      if (json) streams.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    reader: () => ({ language, now: Date.now(), paint, width: people.columns ?? 100 }),
  };
}

/** Lines as the reader's terminal shows them; whole ones for files and pipes, so that they can be searched. */
export const rows = (shell: Shell, lines: readonly string[]): string[] =>
  shell.people.isTTY ? lines.flatMap((one) => wrapped(one, shell.reader().width)) : [...lines];

export async function withNakat<T>(shell: Shell, use: (nakat: Nakat) => Promise<T>): Promise<T> {
  const { connect } = await import('./connect.ts');
  const nakat = await connect(shell.where);
  try {
    return await use(nakat);
  } finally {
    await nakat.close();
  }
}

/** Who the person is, as decisions record it. It is believed: who may reach the server is the server's affair. */
export const personOf = (env: NodeJS.ProcessEnv, given?: string): string =>
  given ?? env.NAKAT_USER ?? userInfo().username;

export const usageError = (command: string, problem: string): NakatError =>
  new NakatError('USAGE', { values: { command: `nakat ${command}`.trim(), problem } });

/** A full disk, a read-only folder: nothing that a trace of ours would explain. 53100: PostgreSQL's word for a full disk. */
const systemRefusals = new Set([
  'EACCES',
  'EDQUOT',
  'EISDIR',
  'EMFILE',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
  '53100',
]);

function inWords(error: unknown): unknown {
  if (isNakatError(error) || !(error instanceof Error) || !('code' in error)) return error;
  return systemRefusals.has(String(error.code))
    ? new NakatError('SYSTEM_REFUSED', { vendor: error.message, cause: error })
    : error;
}

export function showError(shell: Shell, thrown: unknown): ExitCode {
  const error = inWords(thrown);
  const paint = paintFor(shell.stderr, shell.env);
  if (isNakatError(error)) {
    shell.stderr.write(`${renderFailure(error.failure, { language: shell.language, paint }).join('\n')}\n`);
    const mistaken = 'mistakes' in error ? (error as PlanMistakes) : null;
    if (mistaken)
      shell.stderr.write(
        `${mistaken.mistakes.map((one) => `${mistaken.file}:${one.line}:${one.column}  ${one.path}  ${mistakeIn(one.message, shell.language)}`).join('\n')}\n`,
      );
    shell.document({ error: error.failure, ...(mistaken ? { mistakes: mistaken.mistakes } : {}) });
    return exitCodeOfError(error.code);
  }
  // Not one of ours: a mistake in nakat. The trace is what its makers need.
  shell.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  shell.document({ error: { code: 'UNEXPECTED', message: error instanceof Error ? error.message : String(error) } });
  return exitCodes.unexpected;
}

/** Aborted by Ctrl-C; a second one ends the process at once, as always. */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
