/** Follows a run until it ends, the time is over, or the reader has seen enough. The run itself does not notice. */
import { createLogUpdate } from 'log-update';
import { setTimeout as delay } from 'node:timers/promises';
import { isNakatError } from '../runbook/errors/index.ts';
import { clock, tell, type Language } from '../runbook/messages/say.ts';
import { viewTexts } from '../runbook/messages/view.ts';
import { changeLines } from './changes.ts';
import type { Nakat } from './connect.ts';
import { paintFor } from './paint.ts';
import type { Out } from './shell.ts';
import { viewRun, type RunView } from './runs.ts';
import { renderView, type Reader } from './view.ts';

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

/** Resolves with the last view: of the ended run, or null when it was never seen before `signal`. */
export async function followRun(nakat: Nakat, run: string, options: FollowOptions): Promise<RunView | null> {
  const { out, language, signal, every = 1000 } = options;
  const live = out.isTTY ? createLogUpdate(out as NodeJS.WriteStream, { showCursor: true }) : null;
  const reader = (): Reader => ({ language, now: Date.now(), paint: paintFor(out), width: out.columns ?? 100 });
  let last: RunView | null = null;
  let silentSince: number | null = null;
  try {
    while (!signal?.aborted) {
      try {
        const view = await viewRun(nakat, run);
        silentSince = null;
        if (live) live(clipped(renderView(view, reader()), out));
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
          what: error.message,
        });
        if (live) live([...(last ? renderView(last, reader()) : []), line].join('\n'));
        else if (first) out.write(`${line}\n`);
      }
      await delay(every, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    live?.done();
  }
  return last;
}

/** A view taller than the terminal would scroll: its end, where the run is, counts. */
const clipped = (lines: readonly string[], out: Out): string =>
  (out.rows && lines.length > out.rows - 1 ? [...lines.slice(0, 2), '…', ...lines.slice(-(out.rows - 4))] : lines).join(
    '\n',
  );
