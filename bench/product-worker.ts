/** The product's own worker; its one step runs `true` on the machine, with the connection, pins and secrets of every real step. */
import { machineFor } from '../activities/machines/pool.ts';
import type { StepContext } from '../activities/step.ts';
import type { ParamsOf } from '../runbook/steps/index.ts';
import { createWorker } from '../workers/worker.ts';
import { serve } from './children.ts';

async function reachMachine({ machine }: ParamsOf<'reachMachine'>, _uses: unknown, context: StepContext) {
  await context.secret({ env: 'NAKAT_BENCH_SECRET' });
  const { code } = await (await machineFor(machine, context)).run(['/bin/true'], { signal: context.signal });
  if (code !== 0) throw new Error(`true ended with ${code}`);
  return { code };
}

const { worker, run } = await createWorker({ address: process.argv[2], steps: { reachMachine }, others: {} });
await serve(run(), () => worker.shutdown());
