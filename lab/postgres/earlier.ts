import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Stops the server that an earlier run left in this data folder. Its pid file may have outlived it, and the number may
 * belong to another program by now: that one is not touched, the stale file is removed.
 */
export const stopEarlier = async (data: string, stop: () => Promise<void>): Promise<void> => {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number.parseInt(await readFile(file, 'utf8'), 10);
  if (await isServerOf(pid, data))
    try {
      return await stop();
    } catch (error) {
      // A server that was killed may be seen for a moment yet, and has gone when it is to be stopped.
      if (await isServerOf(pid, data)) throw error;
    }
  await rm(file, { force: true });
};

const isServerOf = async (pid: number, data: string): Promise<boolean> => {
  if (!(pid > 0)) return false;
  // Windows names no arguments here: the program's name must do.
  const [program, ...args] =
    process.platform === 'win32'
      ? ['tasklist', '/FI', `PID eq ${pid}`, '/NH']
      : ['ps', '-ww', '-p', String(pid), '-o', 'args='];
  const { stdout } = await promisify(execFile)(program!, args).catch(() => ({ stdout: '' }));
  return stdout.includes('postgres') && (process.platform === 'win32' || stdout.includes(data));
};
