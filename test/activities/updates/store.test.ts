import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { fetchUpdate } from '../../../activities/updates/store.ts';
import { updateService, type UpdateService } from '../../../runbook/plan/watch.ts';
import type { Checksum, Found, Release } from '../../../runbook/watch/state.ts';
import { redirects, sends, startHostile, type Hostile } from './server.ts';

let [home, folder, store] = [undefined, '', ''] as unknown as [Hostile, string, string];
beforeAll(async () => {
  home = await startHostile();
});
afterAll(() => home.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nakat-store-'));
  store = join(folder, 'store');
  return () => rm(folder, { recursive: true, force: true });
});

const content = Buffer.from('\xff\xff\xff\x7f extension '.repeat(2000), 'latin1');
const digest = (algorithm: string, of = content): string => createHash(algorithm).update(of).digest('hex');
const checksum = (algorithm: Checksum['algorithm'] = 'sha256'): Checksum => ({ algorithm, value: digest(algorithm) });
const service = (more: object = {}): UpdateService =>
  updateService.parse({
    kind: 'manifest',
    name: 'vendor',
    url: `${home.url}/m.json`,
    product: 'p',
    plain: true,
    ...more,
  });
const release = (more: Partial<Release> = {}): Release => ({
  version: '4.2',
  changes: '',
  file: `${home.url}/files/tele.cfe?x=1`,
  size: content.length,
  checksum: checksum(),
  from: [],
  ...more,
});
const fetching = (of: Release = release(), from: UpdateService = service()): Promise<Found> =>
  fetchUpdate(from, of, store, { secret: async () => 'x', signal: new AbortController().signal });
const stored = async (): Promise<string[]> => readdir(store).catch(() => []);

test.each(['sha256', 'sha1', 'md5'] as const)('held against %s, named by its own SHA-256', async (algorithm) => {
  home.answer = sends(content);
  const found = await fetching(release({ checksum: checksum(algorithm) }));
  expect(found).toMatchObject({ sha256: digest('sha256'), bytes: content.length, checkedBy: algorithm });
  expect(await stored()).toEqual([`${digest('sha256')}.cfe`]);
  expect(await readFile(found.path)).toEqual(content);
  expect((await stat(found.path)).mode & 0o777).toBe(0o600);
  // Once more is no harm.
  expect(await fetching()).toMatchObject({ path: found.path });
});

test.each([
  ['another content', Buffer.from(content.map((byte, at) => (at === 9 ? byte ^ 1 : byte))), {}, 'UPDATE_HASH_WRONG'],
  ['more than announced', Buffer.concat([content, Buffer.from('x')]), {}, 'UPDATE_SIZE_WRONG'],
  ['less than announced', content.subarray(1), {}, 'UPDATE_SIZE_WRONG'],
  ['nothing', Buffer.alloc(0), { size: null }, 'UPDATE_NO_FILE'],
  ['a log-in page', Buffer.from('\n <!DOCTYPE html><html>Log in</html>'), { size: null }, 'UPDATE_NO_FILE'],
  ['more than the plan allows', content, { size: null }, 'UPDATE_TOO_BIG'],
])('%s is thrown away', async (name, body, more, code) => {
  home.answer = sends(body);
  const small = name === 'more than the plan allows' ? { largest: 100 } : {};
  await expect(fetching(release(more), service(small))).rejects.toMatchObject({
    code,
    failure: { effect: 'not-done' },
  });
  expect(await stored()).toEqual([]);
});

test('announced as larger than the plan allows: not even asked for', async () => {
  home.asked.length = 0;
  await expect(fetching(release(), service({ largest: 100 }))).rejects.toMatchObject({ code: 'UPDATE_TOO_BIG' });
  expect(home.asked).toEqual([]);
});

test('without end: cut at what was announced, whatever it says of its length', async () => {
  home.answer = (_request, response) => {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
    };
    response.on('drain', more).on('error', () => undefined);
    more();
  };
  await expect(fetching()).rejects.toMatchObject({ code: 'UPDATE_SIZE_WRONG' });
  expect(await stored()).toEqual([]);
});

test('without a checksum only where the plan takes that, and then it is told', async () => {
  home.answer = sends(content);
  await expect(fetching(release({ checksum: null }))).rejects.toMatchObject({ code: 'UPDATE_UNCHECKED' });
  expect(await fetching(release({ checksum: null }), service({ unchecked: true }))).toMatchObject({ checkedBy: null });
});

test.each([
  ['that leads away', '/files/..%2f..%2fetc%2fcron.d%2fx', '.bin'],
  ['of a program', '/files/setup.exe', '.bin'],
  ['in capitals', '/files/a.CFE', '.cfe'],
  ['too long for a disk', `/files/${'a'.repeat(5000)}.cfe`, '.cfe'],
])('of a name %s nothing counts but a known ending', async (_name, path, ending) => {
  home.answer = sends(content);
  await fetching(release({ file: home.url + path }));
  expect(await stored()).toEqual([`${digest('sha256')}${ending}`]);
});

test('a file that is somewhere else than the plan allows', async () => {
  home.answer = redirects('http://169.254.169.254/latest/meta-data');
  await expect(fetching()).rejects.toMatchObject({ code: 'SERVICE_LEADS_AWAY' });
  await expect(fetching(release({ file: 'http://other.example.com/x.cfe' }))).rejects.toMatchObject({
    code: 'SERVICE_LEADS_AWAY',
  });
  expect(await stored()).toEqual([]);
});

test('what a worker that was killed has left is removed; what another writes just now is not', async () => {
  await mkdir(store, { recursive: true });
  await writeFile(join(store, 'old.partial'), 'x');
  await writeFile(join(store, 'new.partial'), 'x');
  const longAgo = new Date(Date.now() - 3 * 86_400_000);
  await utimes(join(store, 'old.partial'), longAgo, longAgo);
  home.answer = sends(content);
  await fetching();
  expect((await stored()).sort()).toEqual([`${digest('sha256')}.cfe`, 'new.partial']);
});

test('a store that cannot be written', async () => {
  await writeFile(store, 'a file');
  home.answer = sends(content);
  await expect(fetching()).rejects.toMatchObject({ code: 'UPDATE_NOT_STORED', failure: { passing: true } });
});

test('from a folder; a name that leads out of it, by dots or by a link, is refused', async () => {
  const shared = join(folder, 'shared');
  await mkdir(shared);
  await writeFile(join(shared, 'a.cfe'), content);
  await writeFile(join(folder, 'secret.cfe'), content);
  await symlink(join(folder, 'secret.cfe'), join(shared, 'link.cfe'));
  const from = updateService.parse({ kind: 'folder', name: 'share', folder: shared, product: 'p' });
  expect(await fetching(release({ file: 'a.cfe' }), from)).toMatchObject({ checkedBy: 'sha256' });
  for (const file of ['../secret.cfe', 'link.cfe'])
    await expect(fetching(release({ file }), from)).rejects.toMatchObject({ code: 'SERVICE_LEADS_AWAY' });
  await expect(fetching(release({ file: 'none.cfe' }), from)).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE' });
});
