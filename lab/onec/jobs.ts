/**
 * A scheduled job of an infobase: adds a row again and again unless jobs are denied. It makes a forgotten lock visible.
 * Follows: `scheduled-jobs-deny` of the cluster stops jobs, and a job is a session of app-id BackgroundJob.
 */
import { OnecRefusal, type OneCCluster } from './cluster.ts';
import { withClient } from './data.ts';
import { infobaseTables } from './seed.ts';

/** `every` in milliseconds, default 1000. */
export function startScheduledJob(cluster: OneCCluster, infobase: string, every = 1000): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy || cluster.jobsDenied(infobase)) return;
    busy = true;
    running = runOnce(cluster, infobase).finally(() => (busy = false));
  }, every);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

async function runOnce(cluster: OneCCluster, infobase: string): Promise<void> {
  let session: string | undefined;
  try {
    session = cluster.open(infobase, { app: 'BackgroundJob' }).session;
    await withClient(cluster.find(infobase).database, (client) => client.query(`INSERT INTO ${infobaseTables.jobs} (_fld31) VALUES ('Обмен с сайтом')`));
  } catch (error) {
    // Denied, or the infobase is being loaded: the next time, as the platform does.
    if (!(error instanceof OnecRefusal) && !(error instanceof Error && 'code' in error)) throw error;
  } finally {
    if (session !== undefined) cluster.close(session);
  }
}
