/** The library: start runs, look at them, answer them. Every error is a NakatError of the catalogue. */
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';

import { isNakatError, NakatError } from '../runbook/errors/index.ts';
import type { Report } from '../runbook/report.ts';
import type { Failure } from '../runbook/types.ts';
import type { Progress } from '../workers/activities.ts';
import { taskQueue } from '../workers/connection.ts';
import {
  cancelUpdate,
  decideUpdate,
  reportQuery,
  runNameOf,
  statusQuery,
  updateWorkflow,
  workflowIdOf,
  type UpdateInput,
} from '../workflows/messages.ts';
import type { RunStatus } from '../workflows/state.ts';
import type { CompiledPlan } from './compile.ts';
import type { Nakat } from './connect.ts';
import { inOurWords } from './faults.ts';
import { version } from '../workers/version.ts';

/** A query or an update is answered in milliseconds while a worker is there. */
const patience = 10_000;

export interface RunSummary {
  readonly run: string;
  readonly system: string;
  readonly status: 'going' | 'ended' | 'broken';
  /** Of `RunStatus`: a stage, `decision`, `window`, `ended`. */
  readonly phase: string | null;
  readonly outcome: string | null;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number | null;
}

/** What a running step says of itself. */
export interface LiveStep {
  readonly activity: string;
  readonly attempt: number;
  readonly progress: Progress;
  /** Of the attempt before. */
  readonly failure: Failure | null;
}

export interface RunView {
  readonly status: RunStatus;
  readonly live: readonly LiveStep[];
}

/**
 * Starts the update of the runbook's system; one at a time. Throws RUN_ALREADY_GOING.
 * `checkOnly`: the preflight alone.
 */
export function startRun(
  nakat: Nakat,
  { runbook, digest }: CompiledPlan,
  options: { initiator: string; checkOnly?: boolean },
): Promise<string> {
  const input: UpdateInput = {
    runbook,
    digest,
    initiator: options.initiator,
    nakat: version,
    ...(options.checkOnly ? { checkOnly: true } : {}),
  };
  const workflowId = workflowIdOf(runbook.system);
  return said(nakat, runbook.system, async () => {
    const handle = await nakat.client.workflow.start(updateWorkflow, {
      workflowId,
      taskQueue,
      args: [input],
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: runbook.title.en.slice(0, 190),
    });
    return runNameOf(handle.firstExecutionRunId);
  });
}

/** `run` is a system's name, a workflow id, or the eight digits of a run. Throws RUN_NOT_FOUND, NO_WORKER, CANNOT_CONNECT. */
export async function viewRun(nakat: Nakat, run: string): Promise<RunView> {
  const handle = await findRun(nakat, run);
  return said(nakat, run, async () => ({
    status: await handle.query(statusQuery),
    live: await liveSteps(nakat, handle),
  }));
}

/** Answers the choice that is now taken; null while more people are needed. Throws the refusal: DECISION_…. */
export async function decide(
  nakat: Nakat,
  run: string,
  answer: { decision: string; choice: string; who: string; why: string; digest: string },
): Promise<{ taken: string | null }> {
  const handle = await findRun(nakat, run);
  return told(nakat, run, handle, () => handle.executeUpdate(decideUpdate, { args: [answer], updateId: randomUUID() }));
}

/** Before production the run stops, in production it restores. Throws RUN_RESTORING, RUN_ENDED. */
export async function cancelRun(
  nakat: Nakat,
  run: string,
  by: { who: string; why: string },
): Promise<{ then: 'stop' | 'restore' }> {
  const handle = await findRun(nakat, run);
  return told(nakat, run, handle, () => handle.executeUpdate(cancelUpdate, { args: [by], updateId: randomUUID() }));
}

/** Of a run that has ended, without needing a worker; of one that is going, as it stands. */
export async function reportOfRun(nakat: Nakat, run: string): Promise<Report> {
  const handle = await findRun(nakat, run);
  return said(nakat, run, async () => {
    const { status } = await handle.describe();
    return status.name === 'RUNNING' ? handle.query(reportQuery) : ((await handle.result()) as Report);
  });
}

/** Resolves with the report when the run has ended. */
export async function awaitRun(nakat: Nakat, run: string): Promise<Report> {
  const handle = await findRun(nakat, run);
  try {
    return (await handle.result()) as Report;
  } catch (error) {
    throw inOurWords(error, { run, system: run, address: nakat.address });
  }
}

/** Newest first. */
export function listRuns(nakat: Nakat, limit = 20): Promise<RunSummary[]> {
  return said(nakat, '', async () => {
    const found: RunSummary[] = [];
    for await (const one of nakat.client.workflow.list({
      query: `WorkflowType = '${updateWorkflow}'`,
      pageSize: limit,
    })) {
      const ended = one.status.name === 'COMPLETED';
      const outcome = ended ? ((await handleOf(nakat, one.workflowId, one.runId).result()) as Report).outcome : null;
      found.push({
        run: runNameOf(one.runId),
        system: one.workflowId.slice(workflowIdOf('').length),
        status: one.status.name === 'RUNNING' ? 'going' : ended ? 'ended' : 'broken',
        phase: (one.memo?.['phase'] as string | undefined) ?? null,
        outcome,
        startedAt: one.startTime.getTime(),
        endedAt: one.closeTime?.getTime() ?? null,
      });
      if (found.length === limit) break;
    }
    return found;
  });
}

/** The progress is the activity's last heartbeat: Temporal keeps it encoded, so it goes through codec and converter here. */
async function liveSteps(nakat: Nakat, handle: WorkflowHandle): Promise<LiveStep[]> {
  const { raw } = await handle.describe();
  const converter = nakat.client.options.loadedDataConverter;
  return Promise.all(
    (raw.pendingActivities ?? []).map(async (one) => {
      const [progress] = (await decodeArrayFromPayloads(converter, one.heartbeatDetails?.payloads)) as [Progress?];
      const [failure] = (await decodeArrayFromPayloads(
        converter,
        one.lastFailure?.applicationFailureInfo?.details?.payloads,
      )) as [Failure?];
      return {
        activity: one.activityType?.name ?? '',
        attempt: one.attempt ?? 1,
        progress: progress ?? {},
        failure: failure ?? null,
      };
    }),
  );
}

async function findRun(nakat: Nakat, run: string): Promise<WorkflowHandle> {
  const named = handleOf(nakat, run.startsWith(workflowIdOf('')) ? run : workflowIdOf(run));
  if (!/^[0-9a-f]{8}$/.test(run)) return named;
  return said(nakat, run, async () => {
    for await (const one of nakat.client.workflow.list({ query: `WorkflowType = '${updateWorkflow}'` })) {
      if (runNameOf(one.runId) === run) return handleOf(nakat, one.workflowId, one.runId);
    }
    return named;
  });
}

const handleOf = (nakat: Nakat, workflowId: string, runId?: string): WorkflowHandle =>
  nakat.client.workflow.getHandle(workflowId, runId);

/** The server knows no update of a run that has ended, and says so as if there had never been one. */
async function told<T>(nakat: Nakat, run: string, handle: WorkflowHandle, call: () => Promise<T>): Promise<T> {
  try {
    return await said(nakat, run, call);
  } catch (error) {
    if (!isNakatError(error) || error.code !== 'RUN_NOT_FOUND') throw error;
    const { status } = await said(nakat, run, () => handle.describe());
    throw status.name === 'RUNNING' ? error : new NakatError('RUN_ENDED', { values: { run } });
  }
}

async function said<T>(nakat: Nakat, run: string, call: () => Promise<T>): Promise<T> {
  try {
    return await nakat.client.withDeadline(Date.now() + patience, call);
  } catch (error) {
    throw inOurWords(error, { run, system: run, address: nakat.address });
  }
}
