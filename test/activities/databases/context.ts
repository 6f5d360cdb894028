import { readFile } from 'node:fs/promises';
import { NakatError } from '../../../runbook/errors/index.ts';
import type { Progress, StepContext } from '../../../activities/step.ts';

/** A step's context outside Temporal. `end` closes what the step opened. */
export const testContext = (step = 'rehearsal.test', attempt = 1) => {
  const closing: (() => void | Promise<void>)[] = [];
  const progress: Progress[] = [];
  const logged: string[] = [];
  const context: StepContext = {
    run: '1a2b3c4d',
    system: 'crm',
    step,
    attempt,
    signal: new AbortController().signal,
    stopping: () => false,
    progress: (one) => void progress.push(one),
    async secret(ref) {
      const value = 'env' in ref ? process.env[ref.env] : (await readFile(ref.file, 'utf8')).split('\n')[0];
      if (value === undefined) throw new NakatError('DATABASE_LOGIN_REFUSED', { where: 'test' });
      return value;
    },
    log: (message, details) => void logged.push(`${message} ${JSON.stringify(details)}`),
    onEnd: (close) => void closing.unshift(close),
  };
  const end = async (): Promise<void> => {
    for (const close of closing.splice(0)) await close();
  };
  return { context, progress, logged, end };
};
