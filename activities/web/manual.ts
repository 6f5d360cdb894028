/** For a site that nakat does not reach: an archive for a person, and a look from outside whether it is in place. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Said } from '../../runbook/types.ts';
import { nameFor, type StepActivity } from '../step.ts';
import { atOnce } from './lanes.ts';
import { digestFile, filesOf, someOf, verifyLocal, type ListedFile } from './manifest.ts';
import { isKept } from './names.ts';
import { storeOf } from './store.ts';
import { partOf } from './upload.ts';

/** One time for all entries, so that the same files make the same archive. */
const epoch = new Date('1980-01-01T00:00:00Z');

export const prepareArchive: StepActivity<'prepareArchive'> = async ({ tree, part }, { update, owned }, context) => {
  const file = join(await storeOf(tree), `${nameFor(context, 'upload')}.zip`);
  const { list, place } = await partOf(update, part);
  await verifyLocal(place, list);
  const files = filesOf(list).filter(([path]) => !isKept(path, tree.keep));
  const old = owned === undefined ? [] : filesOf((await partOf(owned, part)).list);
  const gone = old.map(([path]) => path).filter((path) => !list.has(path) && !isKept(path, tree.keep));
  const zip = new yazl.ZipFile();
  const partial = `${file}.partial`;
  const written = pipeline(zip.outputStream, createWriteStream(partial, { mode: 0o600 }));
  for (const [path, { mode }] of files)
    zip.addFile(join(place, path), path, { mtime: epoch, mode: 0o100000 | (mode ?? 0o644) });
  zip.end();
  await written.catch(async (error: unknown) => {
    await rm(partial, { force: true });
    throw error;
  });
  await rename(partial, file);
  const { sha256 } = await digestFile(file);
  const archived: Said = {
    en: 'Unpack {file} into the folder of {site}: {files} files, SHA-256 {sha256}. Replace existing files, leave all others.',
    ru: 'Распакуйте {file} в папку сайта {site}: файлов — {files}, SHA-256 {sha256}. Существующие файлы замените, остальные не трогайте.',
    values: { file, site: tree.name, files: files.length, sha256 },
  };
  return { lines: [archived, ...gone.sort().map((path) => removed(path))] };
};

const removed = (path: string): Said => ({
  en: 'Remove {path}, unless it was changed by the customer.',
  ru: 'Удалите {path}, если его не меняли у заказчика.',
  values: { path },
});

/** Served as they are by any web server; what runs on the server (`.php`) or is hidden there says nothing. */
const asTheyAre = /\.(css|js|mjs|png|jpe?g|gif|svg|webp|ico|woff2?|ttf|eot|txt|xml|pdf|mp4|json|map)$/i;
/** Of a larger file nothing is asked: no more than this is read, and of half a film nobody can say whether it is the right one. */
const longestAnswer = 64 * 2 ** 20;
const patience = 30_000;

export const checkServed: StepActivity<'checkServed'> = async ({ tree, part, at, files }, { update }, context) => {
  if (tree.url === undefined) return { checked: 0, notPublic: 0 };
  const { list } = await partOf(update, part);
  const open = filesOf(list).filter(
    ([path, { size }]) => asTheyAre.test(path) && size <= longestAnswer && !isKept(path, tree.keep),
  );
  // Spread over the whole tree, and the same ones each time.
  const step = Math.max(open.length / files, 1);
  const sample = Array.from({ length: Math.min(files, open.length) }, (_, index) => open[Math.floor(index * step)]);
  const [bad, refused] = [[] as string[], [] as string[]];
  await atOnce(4, sample, async (one) => {
    if (one === undefined) return;
    const answer = await load(new URL(urlPath(at, one[0]), tree.url), one[1], context.signal);
    if (answer === 'refused') refused.push(one[0]);
    else if (!answer) bad.push(one[0]);
  });
  if (bad.length > 0)
    throw new NakatError('WEB_SERVED_DIFFERS', { where: tree.name, values: { files: someOf(bad.sort()) } });
  return { checked: sample.length - refused.length, notPublic: refused.length };
};

const urlPath = (root: string, path: string): string =>
  `${root.replace(/\/$/, '')}/${path.split('/').map(encodeURIComponent).join('/')}`;

/** True: it is the file; a server may keep parts of a site to itself (401, 403), or all of it while it is closed (503), which is no difference. */
async function load(url: URL, wanted: ListedFile, signal: AbortSignal): Promise<boolean | 'refused'> {
  // No cache on the way may answer from before the update.
  const response = await fetch(url, {
    headers: { 'cache-control': 'no-cache', pragma: 'no-cache' },
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
  });
  if ([401, 403, 503].includes(response.status)) {
    await response.body?.cancel();
    return 'refused';
  }
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    return false;
  }
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of response.body) {
    size += piece.length;
    if (size > wanted.size) return false;
    hash.update(piece);
  }
  return hash.digest('hex') === wanted.sha256;
}
