/** A real OpenSSH server of the test's own: free port on loopback, own host keys, the user who runs the test logs in by key. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SshTarget } from '../../activities/machines/ssh-connection.ts';
import { freePort } from '../../lab/ports.ts';

const program = ['/usr/sbin/sshd', '/usr/local/sbin/sshd'].find((path) => existsSync(path));
export const sshdFound = program !== undefined;

export interface Sshd {
  readonly port: number;
  /** The test's folder; `work` of its target lies in it. */
  readonly folder: string;
  /** Fingerprints by type: `ed25519`, `rsa`. */
  readonly hostKeys: Readonly<Record<'ed25519' | 'rsa', string>>;
  readonly target: SshTarget;
  /** Ends all sessions by force, as a broken network does, and leaves the server. What was started in them is not touched. */
  breakConnections(): void;
  /** Connections that are open now. */
  connections(): number;
  /** The server alone goes away; `start` brings it back on the same port. */
  halt(): Promise<void>;
  start(): Promise<void>;
  /** Ends the server and removes the folder. */
  stop(): Promise<void>;
}

/** `lines`: of its configuration, beside the usual ones. */
export async function startSshd(lines: readonly string[] = []): Promise<Sshd> {
  if (program === undefined) throw new Error('no sshd');
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'nakat-sshd-'));
  const keygen = (type: string, name: string): string => {
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', join(folder, name), '-C', 'test']);
    const line = execFileSync('ssh-keygen', ['-lf', join(folder, `${name}.pub`)], { encoding: 'utf8' });
    return line.split(' ')[1] ?? '';
  };
  const hostKeys = { ed25519: keygen('ed25519', 'host-ed25519'), rsa: keygen('rsa', 'host-rsa') };
  keygen('ed25519', 'user');
  keygen('ed25519', 'stranger');
  writeFileSync(join(folder, 'authorized_keys'), readFileSync(join(folder, 'user.pub')));
  const port = await freePort();
  const config = join(folder, 'sshd_config');
  writeFileSync(
    config,
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${join(folder, 'host-ed25519')}`,
      `HostKey ${join(folder, 'host-rsa')}`,
      `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
      `PidFile ${join(folder, 'pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication yes',
      'PermitRootLogin yes',
      'Subsystem sftp internal-sftp',
      // Else bash takes each command for a first log-in and reads the user's profile.
      'SetEnv SHLVL=1',
      ...lines,
    ].join('\n'),
  );
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });

  let server: ReturnType<typeof spawn> | undefined;
  const start = async (): Promise<void> => {
    const started = spawn(program, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    started.stderr.on('data', (text: Buffer) => (log = (log + text.toString()).slice(-4000)));
    server = started;
    while (!(await answers(port))) {
      if (started.exitCode !== null) throw new Error(`sshd ended: ${log}`);
      await sleep(20);
    }
  };
  const halt = async (): Promise<void> => {
    const ended = server && new Promise((resolve) => server?.once('exit', resolve));
    server?.kill('SIGKILL');
    await ended;
  };
  const sessions = (): number[] => (server?.pid === undefined ? [] : sshdBelow(server.pid));
  await start();
  return {
    port,
    folder,
    hostKeys,
    target: {
      via: 'ssh',
      name: 'test-sshd',
      os: 'linux',
      host: '127.0.0.1',
      port,
      user: userInfo().username,
      hostKeys: [hostKeys.ed25519],
      auth: { key: { file: join(folder, 'user') } },
      work: join(folder, 'work'),
      encoding: 'utf8',
    },
    breakConnections: () => {
      for (const pid of sessions()) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // Its parent took it along.
        }
      }
    },
    connections: () => (server?.pid === undefined ? 0 : childrenOf(server.pid).length),
    halt,
    start,
    stop: async () => {
      const all = sessions();
      await halt();
      for (const pid of all) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // Gone with the server.
        }
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

const childrenOf = (pid: number): number[] => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
};

/** Server processes of sessions; not the shells and programs that they started. */
function sshdBelow(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => {
    let name = '';
    try {
      name = readFileSync(`/proc/${child}/comm`, 'utf8').trim();
    } catch {
      // It ended meanwhile.
    }
    return name.startsWith('sshd') ? [...sshdBelow(child), child] : [];
  });
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
