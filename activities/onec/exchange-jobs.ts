/** Scheduled jobs of an exchange, switched off for the update and put back as they were. */
import { setTimeout as sleep } from 'node:timers/promises';
import { NakatError } from '../../runbook/errors/index.ts';
import type { ExchangeJobs } from '../../runbook/results.ts';
import { askInside } from './inside.ts';
import { infobaseJobsDenied } from './lock.ts';
import type { Onec } from './onec.ts';

/** How long a running exchange may take to end by itself before the step gives the attempt up. */
const patience = { milliseconds: 600_000, every: 2000 };

/** What was found before anything was changed, on the machine: a lost answer or a dead worker cannot lose it. */
const memo = ({ machine, context, target }: Onec): string =>
  machine.join(machine.work, 'onec', `exchange-${context.run}-${target.name.replace(/[^\p{L}\p{N}._-]/gu, '_')}.json`);

/** An exchange can begin by itself. Throws EXCHANGE_JOB_UNKNOWN, EXCHANGE_JOBS_OFF, EXCHANGE_JOBS_DENIED. */
export async function checkJobs(onec: Onec, names: readonly string[]): Promise<string> {
  const { target, machine, context } = onec;
  const used = (await jobsNamed(onec, names)).filter(({ use }) => use).map(({ name }) => name);
  const off = (code: 'EXCHANGE_JOBS_OFF' | 'EXCHANGE_JOBS_DENIED'): NakatError =>
    new NakatError(code, { values: { infobase: target.name, jobs: names.join(', ') }, where: machine.name });
  if (used.length === 0) throw off('EXCHANGE_JOBS_OFF');
  // A file infobase has no such property: its jobs run in the sessions of its users.
  if (target.at.kind === 'server' && (await infobaseJobsDenied(target, context))) throw off('EXCHANGE_JOBS_DENIED');
  return used.join(', ');
}

/** Off, and none of them runs any more: a running exchange is waited for, never broken off. */
export async function switchOff(onec: Onec, names: readonly string[], waits = patience): Promise<ExchangeJobs> {
  const { machine, target, context } = onec;
  const before = (await remembered(onec)) ?? { jobs: await jobsNamed(onec, names) };
  await machine.makeFolder(machine.join(machine.work, 'onec'));
  await machine.writeFile(memo(onec), JSON.stringify(before));
  await askInside(onec, { do: 'setJobs', jobs: before.jobs.map(({ id }) => ({ id, use: false })) });
  const still = (await jobsNamed(onec, names)).find(({ use }) => use);
  if (still !== undefined)
    throw new NakatError('EXCHANGE_JOB_NOT_SET', {
      values: { infobase: target.name, job: still.name },
      where: machine.name,
    });
  for (const end = Date.now() + waits.milliseconds; ;) {
    const [running] = await askInside(onec, { do: 'running' });
    const one = running.find((name) => names.includes(name));
    if (one === undefined) return before;
    if (Date.now() >= end) throw stillRuns(onec, one);
    context.progress({ note: `${target.name}: ${one}` });
    await sleep(waits.every, undefined, { signal: context.signal });
  }
}

/** As they were; what this run never switched off stays as it is. */
export async function switchOn(onec: Onec, given: ExchangeJobs | undefined): Promise<void> {
  const before = (await remembered(onec)) ?? given;
  if (before === undefined) return;
  const names = before.jobs.map(({ name }) => name);
  // An update may have made a job anew: then its name tells which it is.
  const jobs = (await jobsNamed(onec, names)).map(({ id, name }) => ({
    id,
    use: (before.jobs.find((job) => job.id === id) ?? before.jobs.find((job) => job.name === name))!.use,
  }));
  await askInside(onec, { do: 'setJobs', jobs });
  const wrong = (await jobsNamed(onec, names)).find(({ id, use }) => jobs.find((job) => job.id === id)?.use !== use);
  if (wrong !== undefined)
    throw new NakatError('EXCHANGE_JOB_NOT_SET', {
      values: { infobase: onec.target.name, job: wrong.name },
      where: onec.machine.name,
    });
  await onec.machine.remove(memo(onec));
}

async function remembered(onec: Onec): Promise<ExchangeJobs | null> {
  if ((await onec.machine.stat(memo(onec))) === null) return null;
  return JSON.parse((await onec.machine.readFile(memo(onec))).toString('utf8')) as ExchangeJobs;
}

/** Throws EXCHANGE_JOB_UNKNOWN. Several jobs may have one name: each has its own id. */
async function jobsNamed(onec: Onec, names: readonly string[]): Promise<ExchangeJobs['jobs']> {
  const [all] = await askInside(onec, { do: 'jobs' });
  const missing = names.find((name) => !all.some((job) => job.name === name));
  if (missing !== undefined) {
    const known = [...new Set(all.map(({ name }) => name))].join(', ') || '—';
    throw new NakatError('EXCHANGE_JOB_UNKNOWN', {
      values: { infobase: onec.target.name, job: missing, known },
      where: onec.machine.name,
    });
  }
  return all.filter(({ name }) => names.includes(name));
}

const stillRuns = ({ target, machine }: Onec, job: string): NakatError =>
  new NakatError('EXCHANGE_STILL_RUNS', { values: { infobase: target.name, job }, where: machine.name });
