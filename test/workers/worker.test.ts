/** The compiled worker as a process: with the bundle that the build made. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Nakat } from '../../client/connect.ts';
import { awaitRun, startRun, viewRun } from '../../client/runs.ts';
import { startServer, type Server } from '../../workers/server.ts';
import { tinyRunbook } from '../client/tiny.ts';

let stateDir: string;
let server: Server;
let library: Nakat;
const children: ChildProcess[] = [];

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'nakat-worker-'));
  server = await startServer({ stateDir });
  library = await connect({ stateDir });
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await library.close();
  await server.stop();
  await rm(stateDir, { recursive: true, force: true });
});

function launch(script: string, ...argv: string[]): { child: ChildProcess; line: (start: string) => Promise<string> } {
  const child = spawn(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), ...argv], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.push(child);
  const seen: string[] = [];
  const waiting = new Map<string, (line: string) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      seen.push(line);
      for (const [part, found] of waiting) if (line.includes(part)) found(line);
    });
  }
  const line = (part: string): Promise<string> =>
    Promise.race([
      new Promise<string>((found) => {
        const already = seen.find((one) => one.includes(part));
        if (already) found(already);
        else waiting.set(part, found);
      }),
      once(child, 'exit').then(() => Promise.reject(new Error(`ended early:\n${seen.join('\n')}`))),
    ]);
  return { child, line };
}

test('a worker killed inside a step: another one goes on, and every wait is answered again', async () => {
  const first = launch('./entry.mjs', server.address);
  await startRun(library, tinyRunbook('killed'), { initiator: 'carl', checkOnly: true });
  await first.line('began preflight.look 1');
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const second = launch('./entry.mjs', server.address);
  await second.line('began preflight.look 2');
  const report = await awaitRun(library, 'killed');
  expect(report.stages[0]?.steps[0]).toMatchObject({ outcome: 'done', attempts: 2 });
  second.child.kill('SIGTERM');
  expect(await once(second.child, 'exit')).toEqual([0, null]);
});

test('a run without a worker waits, and says so', async () => {
  await startRun(library, tinyRunbook('alone'), { initiator: 'carl', checkOnly: true });
  await expect(viewRun(library, 'alone')).rejects.toMatchObject({ code: 'NO_WORKER' });
});

test('the whole worker ends when the one who started it goes away', async () => {
  const { child, line } = launch('../../dist/workers/main.js', '--address', server.address, '--with-parent');
  await line('worker ready');
  child.stdin?.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a server that cannot be reached is said with its code', async () => {
  const { child, line } = launch('../../dist/workers/main.js', '--address', '127.0.0.1:1');
  expect(await line('CANNOT_CONNECT')).toContain('127.0.0.1:1');
  if (child.exitCode === null) await once(child, 'exit');
  expect(child.exitCode).toBe(1);
});
