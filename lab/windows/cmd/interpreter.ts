/**
 * cmd.exe as far as unattended work needs it: sequences, redirections, `if`, batch files with arguments, `call`, `goto`, and
 * the built-in commands of `builtins.ts`. What it does not know it refuses aloud.
 * Source: Microsoft Learn, "Windows commands"; dbenham and jeb (Stack Overflow 4094699).
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Disk } from '../disk.ts';
import { decode, encode } from '../encode.ts';
import type { Process, Processes } from '../processes.ts';
import { builtins } from './builtins.ts';
import { expandPercent } from './expand.ts';
import { parseCommand, SyntaxProblem, type Command, type Condition, type Redirection } from './parse.ts';

export type Sink = (bytes: Buffer) => void;

export interface Streams {
  readonly stdin: Buffer;
  readonly out: Sink;
  readonly err: Sink;
}

/** A program as the interpreter starts it: the whole command line, cut into arguments by the program itself. */
export type Launch = (
  commandLine: string,
  image: string,
  shell: Shell,
  streams: Streams,
  process: Process,
) => Promise<number>;

export interface ShellWorld {
  readonly disk: Disk;
  readonly processes: Processes;
  /** The full path of a program or batch file, as PATH and PATHEXT find it. */
  find(word: string, shell: Shell): string | undefined;
  readonly launch: Launch;
  /** Why a link is not made; undefined: it is. */
  refuseLink(link: string, target: string): string | undefined;
}

/** Raised to leave a batch file, or all of them. */
class Exit extends Error {
  readonly code: number;
  readonly batchOnly: boolean;

  constructor(code: number, batchOnly: boolean) {
    super('exit');
    this.code = code;
    this.batchOnly = batchOnly;
  }
}

class Goto extends Error {
  readonly label: string;

  constructor(label: string) {
    super('goto');
    this.label = label;
  }
}

interface Batch {
  readonly args: readonly string[];
  readonly rest: string;
  lines: string[];
}

/** One running cmd.exe. */
export class Shell {
  readonly world: ShellWorld;
  readonly process: Process;
  readonly env: Map<string, string>;
  cwd: string;
  codePage: number;
  errorLevel = 0;
  private batch: Batch | null = null;

  constructor(
    world: ShellWorld,
    process: Process,
    from: { env: ReadonlyMap<string, string>; cwd: string; codePage: number },
  ) {
    this.world = world;
    this.process = process;
    this.env = new Map(from.env);
    this.cwd = from.cwd;
    this.codePage = from.codePage;
  }

  real(path: string): string {
    return this.world.disk.real(path, this.cwd);
  }

  /** `cmd /c <text>`: the outer pair of quotes is taken away unless the text is the quoted name of a program and nothing else (Microsoft Learn, "cmd"). */
  async commandLine(text: string, streams: Streams): Promise<number> {
    let line = text.trimStart();
    if (line.startsWith('"')) {
      const inner = /^"([^"]*)"\s*$/.exec(line)?.[1];
      const isProgram =
        inner !== undefined && /\s/.test(inner) && !/[&<>()@^|]/.test(inner) && this.world.find(inner, this);
      if (!isProgram) {
        const last = line.lastIndexOf('"');
        line = line.slice(1, last === 0 ? undefined : last) + (last === 0 ? '' : line.slice(last + 1));
      }
    }
    try {
      await this.line(line.replaceAll('\r', ''), streams);
    } catch (error) {
      if (error instanceof Exit) this.errorLevel = error.code;
      else if (error instanceof SyntaxProblem) this.fail(error.message, streams);
      else throw error;
    }
    return this.errorLevel;
  }

  say(text: string, sink: Sink): void {
    sink(encode(text, this.codePage));
  }

  fail(message: string, streams: Streams, code = 1): number {
    this.say(`${message}\r\n`, streams.err);
    return (this.errorLevel = code);
  }

  exit(code: number, batchOnly: boolean): never {
    throw new Exit(code, batchOnly && this.batch !== null);
  }

  goto(label: string): never {
    throw new Goto(label.toLowerCase());
  }

  /** One line as it stands in a batch file or on the command line. */
  async line(text: string, streams: Streams): Promise<void> {
    const command = parseCommand(this.expand(text));
    if (command) await this.run(command, streams);
  }

  expand(text: string): string {
    return expandPercent(text, {
      env: this.env,
      batch: this.batch,
      dynamic: (name) => (name === 'ERRORLEVEL' ? String(this.errorLevel) : name === 'CD' ? this.cwd : undefined),
    });
  }

  private async run(command: Command, streams: Streams): Promise<void> {
    if (this.process.signal.aborted) throw new Exit(1, false);
    switch (command.kind) {
      case '&':
        await this.run(command.left, streams);
        return await this.run(command.right, streams);
      case '&&':
        await this.run(command.left, streams);
        if (this.errorLevel === 0) await this.run(command.right, streams);
        return;
      case '||':
        await this.run(command.left, streams);
        if (this.errorLevel !== 0) await this.run(command.right, streams);
        return;
      case '|': {
        const chunks: Buffer[] = [];
        await this.run(command.left, { ...streams, out: (bytes) => void chunks.push(bytes) });
        return await this.run(command.right, { ...streams, stdin: Buffer.concat(chunks) });
      }
      case 'block':
        return await this.redirected(command.redirections, streams, (inner) => this.run(command.body, inner));
      case 'if':
        if (this.holds(command.condition) !== command.not) return await this.run(command.then, streams);
        if (command.else) await this.run(command.else, streams);
        return;
      case 'simple':
        return await this.redirected(command.redirections, streams, async (inner) => {
          this.errorLevel = await this.simple(command.text, inner);
        });
    }
  }

  private async simple(line: string, streams: Streams): Promise<number> {
    const text = line.trimStart();
    const builtin = /^([A-Za-z]+)(?=$|[\s.:\\/,;=+[\]])/.exec(text)?.[1]?.toLowerCase();
    const action = builtin === undefined ? undefined : builtins[builtin];
    // `call` is handled here: it is the only built-in that starts others.
    if (builtin === 'call') return await this.call(text.slice(4).trim(), streams);
    if (action) return await action(text.slice(builtin!.length), this, streams);
    if (/^[A-Za-z]:\s*$/.test(text)) {
      this.cwd = `${text[0]!.toUpperCase()}:\\`;
      return 0;
    }
    return await this.start(text.trimEnd(), streams, false);
  }

  private async call(text: string, streams: Streams): Promise<number> {
    const label = /^:(\S+)/.exec(text)?.[1];
    if (label !== undefined) return this.fail(`The system cannot find the batch label specified - ${label}`, streams);
    const known = /^([A-Za-z]+)/.exec(text)?.[1]?.toLowerCase();
    if (known !== undefined && builtins[known]) return await this.simple(this.expand(text), streams);
    return await this.start(this.expand(text), streams, true);
  }

  private async start(text: string, streams: Streams, called: boolean): Promise<number> {
    if (text === '') return this.errorLevel;
    const word = /^"([^"]*)"?/.exec(text) ?? /^((?:[^\s,;=/"]|"[^"]*"?)+)/.exec(text);
    const name = (word?.[1] ?? text).replaceAll('"', '');
    const path = this.world.find(name, this);
    if (path === undefined) {
      this.say(
        `'${word?.[0] ?? text}' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n`,
        streams.err,
      );
      return this.batch ? 9009 : 1;
    }
    if (/\.(cmd|bat)$/i.test(path)) {
      const rest = text.slice(word![0].length).trimStart();
      const code = await this.runBatch(path, rest, streams);
      // Without `call` the batch file that started this one is left.
      if (this.batch && !called) throw new Exit(code, false);
      return code;
    }
    const process = this.world.processes.start(path.slice(path.lastIndexOf('\\') + 1), this.process);
    try {
      return await this.world.launch(text, path, this, streams, process);
    } finally {
      process.end();
    }
  }

  /** Reads the file anew for each call; the whole of it stays open while it runs. */
  async runBatch(path: string, rest: string, streams: Streams): Promise<number> {
    const real = this.real(path);
    const outer = this.batch;
    const bytes = readFileSync(real);
    const args = [path, ...(rest.match(/(?:"[^"]*"?|[^\s,;="])+/g) ?? [])];
    this.batch = { args, rest, lines: splitLines(bytes) };
    const release = this.world.disk.hold(real);
    try {
      for (let at = 0; at < this.batch.lines.length; at++) {
        let text = this.batchLine(at);
        for (;;) {
          try {
            await this.line(text, streams);
            break;
          } catch (error) {
            if (error instanceof Goto) {
              const target = error.label === ':eof' ? this.batch.lines.length : this.labelAt(error.label);
              if (target < 0) {
                this.fail(`The system cannot find the batch label specified - ${error.label}`, streams);
                return 1;
              }
              at = target;
              break;
            }
            if (!(error instanceof SyntaxProblem)) throw error;
            if (!error.incomplete || at + 1 >= this.batch.lines.length) return this.fail(error.message, streams, 255);
            text += `\n${this.batchLine(++at)}`;
          }
        }
      }
      return this.errorLevel;
    } catch (error) {
      if (error instanceof Exit && error.batchOnly) return (this.errorLevel = error.code);
      throw error;
    } finally {
      release();
      this.batch = outer;
    }
  }

  /** Decoded when its turn comes: an earlier `chcp` decides how. */
  private batchLine(at: number): string {
    return decode(Buffer.from(this.batch!.lines[at]!, 'latin1'), this.codePage).replace(/\r$/, '');
  }

  private labelAt(label: string): number {
    const wanted = label.replace(/^:/, '');
    return this.batch!.lines.findIndex((line) => /^\s*:(\S+)/.exec(line)?.[1]?.toLowerCase() === wanted);
  }

  private holds(condition: Condition): boolean {
    switch (condition.kind) {
      case 'exist':
        return exists(this.real(condition.path.replace(/\\$/, '')));
      case 'defined':
        return this.env.has(condition.name.toUpperCase());
      case 'errorlevel':
        return this.errorLevel >= condition.atLeast;
      case 'compare':
        return compare(condition);
    }
  }

  private async redirected(
    redirections: readonly Redirection[],
    streams: Streams,
    act: (inner: Streams) => Promise<void>,
  ): Promise<void> {
    let inner = streams;
    const open: (() => void)[] = [];
    try {
      for (const { handle, kind, target } of redirections) {
        const nul = /^nul$/i.test(target);
        if (kind === '<') {
          if (!nul && !exists(this.real(target)))
            return void this.fail('The system cannot find the file specified.', streams);
          inner = { ...inner, stdin: nul ? Buffer.alloc(0) : readFileSync(this.real(target)) };
          continue;
        }
        let sink: Sink;
        if (kind === '>&') sink = target === '1' ? inner.out : inner.err;
        else if (nul) sink = () => {};
        else {
          const real = this.real(target);
          if (this.world.disk.isHeld(real))
            return void this.fail(
              'The process cannot access the file because it is being used by another process.',
              streams,
            );
          let file: number;
          try {
            file = openSync(real, kind === '>' ? 'w' : 'a');
          } catch {
            return void this.fail('The system cannot find the path specified.', streams);
          }
          const release = this.world.disk.hold(real);
          open.push(() => {
            closeSync(file);
            release();
          });
          sink = (bytes) => {
            if (!this.world.disk.isFull) writeSync(file, bytes);
          };
        }
        inner = handle === 2 ? { ...inner, err: sink } : handle === 1 ? { ...inner, out: sink } : inner;
      }
      await act(inner);
    } finally {
      for (const close of open.reverse()) close();
    }
  }
}

const splitLines = (bytes: Buffer): string[] => bytes.toString('latin1').split('\n');

function exists(real: string): boolean {
  try {
    closeSync(openSync(real, 'r'));
    return true;
  } catch {
    return false;
  }
}

function compare({ left, operator, right, ignoreCase }: Extract<Condition, { kind: 'compare' }>): boolean {
  const [a, b] = ignoreCase ? [left.toLowerCase(), right.toLowerCase()] : [left, right];
  if (operator === '==') return a === b;
  const numeric = /^-?\d+$/.test(a) && /^-?\d+$/.test(b);
  const order = numeric ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0;
  return (
    { EQU: order === 0, NEQ: order !== 0, LSS: order < 0, LEQ: order <= 0, GTR: order > 0, GEQ: order >= 0 }[
      operator
    ] ?? false
  );
}
