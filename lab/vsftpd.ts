/**
 * A real FTP server for the practice ground: vsftpd on a free port of loopback, whose account `anonymous` may do with any password what
 * an account of a host may. Null where none is installed, or where we are not root, whom it needs to give up its rights.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './ports.ts';

export interface Vsftpd {
  readonly port: number;
  /** What the account sees as `/`; it may write into folders that `own` gave to it. */
  readonly root: string;
  /** SHA-256 fingerprint of its certificate; empty without TLS. */
  readonly fingerprint: string;
  /** Makes a folder of the root, with all that is in it the account's. */
  own(name: string): void;
  stop(): Promise<void>;
}

const program = ['/usr/sbin/vsftpd', '/usr/local/sbin/vsftpd'].find((path) => existsSync(path));
export const vsftpdFound = program !== undefined && process.getuid?.() === 0;

/** `dir` is emptied; a server that a killed run left there is ended first. */
export async function startVsftpd(dir: string, options: { readonly tls?: boolean } = {}): Promise<Vsftpd | null> {
  if (program === undefined || !vsftpdFound) return null;
  const file = join(dir, 'vsftpd.conf');
  await endEarlier(dir, file);
  rmSync(dir, { recursive: true, force: true });
  const [root, empty] = [join(dir, 'root'), join(dir, 'empty')];
  for (const folder of [root, empty]) mkdirSync(folder, { recursive: true });
  chmodSync(dir, 0o755);
  const [settings, fingerprint] = options.tls === true ? certified(dir) : [[], ''];
  const owner = execFileSync('id', ['-u', 'ftp'], { encoding: 'utf8' }).trim();
  for (let tries = 3; ; tries--) {
    const port = await freePort();
    writeFileSync(file, `${[...usual(root, empty), `listen_port=${port}`, ...settings].join('\n')}\n`);
    const server = await listen(file, port);
    if (typeof server !== 'string') {
      writeFileSync(join(dir, 'pid'), String(server.pid));
      return {
        port,
        root,
        fingerprint,
        own: (name) => {
          mkdirSync(join(root, name), { recursive: true });
          execFileSync('chown', ['-R', '-h', owner, join(root, name)]);
        },
        stop: () => end(server),
      };
    }
    // Somebody may have taken the port between our look and the server's start.
    if (tries === 1) throw new Error(`vsftpd ended: ${server}`);
  }
}

const usual = (root: string, empty: string): string[] => [
  'listen=YES',
  'listen_address=127.0.0.1',
  'background=NO',
  'anonymous_enable=YES',
  'local_enable=NO',
  'no_anon_password=NO',
  `anon_root=${root}`,
  'write_enable=YES',
  'anon_upload_enable=YES',
  'anon_mkdir_write_enable=YES',
  'anon_other_write_enable=YES',
  'anon_world_readable_only=NO',
  'anon_umask=022',
  'anon_max_rate=0',
  `secure_chroot_dir=${empty}`,
  'xferlog_enable=NO',
  'seccomp_sandbox=NO',
  'isolate=NO',
  'isolate_network=NO',
  'pasv_address=127.0.0.1',
  'utf8_filesystem=YES',
  'hide_ids=NO',
  'max_per_ip=0',
];

/** Settings for TLS with a certificate of its own, and the fingerprint of that. */
function certified(dir: string): [settings: string[], fingerprint: string] {
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const openssl = (...argv: string[]): string =>
    execFileSync('openssl', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const asked = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=practice'];
  openssl('req', '-x509', ...asked, '-keyout', key, '-out', cert);
  const printed = openssl('x509', '-in', cert, '-noout', '-fingerprint', '-sha256').trim();
  const settings = [
    'ssl_enable=YES',
    'allow_anon_ssl=YES',
    'force_anon_data_ssl=YES',
    'force_anon_logins_ssl=YES',
    `rsa_cert_file=${cert}`,
    `rsa_private_key_file=${key}`,
    'ssl_tlsv1=YES',
    'require_ssl_reuse=YES',
  ];
  return [settings, printed.split('=')[1] ?? ''];
}

/** The server once it greets, or what it said before it ended. */
async function listen(file: string, port: number): Promise<ChildProcess | string> {
  const server = spawn(program ?? '', [file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (text: Buffer) => (log = (log + text.toString()).slice(-2000)));
  while (!(await greets(port, '220 (vsFTPd'))) {
    if (server.exitCode !== null) return log;
    await delay(20);
  }
  return server;
}

/** Whether an FTP server answers there, and begins with these words. */
export const greets = (port: number, words: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('end', () => resolve(false));
    socket.once('data', (text: Buffer) => {
      socket.destroy();
      resolve(text.toString().startsWith(words));
    });
  });

/** With the processes of its sessions. */
async function end(server: ChildProcess): Promise<void> {
  const sessions = childrenOf(server.pid ?? 0);
  if (server.exitCode === null && server.signalCode === null) {
    await new Promise((resolve) => {
      server.once('exit', resolve);
      server.kill('SIGKILL');
    });
  }
  for (const pid of sessions) killed(pid);
}

/** The number in the pid file may belong to another program by now. */
async function endEarlier(dir: string, config: string): Promise<void> {
  const file = join(dir, 'pid');
  if (!existsSync(file)) return;
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
  const mine = (): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(config);
    } catch {
      return false;
    }
  };
  if (!mine()) return;
  for (const one of [...childrenOf(pid), pid]) killed(one);
  while (mine()) await delay(50);
}

function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone with its client.
  }
}

/** All below, the deepest first. */
function childrenOf(pid: number): number[] {
  try {
    const own = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    return own.flatMap((child) => [...childrenOf(child), child]);
  } catch {
    // It ended meanwhile.
    return [];
  }
}
