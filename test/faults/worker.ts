/**
 * The product's own worker as a process, with faults built in: `node worker.js <product> <address> <faults as JSON> <folder>`.
 * A file of the step's name appears in the folder when its fault has happened, so that it happens once.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ApplicationFailure } from '@temporalio/activity';
import type { createWorker as CreateWorker } from '../../workers/worker.ts';
import type { StepInput } from '../../runbook/types.ts';
import type { Fault } from './faults.ts';

const [product = '', address = '', faultsText = '[]', folder = ''] = process.argv.slice(2);
const faults = JSON.parse(faultsText) as Fault[];

const marker = (fault: Fault): string => join(folder, fault.step);
const happened = (fault: Fault): boolean => existsSync(marker(fault));
const mark = (fault: Fault): void => writeFileSync(marker(fault), String(Date.now()));
const killMyself = (fault: Fault): void => {
  mark(fault);
  process.kill(process.pid, 'SIGKILL');
};
const killServer = (fault: Fault): void => {
  mark(fault);
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
            const fault = faults.find((one) => one.step === step);
            if (fault === undefined || happened(fault)) return next(input);
            switch (fault.kind) {
              case 'worker-before':
                killMyself(fault);
                return new Promise(() => undefined);
              case 'server-before': {
                killServer(fault);
                await once(process, 'message');
                return next(input);
              }
              case 'worker-inside':
              case 'server-inside': {
                const strike = fault.kind === 'worker-inside' ? killMyself : killServer;
                const timer = setTimeout(() => strike(fault), fault.after);
                // Quicker than last time: then between its effect and its answer.
                return await next(input).finally(() => {
                  clearTimeout(timer);
                  if (!happened(fault)) strike(fault);
                });
              }
              case 'answer-lost':
                await next(input);
                mark(fault);
                throw ApplicationFailure.retryable('the answer was lost');
            }
          },
        },
      }),
    ],
  },
});
// Who started it is gone: nobody wants it any more.
process.once('disconnect', () => process.exit());
process.send?.('ready');
await run();
