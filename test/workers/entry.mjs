// A worker as a process of its own, with one step that says when it begins and, on the first try, never ends.
import { createWorker } from '../../dist/workers/worker.js';

const steps = {
  reachMachine: async (_params, _uses, context) => {
    process.stdout.write(`began ${context.step} ${context.attempt}\n`);
    if (context.step === 'preflight.look' && context.attempt === 1) await new Promise(() => undefined);
    return { attempt: context.attempt };
  },
};
const { run } = await createWorker({ address: process.argv[2], steps, others: {}, log: () => undefined });
await run();
