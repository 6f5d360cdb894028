/** Fourteen trivial steps over SSH: the whole product beside bare Temporal and what people use instead, round-robin. */
import { join } from 'node:path';
import { awaitRun, startRun } from '../client/runs.ts';
import type { Nakat } from '../client/connect.ts';
import { startSshd } from '../test/helpers/sshd.ts';
import type { steps as bareSteps } from './bare/workflows.ts';
import { startWorker } from './children.ts';
import { peers } from './peers.ts';
import type { Section } from './report.ts';
import { stepCount, stepsRunbook } from './runbook.ts';
import { median, quiet, timed } from './statistics.ts';

export async function measureSteps(nakat: Nakat, folder: string, rounds: number): Promise<Section> {
  const sshd = await startSshd();
  const bare = await startWorker(folder, 'bare/worker', nakat.address, JSON.stringify(sshd.target));
  let product = await startWorker(folder, 'product-worker', nakat.address);
  let number = 0;
  const update = async (): Promise<void> => {
    const system = `steps-${++number}`;
    await startRun(nakat, stepsRunbook(system, sshd.target), { initiator: 'carl' });
    const { outcome } = await awaitRun(nakat, system);
    if (outcome !== 'updated') throw new Error(`the run ended ${outcome}`);
  };
  const bareRun = (): Promise<void> =>
    nakat.client.workflow.execute<typeof bareSteps>('steps', {
      workflowId: `bare-${++number}`,
      taskQueue: 'bare',
      args: [stepCount],
    });
  try {
    const others = await peers(folder, sshd.target, join(sshd.folder, 'host-ed25519.pub'), stepCount);
    const racers = [
      { name: 'nakat, whole run', run: update, seconds: [] as number[] },
      { name: 'bare Temporal workflow', run: bareRun, seconds: [] as number[] },
      ...others.peers.map((peer) => ({ ...peer, seconds: [] as number[] })),
    ];
    for (const { run } of racers) await run();
    let busy = 0;
    for (let round = 0; round < rounds; round++) {
      for (const racer of racers) {
        if (!(await quiet())) busy += 1;
        const seconds = await timed(racer.run);
        racer.seconds.push(seconds);
        console.error(`round ${round + 1} of ${rounds}: ${racer.name} ${seconds.toFixed(3)} s`);
      }
    }
    const cold: number[] = [];
    for (let round = 0; round < Math.min(rounds, 5); round++) {
      await product.stop();
      await quiet();
      cold.push(
        await timed(async () => {
          [product] = await Promise.all([startWorker(folder, 'product-worker', nakat.address), update()]);
        }),
      );
    }
    return section(racers, cold, busy, rounds, others.missing);
  } finally {
    await Promise.allSettled([product.stop(), bare.stop()]);
    await sshd.stop();
  }
}

function section(
  racers: readonly { name: string; seconds: number[] }[],
  cold: readonly number[],
  busy: number,
  rounds: number,
  missing: string | undefined,
): Section {
  const middle = racers.map(({ name, seconds }) => ({ name, median: median(seconds), best: Math.min(...seconds) }));
  const [own = NaN, bare = NaN, pyinfra, ansible] = middle.map((one) => one.median);
  const row = (name: string, seconds: number, best: number) => ({
    name: `${name} (best ${best.toFixed(3)})`,
    value: `${seconds.toFixed(3)} s`,
    ratio: `${(seconds / bare).toFixed(2)} ×`,
  });
  return {
    title: `${stepCount} trivial steps over SSH on one host: median of ${rounds}, × bare Temporal`,
    rows: [
      ...middle.map((one) => row(one.name, one.median, one.best)),
      row('nakat, worker started for it', median(cold), Math.min(...cold)),
    ],
    goals: [
      { what: 'nakat : bare Temporal', measured: own / bare, limit: 1.25 },
      ...(pyinfra ? [{ what: 'nakat : pyinfra', measured: own / pyinfra, limit: 0.25 }] : []),
      ...(ansible ? [{ what: 'nakat : ansible-core with pipelining', measured: own / ansible, limit: 0.07 }] : []),
    ],
    notes: [
      'nakat and the bare workflow keep worker and connection; pyinfra and ansible-core start and connect anew, as they always do.',
      ...(missing ? [missing] : []),
      ...(busy
        ? [`Before ${busy} of ${rounds * racers.length} runs the processors were not idle: something else was running.`]
        : []),
    ],
  };
}
