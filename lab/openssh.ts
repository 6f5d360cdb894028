/**
 * A real OpenSSH server for the practice ground: loopback, a free port, its own host key; the user who runs it logs in by key.
 * Null where no sshd is installed.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './ports.ts';

export interface OpenSsh {
  readonly port: number;
  readonly user: string;
  /** As `ssh-keygen -lf` prints it. */
  readonly hostKey: string;
  /** File of the private key that may log in. */
  readonly key: string;
  stop(): Promise<void>;
}

const program = ['/usr/sbin/sshd', '/usr/local/sbin/sshd'].find((path) => existsSync(path));

/** `dir` is emptied; a server that a killed run left there is ended first. */
export async function startOpenSsh(dir: string): Promise<OpenSsh | null> {
  if (program === undefined) return null;
  await endEarlier(dir);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const keygen = (...args: string[]): string => execFileSync('ssh-keygen', args, { encoding: 'utf8' });
  for (const name of ['host', 'user']) keygen('-q', '-t', 'ed25519', '-N', '', '-C', 'practice', '-f', join(dir, name));
  const hostKey = keygen('-lf', join(dir, 'host.pub')).split(' ')[1] ?? '';
  writeFileSync(join(dir, 'authorized_keys'), readFileSync(join(dir, 'user.pub')));
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  for (let tries = 3; ; tries--) {
    const port = await freePort();
    const server = await listen(dir, port);
    if (typeof server !== 'string')
      return { port, user: userInfo().username, hostKey, key: join(dir, 'user'), stop: () => end(server) };
    // Somebody may have taken the port between our look and the server's start.
    if (tries === 1) throw new Error(`sshd ended: ${server}`);
  }
}

/** The server once it listens by its own word (another program may answer on that port), or what it said before it ended. */
async function listen(dir: string, port: number): Promise<ChildProcess | string> {
  const config = join(dir, 'sshd_config');
  const settings = {
    ListenAddress: `127.0.0.1:${port}`,
    HostKey: join(dir, 'host'),
    AuthorizedKeysFile: join(dir, 'authorized_keys'),
    PidFile: join(dir, 'pid'),
    StrictModes: 'no',
    UsePAM: 'no',
    PasswordAuthentication: 'no',
    PermitRootLogin: 'yes',
    Subsystem: 'sftp internal-sftp',
    // Else bash takes each command for a first log-in and reads the user's profile.
    SetEnv: 'SHLVL=1',
  };
  writeFileSync(
    config,
    Object.entries(settings)
      .map((line) => line.join(' '))
      .join('\n'),
  );
  const server = spawn(program ?? '', ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr.on('data', (text: Buffer) => (log = (log + text.toString()).slice(-2000)));
  while (!log.includes(`Server listening on 127.0.0.1 port ${port}`)) {
    if (server.exitCode !== null) return log;
    await delay(20);
  }
  return server;
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  await ended;
}

/** The number in the pid file may belong to another program by now. */
async function endEarlier(dir: string): Promise<void> {
  const file = join(dir, 'pid');
  if (!existsSync(file)) return;
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
  const mine = (): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(join(dir, 'sshd_config'));
    } catch {
      return false;
    }
  };
  if (!mine()) return;
  process.kill(pid, 'SIGTERM');
  while (mine()) await delay(50);
}
