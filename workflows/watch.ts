/**
 * One look for updates: what is installed, what the services have, and, where there is something newer that nobody refused, a run
 * that asks. Started by a schedule, which hands each look what the look before remembered. Always ends Completed: what failed
 * is part of what it remembers, and the next look must not lose the rest.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  ParentClosePolicy,
  proxyActivities,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { NakatError } from '../runbook/errors/index.ts';
import { watchTexts } from '../runbook/messages/watch.ts';
import type { Notice } from '../runbook/notice.ts';
import type { Failure, NotificationChannel, StepAnswer, StepInput } from '../runbook/types.ts';
import { candidates, seenAfter, toTell } from '../runbook/watch/next.ts';
import { offerLines } from '../runbook/watch/offer.ts';
import type { Found, Offer, OfferEnd, Release, ServiceLook, WatchInput, WatchMemory } from '../runbook/watch/state.ts';
import { runNameOf, updateWorkflow, workflowIdOf, type UpdateInput } from './messages.ts';
import { saidFailure } from './run.ts';

/** What a watch needs of a worker, beside the step that reads what is installed. */
export interface WatchActivities {
  askServices(of: Pick<WatchInput, 'watch'> & { installed: string; seen: WatchMemory['seen'] }): Promise<ServiceLook[]>;
  /** `busy`: a run of the system is under way, or waits; `end`: of the run that was started by the offer. */
  runsOf(of: { system: string; offered: string | null }): Promise<{ busy: boolean; end: OfferEnd | null }>;
  /** Fetches, checks, keeps and compiles. */
  prepareOffer(of: { input: WatchInput; service: string; release: Release }): Promise<{
    found: Found;
    run: Pick<UpdateInput, 'runbook' | 'digest' | 'nakat'>;
  }>;
  notify(of: { channels: readonly NotificationChannel[]; notice: Notice }): Promise<unknown>;
}

const retry = { initialInterval: '5s', backoffCoefficient: 2, maximumAttempts: 3 } as const;
const { notify } = proxyActivities<WatchActivities>({ startToCloseTimeout: '1m', retry });
// With a sign of life, so that a worker that dies is not waited for.
const { askServices, runsOf } = proxyActivities<WatchActivities>({
  startToCloseTimeout: '15m',
  heartbeatTimeout: '30s',
  retry,
});
const { prepareOffer } = proxyActivities<WatchActivities>({
  startToCloseTimeout: '6h',
  heartbeatTimeout: '30s',
  retry,
});

export async function watch(input: WatchInput): Promise<WatchMemory> {
  const last = workflowInfo().lastResult as WatchMemory | undefined;
  const before = last?.again === input.again ? last : undefined;
  const memory = await look(input, before);
  const failures = [
    ...memory.looks.flatMap(({ service, failure }) => (failure ? [{ service, failure }] : [])),
    ...(memory.failure ? [{ service: '', failure: memory.failure }] : []),
  ];
  const { fresh, told } = toTell(before?.told ?? [], failures);
  if (fresh.length > 0)
    await tell(input, {
      event: 'watch-failed',
      title: watchTexts.failed,
      lines: fresh.map(saidFailure),
      how: 'nakat watch list',
    });
  return { ...memory, told };
}

async function look(input: WatchInput, before: WatchMemory | undefined): Promise<WatchMemory> {
  let memory: WatchMemory = {
    format: 1,
    at: Date.now(),
    installed: null,
    looks: before?.looks ?? [],
    seen: before?.seen ?? {},
    offer: before?.offer ?? null,
    failure: null,
    told: [],
    again: input.again,
  };
  let looks: readonly ServiceLook[] = [];
  try {
    const { busy, end } = await runsOf({ system: input.system, offered: memory.offer?.workflowRun ?? null });
    if (memory.offer && end) memory = { ...memory, offer: { ...memory.offer, end } };
    // Nobody looks into a system that is being updated: what was read before will do.
    const installed = busy ? (before?.installed ?? null) : await readInstalled(input);
    memory = { ...memory, installed };
    if (installed === null) return memory;
    looks = await askServices({ watch: input.watch, installed, seen: memory.seen });
    let offer = memory.offer;
    if (!busy) ({ looks, offer } = await offerBest(input, looks, offer));
    return {
      ...memory,
      looks: looks.map(({ service, newest, failure }) => ({ service, newest: newest?.version ?? null, failure })),
      // Of a service that told an untruth, nothing is kept: it may mend it.
      seen: seenAfter(memory.seen, looks),
      offer,
    };
  } catch (error) {
    return { ...memory, failure: failureOf(error) };
  }
}

/** The best that can be fetched whole: a service whose file is not what it said leaves the word to the next. */
async function offerBest(
  input: WatchInput,
  all: readonly ServiceLook[],
  before: Offer | null,
): Promise<{ looks: readonly ServiceLook[]; offer: Offer | null }> {
  let looks = all;
  for (const { service, release } of candidates(all, before)) {
    try {
      const { found, run } = await prepareOffer({ input, service, release });
      return { looks, offer: await offer(input, before, found, run) };
    } catch (error) {
      const failure = failureOf(error);
      looks = looks.map((one) => (one.service === service ? { ...one, failure } : one));
    }
  }
  return { looks, offer: before };
}

async function offer(
  input: WatchInput,
  before: Offer | null,
  found: Found,
  run: Pick<UpdateInput, 'runbook' | 'digest' | 'nakat'>,
): Promise<Offer | null> {
  const { name, version } = run.runbook.update;
  const notice = {
    event: 'update-found',
    title: { ...watchTexts.found, values: { name, version } },
    how: `nakat status ${input.system}`,
  } as const;
  try {
    const child = await startChild(updateWorkflow, {
      workflowId: workflowIdOf(input.system),
      args: [{ ...run, initiator: input.by } satisfies UpdateInput],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: run.runbook.title.en.slice(0, 190),
    });
    await tell(input, { ...notice, lines: offerLines(run.runbook) });
    return {
      version: found.version,
      sha256: found.sha256,
      workflowRun: child.firstExecutionRunId,
      at: Date.now(),
      times: before?.version === found.version ? before.times + 1 : 1,
      end: 'going',
    };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    // A person runs something on this system: it is offered at a later look.
    return before;
  }
}

async function readInstalled({ installed, system }: WatchInput): Promise<string> {
  const activities = proxyActivities<Record<string, (input: StepInput) => Promise<StepAnswer>>>({
    startToCloseTimeout: installed.timeout * 1000,
    heartbeatTimeout: '30s',
    retry,
  });
  const activity = activities[installed.activity];
  if (!activity) throw ApplicationFailure.nonRetryable(`no activity ${installed.activity}`);
  const run = runNameOf(workflowInfo().firstExecutionRunId);
  const { result } = await activity({ run, system, step: { id: installed.id, params: installed.params }, uses: {} });
  const version = Object(result).version as unknown;
  return typeof version === 'string' ? version : '';
}

async function tell(input: WatchInput, notice: Omit<Notice, 'system'>): Promise<void> {
  if (input.notify.length === 0) return;
  try {
    await notify({ channels: input.notify, notice: { ...notice, system: input.system } });
  } catch {
    // A lost notice is no reason to lose what was seen.
  }
}

function failureOf(error: unknown): Failure {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure && cause.details?.[0]) return cause.details[0] as Failure;
  if (!(error instanceof ActivityFailure)) throw error;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new NakatError('UNEXPECTED', { values: { step: 'watch' }, vendor: message }).failure;
}
