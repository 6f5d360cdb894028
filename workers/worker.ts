/** The worker process: carries out runs and their steps until it is told to stop. */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { makeTelemetryFilterString, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { NakatError } from '../runbook/errors/index.ts';

import type { Notice } from '../runbook/notice.ts';
import type { NotificationChannel } from '../runbook/types.ts';
import { asActivities, type Steps } from './activities.ts';
import { dataConverter } from './codec.ts';
import { connectionSettings, taskQueue, type Where } from './connection.ts';
import { stateFolder } from './folders.ts';
import { openLog, sdkLogger, type Log } from './log.ts';

export interface WorkerSettings extends Where {
  readonly log?: Log;
  /** Default: all steps of nakat. */
  readonly steps?: Steps;
  /** Activities that are no steps; default: `notify` and those of a watch. */
  readonly others?: Readonly<Record<string, (input: never) => Promise<unknown>>>;
  readonly interceptors?: WorkerOptions['interceptors'];
  readonly workflowsPath?: string;
  /** Runs kept in memory; default 250. 0: every task replays the run from its beginning, which tests do. */
  readonly maxCachedWorkflows?: number;
}

interface NotifyInput {
  readonly channels: readonly NotificationChannel[];
  readonly notice: Notice;
}

export interface RunningWorker {
  readonly worker: Worker;
  /** Runs until `worker.shutdown()` or a signal; then closes the connection. */
  run(): Promise<void>;
}

let installed = false;

/** Runs wait for days: beyond these, one that has waited longest is put out of memory and replayed when it is answered. */
const keptRuns = 250;

/** Throws CANNOT_CONNECT, CONNECTION_SETTINGS_INVALID, KEY_INVALID. */
export async function createWorker(settings: WorkerSettings = {}): Promise<RunningWorker> {
  const log = settings.log ?? openLog();
  if (!installed) {
    Runtime.install({
      logger: sdkLogger(log),
      telemetryOptions: {
        logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      },
    });
    installed = true;
  }
  const { address, namespace, options } = connectionSettings(settings);
  const connection = await NativeConnection.connect(options).catch((error: unknown) => {
    throw new NakatError('CANNOT_CONNECT', {
      where: address,
      vendor: error instanceof Error ? error.message : String(error),
      cause: error,
    });
  });
  try {
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue,
      identity: `nakat@${hostname()}:${process.pid}`,
      ...workflowCode(settings.workflowsPath),
      activities: {
        ...asActivities(settings.steps ?? (await import('../activities/index.ts')).allSteps, log),
        ...(settings.others ?? (await otherActivities(connection, namespace, settings.stateDir ?? stateFolder()))),
      },
      dataConverter: dataConverter(),
      ...(settings.interceptors ? { interceptors: settings.interceptors } : {}),
      maxCachedWorkflows: settings.maxCachedWorkflows ?? keptRuns,
      // Running steps get this long to end by themselves; then they let go of their jobs, and another worker follows those.
      shutdownGraceTime: '30s',
      shutdownForceTime: '60s',
      // How long a run waits for the worker that it knows, after which any other takes it: the default of 10 s is felt after a kill.
      stickyQueueScheduleToStartTimeout: '2s',
      // The default (80 % of the heartbeat timeout) would freeze progress bars.
      maxHeartbeatThrottleInterval: '1s',
      defaultHeartbeatThrottleInterval: '1s',
    });
    const run = async (): Promise<void> => {
      try {
        await worker.run();
      } finally {
        // Kept connections to machines would keep the process for another minute.
        await (await import('../activities/machines/pool.ts')).closeAllMachines();
        await connection.close();
      }
    };
    return { worker, run };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function otherActivities(
  connection: NativeConnection,
  namespace: string,
  stateDir: string,
): Promise<NonNullable<WorkerSettings['others']>> {
  const [{ notify }, { readSecret }, { offerActivities }] = await Promise.all([
    import('../activities/notify/notify.ts'),
    import('../activities/secrets.ts'),
    import('./offers.ts'),
  ]);
  const client = new Client({ connection, namespace, dataConverter: dataConverter() });
  return {
    ...offerActivities(client, stateDir),
    notify: ({ channels, notice }: NotifyInput) => notify(channels, notice, readSecret),
  };
}

export const runWorker = async (settings: WorkerSettings = {}): Promise<void> => (await createWorker(settings)).run();

/**
 * The bundle made by the build; without one (development, tests), or when failures are encrypted too (their converter is
 * part of the bundle), it is made here.
 */
function workflowCode(workflowsPath?: string): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const built = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  if (workflowsPath === undefined && existsSync(built) && !dataConverter().failureConverterPath)
    return { workflowBundle: { codePath: built } };
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return { workflowsPath: workflowsPath ?? fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url)) };
}
