/** Everything below a site's folder, as its server lists it; links are not followed, and names that no file can have are refused. */
import { createHash } from 'node:crypto';
import { NakatError } from '../../runbook/errors/index.ts';
import { atOnce } from './lanes.ts';
import type { ListedFile, TreeList, Listed } from './manifest.ts';
import { badName, badPath, isKept } from './names.ts';
import type { Remote, RemoteEntry } from './remote.ts';

/** More than any site that is updated by upload, and about 200 MB of memory. */
export const mostEntries = 500_000;

/** nakat's own folder at the root of a site: never a part of it. */
export const ownPrefix = '.nakat-';

export type Found = ReadonlyMap<string, RemoteEntry>;

/** By path. Without what is kept, and without nakat's own folders. */
export async function walk(remote: Remote, keep: readonly string[], onFound?: (count: number) => void): Promise<Found> {
  const found = new Map<string, RemoteEntry>();
  const refuse = (path: string, reason: string): NakatError =>
    new NakatError('WEB_NAME_REFUSED', {
      where: remote.name,
      values: { name: JSON.stringify(path.slice(0, 300)), reason },
    });
  const add = (path: string, entry: RemoteEntry): void => {
    const reason = badName(entry.name) ?? badPath(path);
    if (isKept(path, keep) || path.startsWith(ownPrefix)) {
      if (badName(entry.name)) throw refuse(path, badName(entry.name) ?? '');
      return;
    }
    if (reason) throw refuse(path, reason);
    if (found.has(path)) throw refuse(path, 'listed twice');
    if (entry.kind === 'other') throw refuse(path, 'neither file, folder nor link');
    found.set(path, entry);
    if (found.size > mostEntries)
      throw new NakatError('WEB_TOO_MUCH', { where: remote.name, values: { limit: mostEntries } });
  };
  const all = await remote.listAll?.(keep);
  if (all) {
    for (const [path, entry] of all) add(path, entry);
    onFound?.(found.size);
    return found;
  }
  let folders = [''];
  while (folders.length > 0) {
    const next: string[] = [];
    await atOnce(remote.lanes, folders, async (folder) => {
      for (const entry of await remote.list(folder)) {
        if (entry.name === '.' || entry.name === '..') continue;
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        add(path, entry);
        if (entry.kind === 'folder' && found.has(path)) next.push(path);
      }
      onFound?.(found.size);
    });
    folders = next;
  }
  return found;
}

/** SHA-256 of files that are there: by the server where it can, else by reading them. */
export async function digests(
  remote: Remote,
  paths: readonly string[],
  onEach?: (path: string) => void,
): Promise<Map<string, string>> {
  const byServer = await remote.hash(paths);
  if (byServer) return byServer;
  const found = new Map<string, string>();
  await atOnce(remote.lanes, paths, async (path) => {
    const hash = createHash('sha256');
    await remote.read(path, (piece) => void hash.update(piece));
    found.set(path, hash.digest('hex'));
    onEach?.(path);
  });
  return found;
}

/** An entry with its digest, as it is listed and compared. */
export function listedOf(entry: RemoteEntry, sha256: string, link = ''): Listed {
  const mode = entry.mode === undefined ? {} : { mode: entry.mode };
  if (entry.kind === 'folder') return { kind: 'folder', ...mode };
  if (entry.kind === 'link') return { kind: 'link', target: link };
  return { kind: 'file', size: entry.size, sha256, stamp: entry.stamp, ...mode } satisfies ListedFile;
}

/** The whole tree, every file read. */
export async function listTree(
  remote: Remote,
  keep: readonly string[],
  onEach?: (done: number, total: number) => void,
): Promise<TreeList> {
  const found = await walk(remote, keep);
  const files = [...found].filter(([, { kind }]) => kind === 'file').map(([path]) => path);
  let done = 0;
  const sums = await digests(remote, files, () => onEach?.(++done, files.length));
  const list = new Map<string, Listed>();
  for (const [path, entry] of found) {
    const sum = sums.get(path);
    // Gone since it was listed.
    if (entry.kind === 'file' && sum === undefined) continue;
    list.set(path, listedOf(entry, sum ?? '', entry.kind === 'link' ? await remote.readLink(path) : ''));
  }
  return list;
}
