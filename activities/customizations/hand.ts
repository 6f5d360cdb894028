/** A thread of `hands.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { takenBy, type Share } from './hands.ts';

parentPort?.postMessage([...takenBy(workerData as Share)]);
