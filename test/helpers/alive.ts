import { existsSync, readFileSync } from 'node:fs';

/** Whether a process is there and works: one that has ended may wait for its parent. */
export const alive = (pid: number): boolean =>
  existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
