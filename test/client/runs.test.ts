/** The library and the command against a real server and a real worker. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Nakat } from '../../client/connect.ts';
import { awaitRun, reportOfRun, startRun, viewRun, type RunView } from '../../client/runs.ts';
import { NakatError } from '../../runbook/errors/index.ts';
import type { StepContext } from '../../activities/step.ts';
import { startServer, type Server } from '../../workers/server.ts';
import { createWorker, type RunningWorker } from '../../workers/worker.ts';
import { nakat, type Said } from './command.ts';
import { tinyRunbook } from './tiny.ts';

let stateDir: string;
let server: Server;
let library: Nakat;
let worker: RunningWorker;
let working: Promise<void>;
/** What the one step of the tiny runbook does, by system and step. */
const acts = new Map<string, (context: StepContext) => Promise<unknown>>();

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'nakat-runs-'));
  process.env['NAKAT_KEY'] = '5a'.repeat(32);
  server = await startServer({ stateDir });
  library = await connect({ stateDir });
  worker = await createWorker({
    stateDir,
    log: () => undefined,
    others: {},
    steps: {
      reachMachine: async (_params: never, _uses: never, context: StepContext) =>
        (await acts.get(`${context.system} ${context.step}`)?.(context)) ?? { ok: true },
    },
  });
  working = worker.run();
});
afterAll(async () => {
  worker.worker.shutdown();
  await working;
  await library.close();
  await server.stop();
  delete process.env['NAKAT_KEY'];
  await rm(stateDir, { recursive: true, force: true });
});

const run = (...argv: string[]): Promise<Said> =>
  nakat([...argv, '--address', server.address], { LANG: 'C', NAKAT_USER: 'anna' });
const until = async (system: string, holds: (view: RunView) => boolean): Promise<RunView> => {
  for (;;) {
    const view = await viewRun(library, system);
    if (holds(view)) return view;
    await new Promise((done) => setTimeout(done, 100));
  }
};
const waits = ({ status }: RunView): boolean => status.decisions.some((one) => one.choice === null);

test('a run from start to report, by the command', async () => {
  const compiled = tinyRunbook('whole');
  const id = await startRun(library, compiled, { initiator: 'carl' });
  await expect(startRun(library, compiled, { initiator: 'carl' })).rejects.toMatchObject({ code: 'RUN_ALREADY_GOING' });
  const { status } = await until('whole', waits);
  expect(status.run).toBe(id);

  expect((await run('status', 'whole')).out).toContain(
    `nakat decide whole approval-production approve --digest ${compiled.digest.slice(0, 12)}`,
  );
  expect((await run('list')).out).toMatch(new RegExp(`whole +${id}`));
  expect((await run('follow', 'whole', '--timeout', '1')).code).toBe(5);

  // Refusals: no digest seen, another digest, a stranger, the initiator, an unknown decision.
  const digest = compiled.digest.slice(0, 12);
  expect(await run('approve', 'whole')).toMatchObject({ code: 2 });
  expect((await run('approve', 'whole', '--digest', 'ffffffffffff')).err).toContain('DECISION_WRONG_DIGEST');
  expect((await run('approve', 'whole', '--digest', digest, '--as', 'zoe')).err).toContain('DECISION_STRANGER');
  expect((await run('approve', 'whole', '--digest', digest, '--as', 'carl')).code).toBe(6);
  expect((await run('decide', 'whole', 'lunch', 'yes')).err).toContain('DECISION_UNKNOWN');

  const approved = await run('approve', id, '--digest', digest, '--why', 'looks good', '--json');
  expect(approved).toMatchObject({ code: 0 });
  expect(JSON.parse(approved.out)).toEqual({ taken: 'approve' });
  expect(await awaitRun(library, 'whole')).toMatchObject({
    outcome: 'updated',
    decisions: [{ choice: 'approve', by: [{ who: 'anna', why: 'looks good' }] }],
  });

  expect((await run('follow', 'whole')).code).toBe(0);
  const page = join(stateDir, 'report.html');
  expect((await run('report', 'whole', '--html', page)).code).toBe(0);
  expect(await readFile(page, 'utf8')).toContain('<html');
  expect(JSON.parse((await run('report', id, '--json')).out)).toMatchObject({ run: id, outcome: 'updated' });
  expect((await run('report', 'whole')).out).toContain('updated and verified');
  expect((await run('list', '--json')).out).toContain('"outcome": "updated"');
  expect((await run('cancel', 'whole')).code).toBeGreaterThan(0);
});

test('a failed production step is restored, and the exit code says so', async () => {
  acts.set('failing production.change', async () => {
    throw new NakatError('DRIFT', { values: { differences: 'x' }, where: 'here' });
  });
  const compiled = tinyRunbook('failing');
  await startRun(library, compiled, { initiator: 'carl' });
  await until('failing', waits);
  expect((await run('approve', 'failing', '--digest', compiled.digest)).code).toBe(0);
  const followed = await run('follow', 'failing');
  expect([4, 7]).toContain(followed.code);
  expect(followed.out).toContain('DRIFT');
  expect((await reportOfRun(library, 'failing')).reason).toMatchObject({ code: 'DRIFT' });
});

test('progress comes out of the heartbeats, decrypted', async () => {
  let finish: () => void = () => undefined;
  acts.set('beating preflight.look', async (context) => {
    context.progress({ done: 3, total: 4, note: '3 of 4 files' });
    await new Promise<void>((done) => (finish = done));
  });
  await startRun(library, tinyRunbook('beating'), { initiator: 'carl', checkOnly: true });
  const view = await until('beating', ({ live }) => live[0]?.progress.done === 3);
  expect(view.live).toEqual([
    { activity: 'reachMachine', attempt: 1, progress: { done: 3, total: 4, note: '3 of 4 files' }, failure: null },
  ]);
  expect((await run('status', 'beating')).out).toContain(' 75 %');
  finish();
  expect(await awaitRun(library, 'beating')).toMatchObject({ outcome: 'stopped', reason: null });
  expect((await run('follow', 'beating')).code).toBe(0);
});

test('cancel before production stops, and calls the running step off', async () => {
  let stopped: boolean | undefined;
  acts.set('called-off rehearsal.try', async (context) => {
    await new Promise<void>((done) => context.signal.addEventListener('abort', () => done(), { once: true }));
    stopped = context.stopping();
    throw new Error('aborted');
  });
  await startRun(library, tinyRunbook('called-off'), { initiator: 'carl' });
  await until('called-off', ({ live }) => live.length > 0 && live[0]?.activity === 'reachMachine');
  await until('called-off', ({ status }) => status.phase === 'rehearsal');
  expect((await run('cancel', 'called-off', '--why', 'not today')).out).toContain('production is untouched');
  expect(await awaitRun(library, 'called-off')).toMatchObject({
    outcome: 'stopped',
    reason: { code: 'RUN_CANCELLED' },
  });
  expect(stopped).toBe(false);
  // Nothing waits for an answer any more: that is no missing run.
  expect(await run('cancel', 'called-off')).toMatchObject({
    code: 6,
    err: expect.stringContaining('RUN_ENDED') as string,
  });
});

test('what is not there has a code', async () => {
  expect(await run('status', 'nowhere')).toMatchObject({
    code: 9,
    err: expect.stringContaining('RUN_NOT_FOUND') as string,
  });
  expect((await run('approve', 'deadbeef')).code).toBe(9);
});

/** Every text and every byte string of a history. */
const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('utf8')];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsIn) : [];
};

test('nothing of a run can be read in the database without the key', async () => {
  const { connection } = library.client;
  const { history } = await connection.workflowService.getWorkflowExecutionHistory({
    namespace: 'default',
    execution: { workflowId: 'nakat-failing' },
  });
  const raw = textsIn(history).join('\n');
  expect(raw).not.toContain('approval-production');
  expect(raw).not.toContain('Production is no longer');
  for (const known of ['binary/encrypted', 'reachMachine', 'DRIFT']) expect(raw).toContain(known);
});
