/** How the files of the practice ground's site are reached: a real OpenSSH, or the Windows-like machine's SSH where there is none. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { startOpenSsh } from '../openssh.ts';
import type { WindowsHost } from '../windows/host.ts';
import { startLine } from './line.ts';

/** How the site's files are reached: the plan's machine `web`. */
export interface Reach {
  readonly variables: Readonly<Record<string, string>>;
  /** Real folder of a site by its name. */
  real(name: string): string;
}

/** The line is cut in the middle of what is sent once `from` holds, and no connection is let through until `mended` does. */
export interface LineBreak {
  readonly from: () => Promise<boolean>;
  readonly mended: () => boolean;
}

export async function reachFiles(
  dir: string,
  host: WindowsHost,
  cut: LineBreak | null,
  started: (() => Promise<void>)[],
): Promise<Reach> {
  const openssh = await startOpenSsh(join(dir, 'sshd'));
  if (openssh) started.push(() => openssh.stop());
  const port = openssh?.port ?? host.port;
  const line = cut ? await startCutLine(port, cut) : null;
  if (line) started.push(() => line.stop());
  const folder = (name: string): string => (openssh ? join(dir, 'www', name) : `C:\\inetpub\\${name}`);
  return {
    real: (name) => (openssh ? folder(name) : host.real(folder(name))),
    variables: {
      LAB_WEB_OS: openssh ? 'linux' : 'windows',
      LAB_WEB_SSH_HOST: '127.0.0.1',
      LAB_WEB_SSH_PORT: String(line?.port ?? port),
      LAB_WEB_SSH_USER: openssh?.user ?? 'nakat',
      LAB_WEB_SSH_HOST_KEY: openssh?.hostKey ?? host.hostKey,
      LAB_WEB_SSH_KEY: openssh?.key ?? windowsKey(dir).file,
      LAB_WEB_WORK: openssh ? join(dir, 'web-work') : 'C:\\nakat',
      LAB_WEB_FOLDER: folder('zeta'),
      LAB_WEB_TEST_FOLDER: folder('zeta-test'),
    },
  };
}

async function startCutLine(
  port: number,
  { from, mended }: LineBreak,
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
      return mayCut && sent - begun > 20_000;
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
