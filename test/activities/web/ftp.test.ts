import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FtpTree } from '../../../activities/web/ftp-session.ts';
import { ftpRemote } from '../../../activities/web/ftp.ts';
import { freePort } from '../../../lab/ports.ts';
import type { WebTree } from '../../../runbook/targets/index.ts';
import { startFtpStandIn, type FtpStandIn, type Quirks } from '../../helpers/ftp-stand-in.ts';
import { requireReal } from '../../helpers/real.ts';
import { startVsftpd, vsftpdFound, type Vsftpd } from '../../helpers/vsftpd.ts';
import { expectedAfter, ftpTree, layOut, newFolder, releases, removeFolder, run, treeOf, unpacked } from './fixture.ts';

const files = releases(8, 1_300_000);
let folder: string;
let place: string;
let server: FtpStandIn;
let tree: WebTree;

beforeEach(async () => {
  vi.stubEnv('NAKAT_TEST_FTP', 'secret-of-ftp');
  folder = newFolder();
  place = join(folder, 'root/site');
  mkdirSync(place, { recursive: true });
  layOut(place, files.old);
  // No server but those of Unix shows links.
  rmSync(join(place, 'local/link.php'));
  server = await startFtpStandIn(join(folder, 'root'));
  tree = ftpTree(folder, server.port);
});
afterEach(async () => {
  await server.stop();
  vi.unstubAllEnvs();
  removeFolder(folder);
});

const ready = async () => ({
  backup: await run.backUp(tree),
  update: await unpacked(join(folder, 'updates'), 'new', files.new),
  owned: await unpacked(join(folder, 'updates'), 'old', files.old),
});

/** There and back again. */
async function both(): Promise<void> {
  const withModes = server.quirks.noChmod !== true && server.quirks.dos !== true;
  const before = treeOf(place, withModes);
  const uses = await ready();
  await run.upload(tree, uses);
  const after = expectedAfter(treeOf(place), files.old, files.new);
  const seen = treeOf(place, withModes);
  expect(Object.keys(seen)).toEqual(Object.keys(after).sort());
  for (const [path, content] of Object.entries(files.new))
    expect(readFileSync(join(place, path)).equals(content)).toBe(true);
  await run.restore(tree, uses.backup);
  expect(treeOf(place, withModes)).toEqual(before);
}

const manners: Record<string, Quirks> = {
  'MLSD and rights': { mlsd: true },
  'LIST of Unix': {},
  'LIST of DOS, no rights': { dos: true, noChmod: true },
  'no EPSV, and an address in PASV that is not its own': { noEpsv: true, pasvAddress: '10.1.2.3' },
  'no renaming over a file': { refusesRenameOver: true, mlsd: true },
  'two connections only': { most: 2 },
  'its own hashes': { hash: true, mlsd: true },
  'folders in its answers': { stat: 'as LIST' },
  'other folders in its answers': { stat: 'otherwise' },
  'commands behind transfers': { greeting: '(vsFTPd 3.0.3)', stat: 'as LIST' },
};

it.each(Object.entries(manners))('a server with %s', async (_name, quirks) => {
  server.quirks = quirks;
  await run.check(tree);
  await both();
  const asked = (verb: string): number => server.commands.filter((line) => line.startsWith(`${verb} `)).length;
  if (quirks.hash) expect(asked('HASH')).toBeGreaterThan(0);
  // Once for each server that is talked to, and then for nearly every folder, or never again.
  if (quirks.stat === 'as LIST') expect(asked('STAT')).toBeGreaterThan(4 * asked('LIST'));
  if (quirks.stat === 'otherwise') expect(asked('STAT')).toBeLessThan(asked('LIST') / 4);
});

it('a server that drops commands which come together gets them one by one', async () => {
  server.quirks = { dropsBatches: true };
  await expect(run.check(tree)).resolves.toMatchObject({ russianNames: true });
  await both();
});

it.each(['silence', '426'] as const)(
  'an upload that ends by %s although it is whole is not sent again',
  async (how) => {
    const uses = await ready();
    server.quirks = { uploadsEnd: { how, times: 4 } };
    const result = await run.upload(tree, uses);
    expect(server.uploads()).toBe(result.sent + 1);
    for (const [path, content] of Object.entries(files.new))
      expect(readFileSync(join(place, path)).equals(content)).toBe(true);
  },
);

it('a file that cannot be renamed into its place stays as it was', async () => {
  const uses = await ready();
  server.quirks = { disk: '/lib/1/' };
  await expect(run.upload(tree, uses)).rejects.toMatchObject({
    code: 'WEB_REFUSED',
    failure: { vendor: '550 Rename failed' },
  });
  for (const [path, content] of Object.entries(files.old))
    if (path.startsWith('lib/1/')) expect(readFileSync(join(place, path)).equals(content)).toBe(true);
});

it('a file that was put aside comes back when the new one is refused', async () => {
  server.quirks = { refusesRenameOver: true, loses: 'file.new' };
  writeFileSync(join(place, 'file'), 'old');
  const remote = await ftpRemote(tree as FtpTree, () => Promise.resolve('secret-of-ftp'));
  await remote.makeFolder('.nakat-x');
  await remote.write('.nakat-x/file.new', { content: Buffer.from('new') });
  await expect(remote.rename('.nakat-x/file.new', 'file')).rejects.toMatchObject({ code: 'WEB_REFUSED' });
  expect(readFileSync(join(place, 'file'), 'utf8')).toBe('old');
  server.quirks = { refusesRenameOver: true };
  await remote.rename('.nakat-x/file.new', 'file');
  expect(readFileSync(join(place, 'file'), 'utf8')).toBe('new');
  await remote.close();
});

it('a file on which every connection breaks is given up after some tries', async () => {
  const uses = await ready();
  server.quirks = { breaksReading: 'upload-tree' };
  const logIns = (): number => server.commands.filter((line) => line.startsWith('PASS')).length;
  const before = logIns();
  await expect(run.upload(tree, uses)).rejects.toMatchObject({ code: 'WEB_CONNECTION_LOST' });
  expect(logIns() - before).toBeLessThan(100);
});

it('an upload that is called complete and is not is found and sent again', async () => {
  const uses = await ready();
  server.quirks = { storesOnly: { bytes: 10, times: 3 } };
  await run.upload(tree, uses);
  for (const [path, content] of Object.entries(files.new))
    expect(readFileSync(join(place, path)).equals(content)).toBe(true);
  server.quirks = { storesOnly: { bytes: 10, times: 1000 } };
  await expect(run.restore(tree, uses.backup)).rejects.toMatchObject({ code: 'WEB_FILES_DIFFER' });
  // None of the site's files was touched by that.
  for (const [path, content] of Object.entries(files.new))
    expect(readFileSync(join(place, path)).equals(content)).toBe(true);
});

it.each([
  ['small files', '', 500, {}],
  ['small files, one behind the other', '(vsFTPd 3.0.3)', 500, {}],
  // More than the connection holds: it breaks before the server says why.
  ['a large file', '', 600_000, { 'big.bin': Buffer.alloc(16_000_000, 'x') }],
])(
  '%s that are too much for the account are refused in the words of the server',
  async (_name, greeting, quota, more) => {
    server.quirks = { greeting };
    const uses = await ready();
    const update = await unpacked(join(folder, 'updates'), 'large', { ...files.new, ...more });
    server.quirks = { greeting, quota };
    await expect(run.upload(tree, { ...uses, update })).rejects.toMatchObject({
      code: 'WEB_REFUSED',
      failure: { vendor: '552 Quota exceeded' },
    });
    // Nothing to go on with, as after a line that broke.
    expect(server.commands.filter((line) => line.startsWith('APPE'))).toEqual([]);
  },
);

it('says what is wrong with the way there', async () => {
  const failing = (change: Parameters<typeof ftpTree>[2]) => run.backUp(ftpTree(folder, server.port, change));
  vi.stubEnv('NAKAT_TEST_WRONG', 'not-the-password');
  const refused = await failing({ password: { env: 'NAKAT_TEST_WRONG' } }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'WEB_LOGIN_REFUSED', failure: { passing: false } });
  expect(JSON.stringify(refused)).not.toContain('not-the-password');
  server.quirks = { wantsAccount: true };
  await expect(failing({})).rejects.toMatchObject({
    code: 'WEB_LOGIN_REFUSED',
    failure: { vendor: '332 Account?' },
  });
  server.quirks = {};
  await expect(failing({ folder: '/none' })).rejects.toMatchObject({ code: 'WEB_FOLDER_MISSING' });
  await expect(failing({ port: await freePort() })).rejects.toMatchObject({ code: 'WEB_UNREACHABLE' });
  server.commands.length = 0;
  await expect(failing({ security: 'explicit' })).rejects.toMatchObject({ code: 'WEB_CERTIFICATE_REFUSED' });
  expect(server.commands.some((line) => /^(USER|PASS)/.test(line))).toBe(false);
});

const unix = (name: string, letter = '-'): string =>
  `${letter}rw-r--r--   1 web      web             3 Jan 02 03:04 ${name}`;
const mlsd = (name: string, kind = 'file'): string => `type=${kind};size=3;modify=20260102030400; ${name}`;
const hostile: Record<string, string> = {
  'a name that goes up': unix('../canary'),
  'an absolute name': unix('/etc/passwd'),
  'a name of two folders': unix('a/b'),
  'a name with a backslash': unix('..\\canary'),
  'a name with a NUL': unix('a\0b'),
  'a name with an escape sequence': unix('a\u001b[2Jb'),
  'a name twice': unix('.htaccess'),
  'a name that is too long': unix('x'.repeat(300)),
  'bytes that are no UTF-8': unix('\ufffd\ufffd'),
  'a device': unix('tty', 'c'),
  'a line of nonsense': 'bad, bad listing',
  'a folder that goes up': unix('..', 'd').replace('..', '../..'),
  'a prototype': mlsd('a/__proto__'),
};

it.each(Object.entries(hostile).filter(([name]) => name !== 'a device'))(
  'a listing with %s is refused',
  async (_name, line) => {
    const before = treeOf(folder);
    server.quirks = { lines: [line] };
    await expect(run.backUp(tree)).rejects.toMatchObject({ code: 'WEB_NAME_REFUSED' });
    await expect(run.check(tree)).rejects.toMatchObject({ code: 'WEB_NAME_REFUSED' });
    for (const path of Object.keys(treeOf(folder))) if (!(path in before)) expect(path).toMatch(/^store/);
  },
);

it('a name that is a property of every object is a name', async () => {
  for (const name of ['__proto__', 'constructor', 'toString']) writeFileSync(join(place, name), name);
  server.quirks = { mlsd: true };
  const backup = await run.backUp(tree);
  for (const name of ['__proto__', 'constructor', 'toString'])
    expect(readFileSync(join(backup.place, name), 'utf8')).toBe(name);
  await run.restore(tree, backup);
  expect((await run.prove(tree, backup)).lines[0]?.equal).toBe(true);
});

it('a folder that was swapped for a link while files were on their way is not written through', async () => {
  const uses = await ready();
  const outside = join(folder, 'outside');
  mkdirSync(outside);
  let swapped = false;
  const swap = () => {
    // When the first file is read back, all of them are there and none is in place.
    if (swapped || !server.commands.some((line) => line.startsWith('RETR') && line.includes('upload-tree'))) return;
    swapped = true;
    rmSync(join(place, 'lib'), { recursive: true });
    symlinkSync(outside, join(place, 'lib'));
  };
  await expect(run.upload(tree, uses, { progress: swap })).rejects.toMatchObject({ code: 'WEB_LINK_IN_WAY' });
  expect(swapped).toBe(true);
  expect(treeOf(outside)).toEqual({});
  rmSync(join(place, 'lib'));
  await run.restore(tree, uses.backup);
  expect((await run.prove(tree, uses.backup)).lines[0]?.equal).toBe(true);
});

it('names from the update cannot become commands', async () => {
  const uses = await ready();
  const evil = 'a\r\nDELE .htaccess';
  const update = await unpacked(join(folder, 'updates'), 'evil', { ok: 'x' });
  const list = JSON.parse(readFileSync(`${update.place}.json`, 'utf8')) as { entries: Record<string, unknown> };
  list.entries[evil] = list.entries['ok'];
  writeFileSync(`${update.place}.json`, JSON.stringify(list));
  await expect(run.upload(tree, { ...uses, update })).rejects.toMatchObject({ code: 'WEB_TREE_DAMAGED' });
  expect(existsSync(join(place, '.htaccess'))).toBe(true);
});

describe.skipIf(!requireReal('vsftpd', vsftpdFound))('FTP over TLS', () => {
  let ftp: Vsftpd;
  beforeAll(async () => {
    ftp = await startVsftpd({ tls: true });
  });
  afterAll(() => ftp.stop());

  it('brings the new files there, and the old ones back', async () => {
    const site = join(ftp.root, 'site');
    layOut(site, files.old);
    rmSync(join(site, 'local/link.php'));
    ftp.own('site');
    const over = ftpTree(folder, ftp.port, { security: 'explicit', certificate: ftp.fingerprint });
    await run.check(over);
    const uses = {
      backup: await run.backUp(over),
      update: await unpacked(join(folder, 'updates'), 'new', files.new),
      owned: await unpacked(join(folder, 'updates'), 'old', files.old),
    };
    const before = treeOf(site);
    await run.upload(over, uses);
    for (const [path, content] of Object.entries(files.new))
      expect(readFileSync(join(site, path)).equals(content)).toBe(true);
    await run.restore(over, uses.backup);
    expect(Object.keys(treeOf(site))).toEqual(Object.keys(before));
    expect((await run.prove(over, uses.backup)).lines[0]?.equal).toBe(true);
  });

  it('refuses a certificate that nobody vouches for, and another than the pinned one, before the password is read', async () => {
    const asked = vi.fn(() => Promise.resolve('x'));
    const over = (certificate: string) =>
      run.backUp(ftpTree(folder, ftp.port, { security: 'explicit', certificate }), { secret: asked });
    await expect(over('checked')).rejects.toMatchObject({ code: 'WEB_CERTIFICATE_REFUSED' });
    await expect(over(Array(32).fill('AB').join(':'))).rejects.toMatchObject({
      code: 'WEB_CERTIFICATE_REFUSED',
      failure: { values: { problem: ftp.fingerprint } },
    });
    expect(asked).not.toHaveBeenCalled();
    await over(ftp.fingerprint);
    expect(asked).toHaveBeenCalled();
  });
});
