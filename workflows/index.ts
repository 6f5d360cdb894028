/** The engine on Temporal: a thin adapter. Everything that decides anything is in the pure files beside it. */
import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  proxyActivities,
  setHandler,
  TimeoutFailure,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { fill, NakatError, type ErrorCode } from '../runbook/errors/index.ts';
import type { Notice } from '../runbook/notice.ts';
import type { Report } from '../runbook/report.ts';
import type { EngineSettings, Failure, NotificationChannel, Step, StepAnswer, StepInput } from '../runbook/types.ts';
import { answerFrom, refusalOf, type Refusal } from './decisions.ts';
import {
  cancelUpdate,
  decideSignal,
  decideUpdate,
  reportQuery,
  runNameOf,
  statusQuery,
  type UpdateInput,
} from './messages.ts';
import type { Performed, Ports } from './ports.ts';
import { reportOf } from './report.ts';
import { openRun, type Run } from './run.ts';
import { update as live } from './update.ts';
import { give } from './waiting.ts';

export { watch } from './watch.ts';

interface NotifyInput {
  readonly channels: readonly NotificationChannel[];
  readonly notice: Notice;
}
type NotifyAnswer = { readonly sent: readonly string[]; readonly failed: readonly { name: string; reason: string }[] };
type Activities = Record<string, (input: StepInput) => Promise<StepAnswer>>;

/** The workflow: one run of one runbook. Ends Completed with the report whatever the outcome: the outcome is in it. */
export async function update(input: UpdateInput): Promise<Report> {
  const lost: { name: string; reason: string }[] = [];
  const notices = new Set<Promise<void>>();
  const id = runNameOf(workflowInfo().firstExecutionRunId);
  const run = openRun(input, id, temporalPorts(input, id, lost, notices));
  handle(run, input, lost);
  // Temporal's own cancellation is one more way to ask; the run itself is never torn down by it.
  const asked = CancellationScope.current().cancelRequested.catch(() => {
    run.status.cancelledBy ??= { who: 'temporal', why: '' };
  });
  void asked;
  return CancellationScope.nonCancellable(async () => {
    await live(run, input.checkOnly ?? false);
    // A channel that hangs must not keep the run open.
    await condition(() => notices.size === 0, '1m');
    return reportOf(run, input.nakat, lost);
  });
}

function handle(run: Run, input: UpdateInput, lost: readonly { name: string; reason: string }[]): void {
  setHandler(statusQuery, () => run.status, { description: 'Stages, steps, decisions, window' });
  setHandler(reportQuery, () => reportOf(run, input.nakat, lost), { description: 'The report as it stands now' });
  setHandler(
    decideUpdate,
    (answer) => {
      const given = give(run, answerFrom(answer), 'update');
      if ('code' in given) throw refused(given);
      return given;
    },
    {
      description: 'Answer a decision',
      validator: (answer) => {
        const refusal = refusalOf(run.status, answerFrom(answer), run.ports.now());
        if (refusal) throw refused(refusal);
      },
    },
  );
  setHandler(
    decideSignal,
    (answer) => {
      give(run, answerFrom(answer), 'signal');
    },
    { description: 'Answer a decision without hearing back' },
  );
  setHandler(
    cancelUpdate,
    (by): { then: 'stop' | 'restore' } => {
      const { who, why } = answerFrom(by);
      run.status.cancelledBy ??= { who, why };
      const begun = run.status.stages.some(
        (stage) => stage.name === 'production' && stage.steps.some((step) => step.startedAt !== null),
      );
      return { then: begun ? 'restore' : 'stop' };
    },
    {
      description: 'Before production: stop. In production: restore.',
      validator: (_by) => {
        if (run.status.phase === 'restore') throw refused({ code: 'RUN_RESTORING', values: {} });
        if (run.status.phase === 'closing' || run.status.phase === 'ended')
          throw refused({ code: 'RUN_ENDED', values: {} });
      },
    },
  );
}

function refused(refusal: Refusal): ApplicationFailure {
  const { failure } = new NakatError(refusal.code, { values: refusal.values });
  return ApplicationFailure.create({
    message: failure.message,
    type: failure.code,
    nonRetryable: true,
    details: [failure],
  });
}

function temporalPorts(
  input: UpdateInput,
  id: string,
  lost: { name: string; reason: string }[],
  notices: Set<Promise<void>>,
): Ports {
  const { runbook } = input;
  return {
    now: () => Date.now(),
    until: async (holds, time, why) => {
      if (holds()) return true;
      if (time === null) {
        await condition(holds);
        return true;
      }
      const left = time - Date.now();
      return left <= 0 ? false : condition(holds, left, { summary: why.slice(0, 190) });
    },
    perform: (step, uses, callOff, callOffAt) =>
      performStep(
        runbook.engine,
        { run: id, system: runbook.system, step: { id: step.id, params: step.params }, uses },
        step,
        callOff,
        callOffAt,
      ),
    tell: (notice) => {
      if (runbook.notify.length === 0) return;
      const { notify } = proxyActivities<{ notify(of: NotifyInput): Promise<NotifyAnswer> }>({
        startToCloseTimeout: '1m',
        retry: { maximumAttempts: 2 },
      });
      const sending = notify({ channels: runbook.notify, notice })
        .then((answer) => void lost.push(...answer.failed))
        .catch(
          (error: unknown) =>
            void lost.push({ name: 'notify', reason: error instanceof Error ? error.message : String(error) }),
        )
        .finally(() => notices.delete(sending));
      notices.add(sending);
    },
    // A memo, not a search attribute: those must be registered on the user's server first, or the run would wedge.
    show: (phase) => upsertMemo({ phase }),
  };
}

/** More deaths of workers in one step than anybody has; then it counts as failed. */
const deathsForgiven = 20;

async function performStep(
  engine: EngineSettings,
  stepInput: StepInput,
  step: Step,
  callOff: () => boolean,
  callOffAt: number | null,
): Promise<Performed> {
  // A worker that dies is no failure of the step: tries are for failures that the step itself reports.
  for (let deaths = 0, attempts = 0; ; deaths++) {
    const performed = await performOnce(engine, stepInput, step, callOff, callOffAt);
    if (performed.kind === 'cancelled') return performed;
    attempts += performed.attempts;
    if (performed.kind === 'failed' && performed.died && deaths < deathsForgiven && !callOff()) continue;
    return performed.kind === 'done'
      ? { ...performed, attempts }
      : { kind: 'failed', failure: performed.failure, attempts };
  }
}

type Once =
  Exclude<Performed, { kind: 'failed' }> | (Extract<Performed, { kind: 'failed' }> & { readonly died: boolean });

async function performOnce(
  engine: EngineSettings,
  stepInput: StepInput,
  step: Step,
  callOff: () => boolean,
  callOffAt: number | null,
): Promise<Once> {
  const activities = proxyActivities<Activities>({
    startToCloseTimeout: step.timeout * 1000,
    heartbeatTimeout: engine.heartbeat * 1000,
    summary: fill(step.title, step.title.values ?? {}, 'en').slice(0, 190),
    // Restore never starts while an installer still runs: a called-off step is over only when its activity has ended.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: {
      initialInterval: engine.retryDelay * 1000,
      backoffCoefficient: 2,
      maximumInterval: '1m',
      maximumAttempts: engine.tries,
    },
  });
  const activity = activities[step.activity];
  if (!activity) throw ApplicationFailure.nonRetryable(`no activity ${step.activity}`);
  const scope = new CancellationScope();
  let over = false;
  const performing = scope
    .run(() => activity(stepInput))
    .then(
      (answer): Once => ({ kind: 'done', result: answer.result, attempts: answer.attempt }),
      (error: unknown): Once =>
        isCancellation(error) ? { kind: 'cancelled' } : { kind: 'failed', ...failureOf(error, step, engine) },
    )
    .finally(() => {
      over = true;
    });
  const watching = async (): Promise<void> => {
    const stop = (): boolean => over || callOff();
    if (callOffAt === null) await condition(stop);
    else await condition(stop, Math.max(1, callOffAt - Date.now()));
    if (!over) scope.cancel();
  };
  await Promise.all([performing, watching()]);
  return performing;
}

/** Out of what Temporal wraps it in. Recognised by its shape: classes do not cross processes. */
function failureOf(
  error: unknown,
  step: Step,
  engine: EngineSettings,
): { failure: Failure; attempts: number; died: boolean } {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure && cause.details?.[0]) {
    const [failure, attempt] = cause.details as [Failure, number | undefined];
    return { failure, attempts: attempt ?? 1, died: false };
  }
  const died = cause instanceof TimeoutFailure && cause.timeoutType === 'HEARTBEAT';
  const code: ErrorCode = cause instanceof TimeoutFailure ? 'STEP_TIMEOUT' : 'UNEXPECTED';
  const message = cause instanceof Error ? cause.message : String(cause);
  const { failure } = new NakatError(code, {
    values: { step: step.id, seconds: step.timeout },
    ...(code === 'UNEXPECTED' ? { vendor: message } : {}),
  });
  return { failure, attempts: engine.tries, died };
}
