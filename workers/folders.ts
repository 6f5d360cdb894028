/** Where nakat keeps what must survive it (state) and what can be had again (cache), by the customs of the system. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Server database, logs and pid file. `NAKAT_STATE` names another folder. */
export const stateFolder = (env: NodeJS.ProcessEnv = process.env): string =>
  env.NAKAT_STATE ??
  (process.platform === 'win32'
    ? join(env.LOCALAPPDATA ?? homedir(), 'nakat', 'state')
    : join(env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'nakat'));

/** Downloaded or built programs. */
export const cacheFolder = (env: NodeJS.ProcessEnv = process.env): string =>
  process.platform === 'win32'
    ? join(env.LOCALAPPDATA ?? homedir(), 'nakat', 'cache')
    : join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'nakat');
