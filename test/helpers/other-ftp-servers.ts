/**
 * ProFTPD and Pure-FTPd, the servers of most hosts, each in a folder of the test's own and on a free port of loopback. Debian lets only one
 * FTP server be installed, so they are also looked for where `.ci/run` unpacks them. Root is needed: they give up their rights.
 */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../lab/ports.ts';
import { greets } from '../../lab/vsftpd.ts';

export interface OtherFtpServer {
  readonly port: number;
  /** What the account `web` sees as `/`; it may write into `site`. Its password is `secret-of-ftp`. */
  readonly root: string;
  own(): void;
  stop(): Promise<void>;
}

const unpacked = process.env['NAKAT_FTP_SERVERS'] ?? '/var/cache/nakat-ftp-servers';
const found = (program: string): string | undefined =>
  ['/usr', `${unpacked}/usr`].map((place) => join(place, program)).find((path) => existsSync(path));
const isRoot = process.getuid?.() === 0;

interface Account {
  readonly folder: string;
  readonly root: string;
  readonly port: number;
  readonly uid: string;
  readonly gid: string;
  /** Of its password, as `crypt` makes it. */
  readonly hash: string;
}

/** Files of its settings; returns what it is started with. */
type Settings = (account: Account) => readonly string[];

const proftpd: Settings = ({ folder, root, port, uid, gid, hash }) => {
  writeFileSync(join(folder, 'accounts'), `web:${hash}:${uid}:${gid}::${root}:/bin/sh\n`, { mode: 0o600 });
  const lines = [
    ...['ServerType standalone', 'DefaultServer on', 'DefaultAddress 127.0.0.1', 'SocketBindTight on', 'UseIPv6 off'],
    ...['ScoreboardFile none', 'UseReverseDNS off', 'AuthOrder mod_auth_file.c', 'RequireValidShell off'],
    ...['DefaultRoot ~', 'AllowOverwrite on', 'AllowStoreRestart on', 'WtmpLog off', 'TransferLog none'],
    ...['<IfModule mod_delay.c>', 'DelayEngine off', '</IfModule>', 'User nobody', 'Group nogroup'],
    `Port ${port}`,
    `PidFile ${folder}/pid`,
    `SystemLog ${folder}/log`,
    `AuthUserFile ${folder}/accounts`,
  ];
  writeFileSync(join(folder, 'conf'), `${lines.join('\n')}\n`);
  return ['-n', '-c', join(folder, 'conf')];
};

const pureFtpd: Settings = ({ folder, root, port, uid, gid, hash }) => {
  writeFileSync(join(folder, 'accounts'), `web:${hash}:${uid}:${gid}::${root}/./::::::::::::\n`, { mode: 0o600 });
  execFileSync(found('bin/pure-pw') ?? '', ['mkdb', join(folder, 'db'), '-f', join(folder, 'accounts')]);
  return [
    '-S',
    `127.0.0.1,${port}`,
    '-l',
    `puredb:${join(folder, 'db')}`,
    '-H',
    '-E',
    '-u',
    '1',
    '-g',
    `${folder}/pid`,
  ];
};

const kinds = {
  ProFTPD: { program: found('sbin/proftpd'), settings: proftpd },
  'Pure-FTPd': { program: found('bin/pure-pw') && found('sbin/pure-ftpd'), settings: pureFtpd },
};
export type OtherFtp = keyof typeof kinds;
export const otherFtpServers = Object.keys(kinds) as OtherFtp[];
export const otherFtpFound = (kind: OtherFtp): boolean => isRoot && kinds[kind].program !== undefined;

export async function startOtherFtp(kind: OtherFtp): Promise<OtherFtpServer> {
  const { program = '', settings } = kinds[kind];
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'nakat-ftp-'));
  chmodSync(folder, 0o755);
  const root = join(folder, 'root');
  mkdirSync(join(root, 'site'), { recursive: true });
  const [uid = '', gid = ''] = ['-u', '-g'].map((which) =>
    execFileSync('id', [which, 'nobody'], { encoding: 'utf8' }).trim(),
  );
  const hash = execFileSync('openssl', ['passwd', '-5', 'secret-of-ftp'], { encoding: 'utf8' }).trim();
  const port = await freePort();
  // With the processes of its sessions: a group of its own.
  const server = spawn(program, settings({ folder, root, port, uid, gid, hash }), { detached: true, stdio: 'ignore' });
  while (!(await greets(port, '220'))) {
    if (server.exitCode !== null) throw new Error(`${kind} ended`);
    await sleep(20);
  }
  const own = (): void => void execFileSync('chown', ['-R', '-h', uid, root]);
  own();
  return {
    port,
    root,
    own,
    stop: async () => {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      process.kill(-(server.pid ?? 0), 'SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
