/** The library of watches: a schedule per system that looks for updates. Every error is a NakatError of the catalogue. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleDescription,
  type ScheduleHandle,
  type ScheduleSpec,
} from '@temporalio/client';
import { NakatError } from '../runbook/errors/index.ts';
import type { WatchPlan } from '../runbook/plan/watch.ts';
import type { WatchInput, WatchMemory } from '../runbook/watch/state.ts';
import { taskQueue } from '../workers/connection.ts';
import { compileWith } from '../workers/plan-files.ts';
import { watchIdOf, watchWorkflow } from '../workflows/messages.ts';
import { PlanMistakes } from './compile.ts';
import type { Nakat } from './connect.ts';
import { inOurWords } from './faults.ts';

export interface WatchView {
  readonly system: string;
  readonly services: readonly string[];
  readonly paused: boolean;
  /** Who paused it, and why. */
  readonly note: string;
  /** Epoch milliseconds; null while paused. */
  readonly next: number | null;
  /** A look is under way. */
  readonly looking: boolean;
  /** What the newest finished look remembers; null before the first. */
  readonly last: WatchMemory | null;
}

/**
 * Makes the schedule of the plan's system, or changes it: what was seen and refused stays known.
 * @throws NakatError PLAN_NOT_FOUND, PlanMistakes.
 */
export async function registerWatch(
  nakat: Nakat,
  file: string,
  by: string,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Promise<{ view: WatchView; made: boolean }> {
  const { input, spec } = await readWatch(file, by, variables);
  const { system } = input;
  const options = {
    spec,
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: Math.max(10, input.watch.catchUp) * 1000 },
  };
  const made = await said(nakat, system, async () => {
    try {
      await nakat.client.schedule.create({ scheduleId: watchIdOf(system), ...options, action: actionOf(input) });
      return true;
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    }
    await handleOf(nakat, system).update((before) => ({
      ...options,
      state: before.state,
      action: actionOf({ ...input, again: inputOf(before)?.again ?? '' }),
    }));
    return false;
  });
  return { view: await viewWatch(nakat, system), made };
}

const actionOf = (input: WatchInput) =>
  ({
    type: 'startWorkflow',
    workflowType: watchWorkflow,
    workflowId: watchIdOf(input.system),
    taskQueue,
    args: [input],
  }) as const;

/** The plan as it stands, tried with a stand-in for the update: what is wrong in it is said now, not at night. */
async function readWatch(
  file: string,
  by: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<{ input: WatchInput; spec: ScheduleSpec }> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new NakatError('PLAN_NOT_FOUND', { values: { file }, vendor: (cause as Error).message, cause });
  });
  const used = Object.fromEntries(
    [...text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)/g)].flatMap(([, name = '']): [string, string][] => {
      const value = variables[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const plan = { text, folder: dirname(resolve(file)), variables: used };
  const compiled = await compileWith(plan, { version: '0', file: resolve(file) });
  if ('mistakes' in compiled) throw new PlanMistakes(file, compiled.mistakes);
  const { runbook, watch, installed, recipes } = compiled;
  const { system, title, notify } = runbook;
  return {
    spec: specOf(watch),
    input: { system, title, plan: { ...plan, recipes }, watch, installed, notify, by, again: '' },
  };
}

const weekdays = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;

export function specOf({ every, at, days, timeZone, jitter }: WatchPlan): ScheduleSpec {
  if (at === undefined) return { intervals: [{ every: every * 1000 }], jitter: jitter * 1000 };
  const dayOfWeek = days?.map((day) => weekdays[day - 1] ?? 'MONDAY');
  const calendars = at.map((time) => {
    const [hour = 0, minute = 0] = time.split(':').map(Number);
    return { hour, minute, ...(dayOfWeek ? { dayOfWeek } : {}) };
  });
  return { calendars, timezone: timeZone, jitter: jitter * 1000 };
}

/** By system. */
export function listWatches(nakat: Nakat): Promise<WatchView[]> {
  return said(nakat, '', async () => {
    const systems: string[] = [];
    for await (const { scheduleId } of nakat.client.schedule.list())
      if (scheduleId.startsWith(watchIdOf(''))) systems.push(scheduleId.slice(watchIdOf('').length));
    return Promise.all(systems.sort().map((system) => viewWatch(nakat, system)));
  });
}

/** Throws WATCH_NOT_FOUND. */
export const viewWatch = (nakat: Nakat, system: string): Promise<WatchView> =>
  said(nakat, system, async () => {
    const described = await handleOf(nakat, system).describe();
    const { info, state } = described;
    return {
      system,
      services: inputOf(described)?.watch.services.map((one) => one.name) ?? [],
      paused: state.paused,
      note: state.note ?? '',
      next: state.paused ? null : (info.nextActionTimes[0]?.getTime() ?? null),
      looking: info.runningActions.length > 0,
      last: await lastMemory(nakat, described),
    };
  });

export const pauseWatch = (nakat: Nakat, system: string, note: string): Promise<void> =>
  said(nakat, system, () => handleOf(nakat, system).pause(note));
export const resumeWatch = (nakat: Nakat, system: string): Promise<void> =>
  said(nakat, system, () => handleOf(nakat, system).unpause());
/** A run that it has started goes on. */
export const removeWatch = (nakat: Nakat, system: string): Promise<void> =>
  said(nakat, system, () => handleOf(nakat, system).delete());

/**
 * Looks now, also while paused. `again`: what was refused, and what services were known to have, is forgotten first.
 * Null when the look has not ended after so many seconds, or the signal was given: it goes on.
 */
export async function lookNow(
  nakat: Nakat,
  system: string,
  options: { again?: string; timeout: number; signal?: AbortSignal },
): Promise<WatchMemory | null> {
  const deadline = Date.now() + options.timeout * 1000;
  const handle = handleOf(nakat, system);
  const look = await said(nakat, system, async () => {
    const { again } = options;
    if (again !== undefined)
      await handle.update((before) => {
        const input = inputOf(before);
        return { ...before, action: input ? actionOf({ ...input, again }) : before.action } as never;
      });
    const before = await handle.describe();
    const running = before.info.runningActions[0];
    // A look that is under way already will do, unless it knows too much.
    if (running?.type === 'startWorkflow' && again === undefined) return running.workflow;
    const known = new Set(startedBy(before).map((one) => one.firstExecutionRunId));
    await handle.trigger(ScheduleOverlapPolicy.BUFFER_ONE);
    for (;;) {
      const now = startedBy(await handle.describe()).find((one) => !known.has(one.firstExecutionRunId));
      if (now) return now;
      await sleep(200);
    }
  });
  const done = nakat.client.workflow.getHandle(look.workflowId, look.firstExecutionRunId);
  while (Date.now() < deadline && !options.signal?.aborted) {
    const { status } = await said(nakat, system, () => done.describe());
    if (status.name !== 'RUNNING') return (await said(nakat, system, () => done.result())) as WatchMemory;
    await sleep(300);
  }
  return null;
}

const startedBy = ({ info }: ScheduleDescription) =>
  info.recentActions.flatMap(({ action }) => (action.type === 'startWorkflow' ? [action.workflow] : []));

const inputOf = ({ action }: Pick<ScheduleDescription, 'action'>): WatchInput | undefined =>
  action.type === 'startWorkflow' ? (action.args?.[0] as WatchInput | undefined) : undefined;

async function lastMemory(nakat: Nakat, described: ScheduleDescription): Promise<WatchMemory | null> {
  for (const look of startedBy(described).reverse()) {
    const handle = nakat.client.workflow.getHandle(look.workflowId, look.firstExecutionRunId);
    const { status } = await handle.describe();
    if (status.name === 'COMPLETED') return (await handle.result()) as WatchMemory;
  }
  return null;
}

const handleOf = (nakat: Nakat, system: string): ScheduleHandle => nakat.client.schedule.getHandle(watchIdOf(system));

const patience = 60_000;

async function said<T>(nakat: Nakat, system: string, call: () => Promise<T>): Promise<T> {
  try {
    return await nakat.client.withDeadline(Date.now() + patience, call);
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) throw new NakatError('WATCH_NOT_FOUND', { values: { system } });
    throw inOurWords(error, { run: system, system, address: nakat.address });
  }
}
