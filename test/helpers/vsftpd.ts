/** The practice ground's vsftpd in a folder of the test's own. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startVsftpd as start, vsftpdFound, type Vsftpd as Server } from '../../lab/vsftpd.ts';

export { vsftpdFound };

export interface Vsftpd extends Server {
  /** Holds `root`, and the settings. */
  readonly folder: string;
}

/** `below`: where its folder is made. The account may write into `root/site`. */
export async function startVsftpd(options: { tls?: boolean; below?: string } = {}): Promise<Vsftpd> {
  const folder = mkdtempSync(join(options.below ?? realpathSync(tmpdir()), 'nakat-vsftpd-'));
  const server = await start(folder, { tls: options.tls === true });
  if (!server) throw new Error('no vsftpd');
  server.own('site');
  return {
    ...server,
    folder,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
