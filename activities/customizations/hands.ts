/** Reading very many small files is shared by threads: each takes the next piece that is left, this one too. */
import { availableParallelism } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { readBelow, type Below, type Reading } from './side-by-side.ts';

/** In the order of the pieces. When it fails, nothing goes on. */
export type ReadAll = (pieces: readonly Below[]) => Promise<Reading[]>;

/** What the threads get; pieces and readings are copied from thread to thread. */
export interface Share {
  readonly pieces: readonly Below[];
  /** Number of the next piece that nobody has taken. */
  readonly next: Int32Array;
}
/** By number of the piece. */
export type Taken = [piece: number, reading: Reading][];

/** Fewer pieces are not worth sharing. */
const few = 8;
const mostThreads = 4;
// Only what is built can be started in a thread.
const thread = import.meta.url.endsWith('.js') ? new URL('./hand.js', import.meta.url) : null;

/** The threads start at once, and end with `use`. Aborted, they read no further piece. */
export async function withHands<T>(use: (read: ReadAll) => Promise<T>, signal?: AbortSignal): Promise<T> {
  const others = thread === null ? 0 : Math.min(availableParallelism(), mostThreads) - 1;
  const hands: Hand[] = [];
  try {
    while (hands.length < others) hands.push(handIn(new Worker(thread ?? '', { trackUnmanagedFds: false })));
  } catch {
    // The system gives no more: fewer do the same.
  }
  const free = [...hands];
  try {
    // Each takes part once.
    return await use((pieces) => readAll(pieces, pieces.length < few ? [] : free.splice(0), signal));
  } finally {
    await Promise.all(hands.map((hand) => hand.end()));
  }
}

/** Without `withHands`: nobody else takes part. */
export const readAlone: ReadAll = (pieces) => readAll(pieces, []);

async function readAll(pieces: readonly Below[], hands: readonly Hand[], signal?: AbortSignal): Promise<Reading[]> {
  const share: Share = { pieces, next: new Int32Array(new SharedArrayBuffer(4)) };
  const stop = (error: unknown): never => {
    Atomics.store(share.next, 0, pieces.length);
    throw error;
  };
  const alone = async (): Promise<Taken> => {
    const taken: Taken = [];
    for (const one of takenBy(share)) {
      taken.push(one);
      await turn();
      signal?.throwIfAborted();
    }
    return taken;
  };
  const work = [...hands.map((hand) => hand.take(share)), alone()].map((one) => one.catch(stop));
  const readings: Reading[] = [];
  for (const one of await Promise.allSettled(work)) {
    if (one.status === 'rejected') throw one.reason;
    for (const [piece, reading] of one.value) readings[piece] = reading;
  }
  return readings;
}

export function* takenBy({ pieces, next }: Share): Generator<Taken[number]> {
  for (;;) {
    const piece = Atomics.add(next, 0, 1);
    const below = pieces[piece];
    if (!below) return;
    yield [piece, readBelow(below)];
  }
}

interface Hand {
  take(share: Share): Promise<Taken>;
  end(): Promise<unknown>;
}

function handIn(worker: Worker): Hand {
  const answer = new Promise<Taken>((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
    worker.once('exit', () => reject(new Error('the thread ended')));
  });
  // Heard where it is waited for.
  answer.catch(() => {});
  return {
    take: (share) => {
      worker.postMessage(share);
      return answer;
    },
    end: () => worker.terminate(),
  };
}
