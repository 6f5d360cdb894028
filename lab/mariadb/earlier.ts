/** Ends servers of this folder: ours, and one that a killed run left. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** The number in the pid file may belong to another program by now: that one is not touched, the stale file is removed. */
export const endEarlier = async (dir: string, data: string): Promise<void> => {
  const file = join(dir, 'pid');
  if (!existsSync(file)) return;
  const pid = Number.parseInt(await readFile(file, 'utf8'), 10);
  if (pid > 0 && (await argumentsOf(pid)).includes(`--datadir=${data}`)) await endServer(dir, pid);
  await rm(file, { force: true });
};

/** Asks it to end, and after half a minute no longer asks. Returns when it is gone. */
export const endServer = async (dir: string, pid: number): Promise<void> => {
  signal(pid, 'SIGTERM');
  for (let waited = 0; await isAlive(pid); waited++) {
    if (waited === 300) signal(pid, 'SIGKILL');
    await delay(100);
  }
  await rm(join(dir, 'pid'), { force: true });
};

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // It was gone already.
  }
};

const ps = async (pid: number, field: string): Promise<string> =>
  (await promisify(execFile)('ps', ['-ww', '-p', String(pid), '-o', `${field}=`]).catch(() => ({ stdout: '' }))).stdout;

const argumentsOf = (pid: number): Promise<string> => ps(pid, 'args');

/** One that has ended but was not collected by its parent counts as gone. */
const isAlive = async (pid: number): Promise<boolean> => {
  const state = (await ps(pid, 'stat')).trim();
  return state !== '' && !state.startsWith('Z');
};
