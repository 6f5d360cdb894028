/** A thread of `hands.ts`. */
import { parentPort } from 'node:worker_threads';
import { takenBy, type Share } from './hands.ts';

parentPort?.once('message', (share: Share) => parentPort?.postMessage([...takenBy(share)]));
