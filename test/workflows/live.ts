/** The real workflow on a real server, with a worker whose steps do what a test says. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { StepContext } from '../../activities/step.ts';
import { connect, type Nakat } from '../../client/connect.ts';
import { viewRun } from '../../client/runs.ts';
import { isNakatError } from '../../runbook/errors/index.ts';
import type { StepInput } from '../../runbook/types.ts';
import { crossing, type StepActivityFunction } from '../../workers/activities.ts';
import { startServer, type Server } from '../../workers/server.ts';
import { createWorker } from '../../workers/worker.ts';
import type { RunStatus } from '../../workflows/state.ts';

/** What a step does; the call's number counts from 1, over all its attempts. */
export type Act = (call: number, signal: AbortSignal, context?: StepContext) => Promise<unknown>;

interface LiveOptions {
  readonly maxCachedWorkflows?: number;
  readonly notify?: (input: never) => Promise<unknown>;
}

export interface Live {
  readonly nakat: Nakat;
  readonly server: Server;
  /** By `<system> <step id>`; what is not here is done at once. */
  readonly acts: Map<string, Act>;
  /** Calls by `<system> <step id>`. */
  readonly calls: Map<string, number>;
  until(system: string, holds: (status: RunStatus) => boolean): Promise<RunStatus>;
  stop(): Promise<void>;
}

/** `notify`: default, one that says it has told everybody. */
export async function startLive({ notify, ...options }: LiveOptions = {}): Promise<Live> {
  const stateDir = await mkdtemp(join(tmpdir(), 'nakat-live-'));
  const server = await startServer({ stateDir });
  const { namespace } = server;
  const nakat = await connect({ stateDir, namespace });
  const acts = new Map<string, Act>();
  const calls = new Map<string, number>();
  const act = async (system: string, step: string, signal: AbortSignal, context?: StepContext): Promise<unknown> => {
    const key = `${system} ${step}`;
    const call = (calls.get(key) ?? 0) + 1;
    calls.set(key, call);
    return (await acts.get(key)?.(call, signal, context)) ?? { ok: true };
  };
  const step = (_params: never, _uses: never, context: StepContext): Promise<unknown> =>
    act(context.system, context.step, context.signal, context);
  /** Steps whose parameters would be long: no part of what is tested here. */
  const unchecked: StepActivityFunction = async (input: StepInput) => {
    try {
      return { result: (await act(input.system, input.step.id, new AbortController().signal)) as never, attempt: 1 };
    } catch (error) {
      throw crossing(error, input, 1);
    }
  };
  const worker = await createWorker({
    stateDir,
    namespace,
    log: () => undefined,
    steps: { reachMachine: step, checkWindow: step },
    others: {
      checkDrift: unchecked,
      readState: unchecked,
      proveRestored: unchecked,
      notify: notify ?? (async () => ({ sent: ['night-shift'], failed: [] })),
    },
    ...options,
  });
  const working = worker.run();
  return {
    nakat,
    server,
    acts,
    calls,
    until: async (system, holds) => {
      for (;;) {
        // A busy machine may not answer in time: look again.
        const view = await viewRun(nakat, system).catch((error: unknown) => {
          if (isNakatError(error) && error.failure.passing) return null;
          throw error;
        });
        if (view && holds(view.status)) return view.status;
        await delay(50);
      }
    },
    stop: async () => {
      worker.worker.shutdown();
      await working;
      await nakat.close();
      await server.stop();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
