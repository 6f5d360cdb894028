import { setTimeout as sleep } from 'node:timers/promises';

/** Seconds after which waiting ends. The demo's sites take a second where real ones take ten minutes: so the pauses grow. */
export interface Limits {
  readonly install: number;
  /** Wait for a verdict in the log, or for the reply, once the other one is there. */
  readonly verdict: number;
  /** Without a new line in the log after the connection was lost: the application may have died in between. */
  readonly quiet: number;
  readonly compile: number;
  readonly ready: number;
  /** Wait for a row that an earlier attempt may have caused. */
  readonly settle: number;
}

export const defaultLimits: Limits = { install: 6600, verdict: 120, quiet: 1800, compile: 6600, ready: 900, settle: 5 };

/** Calls `probe` until it gives something else than undefined: after 0.1 s, then ever more rarely, up to every 3 s. Undefined when the time is over. */
export async function poll<T>(
  seconds: number,
  signal: AbortSignal,
  probe: (elapsed: number) => Promise<T | undefined>,
): Promise<T | undefined> {
  const start = performance.now();
  for (let pause = 100; ; pause = Math.min(pause * 1.5, 3000)) {
    const found = await probe((performance.now() - start) / 1000);
    if (found !== undefined) return found;
    const left = seconds * 1000 - (performance.now() - start);
    if (left <= 0) return undefined;
    await sleep(Math.min(pause, left), undefined, { signal });
  }
}
