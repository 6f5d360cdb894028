/**
 * A worker as a process of its own: `node dist/workers/main.js [--address host:port] [--state folder] [--with-parent]`.
 * `--with-parent`: it ends when its stdin closes, so that it never outlives who started it.
 */
import { parseArgs } from 'node:util';
import { isNakatError } from '../runbook/errors/index.ts';
import { openLog } from './log.ts';
import { createWorker } from './worker.ts';

const { values } = parseArgs({
  options: { address: { type: 'string' }, state: { type: 'string' }, 'with-parent': { type: 'boolean' } },
});
const log = openLog();
try {
  const { worker, run } = await createWorker({ address: values.address, stateDir: values.state, log });
  if (values['with-parent']) {
    process.stdin.resume().once('close', () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
    });
  }
  log('info', 'worker ready');
  await run();
  log('info', 'worker ended');
} catch (error) {
  log('error', isNakatError(error) ? error.code : 'UNEXPECTED', { error });
  process.exitCode = 1;
}
// The parent's pipe would keep the process alive.
process.stdin.unref?.();
