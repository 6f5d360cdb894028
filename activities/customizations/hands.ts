/** Work on very many small files is shared by threads: each takes the next piece that is left, this one too. */
import { availableParallelism } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { copyFiles } from './copies.ts';
import { readBelow } from './side-by-side.ts';

/** What a thread can do; piece and answer are copied from thread to thread. */
export const tasks = { read: readBelow, copy: copyFiles };
type Task = keyof typeof tasks;
type Piece<T extends Task> = Parameters<(typeof tasks)[T]>[0];
type Answer<T extends Task> = ReturnType<(typeof tasks)[T]>;

export interface Share {
  readonly task: Task;
  readonly pieces: readonly unknown[];
  /** Number of the next piece that nobody has taken. */
  readonly next: Int32Array;
}
/** By number of the piece. */
export type Done = [piece: number, answer: unknown][];

export interface Work<T extends Task> {
  /** Takes part until all is done. In the order of the pieces. `beat` is called now and then. */
  done(beat?: (pieces: number) => void): Promise<Answer<T>[]>;
  /** Waits for what is under way; nothing more is begun. */
  stop(): Promise<void>;
}

/** Fewer pieces are not worth a thread. */
const few = 8;
const mostThreads = 4;
// Only what is built can be started in a thread.
const thread = import.meta.url.endsWith('.js') ? new URL('./hand.js', import.meta.url) : null;

/** The other threads begin at once, while the caller is still at something else. One of `done` and `stop` must be called. */
export function begin<T extends Task>(task: T, pieces: readonly Piece<T>[]): Work<T> {
  const next = new Int32Array(new SharedArrayBuffer(4));
  const others = thread === null || pieces.length < few ? 0 : Math.min(availableParallelism(), mostThreads) - 1;
  const share: Share = { task, pieces, next };
  const theirs = Promise.allSettled(
    Array.from({ length: others }, () => inThread(new Worker(thread ?? '', { workerData: share }))),
  );
  const stop = async (): Promise<void> => {
    Atomics.store(next, 0, pieces.length);
    await theirs;
  };
  return {
    stop,
    done: async (beat) => {
      const answers: unknown[] = [];
      const put = (done: Done): void => done.forEach(([piece, answer]) => (answers[piece] = answer));
      try {
        for (const one of takenBy(share)) {
          put([one]);
          beat?.(Atomics.load(next, 0));
          await turn();
        }
      } catch (error) {
        await stop();
        throw error;
      }
      for (const one of await theirs) {
        if (one.status === 'rejected') throw one.reason;
        put(one.value);
      }
      return answers as Answer<T>[];
    },
  };
}

export function* takenBy({ task, pieces, next }: Share): Generator<Done[number]> {
  const work = tasks[task] as (piece: unknown) => unknown;
  for (let at = Atomics.add(next, 0, 1); at < pieces.length; at = Atomics.add(next, 0, 1)) yield [at, work(pieces[at])];
}

const inThread = (worker: Worker): Promise<Done> =>
  new Promise((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
    worker.once('exit', () => reject(new Error('the thread ended')));
  });
