/** The built command, as a person starts it: needs `npm run build`. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startCluster } from '../../lab/postgres/cluster.ts';
import { embeddedPrograms, installedPrograms } from '../../lab/postgres/programs.ts';
import type { Report } from '../../runbook/report.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const published = z.fromJSONSchema(JSON.parse(readFileSync(join(root, 'docs/report.schema.json'), 'utf8')));
/** A run takes half a minute; Temporal may have to be built first, and the machine may be slow. */
const patience = 600_000;

let state: string;
/** The practice ground's cluster is one without pg_dump, as on a machine that has no PostgreSQL. */
let bare = false;
let child: ChildProcess | null = null;

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'nakat-demo-'));
  const programs = await embeddedPrograms();
  bare = programs !== null && (await installedPrograms()).every((one) => one.major !== programs.major);
  // Data is only opened by the version that made it: the demo will find no other server for it.
  if (programs !== null && bare) await (await startCluster({ dir: join(state, 'demo/postgres'), programs })).stop();
}, patience);

afterAll(async () => {
  child?.kill('SIGKILL');
  for (const { pid } of await leftRunning()) process.kill(pid, 'SIGKILL');
  await rm(state, { recursive: true, force: true });
});

/** `until`: what must appear on stderr for the process to be killed. */
async function demo(
  argv: readonly string[],
  until?: RegExp,
): Promise<{ code: number | null; out: string; err: string }> {
  const args = [join(root, 'dist/client/main.js'), 'demo', '--lang', 'en', '--state', state, ...argv];
  const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  child = started;
  let [out, err] = ['', ''];
  started.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  started.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    if (until?.test(err)) started.kill('SIGKILL');
  });
  const [code] = (await once(started, 'close')) as [number | null];
  child = null;
  return { code, out, err };
}

/** Servers name the state folder in their arguments; the worker stands in its file. */
async function leftRunning(): Promise<{ pid: number; args: string }[]> {
  const worker = await readFile(join(state, 'demo/worker.json'), 'utf8').then(
    (text) => (JSON.parse(text) as { pid: number }).pid,
    () => 0,
  );
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-eo', 'pid=,args=']);
  return stdout
    .split('\n')
    .map((line) => ({ pid: Number.parseInt(line, 10), args: line.trim().replace(/^\d+\s+/, '') }))
    .filter(({ pid, args }) => args.includes(state) || (pid === worker && args.includes('workers/main')));
}

test(
  'killed in the middle of production',
  async () => {
    const { code, out, err } = await demo(
      ['--yes', '--json', ...(bare ? [] : ['--database', 'sqlserver'])],
      /Stage: Production[^]*Take a fast restore point/,
    );
    expect(code).toBeNull();
    expect(out).toBe('');
    expect(err).toContain(
      bare ? 'SQL Server stand-in, because PostgreSQL’s pg_dump' : 'SQL Server stand-in, because of --database',
    );
    // Servers outlive their starter; the next demo takes them over.
    expect((await leftRunning()).length).toBeGreaterThan(0);
  },
  patience,
);

test(
  'the next one runs to its end: restored and proved, only the report on stdout, nothing left running',
  async () => {
    const { code, out, err } = await demo(['--yes', '--json', '--database', 'sqlserver', '--break', 'install']);
    const report = JSON.parse(out) as Report;
    expect(published.safeParse(report).error).toBeUndefined();
    expect({ code, outcome: report.outcome, proved: report.restore?.proved }).toEqual({
      code: 4,
      outcome: 'restored',
      proved: true,
    });
    const reverted = report.stages
      .flatMap((stage) => stage.steps)
      .find((step) => step.id === 'restore.revert-database');
    expect(reverted?.result).toEqual({ from: 'snapshot' });
    expect(err).toContain('Outcome: restored and verified');
    expect(await leftRunning()).toEqual([]);
  },
  patience,
);

test(
  'PostgreSQL is refused where its client programs are missing',
  async ({ skip }) => {
    skip(!bare);
    const { code, out, err } = await demo(['--yes', '--database', 'postgres']);
    expect(code).toBe(2);
    expect(out + err).toContain('pg_dump');
    expect(await leftRunning()).toEqual([]);
  },
  patience,
);
