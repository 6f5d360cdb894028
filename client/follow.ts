/** Follows a run until it ends, the time is over, or the reader has seen enough. The run itself does not notice. */
import { setTimeout as delay } from 'node:timers/promises';
import { failureText, isNakatError } from '../runbook/errors/index.ts';
import { clock, tell, type Language } from '../runbook/messages/say.ts';
import { viewTexts } from '../runbook/messages/view.ts';
import { changeLines } from './changes.ts';
import type { Nakat } from './connect.ts';
import { paintFor } from './paint.ts';
import { liveOn } from './live.ts';
import type { Out } from './shell.ts';
import { viewRun, type RunView } from './runs.ts';
import { fitView, type Reader } from './view.ts';
import { wrapped } from './wrap.ts';

export interface FollowOptions {
  readonly language: Language;
  /** Where people read; a terminal gets the live view, anything else a line per change. */
  readonly out: Out;
  readonly signal?: AbortSignal;
  /** Milliseconds between looks. Default 1000. */
  readonly every?: number;
  /** Called after every look: the demo gives its answers here. */
  readonly onLook?: (view: RunView) => Promise<void> | void;
}

/** Reason of a `signal` with which the caller goes on to ask somebody: the live view makes room. */
export const forQuestion = Symbol('a question');

/** Resolves with the last view: of the ended run, or null when it was never seen before `signal`. */
export async function followRun(nakat: Nakat, run: string, options: FollowOptions): Promise<RunView | null> {
  const { out, language, signal, every = 1000 } = options;
  const live = out.isTTY ? liveOn(out) : null;
  const reader = (): Reader => ({ language, now: Date.now(), paint: paintFor(out), width: out.columns ?? 100 });
  let last: RunView | null = null;
  let silentSince: number | null = null;
  try {
    while (!signal?.aborted) {
      try {
        const view = await viewRun(nakat, run);
        silentSince = null;
        if (live) live.show(fitView(view, reader(), rowsOf(out)));
        else for (const line of changeLines(last, view, reader())) out.write(`${line}\n`);
        last = view;
        if (view.status.outcome !== null) break;
        await options.onLook?.(view);
      } catch (error) {
        // The run waits for a worker or for the server: so do we.
        if (!isNakatError(error) || !error.failure.passing) throw error;
        const first = silentSince === null;
        silentSince ??= Date.now();
        const line = tell(viewTexts.offline, language, {
          time: clock(silentSince, Date.now(), language),
          what: failureText(error.failure, language).replace(/\.$/, ''),
        });
        if (live)
          live.show(
            [...(last ? fitView(last, reader(), rowsOf(out) - 3) : []), ...wrapped(line, reader().width)].slice(
              -rowsOf(out),
            ),
          );
        else if (first) out.write(`${line}\n`);
      }
      await delay(every, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    if (signal?.reason === forQuestion) live?.clear();
  }
  return last;
}

/** A view taller than the terminal would scroll; one row is the cursor's. */
const rowsOf = (out: Out): number => (out.rows ?? 30) - 1;
