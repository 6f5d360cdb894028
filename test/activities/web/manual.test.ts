import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createStepContext } from '../../../activities/context.ts';
import { webSteps } from '../../../activities/web/steps.ts';
import type { WebTree } from '../../../runbook/targets/index.ts';
import { digest, newFolder, releases, removeFolder, run, storeIn, treeOf, unpacked } from './fixture.ts';

const files = releases(10, 50_000);
let folder: string;
let place: string;
let server: Server;
let tree: WebTree;

beforeEach(async () => {
  folder = newFolder();
  place = join(folder, 'site');
  mkdirSync(place);
  server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(place, decodeURIComponent(request.url ?? '').replace('/shop/', ''))));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  tree = { via: 'manual', name: 'www.example.com', url, keep: [], store: storeIn(folder) };
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  removeFolder(folder);
});
const context = () => createStepContext({ step: 'production.prepare-archive' });
const ready = async () => ({
  update: await unpacked(join(folder, 'updates'), 'new', files.new),
  owned: await unpacked(join(folder, 'updates'), 'old', files.old),
});

it('makes an archive of the new files, and says which ones to remove', async () => {
  const { lines } = await webSteps.prepareArchive({ tree, part: '' }, await ready(), context());
  const file = String(lines[0]?.values?.['file']);
  execFileSync('python3', ['-m', 'zipfile', '-e', file, place]);
  for (const [path, content] of Object.entries(files.new))
    expect(readFileSync(join(place, path)).equals(content)).toBe(true);
  expect(lines[0]?.values).toMatchObject({ files: Object.keys(files.new).length, sha256: digest(readFileSync(file)) });
  expect(lines.slice(1).map((line) => line.values?.['path'])).toEqual(['gone/edited.php', 'gone/only-old.php']);
  const again = await webSteps.prepareArchive({ tree, part: '' }, await ready(), context());
  expect(again).toEqual({ lines });
});

it('looks from outside whether they are in place', async () => {
  const uses = await ready();
  const look = () => webSteps.checkServed({ tree, part: '', at: '/shop/', files: 5 }, uses, context());
  await expect(look()).rejects.toMatchObject({ code: 'WEB_SERVED_DIFFERS' });
  for (const [path, content] of Object.entries(files.new)) {
    mkdirSync(join(place, path, '..'), { recursive: true });
    writeFileSync(join(place, path), content);
  }
  expect(await look()).toEqual({ checked: 2, notPublic: 0 });
  writeFileSync(join(place, 'added/deep/er/новый.css'), 'x'.repeat(1200));
  await expect(look()).rejects.toMatchObject({
    code: 'WEB_SERVED_DIFFERS',
    failure: { values: { files: 'added/deep/er/новый.css' } },
  });
});

it('a film that is larger than what is read of an answer is not looked at: nothing could be said of it', async () => {
  const film = Buffer.alloc(64 * 2 ** 20 + 1);
  const update = await unpacked(join(folder, 'updates'), 'new', { 'film.mp4': film, 'style.css': 'a {}' });
  writeFileSync(join(place, 'film.mp4'), film);
  writeFileSync(join(place, 'style.css'), 'a {}');
  const look = webSteps.checkServed({ tree, part: '', at: '/shop/', files: 5 }, { update }, context());
  expect(await look).toEqual({ checked: 1, notPublic: 0 });
});

it('is refused by the steps that write themselves', async () => {
  await expect(run.backUp(tree)).rejects.toMatchObject({ code: 'WEB_TREE_MANUAL' });
  expect(treeOf(place)).toEqual({});
});
