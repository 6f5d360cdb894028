import type { ApplicationFailure } from '@temporalio/activity';
import { asyncLocalStorage, CancelledFailure, Context, type Info } from '@temporalio/activity';
import { ActivityCancellationDetails } from '@temporalio/common';
import { afterEach, expect, test } from 'vitest';
import { hide } from '../../activities/secrets.ts';
import type { StepContext } from '../../activities/step.ts';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Failure, StepInput } from '../../runbook/types.ts';
import { asActivities, type StepCode } from '../../workers/activities.ts';
import { openLog } from '../../workers/log.ts';

let logged = '';
const log = openLog('debug', (line) => (logged += line));
afterEach(() => {
  logged = '';
});

const machine = { via: 'local', name: 'here', os: 'linux', work: '/tmp/nakat' };
const input: StepInput = {
  run: '1a2b3c4d',
  system: 'crm',
  step: { id: 'preflight.reach', params: { machine } },
  uses: {},
};

/** The SDK's own context, fed by hand: what the worker would do. */
function environment(info: Partial<Info> = {}) {
  const beats: unknown[] = [];
  const controller = new AbortController();
  const details: { details?: ActivityCancellationDetails } = {};
  let reject: (error: Error) => void = () => undefined;
  const cancelled = new Promise<never>((_, fail) => (reject = fail));
  cancelled.catch(() => undefined);
  const context = new Context(
    { attempt: 2, startToCloseTimeoutMs: 60_000, heartbeatTimeoutMs: 80, ...info } as Info,
    cancelled,
    controller.signal,
    (beat: unknown) => void beats.push(beat),
    undefined,
    undefined as never,
    undefined as never,
    details as never,
  );
  return {
    beats,
    cancel: (why: 'cancelRequested' | 'workerShutdown') => {
      details.details = new ActivityCancellationDetails({ [why]: true });
      const failure = new CancelledFailure(why);
      controller.abort(failure);
      reject(failure);
    },
    run: (
      code: (params: unknown, uses: unknown, context: StepContext) => Promise<unknown>,
      given: StepInput = input,
    ) => {
      const { reachMachine } = asActivities({ reachMachine: code as StepCode }, log);
      return asyncLocalStorage.run(context, () => reachMachine!(given));
    },
  };
}

const caught = async (promise: Promise<unknown>): Promise<ApplicationFailure> =>
  (await promise.then(
    () => null,
    (error: unknown) => error,
  )) as ApplicationFailure;
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((done) => setTimeout(done, 5));
};
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => signal.addEventListener('abort', () => done(), { once: true }));

test('the answer carries result and attempt, the step gets its context', async () => {
  const seen: unknown[] = [];
  const answer = await environment().run(async (params, _uses, context) => {
    seen.push(params, context.run, context.system, context.step, context.attempt);
    return { version: '1' };
  });
  expect(answer).toEqual({ result: { version: '1' }, attempt: 2 });
  expect(seen).toEqual([{ machine }, '1a2b3c4d', 'crm', 'preflight.reach', 2]);
});

test('parameters are checked before anything is done', async () => {
  let ran = false;
  const failure = await caught(
    environment().run(async () => (ran = true), {
      ...input,
      step: { id: 'preflight.reach', params: { machine: { ...machine, os: 'beos' }, more: 1 } },
    }),
  );
  expect(ran).toBe(false);
  expect(failure).toMatchObject({ type: 'PARAMS_INVALID', nonRetryable: true });
  expect(failure.message).toContain('machine.os');
});

test('our errors cross with code, details and no secret', async () => {
  hide('geheim-4711');
  const failure = await caught(
    environment().run(async () => {
      throw new NakatError('CANNOT_CONNECT', {
        where: 'sql://sa:geheim-4711@db',
        vendor: 'Login failed with geheim-4711',
        values: { url: 'x?p=geheim-4711' },
      });
    }),
  );
  expect(failure).toMatchObject({ type: 'CANNOT_CONNECT', nonRetryable: false });
  const [details, attempt] = failure.details as [Failure, number];
  expect(details).toMatchObject({
    code: 'CANNOT_CONNECT',
    passing: true,
    effect: 'not-done',
    where: 'sql://sa:•••@db',
  });
  expect(attempt).toBe(2);
  expect(JSON.stringify([failure.message, failure.stack, failure.cause, failure.details])).not.toContain('geheim');
  expect(logged).toContain('step failed');
  expect(logged).not.toContain('geheim');
});

test('unknown errors are tried again, their effect unknown, their trace only in the log', async () => {
  const failure = await caught(environment().run(() => Promise.reject(new TypeError('x is not a function'))));
  expect(failure).toMatchObject({ type: 'UNEXPECTED', nonRetryable: false });
  expect((failure.details as [Failure])[0]).toMatchObject({
    effect: 'unknown',
    vendor: 'x is not a function',
    values: { step: 'preflight.reach' },
  });
  expect(failure.stack).toBe('');
  expect(logged).toContain('activities.test.ts');
});

test('the heart beats by itself, with the last progress', async () => {
  const { run, beats } = environment();
  await run(async (_params, _uses, context) => {
    context.progress({ done: 1, total: 4, note: 'a' });
    const before = beats.length;
    await until(() => beats.length >= before + 3);
  });
  expect(beats.at(-1)).toEqual({ done: 1, total: 4, note: 'a' });
  const count = beats.length;
  await new Promise((done) => setTimeout(done, 60));
  expect(beats.length).toBe(count);
});

test('a cancelled step is told to end its job; a worker that goes away leaves it running', async () => {
  for (const [why, stopping] of [
    ['cancelRequested', false],
    ['workerShutdown', true],
  ] as const) {
    const { run, cancel } = environment();
    let told: boolean | undefined;
    const ended = caught(
      run(async (_params, _uses, context) => {
        setTimeout(() => cancel(why), 1);
        await aborted(context.signal);
        told = context.stopping();
        // What a step says of its own end does not hide that it was called off.
        throw new NakatError('UNEXPECTED');
      }),
    );
    expect(await ended).toBeInstanceOf(CancelledFailure);
    expect(told).toBe(stopping);
  }
});

test('a step that finishes although it was called off is done', async () => {
  const { run, cancel } = environment();
  const answer = await run(async () => {
    cancel('cancelRequested');
    return null;
  });
  expect(answer).toEqual({ result: null, attempt: 2 });
});

test('a step ends its own job before Temporal gives the attempt up', async () => {
  const failure = await caught(
    environment({ startToCloseTimeoutMs: 100 }).run(async (_params, _uses, context) => {
      await aborted(context.signal);
      expect(context.stopping()).toBe(false);
      throw new Error('job ended');
    }),
  );
  expect(failure).toMatchObject({ type: 'STEP_TIMEOUT' });
});

test('what a step opened is closed, the last first, whatever happens', async () => {
  const closed: number[] = [];
  await caught(
    environment().run(async (_params, _uses, context) => {
      context.onEnd(() => void closed.push(1));
      context.onEnd(() => Promise.reject(new Error('stuck')));
      context.onEnd(() => void closed.push(3));
      throw new Error('no');
    }),
  );
  expect(closed).toEqual([3, 1]);
  expect(logged).toContain('stuck');
});
