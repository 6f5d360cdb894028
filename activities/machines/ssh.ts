/** A machine behind SSH: one connection, kept and shared, made anew when it broke; commands by exec, files by SFTP. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ClientChannel, SFTPWrapper } from 'ssh2';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { StepContext } from '../step.ts';
import { dial, type SshTarget } from './ssh-connection.ts';
import { sftpFiles } from './ssh-files.ts';
import type { ExecOptions, ExecResult, Transport } from './transport.ts';

/** Milliseconds without any call after which the connection is closed; the next call opens it again. */
const idleTime = 60_000;
/** OpenSSH allows 10 sessions on a connection by default (sshd_config(5), MaxSessions); SFTP is one of them. */
const sessions = 7;

interface Connection {
  readonly client: Client;
  readonly sftp: () => Promise<SFTPWrapper>;
  /** What waits for an answer and must hear when none will come. */
  readonly waiting: Set<(error: Error) => void>;
  broken: boolean;
}

/** `readSecret` is called for every new connection: a changed password is found at the next one. Connects at the first call. */
export function sshTransport(target: SshTarget, readSecret: StepContext['secret']): Transport {
  let current: Promise<Connection> | undefined;
  let users = 0;
  let idle: NodeJS.Timeout | undefined;
  const turn = queue(sessions);

  async function connection(): Promise<Connection> {
    const known = await current?.catch(() => undefined);
    if (known && !known.broken) return known;
    // Parallel callers have seen the same broken one: the first opens the new one for all.
    if (!opening) {
      opening = open(target, readSecret).finally(() => (opening = undefined));
      current = opening;
    }
    return opening;
  }
  let opening: Promise<Connection> | undefined;

  async function close(): Promise<void> {
    clearTimeout(idle);
    const closing = current;
    // At once, so that a call which comes meanwhile opens a new one instead of losing this.
    current = undefined;
    const last = await closing?.catch(() => undefined);
    if (last && !last.broken) {
      await new Promise<void>((resolve) => last.client.once('close', () => resolve()).end());
    }
  }

  /** Counts the users, so that only an unused connection is closed. */
  async function using<T>(use: (connection: Connection) => Promise<T>): Promise<T> {
    clearTimeout(idle);
    users += 1;
    try {
      return await use(await connection());
    } finally {
      users -= 1;
      if (users === 0) idle = setTimeout(() => void close(), idleTime).unref();
    }
  }

  const lost = (doing: string, cause?: unknown): NakatError =>
    new NakatError('CONNECTION_LOST', { values: { doing }, where: target.name, cause });

  /** Waits for an answer on this connection, or for its end. */
  const answered = <T>(
    on: Connection,
    doing: string,
    ask: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
  ) =>
    new Promise<T>((resolve, reject) => {
      const breaks = (): void => reject(lost(doing));
      if (on.broken) return breaks();
      on.waiting.add(breaks);
      const done =
        <V>(settle: (value: V) => void) =>
        (value: V): void => {
          on.waiting.delete(breaks);
          settle(value);
        };
      try {
        ask(done(resolve), done(reject));
      } catch (error) {
        done(reject)(error as Error);
      }
    });

  /** A server that is still clearing away the last session refuses the next one: nothing was started, so it is asked again. */
  async function execute(on: Connection, commandLine: string, options: ExecOptions): Promise<ExecResult> {
    const doing = options.label ?? 'a command';
    for (let delay = 10; ; delay *= 2) {
      try {
        return await answered<ExecResult>(on, doing, (resolve, reject) => {
          on.client.exec(commandLine, (error, channel) => {
            // Listened to at once: the answer may lie in the same packet.
            if (error) reject(error);
            else converse(target, channel, options, resolve, reject);
          });
        });
      } catch (error) {
        if (isNakatError(error)) throw error;
        if (on.broken) throw lost(doing, error);
        if (delay > 3000) throw refusedSession(target, error);
        await sleep(delay);
      }
    }
  }

  return {
    name: target.name,
    exec: (commandLine, options = {}) => turn(() => using((on) => execute(on, commandLine, options))),
    ...sftpFiles(target.name, (doing, ask) =>
      using(async (on) => {
        const sftp = await answered<SFTPWrapper>(on, doing, (resolve, reject) => void on.sftp().then(resolve, reject));
        return answered(on, doing, (resolve, reject) => void ask(sftp).then(resolve, reject));
      }),
    ),
    close,
  };
}

async function open(target: SshTarget, readSecret: StepContext['secret']): Promise<Connection> {
  const client = await dial(target, readSecret);
  let sftp: Promise<SFTPWrapper> | undefined;
  const made: Connection = {
    client,
    waiting: new Set(),
    broken: false,
    sftp: () => {
      sftp ??= new Promise<SFTPWrapper>((resolve, reject) => {
        client.sftp((error, wrapper) => {
          if (error) return reject(refusedSession(target, error));
          // A dead file service with a living connection: the next call asks for another.
          wrapper.on('close', () => (sftp = undefined));
          resolve(wrapper);
        });
      });
      sftp.catch(() => (sftp = undefined));
      return sftp;
    },
  };
  client.once('close', () => {
    made.broken = true;
    for (const tell of [...made.waiting]) tell(new Error('closed'));
  });
  return made;
}

/** One command on its channel: input in, outputs and exit code out. */
function converse(
  target: SshTarget,
  channel: ClientChannel,
  { stdin, timeout, signal, label = 'a command' }: ExecOptions,
  resolve: (result: ExecResult) => void,
  reject: (error: Error) => void,
): void {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let ended: { code: number | null } | undefined;
  const stop = (code: 'COMMAND_TIMEOUT' | 'COMMAND_CANCELLED'): void => {
    cleanUp();
    reject(new NakatError(code, { values: { command: label, seconds: timeout ?? 0 }, where: target.name }));
    // A closed channel alone leaves the program running; OpenSSH passes signals on since 7.9.
    channel.signal('KILL');
    channel.close();
  };
  const aborted = (): void => stop('COMMAND_CANCELLED');
  const timer = timeout === undefined ? undefined : setTimeout(() => stop('COMMAND_TIMEOUT'), timeout * 1000);
  const cleanUp = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', aborted);
  };
  channel.on('data', (piece: Buffer) => stdout.push(piece));
  channel.stderr.on('data', (piece: Buffer) => stderr.push(piece));
  channel.on('exit', (code: number | null) => (ended = { code }));
  channel.on('error', () => {});
  channel.once('close', () => {
    cleanUp();
    if (ended) resolve({ code: ended.code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) });
    else reject(new NakatError('CONNECTION_LOST', { values: { doing: label }, where: target.name }));
  });
  if (signal?.aborted) return aborted();
  signal?.addEventListener('abort', aborted, { once: true });
  channel.end(stdin);
}

const refusedSession = (target: SshTarget, error: unknown): NakatError =>
  new NakatError('MACHINE_INCOMPATIBLE', {
    where: target.name,
    vendor: error instanceof Error ? error.message : String(error),
    cause: error,
  });

/** Lets so many run at once; the others wait in order. */
function queue(places: number): <T>(act: () => Promise<T>) => Promise<T> {
  let free = places;
  const waiting: (() => void)[] = [];
  return async (act) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await act();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
