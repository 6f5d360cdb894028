/** Looks for updates on a real server: what the schedule hands on, what is offered, what a refusal is worth. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { connect, type Nakat } from '../../client/connect.ts';
import { cancelRun, decide, viewRun } from '../../client/runs.ts';
import { lookNow } from '../../client/watches.ts';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Notice } from '../../runbook/notice.ts';
import { asOffer } from '../../runbook/watch/offer.ts';
import type { Found, OfferEnd, Release, ServiceLook, WatchInput, WatchMemory } from '../../runbook/watch/state.ts';
import { Worker } from '@temporalio/worker';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { fetchHistoryOf, store, type StoredHistory } from '../replay/histories.ts';
import { version } from '../../workers/version.ts';
import { createWorker, type RunningWorker } from '../../workers/worker.ts';
import { taskQueue } from '../../workers/connection.ts';
import { digestOf } from '../../workers/plan-files.ts';
import { startServer, type Server } from '../../workers/server.ts';
import { watchIdOf, watchWorkflow, workflowIdOf } from '../../workflows/messages.ts';
import type { WatchActivities } from '../../workflows/watch.ts';
import { tinyRunbook } from '../client/tiny.ts';

let [stateDir, server, nakat, worker, working] = ['', undefined, undefined, undefined, undefined] as unknown as [
  string,
  Server,
  Nakat,
  RunningWorker,
  Promise<void>,
];
/** What the world says; changed by tests. */
const world = {
  installed: '1.0' as string | NakatError,
  looks: (): ServiceLook[] => [],
  ends: new Map<string, OfferEnd>(),
  fetched: [] as string[],
  fetchFails: new Set<string>(),
  notices: [] as Notice[],
  rehearse: false,
};

const release = (version: string, more: Partial<Release> = {}): Release => ({
  version,
  changes: 'Faster.',
  file: `https://updates.example.com/${version}.cfe`,
  size: 10,
  checksum: { algorithm: 'sha256', value: 'a'.repeat(64) },
  from: [],
  ...more,
});
const offers = (service: string, version: string | null): ServiceLook => ({
  service,
  newest: version === null ? null : release(version),
  next: version === null ? null : release(version),
  failure: null,
});

const activities: WatchActivities = {
  askServices: async () => world.looks(),
  runsOf: async ({ system, offered }) => {
    const described = await nakat.client.workflow
      .getHandle(workflowIdOf(system))
      .describe()
      .catch(() => null);
    const busy = described?.status.name === 'RUNNING';
    return { busy, end: offered === null ? null : busy ? 'going' : (world.ends.get(system) ?? 'stopped') };
  },
  prepareOffer: async ({ input, service, release: wanted }) => {
    world.fetched.push(`${service} ${wanted.version}`);
    if (world.fetchFails.has(service)) {
      const { failure } = new NakatError('UPDATE_HASH_WRONG', {
        values: { service, version: wanted.version, algorithm: 'sha256', found: 'b', expected: 'a' },
      });
      const { ApplicationFailure } = await import('@temporalio/common');
      throw ApplicationFailure.create({
        message: failure.message,
        type: failure.code,
        nonRetryable: true,
        details: [failure],
      });
    }
    const found: Found = {
      service,
      version: wanted.version,
      changes: wanted.changes,
      path: '/store/a.cfe',
      sha256: 'a'.repeat(64),
      bytes: 10,
      checkedBy: 'sha256',
    };
    const { runbook } = tinyRunbook(input.system);
    const offered = asOffer(
      { ...runbook, update: { ...runbook.update, version: wanted.version } },
      found,
      world.rehearse,
    );
    return { found, run: { runbook: offered, digest: digestOf(offered), nakat: '0' } };
  },
  notify: async ({ notice }) => {
    world.notices.push(notice);
  },
};

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'nakat-watch-'));
  server = await startServer({ stateDir });
  nakat = await connect({ stateDir });
  worker = await createWorker({
    stateDir,
    log: () => undefined,
    maxCachedWorkflows: 0,
    steps: {
      reachMachine: async () => ({}),
      checkExtension: async () => {
        if (world.installed instanceof NakatError) throw world.installed;
        return { installed: world.installed !== '', version: world.installed };
      },
    },
    others: activities as never,
  });
  working = worker.run();
});

afterAll(async () => {
  worker?.worker.shutdown();
  await working;
  await nakat?.close();
  await server?.stop();
  await rm(stateDir, { recursive: true, force: true });
});

beforeEach(() => {
  Object.assign(world, { installed: '1.0', fetched: [], notices: [], rehearse: false });
  world.fetchFails.clear();
});

async function watched(system: string): Promise<void> {
  const { runbook } = tinyRunbook(system);
  const step = runbook.stages[0]?.steps[0];
  if (!step) throw new Error('no step');
  const infobase = {
    name: 'Trade',
    machine: { via: 'local', name: 'here', os: 'linux', work: '/tmp/nakat' },
    platform: '/opt/1cv8',
    at: { kind: 'file', folder: '/srv/trade' },
    user: '',
    backup: 'designer',
    tables: [],
    backups: '/srv/backups',
    permissionCode: 'nakat',
  };
  const input: WatchInput = {
    system,
    title: runbook.title,
    plan: { text: '', folder: '/', variables: {} },
    watch: { services: [] } as never,
    installed: {
      ...step,
      id: 'preflight.check-extension',
      activity: 'checkExtension',
      params: { infobase, extension: 'Телефония', version: null },
    },
    notify: [{ name: 'night', language: 'en', via: { kind: 'webhook', url: 'https://hooks.example.com' } }],
    by: 'watch',
    again: '',
  };
  await nakat.client.schedule.create({
    scheduleId: watchIdOf(system),
    spec: { intervals: [{ every: '30d' }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP },
    action: {
      type: 'startWorkflow',
      workflowType: watchWorkflow,
      workflowId: watchIdOf(system),
      taskQueue,
      args: [input],
    },
  });
}

const look = async (system: string, again?: string): Promise<WatchMemory> => {
  const memory = await lookNow(nakat, system, { timeout: 60, ...(again === undefined ? {} : { again }) });
  if (memory === null) throw new Error('the look did not end');
  return memory;
};
const answer = async (system: string, decision: string, choice: string): Promise<void> => {
  for (;;) {
    const { status } = await viewRun(nakat, system);
    if (status.decisions.some((one) => one.id === decision && one.choice === null)) {
      await decide(nakat, system, { decision, choice, who: 'anna', why: '', digest: status.digest });
      break;
    }
    await delay(50);
  }
  await nakat.client.workflow.getHandle(workflowIdOf(system)).result();
};

test('what was refused is not offered again before the next version, over any number of looks', async () => {
  world.looks = () => [offers('vendor', '1.1'), offers('mirror', null)];
  await watched('refused');
  const first = await look('refused');
  expect(first).toMatchObject({ installed: '1.0', offer: { version: '1.1', times: 1, end: 'going' }, failure: null });
  const { status } = await viewRun(nakat, 'refused');
  expect(status.initiator).toBe('watch');
  expect(world.notices.map((one) => one.event)).toEqual(['update-found']);
  await answer('refused', 'install', 'refuse');
  world.ends.set('refused', 'refused');
  for (let again = 0; again < 3; again++)
    expect((await look('refused')).offer).toMatchObject({ version: '1.1', end: 'refused' });
  expect(world.fetched).toEqual(['vendor 1.1']);
  world.looks = () => [offers('vendor', '1.2')];
  expect((await look('refused')).offer).toMatchObject({ version: '1.2', end: 'going' });
  await answer('refused', 'install', 'refuse');
  // Only a person's word makes it ask again.
  expect((await look('refused', 'once')).offer).toMatchObject({ version: '1.2', times: 1, end: 'going' });
  await cancelRun(nakat, 'refused', { who: 'anna', why: '' });
});

test('with the rehearsal first, the approval of production is the question and says what is new', async () => {
  world.rehearse = true;
  world.looks = () => [offers('vendor', '1.1')];
  await watched('rehearsed');
  await look('rehearsed');
  for (;;) {
    const { status } = await viewRun(nakat, 'rehearsed');
    const waiting = status.decisions.find((one) => one.choice === null);
    if (waiting) {
      expect(waiting.id).toBe('approval-production');
      expect(waiting.text?.values).toMatchObject({ changes: 'Faster.' });
      expect(status.stages.find((one) => one.name === 'rehearsal')?.steps[0]?.state).toBe('done');
      break;
    }
    await delay(50);
  }
  // While it waits, nobody looks into the system, and nothing else is offered.
  world.installed = new NakatError('INFOBASE_BUSY', { values: { infobase: 'Trade' } });
  world.looks = () => [offers('vendor', '1.2')];
  expect(await look('rehearsed')).toMatchObject({
    installed: '1.0',
    offer: { version: '1.1', end: 'going' },
    looks: [{ newest: '1.2' }],
    failure: null,
  });
  await cancelRun(nakat, 'rehearsed', { who: 'anna', why: '' });
});

test('a service that lies leaves the word to the next; people hear of it once', async () => {
  world.looks = () => [offers('liar', '1.2'), offers('honest', '1.1')];
  world.fetchFails.add('liar');
  await watched('lies');
  const memory = await look('lies');
  expect(world.fetched).toEqual(['liar 1.2', 'honest 1.1']);
  expect(memory.offer).toMatchObject({ version: '1.1' });
  expect(memory.looks).toMatchObject([{ failure: { code: 'UPDATE_HASH_WRONG' } }, { failure: null }]);
  // Nothing of what the liar said is remembered as seen.
  expect(Object.keys(memory.seen)).toEqual(['honest']);
  await answer('lies', 'install', 'refuse');
  world.ends.set('lies', 'refused');
  await look('lies');
  expect(world.notices.map((one) => one.event).sort()).toEqual(['update-found', 'watch-failed']);
});

test('a look that cannot read the system keeps what it knew', async () => {
  world.looks = () => [offers('vendor', '1.1')];
  await watched('unreadable');
  await look('unreadable');
  await answer('unreadable', 'install', 'refuse');
  world.ends.set('unreadable', 'refused');
  world.installed = new NakatError('INFOBASE_LOGIN', { values: { infobase: 'Trade', user: 'nakat' } });
  expect(await look('unreadable')).toMatchObject({
    failure: { code: 'INFOBASE_LOGIN' },
    installed: null,
    offer: { end: 'refused' },
  });
  world.installed = '1.0';
  expect(await look('unreadable')).toMatchObject({ failure: null, offer: { version: '1.1', end: 'refused' } });
  expect(world.fetched).toEqual(['vendor 1.1']);
});

test('a person’s own run of the system comes first', async () => {
  world.looks = () => [offers('vendor', '1.1')];
  await watched('busy');
  const { runbook, digest } = tinyRunbook('busy');
  const { startRun } = await import('../../client/runs.ts');
  await startRun(nakat, { runbook, digest }, { initiator: 'carl' });
  expect((await look('busy')).offer).toBeNull();
  await cancelRun(nakat, 'busy', { who: 'anna', why: '' });
  await nakat.client.workflow.getHandle(workflowIdOf('busy')).result();
  expect((await look('busy')).offer).toMatchObject({ version: '1.1', end: 'going' });
  await cancelRun(nakat, 'busy', { who: 'anna', why: '' });
});

test('every look replays; those of this version are stored on request', async () => {
  const looks: { system: string; stored: StoredHistory }[] = [];
  for await (const one of nakat.client.workflow.list({ query: `WorkflowType = '${watchWorkflow}'` })) {
    const system = one.workflowId.slice(watchIdOf('').length).split('-')[0] ?? '';
    looks.unshift({ system, stored: await fetchHistoryOf(nakat, one.workflowId, one.runId) });
  }
  expect(looks.length).toBeGreaterThan(10);
  const histories = looks.map(({ stored }) => ({
    workflowId: stored.workflowId,
    history: historyFromJSON(stored.history),
  }));
  const failed: unknown[] = [];
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  for await (const { error } of Worker.runReplayHistories({ workflowsPath }, histories)) if (error) failed.push(error);
  expect(failed).toEqual([]);
  if (process.env['NAKAT_RECORD'] !== undefined)
    for (const [at, { system, stored }] of looks.entries()) store(version, `watch-${system}-${at + 1}`, stored);
});
