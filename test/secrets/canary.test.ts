/**
 * The whole example, once updated and once restored, and then every place that somebody else may read: no secret is in it,
 * in no form. What is left out: the 1C programs take their password as an argument (they have no other way), inside the
 * Windows machine; and a backup's data is what it is a backup of.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compilePlanFile } from '../../client/compile.ts';
import { connect, type Nakat } from '../../client/connect.ts';
import { reportHtml } from '../../client/report/html.ts';
import { sealReport } from '../../client/report/seal.ts';
import { awaitRun, decide, startRun, viewRun } from '../../client/runs.ts';
import { startGround, type Ground } from '../../lab/ground.ts';
import { startCluster, type Cluster } from '../../lab/postgres/cluster.ts';
import type { Report } from '../../runbook/report.ts';
import { startServer, type Server } from '../../workers/server.ts';
import { workflowIdOf } from '../../workflows/messages.ts';
import { compiled } from '../helpers/compiled.ts';
import { found, foundBelow, needlesOf, type Secrets } from './needles.ts';

const example = fileURLToPath(new URL('../../examples/bpmsoft-connector.yaml', import.meta.url));
const folders = ['runbook', 'workflows', 'activities', 'workers'];
const worker = compiled(
  folders,
  `import { runWorker } from './workers/worker.js';
import { openLog } from './workers/log.js';
await runWorker({ address: process.argv[2], log: openLog('debug') });`,
);

/** In a place that the database server's own account can reach. */
let dir: string;
let cluster: Cluster;
let server: Server;
let nakat: Nakat;

beforeAll(async () => {
  dir = mkdtempSync('/var/tmp/nakat-canary-');
  chmodSync(dir, 0o755);
  cluster = await startCluster({ dir: join(dir, 'postgres') });
  server = await startServer({ stateDir: join(dir, 'temporal') });
  nakat = await connect({ address: server.address });
});
afterAll(async () => {
  await nakat.close();
  await server.stop();
  await cluster.stop();
  worker.remove();
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
});

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
};

/** All command lines seen while `act` lasts. */
async function watching<T>(act: () => Promise<T>): Promise<{ result: T; commands: string[] }> {
  const script = fileURLToPath(new URL('watch.mjs', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'pipe'] });
  await once(child.stderr, 'data');
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  try {
    const result = await act();
    const closed = once(child, 'close');
    child.stdin.end();
    await closed;
    return { result, commands: JSON.parse(said) as string[] };
  } finally {
    await ended(child);
  }
}

async function carryOut(system: string, env: NodeJS.ProcessEnv): Promise<Report> {
  const log = openSync(join(dir, `${system}.log`), 'w');
  const child = spawn(process.execPath, [worker.entry, server.address], { stdio: ['ignore', log, log], env });
  closeSync(log);
  try {
    await startRun(nakat, await compilePlanFile(example, env), { initiator: 'carl' });
    for (;;) {
      const status = await viewRun(nakat, system).then(
        (view) => view.status,
        () => null,
      );
      if (status?.outcome) return await awaitRun(nakat, system);
      for (const open of status?.decisions.filter((one) => one.choice === null) ?? []) {
        const choice = open.kind === 'approval' ? 'approve' : open.atDeadline;
        const answer = { decision: open.id, choice, who: 'anna', why: '', digest: status?.digest ?? '' };
        await decide(nakat, system, answer);
      }
      await delay(200);
    }
  } finally {
    await ended(child);
  }
}

/** Every text and every byte string: payloads come decoded that way, failure messages too. */
const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('utf8')];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsIn) : [];
};

describe.each([
  ['updated', {}],
  ['restored', { integrations: 'production' as const }],
])('after a run that is %s', (outcome, breakages) => {
  let ground: Ground;
  let secrets: Secrets;
  let needles: ReturnType<typeof needlesOf>;
  let report: Report;
  let commands: string[];

  beforeAll(async () => {
    ground = await startGround({ dir: join(dir, 'ground'), cluster, prefix: `${outcome}_`, slowness: 100, breakages });
    secrets = ground.secrets;
    needles = needlesOf(secrets);
    const env = { ...process.env, ...ground.variables, ...secrets, LAB_SYSTEM: outcome };
    ({ result: report, commands } = await watching(() => carryOut(outcome, env)));
  });
  afterAll(() => ground.stop());

  test('the run was what it should be, and what is searched is there', () => {
    expect(report.outcome).toBe(outcome);
    expect(Object.values(secrets).filter((secret) => secret.length >= 12).length).toBeGreaterThanOrEqual(4);
    expect(commands.some((line) => line.includes('pg_dump'))).toBe(true);
    // The search itself finds what is there to be found.
    const password = secrets['NAKAT_DB_PASSWORD'] ?? '';
    const basic = Buffer.from(`nakat:${password}`).toString('base64');
    expect(found('x', `a ${password} b`, needles)).toContain('x: NAKAT_DB_PASSWORD as plain');
    expect(found('x', `Authorization: Basic ${basic}`, needles)).not.toEqual([]);
    expect(found('x', Buffer.from(password, 'utf16le'), needles)).toEqual(['x: NAKAT_DB_PASSWORD as UTF-16LE']);
  });

  test('no history holds one', async () => {
    const history = await nakat.client.workflow.getHandle(workflowIdOf(outcome)).fetchHistory();
    const texts = textsIn(history).join('\n');
    expect(texts).toContain('NAKAT_DB_PASSWORD');
    expect(found('history', texts, needles)).toEqual([]);
  });

  test("neither does the server's database, nor its log", () => {
    expect(foundBelow(join(dir, 'temporal'), needles)).toEqual([]);
  });

  test("nor the worker's log, with everything that it says", () => {
    const log = readFileSync(join(dir, `${outcome}.log`), 'utf8');
    expect(log).toContain('step done');
    expect(found('log', log, needles)).toEqual([]);
  });

  test('nor the report', () => {
    const sealed = sealReport(report);
    expect(found('JSON', JSON.stringify(sealed), needles)).toEqual([]);
    expect(found('HTML', reportHtml(sealed, 'en') + reportHtml(sealed, 'ru'), needles)).toEqual([]);
  });

  test('nor a command line of any process', () => {
    expect(commands.flatMap((line) => found(line.split('\0')[0] ?? '', line, needles))).toEqual([]);
  });

  test("nor nakat's folders on the machines, nor what is said of the backups", () => {
    const { LAB_WORK: work = '', LAB_BACKUPS: backups = '' } = ground.variables as Record<string, string>;
    expect(readdirSync(ground.real('C:\\nakat')).length).toBeGreaterThan(0);
    const backedUp = /^backups\/site\/files-[\w-]+\/ConnectionStrings\.config: NAKAT_DB_PASSWORD/;
    expect(foundBelow(ground.real('C:\\nakat'), needles).filter((hit) => !backedUp.test(hit))).toEqual([]);
    expect(foundBelow(work, needles)).toEqual([]);
    expect(foundBelow(backups, needles)).toEqual([]);
  });

  test('on the sites, only the connection strings hold the password of the database, and no other', () => {
    const hits = foundBelow(ground.real('C:\\inetpub'), needles);
    expect(
      hits.filter(
        (hit) => !/ConnectionStrings\.config: NAKAT_DB_PASSWORD as plain$/.test(hit.replace(/JSON$|URL$/, 'plain')),
      ),
    ).toEqual([]);
    expect(hits.some((hit) => hit.startsWith('bpmsoft/ConnectionStrings.config'))).toBe(true);
  });
});
