/**
 * Finds the `temporal` command, whose `server start-dev` is the embedded server: named by `NAKAT_TEMPORAL`, on PATH, in
 * the cache, downloaded as the SDK does it, or built with Go (the newest tag that `go install` can build).
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { NakatError } from '../runbook/errors/index.ts';
import { cacheFolder } from './folders.ts';

export const temporalVersion = '1.5.1';
const exe = process.platform === 'win32' ? '.exe' : '';

export interface FindOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Told what takes long, once a second while it lasts. */
  readonly announce?: (what: 'download' | 'build', seconds: number) => void;
}

/** Path of the program. Throws TEMPORAL_MISSING with what was tried. */
export async function findTemporal({ env = process.env, announce }: FindOptions = {}): Promise<string> {
  if (env.NAKAT_TEMPORAL) {
    if (runnable(env.NAKAT_TEMPORAL)) return env.NAKAT_TEMPORAL;
    throw new NakatError('TEMPORAL_MISSING', {
      where: env.NAKAT_TEMPORAL,
      vendor: 'NAKAT_TEMPORAL does not name a program',
    });
  }
  const cache = cacheFolder(env);
  const cached = join(cache, `temporal-${temporalVersion}${exe}`);
  const ready = onPath('temporal', env) ?? (runnable(cached) ? cached : undefined);
  if (ready) return ready;

  await mkdir(cache, { recursive: true });
  // Made elsewhere and renamed: a build that was killed half-way is never taken for the program.
  const making = join(cache, `making-${randomUUID()}`);
  const tried: string[] = [];
  try {
    for (const [what, make] of [
      ['download', download],
      ['build', build],
    ] as const) {
      try {
        await rename(await withTicks((seconds) => announce?.(what, seconds), make(making, env)), cached);
        return cached;
      } catch (error) {
        tried.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  throw new NakatError('TEMPORAL_MISSING', { where: cached, vendor: tried.join('\n') });
}

/** The SDK has no "only download": its throw-away server is started once from a folder of ours, and the program kept. */
async function download(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { Runtime } = await import('@temporalio/worker');
  const runtime = Runtime.instance();
  const server = await runtime.createEphemeralServer({
    type: 'dev-server',
    exe: {
      type: 'cached-download',
      downloadDir: folder,
      version: `v${temporalVersion}`,
      ttl: 0,
      sdkName: 'sdk-typescript',
      sdkVersion: '1.24.0',
    },
    namespace: 'default',
    ip: '127.0.0.1',
    port: null,
    uiPort: null,
    dbFilename: null,
    ui: false,
    log: { format: 'pretty', level: 'error' },
    extraArgs: [],
  });
  await runtime.shutdownEphemeralServer(server);
  const [file] = await readdir(folder);
  if (!file) throw new Error('the SDK left no program');
  return join(folder, file);
}

async function build(folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const go = onPath('go', env);
  if (!go) throw new Error('no `go` command');
  await mkdir(folder, { recursive: true });
  const child = spawn(go, ['install', `github.com/temporalio/cli/cmd/temporal@v${temporalVersion}`], {
    env: { ...env, GOBIN: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-1000)));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  if (code !== 0) throw new Error(`go install ended with ${code}: ${said.trim()}`);
  return join(folder, `temporal${exe}`);
}

async function withTicks<T>(tick: (seconds: number) => void, work: Promise<T>): Promise<T> {
  const started = Date.now();
  tick(0);
  const timer = setInterval(() => tick(Math.round((Date.now() - started) / 1000)), 1000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

function runnable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const onPath = (name: string, env: NodeJS.ProcessEnv): string | undefined =>
  (env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name + exe))
    .find(runnable);
