/** Where nakat keeps what must survive it (state) and what can be had again (cache), by the customs of the system. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Server database, logs and pid file. `NAKAT_STATE` names another folder. */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.NAKAT_STATE) return env.NAKAT_STATE;
  if (process.platform === 'win32') return join(env.LOCALAPPDATA ?? homedir(), 'nakat', 'state');
  if (env.XDG_STATE_HOME) return join(env.XDG_STATE_HOME, 'nakat');
  // Root's home is closed to other accounts, and the demo's database server must not run as root.
  return process.getuid?.() === 0 ? '/var/lib/nakat' : join(homedir(), '.local', 'state', 'nakat');
}

/** Downloaded or built programs. */
export const cacheFolder = (env: NodeJS.ProcessEnv = process.env): string =>
  process.platform === 'win32'
    ? join(env.LOCALAPPDATA ?? homedir(), 'nakat', 'cache')
    : join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'nakat');
