/**
 * A watch as an administrator has it: the command, a real schedule, a real worker, two update services over HTTP and an infobase of
 * the practice ground. What is found is fetched, offered, refused, forgotten on request, and lied about.
 */
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Nakat } from '../../client/connect.ts';
import { decide, reportOfRun, viewRun } from '../../client/runs.ts';
import { specOf } from '../../client/watches.ts';
import { newVersion, startExtensionGround, type ExtensionGround } from '../../lab/extension/ground.ts';
import { startCluster, type Cluster } from '../../lab/postgres/cluster.ts';
import type { WatchMemory } from '../../runbook/watch/state.ts';
import { startServer, type Server } from '../../workers/server.ts';
import { createWorker, type RunningWorker } from '../../workers/worker.ts';
import { nakat as command } from './command.ts';
import { watchedRecipe } from './watched-recipe.ts';

const started: (() => Promise<unknown>)[] = [];
let [state, plan] = ['', ''];
let [ground, nakat, worker] = [undefined, undefined, undefined] as unknown as [ExtensionGround, Nakat, RunningWorker];
const system = 'telephony';
const breakages = { lies: false };

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'nakat-watches-'));
  const server: Server = await startServer({ stateDir: join(state, 'temporal') });
  started.push(server.stop);
  const cluster: Cluster = await startCluster({ dir: join(state, 'postgres') });
  started.push(cluster.stop);
  ground = await startExtensionGround({ dir: join(state, 'ground'), cluster, slowness: 50, breakages });
  started.push(ground.stop);
  Object.assign(process.env, ground.variables, ground.secrets, { LAB_SYSTEM: system });
  nakat = await connect({ address: server.address });
  started.push(nakat.close);
  worker = await createWorker({ address: server.address, stateDir: state, log: () => undefined });
  const working = worker.run();
  started.push(async () => {
    worker.worker.shutdown();
    await working;
  });
  plan = fileURLToPath(new URL('../../examples/onec-extension.yaml', import.meta.url));
});

afterAll(async () => {
  for (const stop of started.reverse()) await stop();
  for (const name of Object.keys({ ...ground?.variables, ...ground?.secrets })) delete process.env[name];
  await rm(state, { recursive: true, force: true });
});

const run = (...argv: string[]) => command([...argv, '--address', nakat.address, '--lang', 'en'], process.env);
const look = async (...argv: string[]): Promise<{ code: number; memory: WatchMemory }> => {
  const { code, out, err } = await run('watch', 'run-now', system, '--json', ...argv);
  return { code, memory: JSON.parse(out || `"${err}"`) as WatchMemory };
};

async function answer(choice: 'approve' | 'reject'): Promise<void> {
  await expect
    .poll(async () => (await viewRun(nakat, system)).status.decisions.some((one) => one.choice === null), {
      timeout: 600_000, // a whole rehearsal
    })
    .toBe(true);
  const { status } = await viewRun(nakat, system);
  await decide(nakat, system, { decision: 'approval-production', choice, who: 'anna', why: '', digest: status.digest });
  await nakat.client.workflow.getHandle(`nakat-${system}`).result();
}

test('made, changed, listed, paused, resumed; a look that nobody knows is said so', async () => {
  expect((await run('watch', 'list')).out).toContain('Nothing is watched.');
  const made = await run('watch', plan);
  expect(made).toMatchObject({ code: 0, err: '' });
  expect(made.out).toContain(`${system} is watched from now on.`);
  expect((await run('watch', plan)).out).toContain('as the plan says now');
  expect((await run('watch', 'pause', system, '--why', 'holidays', '--as', 'anna')).out).toContain(
    'paused anna: holidays',
  );
  expect(JSON.parse((await run('watch', 'list', '--json')).out)).toMatchObject([
    { system, paused: true, next: null, services: ['licence-server', 'manifest'], last: null },
  ]);
  // A change of the plan does not wake it.
  await run('watch', plan);
  expect(JSON.parse((await run('watch', 'list', '--json')).out)).toMatchObject([
    { paused: true, note: 'anna: holidays' },
  ]);
  expect((await run('watch', 'resume', system)).out).toMatch(/next look .*not looked yet/s);
  for (const argv of [
    ['pause', 'moon'],
    ['resume', 'moon'],
    ['remove', 'moon'],
    ['run-now', 'moon'],
  ]) {
    const { code, err } = await run('watch', ...argv);
    expect([argv[0], code]).toEqual([argv[0], 9]);
    expect(err).toContain('WATCH_NOT_FOUND');
  }
});

test('services that lie: told, nothing kept, nothing begun', async () => {
  breakages.lies = true;
  const { code, memory } = await look();
  breakages.lies = false;
  expect(code).toBe(3);
  expect(memory).toMatchObject({ installed: '4.1.0.8', offer: null, failure: null });
  expect(memory.looks.map((one) => one.failure?.code)).toEqual(['UPDATE_HASH_WRONG', 'UPDATE_HASH_WRONG']);
  expect(await readdir(join(state, 'updates'))).toEqual([]);
  await expect(viewRun(nakat, system)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  expect((await run('watch', 'list')).out).toContain('UPDATE_HASH_WRONG');
});

test('found, fetched, rehearsed, and refused once for all looks to come', async () => {
  const { code, memory } = await look();
  expect(code).toBe(0);
  expect(memory.offer).toMatchObject({ version: newVersion, end: 'going' });
  // The better checksum of the two services was preferred.
  expect(await readdir(join(state, 'updates'))).toEqual([`${memory.offer?.sha256}.cfe`]);
  expect((await run('list')).out).toContain(system);
  await answer('reject');
  const { status } = await viewRun(nakat, system);
  expect(status.decisions[0]?.text?.values).toMatchObject({
    changes: expect.stringContaining('Карточка звонка') as string,
  });
  expect(status.stages.find((one) => one.name === 'rehearsal')?.steps.every((one) => one.state === 'done')).toBe(true);
  expect((await ground.installed())?.content.version).toBe('4.1.0.8');
  for (let again = 0; again < 2; again++)
    expect((await look()).memory.offer).toMatchObject({ version: newVersion, end: 'refused', times: 1 });
  expect((await run('watch', 'list')).out).toContain('was refused');
});

test('asked for again by a person, approved, and installed with its flags', async () => {
  expect((await look('--again')).memory.offer).toMatchObject({ end: 'going', times: 1 });
  await answer('approve');
  const report = await reportOfRun(nakat, system);
  expect([report.outcome, report.reason?.message]).toEqual(['updated', undefined]);
  expect(await ground.installed()).toMatchObject({
    content: { version: newVersion },
    active: true,
    safeMode: false,
    unsafeActionProtection: false,
  });
  const { code, memory } = await look();
  expect([code, memory.installed, memory.offer?.end]).toEqual([0, newVersion, 'updated']);
  expect(ground.onec.find('trade').properties['sessions-deny']).toBe('off');
});

test('the secrets of the services are in no history and no answer', async () => {
  const texts = [(await run('watch', 'list', '--json')).out, (await run('status', system, '--json')).out];
  for await (const one of nakat.client.workflow.list()) {
    const history = await nakat.client.workflow.getHandle(one.workflowId, one.runId).fetchHistory();
    texts.push(Buffer.from(JSON.stringify(history)).toString());
    for (const event of history.events ?? [])
      texts.push(
        JSON.stringify(event, (_key, value: unknown) =>
          value instanceof Uint8Array ? Buffer.from(value).toString() : value,
        ),
      );
  }
  expect(texts.some((text) => text.includes('licence-server'))).toBe(true);
  for (const secret of [ground.secrets['NAKAT_UPDATES_TOKEN'], ground.secrets['NAKAT_LICENCE_KEY']])
    expect(texts.filter((text) => text.includes(secret ?? '?'))).toEqual([]);
});

test('plans that cannot be watched are refused before anything is made', async () => {
  const text = await readFile(plan, 'utf8');
  const bad = join(state, 'bad.yaml');
  await writeFile(bad, text.slice(0, text.indexOf('\nwatch:')));
  expect((await run('watch', bad)).err).toMatch(/PLAN_INVALID[^]*expected "watch"/);
  await writeFile(bad, text.replace('machine: app', 'machine: moon'));
  expect(await run('watch', bad)).toMatchObject({
    code: 2,
    err: expect.stringContaining('unknown machine "moon"') as string,
  });
  expect(await run('watch', join(state, 'none.yaml'))).toMatchObject({ code: 2 });
  expect((await run('watch')).code).toBe(2);
});

test('a plan with a recipe of others: the worker runs the module that was there when the watch was made, and no other', async () => {
  const home = join(state, 'own');
  const own = 'www';
  const site = createServer((_request, answer) => answer.end('old')).listen(0, '127.0.0.1');
  started.push(async () => site.close());
  await cp(fileURLToPath(new URL('../../examples/own-recipe', import.meta.url)), home, { recursive: true });
  for (const folder of ['www', 'share']) await mkdir(join(home, folder));
  await writeFile(join(home, 'www', 'version'), '1.0');
  const release = async (version: string): Promise<void> => {
    await writeFile(join(home, 'share', 'files.zip'), version);
    const sha256 = createHash('sha256').update(version).digest('hex');
    const releases = [{ version, file: 'files.zip', sha256 }];
    await writeFile(join(home, 'share', 'manifest.json'), JSON.stringify({ nakat: 1, product: 'files', releases }));
  };
  await release('2.0');
  const recipe = join(home, 'watched.js');
  await writeFile(recipe, watchedRecipe);
  const file = join(home, 'plan.yaml');
  const text = (await readFile(file, 'utf8')).replace('./recipe.js', './watched.js');
  const watch = `watch:\n  services: [{ kind: folder, name: share, folder: ${join(home, 'share')}, product: files }]\n  every: 1d\n`;
  await writeFile(file, text + watch);
  const variables = {
    WWW: join(home, 'www'),
    WWW_WORK: join(home, 'work'),
    WWW_BACKUPS: join(home, 'backups'),
    WWW_URL: `http://127.0.0.1:${(site.address() as AddressInfo).port}/`,
  };
  Object.assign(process.env, variables);
  const lookAt = async (): Promise<WatchMemory> =>
    JSON.parse((await run('watch', 'run-now', own, '--json')).out) as WatchMemory;
  try {
    await writeFile(
      recipe,
      watchedRecipe.replace("'checkVersion', { from, pattern: '(.+)', is: '>=0' }", "'runCommand', {}"),
    );
    expect((await run('watch', file)).err).toMatch(/RECIPE_FAILED[^]*expected a step that only reads/);
    await writeFile(recipe, watchedRecipe);
    expect(await run('watch', file)).toMatchObject({ code: 0 });
    expect(await lookAt()).toMatchObject({ installed: '1.0', offer: { version: '2.0', end: 'going' }, failure: null });
    const asked = async () => (await viewRun(nakat, own)).status.decisions.map((one) => one.id);
    await expect.poll(asked).toEqual(['install']);
    await run('cancel', own, '--as', 'anna', '--why', 'no');
    await nakat.client.workflow.getHandle(`nakat-${own}`).result();

    await release('3.0');
    await writeFile(recipe, `globalThis.ranUnseen = true;\n${watchedRecipe}`);
    const unseen = await lookAt();
    expect(unseen.looks[0]?.failure).toMatchObject({ code: 'OFFER_PLAN_INVALID' });
    expect(unseen.looks[0]?.failure?.message).toContain('is not the file that was there when the watch was made');
    expect(globalThis).not.toHaveProperty('ranUnseen');
    await run('watch', file);
    expect(await lookAt()).toMatchObject({ offer: { version: '3.0', end: 'going' } });
    await run('cancel', own, '--as', 'anna', '--why', 'no');
    await nakat.client.workflow.getHandle(`nakat-${own}`).result();
  } finally {
    await run('watch', 'remove', own);
    for (const name of Object.keys(variables)) delete process.env[name];
  }
});

test('removed: nothing is known any more', async () => {
  expect((await run('watch', 'remove', system)).out).toContain('is watched no more');
  expect(JSON.parse((await run('watch', 'list', '--json')).out)).toEqual([]);
});

test('when it looks', () => {
  const rest = { services: [], jitter: 60, catchUp: 600, rehearse: false, timeZone: 'Europe/Moscow', every: 3600 };
  expect(specOf(rest)).toEqual({ intervals: [{ every: 3_600_000 }], jitter: 60_000 });
  expect(specOf({ ...rest, at: ['07:30', '19:00'], days: [1, 7] })).toEqual({
    calendars: [
      { hour: 7, minute: 30, dayOfWeek: ['MONDAY', 'SUNDAY'] },
      { hour: 19, minute: 0, dayOfWeek: ['MONDAY', 'SUNDAY'] },
    ],
    timezone: 'Europe/Moscow',
    jitter: 60_000,
  });
});
