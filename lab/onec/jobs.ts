/**
 * Scheduled jobs of an infobase, again and again unless jobs are denied. They make a forgotten lock visible.
 * Follows: `scheduled-jobs-deny` of the cluster stops jobs, and a job is a session of app-id BackgroundJob; a job that is switched
 * off in the infobase does not start; deferred update handlers run as background jobs (1c-syntax/ssl_3_1).
 */
import { OnecRefusal, type OneCCluster } from './cluster.ts';
import { withClient } from './data.ts';
import { runDeferred } from './handlers.ts';
import { readModel } from './model.ts';
import { infobaseTables } from './seed.ts';

export interface JobOptions {
  /** Name of the scheduled job in the infobase's model: it runs only while it is switched on. Default: one that nobody can switch off. */
  readonly name?: string;
  /** What it does; default: adds a row. */
  readonly act?: () => Promise<void>;
}

/** `every` in milliseconds, default 1000. */
export function startScheduledJob(
  cluster: OneCCluster,
  infobase: string,
  every = 1000,
  options: JobOptions = {},
): { stop(): Promise<void> } {
  const act = options.act ?? (() => addRow(cluster, infobase));
  return repeat(every, () => cluster.jobsDenied(infobase), async () => {
    if (options.name !== undefined && !(await isOn(cluster, infobase, options.name))) return;
    await inSession(cluster, infobase, options.name, act);
  }); // prettier-ignore
}

/** Runs the infobase's deferred update handlers one by one, as background jobs do. */
export const startDeferredHandlers = (cluster: OneCCluster, infobase: string, every = 200): { stop(): Promise<void> } =>
  repeat(every, () => cluster.jobsDenied(infobase), async () => {
    const place = { kind: 'server', database: cluster.find(infobase).database } as const;
    if ((await readModel(place)).deferred.length > 0) await inSession(cluster, infobase, undefined, async () => void (await runDeferred(place)));
  }); // prettier-ignore

function repeat(every: number, denied: () => boolean, act: () => Promise<void>): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy || denied()) return;
    busy = true;
    running = act()
      .catch(passOver)
      .finally(() => (busy = false));
  }, every);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

/** Denied, or the infobase is being loaded: the next time, as the platform does. */
function passOver(error: unknown): void {
  if (!(error instanceof OnecRefusal) && !(error instanceof Error && 'code' in error)) throw error;
}

const isOn = async (cluster: OneCCluster, infobase: string, name: string): Promise<boolean> =>
  (await readModel({ kind: 'server', database: cluster.find(infobase).database })).jobs.some(
    (job) => job.name === name && job.use,
  );

async function inSession(
  cluster: OneCCluster,
  infobase: string,
  job: string | undefined,
  act: () => Promise<void>,
): Promise<void> {
  const { session } = cluster.open(infobase, { app: 'BackgroundJob', ...(job === undefined ? {} : { job }) });
  try {
    await act();
  } finally {
    cluster.close(session);
  }
}

const addRow = (cluster: OneCCluster, infobase: string): Promise<void> =>
  withClient(
    cluster.find(infobase).database,
    async (client) =>
      void (await client.query(`INSERT INTO ${infobaseTables.jobs} (_fld31) VALUES ('Обмен с сайтом')`)),
  );
