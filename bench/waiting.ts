/** What a run costs that waits for its approval, beside a bare workflow that waits for a signal; then all are answered. */
import { setTimeout as delay } from 'node:timers/promises';
import { atOnce } from '../activities/web/lanes.ts';
import { awaitRun, decide, startRun } from '../client/runs.ts';
import type { Nakat } from '../client/connect.ts';
import { workflowIdOf } from '../workflows/messages.ts';
import { approve, type waits } from './bare/workflows.ts';
import { startWorker } from './children.ts';
import type { Section } from './report.ts';
import { approval, waitingRunbook } from './runbook.ts';
import { quiet, timed } from './statistics.ts';

/** So many calls at once; the same for all. */
const width = 50;

interface Crowd {
  readonly worker: readonly [script: string, ...argv: string[]];
  readonly id: (number: number) => string;
  start(number: number): Promise<unknown>;
  answer(number: number): Promise<unknown>;
  ended(number: number): Promise<unknown>;
}

interface Cost {
  /** Bytes of the worker's memory: all of it, and what came by each run. */
  readonly whole: number;
  readonly each: number;
  /** Runs answered and ended in a second. */
  readonly rate: number;
  /** Of one run that waits. */
  readonly history: { readonly events: number; readonly bytes: number };
}

export async function measureWaiting(nakat: Nakat, folder: string, count: number): Promise<Section> {
  const bareOne = await measure(nakat, folder, count, bareCrowd(nakat));
  const empty = await measure(nakat, folder, count, productCrowd(nakat, 0));
  const full = await measure(nakat, folder, count, productCrowd(nakat, 60));
  const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;
  const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024)} kB`;
  const times = (one: number, other: number): string => `${(one / other).toFixed(2)} ×`;
  const rows = [
    ['bare Temporal workflow', bareOne],
    ['nakat, an approval and no steps', empty],
    ['nakat, an approval and 60 steps to come', full],
  ] as const;
  return {
    title: `${count} runs that wait for an approval in one worker, × bare Temporal`,
    rows: rows.flatMap(([name, cost]) => [
      { name: `${name}: worker`, value: megabytes(cost.whole), ratio: times(cost.whole, bareOne.whole) },
      { name: `${name}: each`, value: kilobytes(cost.each), ratio: times(cost.each, bareOne.each) },
      { name: `${name}: answered`, value: `${cost.rate.toFixed(0)} /s`, ratio: times(cost.rate, bareOne.rate) },
      { name: `${name}: history`, value: `${cost.history.events} events`, ratio: kilobytes(cost.history.bytes) },
    ]),
    goals: [
      { what: 'memory of the worker, no steps', measured: empty.whole / bareOne.whole, limit: 1.3 },
      { what: 'memory of the worker, 60 steps', measured: full.whole / bareOne.whole, limit: 1.3 },
      { what: 'rate of answers', measured: full.rate / bareOne.rate, limit: 0.8, least: true },
    ],
    notes: [],
  };
}

const bareCrowd = ({ client: { workflow } }: Nakat): Crowd => {
  const id = (number: number): string => `bare-waits-${number}`;
  return {
    worker: ['bare/worker'],
    id,
    start: (number) => workflow.start<typeof waits>('waits', { workflowId: id(number), taskQueue: 'bare' }),
    answer: (number) => workflow.getHandle(id(number)).signal(approve),
    ended: (number) => workflow.getHandle(id(number)).result(),
  };
};

const productCrowd = (nakat: Nakat, steps: number): Crowd => {
  const plan = (number: number) => waitingRunbook(`waits-${steps}-${number}`, steps);
  return {
    worker: ['product-worker'],
    id: (number) => workflowIdOf(plan(number).runbook.system),
    start: (number) => startRun(nakat, plan(number), { initiator: 'carl' }),
    answer: (number) => {
      const { runbook, digest } = plan(number);
      return decide(nakat, runbook.system, { decision: approval, choice: 'approve', who: 'anna', why: '', digest });
    },
    ended: (number) => awaitRun(nakat, plan(number).runbook.system),
  };
};

async function measure(nakat: Nakat, folder: string, count: number, crowd: Crowd): Promise<Cost> {
  const say = (what: string): void => console.error(`${crowd.id(count)}: ${what}`);
  const [script, ...argv] = crowd.worker;
  const worker = await startWorker(folder, script, nakat.address, ...argv);
  try {
    const all = Array.from({ length: count }, (_, number) => number);
    // One run goes through before, so that code and threads are there and only the runs are counted.
    const life = async (number: number): Promise<void> => {
      await crowd.start(number);
      await untilWaiting(nakat, crowd.id(number));
      await crowd.answer(number);
      await crowd.ended(number);
    };
    say('a first one');
    await life(count);
    await quiet();
    const before = await worker.memory();
    say(`starting ${count}`);
    await atOnce(width, all, crowd.start);
    let history = { events: 0, bytes: 0 };
    await atOnce(width, all, async (number) => (history = await untilWaiting(nakat, crowd.id(number))));
    await quiet();
    const whole = await worker.memory();
    say('answering');
    const seconds = await timed(() => Promise.all([atOnce(width, all, crowd.answer), atOnce(width, all, crowd.ended)]));
    return { whole, each: (whole - before) / count, rate: count / seconds, history };
  } finally {
    say('stopping');
    await worker.stop();
  }
}

/** Its first task is done: what it has to say is said, and nothing is left to do but to wait. Asks the server, not the worker. */
async function untilWaiting(nakat: Nakat, id: string): Promise<Cost['history']> {
  for (; ; await delay(50)) {
    const { raw, historyLength } = await nakat.client.workflow.getHandle(id).describe();
    if (historyLength > 3 && !raw.pendingWorkflowTask)
      return { events: historyLength, bytes: Number(raw.workflowExecutionInfo?.historySizeBytes ?? 0) };
  }
}
