/**
 * How the files of a practice ground's site are reached: by SFTP, a real OpenSSH, or the Windows-like machine's SSH where there is
 * none; or by FTP, with TLS or without, a real vsftpd.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { startOpenSsh } from '../openssh.ts';
import { startVsftpd } from '../vsftpd.ts';
import type { WindowsHost } from '../windows/host.ts';
import { startLine } from './line.ts';

/** `manual`: production by a person, the test site by SFTP. */
export const zetaWays = ['sftp', 'ftp', 'ftps', 'manual'] as const;
export type ZetaWay = (typeof zetaWays)[number];

export interface Reach {
  /** Of the plan that fits the way. */
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Folder of a site by its name, as the plan says it. */
  folder(name: string): string;
  /** The real one. */
  real(name: string): string;
  /** All that lies in that folder now may be changed by the account that nakat logs in with. */
  own(name: string): void;
}

/** The line is cut in the middle of what is sent once `from` holds, and no connection is let through until `mended` does. */
export interface LineBreak {
  readonly from: () => Promise<boolean>;
  readonly mended: () => boolean;
}

interface Wanted {
  readonly dir: string;
  /** Asked for where no OpenSSH is installed. */
  readonly host: () => Promise<WindowsHost>;
  readonly cut: LineBreak | null;
  readonly started: (() => Promise<void>)[];
}

export const reachFiles = (way: ZetaWay, wanted: Wanted): Promise<Reach> =>
  way === 'ftp' || way === 'ftps' ? reachByFtp(way === 'ftps', wanted) : reachBySftp(wanted);

async function reachBySftp({ dir, host, cut, started }: Wanted): Promise<Reach> {
  const openssh = await startOpenSsh(join(dir, 'sshd'));
  if (openssh) started.push(() => openssh.stop());
  const windows = openssh ? null : await host();
  const port = openssh?.port ?? windows?.port ?? 0;
  const line = cut ? await startCutLine(port, cut, 20_000) : null;
  if (line) started.push(() => line.stop());
  const folder = (name: string): string => (openssh ? join(dir, 'www', name) : `C:\\inetpub\\${name}`);
  return {
    folder,
    real: (name) => windows?.real(folder(name)) ?? folder(name),
    own: () => undefined,
    secrets: {},
    variables: {
      LAB_WEB_OS: openssh ? 'linux' : 'windows',
      LAB_WEB_SSH_HOST: '127.0.0.1',
      LAB_WEB_SSH_PORT: String(line?.port ?? port),
      LAB_WEB_SSH_USER: openssh?.user ?? 'nakat',
      LAB_WEB_SSH_HOST_KEY: openssh?.hostKey ?? windows?.hostKey ?? '',
      LAB_WEB_SSH_KEY: openssh?.key ?? windowsKey(dir).file,
      LAB_WEB_WORK: openssh ? join(dir, 'web-work') : 'C:\\nakat',
      LAB_WEB_FOLDER: folder('zeta'),
      LAB_WEB_TEST_FOLDER: folder('zeta-test'),
    },
  };
}

async function reachByFtp(tls: boolean, { dir, cut, started }: Wanted): Promise<Reach> {
  const server = await startVsftpd(join(dir, 'ftp'), { tls });
  if (!server) throw new Error('over FTP, this practice ground needs vsftpd, and to be started by root');
  started.push(() => server.stop());
  // Only the commands go over this line: files have connections of their own, which end with it.
  const line = cut ? await startCutLine(server.port, cut, 2_000) : null;
  if (line) started.push(() => line.stop());
  return {
    folder: (name) => `/${name}`,
    real: (name) => join(server.root, name),
    own: (name) => server.own(name),
    secrets: { NAKAT_FTP_PASSWORD: 'practice@example.com' },
    variables: {
      LAB_WEB_FTP_HOST: '127.0.0.1',
      LAB_WEB_FTP_PORT: String(line?.port ?? server.port),
      LAB_WEB_FTP_USER: 'anonymous',
      LAB_WEB_FTP_SECURITY: tls ? 'explicit' : 'none',
      LAB_WEB_FTP_CERTIFICATE: tls ? server.fingerprint : 'checked',
      LAB_WEB_FOLDER: '/zeta',
      LAB_WEB_TEST_FOLDER: '/zeta-test',
    },
  };
}

/** `after`: bytes that are sent until it is cut. */
async function startCutLine(
  port: number,
  { from, mended }: LineBreak,
  after: number,
): Promise<{ port: number; stop(): Promise<void> }> {
  let [begun, mayCut] = [0, false];
  const look = (): void =>
    void from().then(
      (now) => (mayCut = now),
      () => undefined,
    );
  const timer = setInterval(look, 300);
  const line = await startLine({
    port,
    cuts: (sent) => {
      if (!mayCut) begun = sent;
      return mayCut && sent - begun > after;
    },
    mended,
  });
  return {
    port: line.port,
    stop: () => {
      clearInterval(timer);
      return line.stop();
    },
  };
}

/** Who may log in to the Windows-like machine besides the password; made once per ground. */
export function windowsKey(dir: string): { file: string; line: string } {
  const file = join(dir, 'web_key');
  mkdirSync(dir, { recursive: true });
  if (!existsSync(file)) {
    const pair = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 });
    writeFileSync(file, pair.private, { mode: 0o600 });
    writeFileSync(`${file}.pub`, pair.public);
  }
  return { file, line: readFileSync(`${file}.pub`, 'utf8') };
}
