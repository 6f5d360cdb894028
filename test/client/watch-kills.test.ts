/**
 * A worker that is killed in the middle of looks for updates: of each kind of look several are under way at the moment, each at another
 * point, and one SIGKILL hits them all. Another worker ends them: nothing is asked twice, nothing is forgotten, no file is half.
 * `NAKAT_SEED` chooses other moments.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Nakat } from '../../client/connect.ts';
import { decide, viewRun } from '../../client/runs.ts';
import { lookNow, registerWatch } from '../../client/watches.ts';
import type { WatchMemory } from '../../runbook/watch/state.ts';
import { startServer } from '../../workers/server.ts';
import { workflowIdOf } from '../../workflows/messages.ts';
import { compiled } from '../helpers/compiled.ts';
import { watchedRecipe } from './watched-recipe.ts';

const seed = process.env['NAKAT_SEED'] ?? '1';
/** From 0 to below 1, the same for the same words. */
const chance = (...words: string[]): number =>
  createHash('sha256')
    .update([seed, ...words].join(' '))
    .digest()
    .readUInt32BE() /
  2 ** 32;

const bodyOf = (version: string): Buffer => Buffer.alloc(40_000, `files ${version}\n`);
const offered = new Map<string, string>();
/** A release API over HTTP that takes its time, and a site. */
const services = createServer((request, answer) => {
  const [, system = '', file = ''] = (request.url ?? '').split('/');
  const version = offered.get(system) ?? '';
  void (async () => {
    const pause = (): Promise<void> => sleep(slow ? 150 * chance(system, file) : 0);
    await pause();
    if (file === 'm.json') {
      const sha256 = createHash('sha256').update(bodyOf(version)).digest('hex');
      answer.end(JSON.stringify({ nakat: 1, product: 'files', releases: [{ version, file: 'files.zip', sha256 }] }));
    } else if (file === 'files.zip') {
      const body = bodyOf(version);
      for (let at = 0; at < body.length; at += 4000) {
        answer.write(body.subarray(at, at + 4000));
        await pause();
      }
      answer.end();
    } else answer.end('old');
  })();
});
let slow = false;

const closers: (() => unknown)[] = [];
let [state, home, address] = ['', '', ''];
let nakat: Nakat;
let worker: ChildProcess | undefined;
let entry = '';

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'nakat-kills-'));
  const server = await startServer({ stateDir: join(state, 'temporal') });
  closers.push(server.stop);
  ({ address } = server);
  nakat = await connect({ address });
  closers.push(nakat.close);
  services.listen(0, '127.0.0.1');
  await once(services, 'listening');
  closers.push(() => services.close());
  home = join(state, 'own');
  await cp(fileURLToPath(new URL('../../examples/own-recipe', import.meta.url)), home, { recursive: true });
  await mkdir(join(home, 'www'));
  await writeFile(join(home, 'www', 'version'), '1.0');
  await writeFile(join(home, 'watched.js'), watchedRecipe);
  const program = compiled(
    ['runbook', 'workflows', 'activities', 'workers'],
    `import { createWorker } from './workers/worker.js';
     const { run } = await createWorker({ address: process.argv[2], stateDir: process.argv[3], log: () => undefined });
     console.log('ready');
     await run();`,
  );
  closers.push(program.remove);
  ({ entry } = program);
  await startWorker();
});

afterAll(async () => {
  if (worker) await killWorker();
  for (const close of closers.reverse()) await close();
  await rm(state, { recursive: true, force: true });
});

async function startWorker(): Promise<void> {
  worker = spawn(process.execPath, [entry, address, join(state, 'worker')], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(createInterface({ input: worker.stdout! }), 'line');
}
async function killWorker(): Promise<void> {
  const dead = once(worker!, 'exit');
  worker!.kill('SIGKILL');
  await dead;
}

async function watch(system: string): Promise<void> {
  const { port } = services.address() as AddressInfo;
  const text = (await readFile(join(home, 'plan.yaml'), 'utf8'))
    .replace('./recipe.js', './watched.js')
    .replace('system: www', `system: ${system}`);
  const service = `{ kind: manifest, name: vendor, url: 'http://127.0.0.1:${port}/${system}/m.json', product: files, plain: true }`;
  const file = join(home, `${system}.yaml`);
  await writeFile(file, `${text}watch:\n  services: [${service}]\n  every: 30d\n`);
  const variables = { WWW: join(home, 'www'), WWW_WORK: join(home, 'work'), WWW_URL: `http://127.0.0.1:${port}/` };
  await registerWatch(nakat, file, 'test', { ...variables, WWW_BACKUPS: join(home, 'backups') });
}

const look = async (system: string): Promise<WatchMemory> => {
  const memory = await lookNow(nakat, system, { timeout: 150 });
  if (memory === null) throw new Error(`the look of ${system} did not end`);
  return memory;
};
async function runsOf(system: string): Promise<number> {
  let count = 0;
  for await (const one of nakat.client.workflow.list({ query: `WorkflowId = '${workflowIdOf(system)}'` }))
    count += one.workflowId === workflowIdOf(system) ? 1 : 0;
  return count;
}
async function refuse(system: string): Promise<void> {
  const asked = async () => (await viewRun(nakat, system)).status.decisions.map((one) => one.id);
  await expect.poll(asked).toEqual(['install']);
  const { status } = await viewRun(nakat, system);
  await decide(nakat, system, { decision: 'install', choice: 'refuse', who: 'anna', why: '', digest: status.digest });
  await nakat.client.workflow.getHandle(workflowIdOf(system)).result();
}

test('killed in first looks and in later ones', async () => {
  const first = ['first-1', 'first-2', 'first-3', 'first-4'];
  const refused = ['refused-1', 'refused-2'];
  const newer = ['newer-1', 'newer-2', 'newer-3'];
  for (const system of [...first, ...refused, ...newer]) {
    offered.set(system, '2.0');
    await watch(system);
  }
  await Promise.all(
    [...refused, ...newer].map(async (system) => {
      expect((await look(system)).offer).toMatchObject({ version: '2.0', end: 'going' });
      await refuse(system);
    }),
  );
  for (const system of newer) offered.set(system, '3.0');

  slow = true;
  let ended = 0;
  const looks = [...first, ...refused, ...newer].map(async (system) => {
    await sleep(1500 * chance(system, 'start'));
    const memory = await look(system);
    ended++;
    return { system, memory };
  });
  await sleep(800 + 2500 * chance('kill'));
  await killWorker();
  // Else nothing was killed that mattered.
  expect(ended).toBeLessThan(looks.length);
  slow = false;
  await startWorker();
  for (const { system, memory } of await Promise.all(looks)) {
    const again = !first.includes(system);
    const version = newer.includes(system) ? '3.0' : '2.0';
    expect([system, memory.failure, memory.looks.map((one) => one.failure)]).toEqual([system, null, [null]]);
    expect([system, memory.installed, memory.offer]).toMatchObject([
      system,
      '1.0',
      { version, times: 1, end: refused.includes(system) ? 'refused' : 'going' },
    ]);
    expect(memory.seen).toMatchObject({ vendor: { version } });
    await expect.poll(() => runsOf(system)).toBe(again && !refused.includes(system) ? 2 : 1);
  }
  const stored = (await readdir(join(state, 'worker', 'updates'))).filter((name) => !name.endsWith('.partial'));
  const whole = ['2.0', '3.0'].map((version) => `${createHash('sha256').update(bodyOf(version)).digest('hex')}.zip`);
  expect(stored.sort()).toEqual(whole.sort());
  for (const name of stored) {
    const content = await readFile(join(state, 'worker', 'updates', name));
    expect(createHash('sha256').update(content).digest('hex')).toBe(name.slice(0, 64));
  }
});
