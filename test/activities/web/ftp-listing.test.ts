import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseListing } from '../../../activities/web/ftp-listing.ts';
import type { FtpTree } from '../../../activities/web/ftp-session.ts';
import { ftpRemote } from '../../../activities/web/ftp.ts';
import { startFtpStandIn, type FtpStandIn } from '../../helpers/ftp-stand-in.ts';
import { ftpTree, newFolder, removeFolder, writeFiles } from './fixture.ts';

const line = (name: string, letter = '-'): string =>
  `${letter}rw-r--r--   1 web      web             3 Jan 02 03:04 ${name}`;

it('leaves out the folder and the one above it, and no other of such an end', () => {
  const names = (...lines: string[]): string[] =>
    parseListing('site', lines.map((one) => `${one}\r\n`).join('')).map(({ name }) => name);
  expect(names(line('.', 'd'), line('..', 'd'), line('a .'), line('b ..'), line('c .', 'd'))).toEqual([
    'a .',
    'b ..',
    'c .',
  ]);
  expect(() => names(line('a'), 'nonsense .')).toThrow('nonsense .');
});

let folder: string;
let site: string;
let server: FtpStandIn;
beforeEach(async () => {
  folder = newFolder();
  site = join(folder, 'root/site');
  mkdirSync(site, { recursive: true });
  server = await startFtpStandIn(join(folder, 'root'));
});
afterEach(async () => {
  await server.stop();
  removeFolder(folder);
});
const open = () =>
  ftpRemote(ftpTree(folder, server.port, { connections: 1 }) as FtpTree, () => Promise.resolve('secret-of-ftp'));

it('asks without options where a server takes them for a name', async () => {
  mkdirSync(join(site, 'empty'));
  server.quirks = { optionsAreNames: true };
  const remote = await open();
  expect(await remote.list('empty')).toEqual([]);
  expect((await remote.list('')).map(({ name }) => name)).toEqual(['empty']);
  await remote.close();
});

it('a listing without an end is refused', async () => {
  // More than the 64 MB that one may have.
  server.quirks = { lines: Array.from({ length: 270_000 }, (_, index) => line(`${index}`.padEnd(200, 'x'))) };
  const remote = await open();
  await expect(remote.list('')).rejects.toThrow('a listing without an end');
  await remote.close();
});

it.each([
  ['ends the answer', '2\r\n213 End of status'],
  ['ends it, and says what could come next', '2\r\n213 End of status\r\n350 Restart position accepted (1).'],
  ['is a line', '2\r\nx'],
])('a name in an answer that %s is refused, and nothing else gets its lines for an answer', async (_what, name) => {
  const names = ['1', '2', '3'];
  for (const one of ['a', 'b', 'c']) writeFiles(join(site, one), Object.fromEntries(names.map((file) => [file, file])));
  writeFileSync(join(site, 'b', name), 'hidden');
  server.quirks = { stat: 'as LIST' };
  const remote = await open();
  const namesIn = async (path: string): Promise<string[]> => (await remote.list(path)).map((entry) => entry.name);
  expect(await namesIn('a')).toEqual(names);
  const [hidden, beside, there] = await Promise.allSettled([
    remote.list('b'),
    namesIn('c'),
    // There already; the answer to something else would say that it was made.
    remote.makeFolder('a'),
  ]);
  expect(hidden).toMatchObject({ status: 'rejected', reason: { code: 'WEB_NAME_REFUSED' } });
  expect(beside).toEqual({ status: 'fulfilled', value: names });
  if (there.status === 'fulfilled') expect(there.value).toBe(false);
  else expect(there.reason).toMatchObject({ code: 'WEB_CONNECTION_LOST' });
  rmSync(join(site, 'b', name));
  expect(await namesIn('b')).toEqual(names);
  await remote.close();
});
