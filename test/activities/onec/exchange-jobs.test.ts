import { describe, expect, it, vi } from 'vitest';
import { switchOff } from '../../../activities/onec/exchange-jobs.ts';
import { onecUpdateSteps as steps } from '../../../activities/onec/update-steps.ts';
import { startScheduledJob } from '../../../lab/onec/jobs.ts';
import { readModel } from '../../../lab/onec/model.ts';
import { codeOf } from './bench.ts';
import { exchangeJob } from './release.ts';
import { bench, context, edit, fresh, place, startsAnew, trade } from './updates.ts';

const at = vi.hoisted(() => ({ machine: undefined as unknown }));
vi.mock('../../../activities/machines/pool.ts', () => ({ machineFor: async () => at.machine }));
startsAnew(at);

describe('the exchange', () => {
  const jobs = [exchangeJob];
  const uses = async () => Object.fromEntries((await readModel(place)).jobs.map(({ name, use }) => [name, use]));

  it('is off when nothing of it runs any more, and comes back as it was', async () => {
    let runs = 0;
    const job = startScheduledJob(bench.cluster, 'trade', 30, { name: exchangeJob, act: async () => void runs++ });
    await vi.waitFor(() => expect(runs).toBeGreaterThan(0), { timeout: 60_000 });
    const before = await steps.switchOffExchangeJobs({ infobase: trade, jobs }, {}, context('production.off'));
    const then = runs;
    expect(await uses()).toEqual({ [exchangeJob]: false, ЗагрузкаКурсов: true });
    // A second attempt remembers what the first found, not what it made.
    expect(await steps.switchOffExchangeJobs({ infobase: trade, jobs }, {}, context('production.off'))).toEqual(before);
    expect(runs).toBe(then);
    await steps.switchOnExchangeJobs({ infobase: trade, jobs }, { before: undefined }, context('restore.on'));
    expect(await uses()).toEqual({ [exchangeJob]: true, ЗагрузкаКурсов: true });
    await vi.waitFor(() => expect(runs).toBeGreaterThan(then), { timeout: 60_000 });
    await job.stop();
  });

  it('that was off stays off, what this run never touched stays as it is, and a wrong name is told with the right ones', async () => {
    await edit({ jobs: fresh.jobs.map((job) => ({ ...job, use: false })) });
    const before = await steps.switchOffExchangeJobs({ infobase: trade, jobs }, {}, context('production.off'));
    await steps.switchOnExchangeJobs({ infobase: trade, jobs }, { before }, context('restore.on'));
    expect(await uses()).toEqual({ [exchangeJob]: false, ЗагрузкаКурсов: false });
    await steps.switchOnExchangeJobs({ infobase: trade, jobs }, { before: undefined }, context('restore.on'));
    const wrong = steps.switchOffExchangeJobs({ infobase: trade, jobs: ['Обмен'] }, {}, context('production.off'));
    await expect(wrong).rejects.toMatchObject({
      code: 'EXCHANGE_JOB_UNKNOWN',
      failure: { values: { known: expect.stringContaining(exchangeJob) as string } },
    });
  });

  it('is checked before anything is touched: its jobs are there, one is in use, and the cluster lets jobs run', async () => {
    const check = (names = jobs) =>
      steps.checkExchangeJobs({ infobase: trade, jobs: names }, {}, context('preflight.check'));
    expect(await check([exchangeJob, 'ЗагрузкаКурсов'])).toEqual({ jobs: `${exchangeJob}, ЗагрузкаКурсов` });
    expect(await codeOf(check(['Обмен']))).toBe('EXCHANGE_JOB_UNKNOWN');
    await edit({ jobs: fresh.jobs.map((job) => ({ ...job, use: job.name !== exchangeJob })) });
    expect(await codeOf(check())).toBe('EXCHANGE_JOBS_OFF');
    // One of several is enough.
    expect(await check([exchangeJob, 'ЗагрузкаКурсов'])).toEqual({ jobs: 'ЗагрузкаКурсов' });
    await edit({ jobs: fresh.jobs });
    const deny = (value: string) =>
      bench.cluster.change(({ infobases }) => {
        for (const { name, properties } of infobases) if (name === 'trade') properties['scheduled-jobs-deny'] = value;
      });
    deny('on');
    expect(await codeOf(check())).toBe('EXCHANGE_JOBS_DENIED');
    deny('off');
    expect(await check()).toEqual({ jobs: exchangeJob });
  });

  it('that still runs is waited for, not broken off', async () => {
    const session = bench.cluster.open('trade', { app: 'BackgroundJob', job: exchangeJob });
    const onec = { target: trade, machine: bench.machine, context: context('production.off') };
    expect(await codeOf(switchOff(onec, jobs, { milliseconds: 100, every: 20 }))).toBe('EXCHANGE_STILL_RUNS');
    expect(bench.cluster.sessions('trade')).toHaveLength(1);
    const waiting = switchOff(onec, jobs, { milliseconds: 10_000, every: 20 });
    bench.cluster.close(session.session);
    expect((await waiting).jobs[0]).toMatchObject({ name: exchangeJob, use: true });
  });
});
