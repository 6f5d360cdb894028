/**
 * The product's own worker as a process, with one fault built in: `node worker.js <address> <fault as JSON> <marker file>`.
 * The marker is written when the fault has happened, so that the worker that follows carries no fault.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { ApplicationFailure } from '@temporalio/activity';
import type { createWorker as CreateWorker } from '../../workers/worker.ts';
import type { StepInput } from '../../runbook/types.ts';
import type { Fault } from './faults.ts';

const [product = '', address = '', faultText = 'null', marker = ''] = process.argv.slice(2);
const fault = JSON.parse(faultText) as Fault | null;

const happened = (): boolean => marker === '' || existsSync(marker);
function mark(): void {
  writeFileSync(marker, String(Date.now()));
}
const killMyself = (): void => {
  mark();
  process.kill(process.pid, 'SIGKILL');
};
const killServer = (): void => {
  mark();
  process.send?.('kill-server');
};

// `product` is the folder of the build under test: a copy of it may hold a seeded bug.
const { createWorker } = (await import(pathToFileURL(`${product}/workers/worker.js`).href)) as {
  createWorker: typeof CreateWorker;
};
const { run } = await createWorker({
  address,
  interceptors: {
    activity: [
      () => ({
        inbound: {
          async execute(input, next) {
            const step = (input.args[0] as StepInput | undefined)?.step?.id;
            if (fault === null || step !== fault.step || happened()) return next(input);
            switch (fault.kind) {
              case 'worker-before':
                killMyself();
                return new Promise(() => undefined);
              case 'server-before': {
                killServer();
                await once(process, 'message');
                return next(input);
              }
              case 'worker-inside':
              case 'server-inside': {
                const strike = fault.kind === 'worker-inside' ? killMyself : killServer;
                const timer = setTimeout(strike, fault.after);
                // Quicker than last time: then between its effect and its answer.
                return await next(input).finally(() => {
                  clearTimeout(timer);
                  if (!happened()) strike();
                });
              }
              case 'answer-lost':
                await next(input);
                mark();
                throw ApplicationFailure.retryable('the answer was lost');
            }
          },
        },
      }),
    ],
  },
});
process.send?.('ready');
await run();
