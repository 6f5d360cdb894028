/**
 * The scheduled job of the exchange in an infobase: runs again and again while its own switch is on, the cluster does not deny
 * jobs, and sessions may start. Each run is a session of app-id BackgroundJob, sends the goods of the infobase to the site, and
 * leaves a row in a register of the infobase.
 */
import { OnecRefusal, type OneCCluster } from '../onec/cluster.ts';
import { withClient } from '../onec/data.ts';
import { readModel } from '../onec/model.ts';
import { infobaseTables } from '../onec/seed.ts';
import type { Goods } from './commerceml.ts';
import { pushCatalogue, type PushTarget } from './push.ts';

export const exchangeJob = 'ОбменССайтом';
export const goodsTable = '_reference40';

export interface ExchangeJobOptions {
  readonly cluster: OneCCluster;
  readonly infobase: string;
  readonly target: PushTarget;
  /** Milliseconds. */
  readonly every: number;
}

export function startExchangeJob(options: ExchangeJobOptions): { stop(): Promise<void> } {
  const stopped = new AbortController();
  let running: Promise<void> | null = null;
  const timer = setInterval(() => {
    running ??= runOnce(options, stopped.signal).finally(() => (running = null));
  }, options.every);
  return {
    async stop() {
      clearInterval(timer);
      stopped.abort();
      await running;
    },
  };
}

async function runOnce({ cluster, infobase, target }: ExchangeJobOptions, signal: AbortSignal): Promise<void> {
  let session: string | undefined;
  try {
    if (cluster.jobsDenied(infobase)) return;
    const place = { kind: 'server', database: cluster.find(infobase).database } as const;
    const isOn = async (): Promise<boolean> =>
      (await readModel(place)).jobs.some(({ name, use }) => name === exchangeJob && use);
    if (!(await isOn())) return;
    session = cluster.open(infobase, { app: 'BackgroundJob', job: exchangeJob }).session;
    // Switched off between the look and the start.
    if (!(await isOn())) return;
    const goods = await withClient(
      place.database,
      async (client) =>
        (
          await client.query<Goods>(
            `SELECT _idrref::text AS id, _code AS article, _description AS name, _fld41::float8 AS price, _fld42::int AS stock FROM ${goodsTable} ORDER BY _code`,
          )
        ).rows,
    );
    await pushCatalogue(target, goods, signal);
    await withClient(place.database, (client) =>
      client.query(`INSERT INTO ${infobaseTables.jobs} (_fld31) VALUES ('Обмен с сайтом')`),
    );
  } catch (error) {
    // Denied, refused by the site, or the infobase is being loaded: the next time, as the platform does.
    if (!(error instanceof OnecRefusal) && !(error instanceof Error)) throw error;
  } finally {
    if (session !== undefined) cluster.close(session);
  }
}
