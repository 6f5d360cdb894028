import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ftpRemote } from '../../../activities/web/ftp.ts';
import type { FtpTree } from '../../../activities/web/ftp-session.ts';
import { startFtpStandIn, type FtpStandIn } from '../../helpers/ftp-stand-in.ts';
import { ftpTree, newFolder, removeFolder, writeFiles } from './fixture.ts';

let folder: string;
let server: FtpStandIn;
beforeEach(async () => {
  folder = newFolder();
  mkdirSync(join(folder, 'root/site'), { recursive: true });
  writeFiles(join(folder, 'root/site'), { 'a/1': '1', 'b/2': '2', 'c/3': '3' });
  server = await startFtpStandIn(join(folder, 'root'));
});
afterEach(async () => {
  await server.stop();
  removeFolder(folder);
});

it.each([
  ['one log-in', 1, '421 Timeout.\r\n'],
  ['several', 3, '421 Timeout.\r\n'],
  ['several, without a word', 3, ''],
])('log-ins that the server ended while nobody used them are replaced: %s', async (_name, connections, words) => {
  const tree = ftpTree(folder, server.port, { connections }) as FtpTree;
  const remote = await ftpRemote(tree, () => Promise.resolve('secret-of-ftp'));
  const list = async (): Promise<string[]> =>
    (await Promise.all(['a', 'b', 'c'].map((one) => remote.list(one)))).flat().map(({ name }) => name);
  expect(await list()).toEqual(['1', '2', '3']);
  const logIns = (): number => server.commands.filter((line) => line.startsWith('PASS')).length;
  const before = logIns();
  await server.end(words);
  expect(await list()).toEqual(['1', '2', '3']);
  expect(logIns()).toBeGreaterThan(before);
  await remote.close();
});
