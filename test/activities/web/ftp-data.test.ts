import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FtpTree } from '../../../activities/web/ftp-session.ts';
import { ftpRemote } from '../../../activities/web/ftp.ts';
import type { Remote } from '../../../activities/web/remote.ts';
import { startFtpStandIn, type Certificate, type FtpStandIn } from '../../helpers/ftp-stand-in.ts';
import { ftpTree, newFolder, removeFolder, writeFiles } from './fixture.ts';

let folder: string;
let server: FtpStandIn;
let remote: Remote;
const opened = async (certificate: Certificate | undefined, change: Partial<FtpTree> = {}): Promise<void> => {
  server = await startFtpStandIn(join(folder, 'root'), {}, certificate);
  const tree = ftpTree(folder, server.port, { connections: 1, ...change }) as FtpTree;
  remote = await ftpRemote(tree, () => Promise.resolve('secret-of-ftp'));
};
beforeEach(() => {
  folder = newFolder();
  mkdirSync(join(folder, 'root/site'), { recursive: true });
  writeFiles(join(folder, 'root/site'), { file: 'content' });
});
afterEach(async () => {
  await remote.close();
  await server.stop();
  removeFolder(folder);
});

function certified(name: string): Certificate & { readonly fingerprint: string } {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const openssl = (...argv: string[]): string =>
    execFileSync('openssl', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, '-keyout', key, '-out', cert);
  const [, fingerprint = ''] = openssl('x509', '-in', cert, '-noout', '-fingerprint', '-sha256').trim().split('=');
  return { key: readFileSync(key), cert: readFileSync(cert), fingerprint };
}

it('over TLS, a data connection with another certificate gets nothing and is not believed', async () => {
  const pinned = certified('pinned');
  await opened(pinned, { security: 'implicit', certificate: pinned.fingerprint });
  expect((await remote.list('')).map(({ name }) => name)).toEqual(['file']);
  server.quirks = { dataCertificate: certified('other') };
  await expect(remote.list('')).rejects.toThrow('another certificate');
  await expect(remote.read('file', () => {})).rejects.toThrow('another certificate');
  await expect(remote.write('new', { content: Buffer.from('secret') })).rejects.toThrow('another certificate');
  expect(readFileSync(join(folder, 'root/site/file'), 'utf8')).toBe('content');
});

it('over TLS, what is refused is said in the words of the server, also when the data connection has ended before', async () => {
  const pinned = certified('pinned');
  await opened(pinned, { security: 'implicit', certificate: pinned.fingerprint });
  server.quirks = { refusesUploads: '552 Quota exceeded' };
  await expect(remote.write('new', { content: Buffer.from('x') })).rejects.toMatchObject({
    code: 'WEB_REFUSED',
    failure: { vendor: '552 Quota exceeded' },
  });
});

it.each([
  [
    'at once',
    () => {
      throw new Error('the disk is full');
    },
  ],
  ['later', () => Promise.reject(new Error('the disk is full'))],
])('what goes wrong here while a file is read is not called a lost connection: %s', async (_when, take) => {
  await opened(undefined);
  await expect(remote.read('file', take)).rejects.toThrow(/^the disk is full$/);
  expect((await remote.list('')).map(({ name }) => name)).toEqual(['file']);
});

it.each([10, 600_000])('a file of %d bytes that is gone from the worker is damage there', async (size) => {
  await opened(undefined);
  const file = join(folder, 'gone');
  await expect(remote.write('new', { file, size })).rejects.toMatchObject({ code: 'WEB_TREE_DAMAGED' });
});
