/**
 * Jobs: long commands that outlive the connection and the worker that started them. What differs between operating systems
 * (how to start, look, kill) is a `JobDriver`; following, time-outs and cancellation are the same everywhere and stand here.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TextDecoder } from 'node:util';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import { textDecoder, type Encoding } from './encoding.ts';
import type { CommandResult, JobOptions, JobStatus } from './machine.ts';

export interface JobPoll extends JobStatus {
  /** What was printed after the given offsets; at most a piece of it, then the next poll gives more. */
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Every method may be called again when its answer was lost. */
export interface JobDriver {
  /** Name of the machine, for messages. */
  readonly machine: string;
  readonly encoding: Encoding;
  folder(name: string): string;
  /** Starts the job, or does nothing when one of that name is there in whatever state. Of two at once, one starts. */
  start(name: string, argv: readonly string[], options: Pick<JobOptions, 'env' | 'cwd'>): Promise<void>;
  /** When the state is `ended`, all that was printed is there to be read. */
  poll(name: string, offsets: { stdout: number; stderr: number }): Promise<JobPoll>;
  /** Ends all processes of the job and returns when they are gone. Nothing to end is fine. */
  end(name: string): Promise<void>;
  /** Ends the job if it runs, and removes its folder. */
  forget(name: string): Promise<void>;
}

/** Bytes of each output that a result carries: the last ones of longer output. The job's folder has all. */
const kept = 8 * 1024 * 1024;
const firstDelay = 50;
const longestDelay = 1000;
/** How long following goes on without an answer from the machine before the attempt gives up; the job itself goes on. */
const patience = 60_000;

/** Starts the job or finds it, follows it to its end, and returns its result. See `Machine.job`. */
export async function runJob(
  driver: JobDriver,
  name: string,
  argv: readonly string[],
  options: JobOptions = {},
): Promise<CommandResult> {
  const { signal, timeout } = options;
  const deadline = timeout === undefined ? Infinity : Date.now() + timeout * 1000;
  const output = { stdout: new Output(driver.encoding), stderr: new Output(driver.encoding) };
  if (!signal?.aborted) await patiently(() => driver.start(name, argv, options), signal);
  for (let delay = firstDelay; ; delay = Math.min(delay * 1.5, longestDelay)) {
    if (signal?.aborted && options.leaveRunning?.()) {
      throw new NakatError('JOB_LEFT_RUNNING', { values: { job: name }, where: driver.machine });
    }
    if (signal?.aborted) return await endBecause(driver, name, output, 'JOB_CANCELLED');
    const poll = await patiently(
      () => driver.poll(name, { stdout: output.stdout.read, stderr: output.stderr.read }),
      signal,
    );
    if (poll !== undefined) {
      const text = output.stdout.add(poll.stdout) + output.stderr.add(poll.stderr);
      if (text !== '') options.onOutput?.(text);
      if (poll.stdout.length + poll.stderr.length > 0) delay = firstDelay;
      else if (poll.state === 'ended') {
        return { code: poll.code, stdout: output.stdout.text(), stderr: output.stderr.text() };
      } else if (poll.state !== 'running') throw lost(driver, name, output);
      if (poll.state === 'ended') continue;
    }
    if (Date.now() >= deadline) return await endBecause(driver, name, output, 'JOB_TIMEOUT', timeout);
    await sleep(Math.min(delay, Math.max(deadline - Date.now(), 1)), undefined, { signal }).catch(() => {});
  }
}

type Outputs = Record<'stdout' | 'stderr', Output>;

/** Killed on purpose, so its folder tells nothing that the error does not: a later attempt starts it anew. */
async function endBecause(
  driver: JobDriver,
  name: string,
  output: Outputs,
  code: 'JOB_CANCELLED' | 'JOB_TIMEOUT',
  seconds = 0,
): Promise<never> {
  await patiently(() => driver.end(name));
  await patiently(() => driver.forget(name));
  throw new NakatError(code, { values: { job: name, seconds }, where: driver.machine, vendor: lastWords(output) });
}

const lost = (driver: JobDriver, name: string, output: Outputs): NakatError =>
  new NakatError('JOB_LOST', {
    values: { job: name, folder: driver.folder(name) },
    where: driver.machine,
    vendor: lastWords(output),
  });

const lastWords = ({ stdout, stderr }: Outputs): string => (stderr.text().trim() || stdout.text().trim()).slice(-1000);

/** Tries again while the connection is broken, up to the patience; an abort ends the wait (`undefined`). */
async function patiently<T>(act: () => Promise<T>, signal?: AbortSignal): Promise<T | undefined> {
  const since = Date.now();
  for (let delay = 200; ; delay = Math.min(delay * 2, 5000)) {
    try {
      return await act();
    } catch (error) {
      if (!isNakatError(error) || !error.failure.passing || Date.now() - since > patience) throw error;
      await sleep(delay, undefined, { signal }).catch(() => {});
      if (signal?.aborted) return undefined;
    }
  }
}

/** One output of a job, as far as it was read. */
class Output {
  /** Bytes read so far: where the next piece begins. */
  read = 0;
  readonly #pieces: Buffer[] = [];
  #size = 0;
  readonly #encoding: Encoding;
  readonly #decoder: TextDecoder;

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
    this.#decoder = textDecoder(encoding);
  }

  /** Takes the next piece and returns its text; a character that is not whole yet comes with the next one. */
  add(piece: Buffer): string {
    if (piece.length === 0) return '';
    this.read += piece.length;
    this.#pieces.push(piece);
    this.#size += piece.length;
    while (this.#size - (this.#pieces[0]?.length ?? 0) >= kept) this.#size -= this.#pieces.shift()?.length ?? 0;
    return this.#decoder.decode(piece, { stream: true });
  }

  text(): string {
    return textDecoder(this.#encoding).decode(Buffer.concat(this.#pieces).subarray(-kept));
  }
}
