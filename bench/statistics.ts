/** Medians and a quiet machine. */
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = NaN, high = NaN] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return (low + high) / 2;
}

/** Waits until the processors are 90 % idle for half a second, at most so long; false when they never were. */
export async function quiet(seconds = 3): Promise<boolean> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline;) {
    const before = times();
    await delay(500);
    const after = times();
    if ((after.idle - before.idle) / (after.all - before.all) > 0.9) return true;
  }
  return false;
}

function times(): { idle: number; all: number } {
  const all = cpus().map((cpu) => cpu.times);
  return {
    idle: all.reduce((sum, one) => sum + one.idle, 0),
    all: all.reduce((sum, one) => sum + one.user + one.nice + one.sys + one.irq + one.idle, 0),
  };
}

/** Seconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
