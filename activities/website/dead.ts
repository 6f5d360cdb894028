/**
 * A restore brings back a site that is perhaps dead: hung, answering 500, its tables half migrated. Doors and switches are then
 * out of reach, and must not keep the files and the database from coming back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isNakatError } from '../../runbook/errors/index.ts';
import type { Facts } from '../../runbook/results.ts';
import type { StepContext } from '../step.ts';

/** A statement may wait for ever behind a migration that hangs; a page is given up after a minute by itself. */
const patience = 120_000;

/** Tries, not for long; what could not be done is the step's result instead of its failure. Being called off stays what it is. */
export async function evenIfDead(
  context: StepContext,
  act: (context: StepContext) => Promise<void>,
  longest = patience,
): Promise<Facts> {
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  const late = sleep(longest, undefined, { signal }).then(() => {
    const error = new Error(`no answer in ${longest / 1000} s`);
    over.abort(error);
    throw error;
  });
  try {
    await Promise.race([act({ ...context, signal }), late]);
    return {};
  } catch (error) {
    context.signal.throwIfAborted();
    const said = error instanceof Error ? error.message : String(error);
    const message = (isNakatError(error) ? `${error.code}: ${said}` : said).slice(0, 500);
    context.log('could not be done, the restore goes on', { message });
    return { found: 'went-on', message };
  } finally {
    over.abort();
  }
}
