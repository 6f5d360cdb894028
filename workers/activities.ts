/** Turns steps into Temporal activities: checks parameters, gives the context, keeps the heart beating, carries errors across. */
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { readSecret, redact } from '../activities/secrets.ts';
import type { Progress, StepContext } from '../activities/step.ts';
import { isNakatError, NakatError } from '../runbook/errors/index.ts';
import { stepCatalogue, type StepName } from '../runbook/steps/index.ts';
import type { Failure, Json, Said, StepAnswer, StepInput } from '../runbook/types.ts';
import type { Log } from './log.ts';

export type { Progress };

/** Any step's code, its types put aside: parameters are checked against the catalogue before it is called. */
export type StepCode = (params: never, uses: never, context: StepContext) => Promise<unknown>;
export type Steps = Readonly<Partial<Record<StepName, StepCode>>>;
export type StepActivityFunction = (input: StepInput) => Promise<StepAnswer>;

export const asActivities = (steps: Steps, log: Log): Record<string, StepActivityFunction> =>
  Object.fromEntries(Object.entries(steps).map(([name, code]) => [name, asActivity(name as StepName, code, log)]));

function asActivity(name: StepName, code: StepCode, log: Log): StepActivityFunction {
  return async (input) => {
    const temporal = Context.current();
    const { attempt, startToCloseTimeoutMs, heartbeatTimeoutMs } = temporal.info;
    const fields = { run: input.run, system: input.system, step: input.step.id, activity: name, attempt };
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), ownDeadline(startToCloseTimeoutMs));
    const closers: (() => void | Promise<void>)[] = [];
    let last: Progress = {};
    // Independent of the work: a step that waits for a silent program is alive too, and hears of a cancellation.
    const beat = (): void => temporal.heartbeat(last);
    const heart = heartbeatTimeoutMs ? setInterval(beat, heartbeatTimeoutMs / 4) : undefined;
    const context: StepContext = {
      run: input.run,
      system: input.system,
      step: input.step.id,
      attempt,
      signal: AbortSignal.any([temporal.cancellationSignal, deadline.signal]),
      // Only an asked-for cancellation ends remote jobs; a worker that goes away, or an attempt given to another, does not.
      stopping: () => temporal.cancellationSignal.aborted && temporal.cancellationDetails?.cancelRequested !== true,
      progress: (progress) => {
        last = { ...progress, ...(progress.note === undefined ? {} : { note: withoutSecret(progress.note) }) };
        if (heart) beat();
      },
      secret: readSecret,
      log: (message, details) => log('info', message, { ...fields, ...details }),
      onEnd: (close) => void closers.push(close),
    };
    const started = Date.now();
    try {
      const result = await code(checkedParams(name, input) as never, input.uses as never, context);
      log('info', 'step done', { ...fields, seconds: (Date.now() - started) / 1000 });
      return { result: (result ?? null) as Json, attempt };
    } catch (error) {
      log('warn', 'step failed', { ...fields, seconds: (Date.now() - started) / 1000, error });
      if (temporal.cancellationSignal.aborted)
        throw error instanceof CancelledFailure ? error : new CancelledFailure(reasonOf(temporal));
      if (deadline.signal.aborted) {
        throw crossing(
          new NakatError('STEP_TIMEOUT', { values: { step: input.step.id, seconds: startToCloseTimeoutMs / 1000 } }),
          input,
          attempt,
        );
      }
      throw crossing(error, input, attempt);
    } finally {
      for (const close of closers.reverse()) {
        try {
          await close();
        } catch (error) {
          log('warn', 'closing after the step failed', { ...fields, error });
        }
      }
      clearInterval(heart);
      clearTimeout(timer);
    }
  };
}

function withoutSecret(note: string | Said): string | Said {
  if (typeof note === 'string') return redact(note);
  const values = Object.entries(note.values ?? {});
  return {
    ...note,
    values: Object.fromEntries(values.map(([key, value]) => [key, typeof value === 'string' ? redact(value) : value])),
  };
}

/** Shortly before Temporal gives the attempt up, so that the step itself still ends the job that it started. */
const ownDeadline = (timeout: number): number => Math.min(timeout - Math.min(30_000, timeout / 10), 2 ** 31 - 1);

const reasonOf = (temporal: Context): string =>
  temporal.cancellationDetails?.cancelRequested ? 'CANCELLED' : 'WORKER_SHUTDOWN';

function checkedParams(activity: StepName, input: StepInput): unknown {
  const checked = stepCatalogue[activity].params.safeParse(input.step.params);
  if (checked.success) return checked.data;
  const problems = checked.error.issues
    .map((issue) => `${issue.path.join('.') || '(all)'}: ${issue.message}`)
    .join('; ');
  throw new NakatError('PARAMS_INVALID', { values: { step: input.step.id, activity, problems } });
}

/** An error as it crosses to the workflow: its code as type, `[Failure, attempt]` as details, no trace, no cause, no secret. */
export function crossing(error: unknown, input: Pick<StepInput, 'step'>, attempt: number): ApplicationFailure {
  const known = isNakatError(error)
    ? error
    : new NakatError('UNEXPECTED', {
        values: { step: input.step.id },
        vendor: error instanceof Error ? error.message : String(error),
      });
  const failure = withoutSecrets(known.failure);
  const crossed = ApplicationFailure.create({
    message: failure.message,
    type: failure.code,
    nonRetryable: !failure.passing,
    details: [failure, attempt],
  });
  crossed.stack = '';
  return crossed;
}

const withoutSecrets = (failure: Failure): Failure => ({
  ...failure,
  message: redact(failure.message),
  values: Object.fromEntries(
    Object.entries(failure.values).map(([key, value]) => [key, typeof value === 'string' ? redact(value) : value]),
  ),
  ...(failure.vendor === undefined ? {} : { vendor: redact(failure.vendor) }),
  ...(failure.where === undefined ? {} : { where: redact(failure.where) }),
  ...(failure.proof === undefined
    ? {}
    : {
        proof: failure.proof.map((line) => ({
          ...line,
          what: redact(line.what),
          ...(line.name === undefined ? {} : { name: redact(line.name) }),
          before: redact(line.before),
          after: redact(line.after),
        })),
      }),
});
