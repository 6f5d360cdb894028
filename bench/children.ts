/** Workers as processes of their own, all with the same settings of Node, spoken to by messages. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface WorkerProcess {
  /** Resident memory, bytes, after a garbage collection. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

interface Answer {
  readonly ready?: true;
  readonly memory?: number;
}

/** Runs a compiled script of this folder; what it prints goes to a file beside the other things of the bench. */
export async function startWorker(folder: string, script: string, ...argv: string[]): Promise<WorkerProcess> {
  const log = openSync(join(folder, `${script.replace('/', '-')}.log`), 'a');
  const child = fork(fileURLToPath(new URL(`./${script}.js`, import.meta.url)), argv, {
    // The SDK sizes its cache of workflows by the heap: the same for all, on every machine.
    execArgv: ['--max-old-space-size=4096', '--expose-gc'],
    env: { ...process.env, NAKAT_BENCH_SECRET: 'not-a-secret-but-read-like-one' },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${script} ended with ${code}`)));
  ended.catch(() => undefined);
  const answer = async (): Promise<Answer> =>
    (await Promise.race([once(child, 'message').then(([message]) => message as Answer), ended])) as Answer;
  if (!(await answer()).ready) throw new Error(`${script} is not ready`);
  return {
    memory: async () => {
      const asked = answer();
      child.send('memory');
      return (await asked).memory ?? 0;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.send('stop');
      await ended.catch(() => undefined);
    },
  };
}

/** The other side of it: answers messages until the worker has ended. */
export async function serve(running: Promise<void>, stop: () => void): Promise<void> {
  const answer = (message: Answer): void => void process.send?.(message);
  process.on('message', (asked) => {
    if (asked === 'stop') return stop();
    // Of the main thread only: the workflows' own thread collects by itself, for either worker alike.
    globalThis.gc?.();
    answer({ memory: process.memoryUsage.rss() });
  });
  process.once('disconnect', stop);
  answer({ ready: true });
  await running;
  if (process.connected) process.disconnect();
}
