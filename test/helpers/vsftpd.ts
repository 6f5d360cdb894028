/** A real FTP server of the test's own: vsftpd on a free port of loopback, an account from a file of its own, into a folder of the test. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './sshd.ts';

const program = ['/usr/sbin/vsftpd', '/usr/local/sbin/vsftpd'].find((path) => existsSync(path));
/** vsftpd drops privileges, so it must have some; accounts of its own need PAM's `pam_userdb` or anonymous log-ins: the latter are taken. */
export const vsftpdFound = program !== undefined && process.getuid?.() === 0;

export interface Vsftpd {
  readonly port: number;
  /** Holds `root`, what the account sees as `/`. */
  readonly folder: string;
  readonly root: string;
  /** SHA-256 fingerprint of its certificate, where it was started with TLS. */
  readonly fingerprint: string;
  stop(): Promise<void>;
}

/** `below`: where its folder is made. Logs in as `anonymous` with any password, who may do all that an account of a host may; the daemon is root, the files are the user's `ftp`. */
export async function startVsftpd(options: { tls?: boolean; below?: string } = {}): Promise<Vsftpd> {
  if (program === undefined) throw new Error('no vsftpd');
  const folder = mkdtempSync(join(options.below ?? realpathSync(tmpdir()), 'nakat-vsftpd-'));
  chmodSync(folder, 0o755);
  const root = join(folder, 'root');
  const site = join(root, 'site');
  mkdirSync(site, { recursive: true });
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  const owner = execFileSync('id', ['-u', 'ftp'], { encoding: 'utf8' }).trim();
  execFileSync('chown', ['-R', owner, site]);
  const port = await freePort();
  const config = [
    'listen=YES',
    'listen_address=127.0.0.1',
    `listen_port=${port}`,
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
  let fingerprint = '';
  if (options.tls) {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=test',
        '-keyout',
        key,
        '-out',
        cert,
      ],
      { stdio: 'ignore' },
    );
    const printed = execFileSync('openssl', ['x509', '-in', cert, '-noout', '-fingerprint', '-sha256'], {
      encoding: 'utf8',
    });
    fingerprint = printed.trim().split('=')[1] ?? '';
    config.push('ssl_enable=YES', 'allow_anon_ssl=YES', 'force_anon_data_ssl=YES', 'force_anon_logins_ssl=YES');
    config.push(`rsa_cert_file=${cert}`, `rsa_private_key_file=${key}`, 'ssl_tlsv1=YES', 'require_ssl_reuse=YES');
  }
  const file = join(folder, 'vsftpd.conf');
  writeFileSync(file, `${config.join('\n')}\n`);
  const server = spawn(program, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text: Buffer) => (log += text.toString()));
  while (!(await answers(port))) {
    if (server.exitCode !== null) throw new Error(`vsftpd ended: ${log}`);
    await sleep(20);
  }
  return {
    port,
    folder,
    root,
    fingerprint,
    stop: async () => {
      const sessions = childrenOf(server);
      await new Promise((resolve) => {
        server.once('exit', resolve);
        server.kill('SIGKILL');
      });
      for (const pid of sessions) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // Gone with its client.
        }
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function childrenOf({ pid }: ChildProcess): number[] {
  const below = (one: number): number[] => {
    let own: number[] = [];
    try {
      own = readFileSync(`/proc/${one}/task/${one}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    } catch {
      // It ended meanwhile.
    }
    return own.flatMap((child) => [...below(child), child]);
  };
  return pid === undefined ? [] : below(pid);
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
  });
