/** The last part of a job: what waits in nakat's folder comes into the site by renames, and what is to go goes out by renames. */
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import { stagedName } from './job.ts';
import { atOnce } from './lanes.ts';
import { foldersAbove, nameOf } from './names.ts';
import type { Remote, RemoteEntry } from './remote.ts';
import { isClosedTop, type NewFolder, type Staged } from './staged.ts';
import type { Work } from './work.ts';

/** Only when all of it waits there, whole. Throws WEB_LINK_IN_WAY. */
export async function putInPlace(work: Work, staging: string, staged: Staged): Promise<void> {
  const { remote, job, context, moved } = work;
  await takeOut(work, staging, job.clear);
  for (const path of job.clearFolders) await remote.removeFolder(path);
  const waiting = new Set((await remote.list(staging)).map(({ name }) => name));
  const trees = staged.trees.filter((folder) => waiting.has(staged.folderAt(folder)));
  const loose = staged.loose.filter((send) => waiting.has(staged.fileAt(send)));
  // As late as can be, and again afterwards: SFTP and FTP know no rename that refuses links on the way.
  const way = [...staged.trees, ...staged.loose, ...job.links, ...job.modes].map(({ path }) => path);
  const folders = new Set([...way, ...job.clear, ...job.removes].flatMap(foldersAbove));
  await checkFolders(remote, folders);
  const there = await remote.look(trees.map(({ path }) => path));
  let done = 0;
  const placed = (path: string): void => {
    moved();
    context.progress({ done: ++done, total: trees.length + loose.length, note: path.slice(-80) });
  };
  await atOnce(remote.lanes, trees, async (folder) => {
    const at = `${staging}/${staged.folderAt(folder)}`;
    for (const path of await placeFolder(remote, folder, at, there.get(folder.path))) folders.add(path);
    placed(folder.path);
  });
  await atOnce(remote.lanes, loose, async (send) => {
    await remote.rename(`${staging}/${staged.fileAt(send)}`, send.path);
    placed(send.path);
  });
  await checkFolders(remote, folders);
  for (const { path, target } of job.links)
    if ((await remote.look([path])).size === 0) await remote.makeLink(path, target);
  const closed = staged.trees.filter((folder) => isClosedTop(folder, staged));
  // Again: rights are set through links as well.
  await checkFolders(remote, new Set(closed.map(({ path }) => path)));
  for (const { path, mode } of closed) if (mode !== undefined) await remote.setMode(path, mode);
  await atOnce(remote.lanes, job.modes, ({ path, mode }) => remote.setMode(path, mode));
  await takeOut(work, staging, job.removes);
  for (const path of job.removeFolders) {
    const entries = await remote.list(path).catch((error: unknown) => {
      if (isNakatError(error) && error.code === 'WEB_FOLDER_MISSING') return undefined;
      throw error;
    });
    // Somebody else's file keeps its folder.
    if (entries?.every(({ name }) => name === '.' || name === '..')) await remote.removeFolder(path);
  }
}

/**
 * By one rename; where a folder of that name came up meanwhile, into that one. Returns the folders of the site that were there and got
 * something.
 */
async function placeFolder(
  remote: Remote,
  folder: NewFolder,
  at: string,
  found: RemoteEntry | undefined,
): Promise<string[]> {
  if (found === undefined) {
    await remote.rename(at, folder.path);
    return [];
  }
  if (found.kind !== 'folder') throw inWay(remote, folder.path, found.kind);
  const waiting = new Set((await remote.list(at)).map(({ name }) => name));
  const waits = ({ path }: { readonly path: string }): boolean => waiting.has(nameOf(path));
  const folders = folder.folders.filter(waits);
  const there = await remote.look(folders.map(({ path }) => path));
  const merged = [folder.path];
  for (const one of folders)
    merged.push(...(await placeFolder(remote, one, `${at}/${nameOf(one.path)}`, there.get(one.path))));
  await atOnce(remote.lanes, folder.files.filter(waits), ({ path }) => remote.rename(`${at}/${nameOf(path)}`, path));
  return merged;
}

/** Files and links out of the site, into nakat's folder. */
async function takeOut({ remote, moved }: Work, staging: string, paths: readonly string[]): Promise<void> {
  const there = await remote.look(paths);
  const waste = (path: string): string => `${staging}/out-${stagedName({ path, sha256: '' })}`;
  await atOnce(remote.lanes, there, async ([path, { kind }]) => {
    if (kind === 'folder') throw inWay(remote, path, kind);
    await remote.rename(path, waste(path));
    moved();
  });
}

/** Every folder that is written to is a real folder, all the way from the root. */
async function checkFolders(remote: Remote, folders: ReadonlySet<string>): Promise<void> {
  for (const [path, { kind }] of await remote.look([...folders]))
    if (kind !== 'folder') throw inWay(remote, path, kind);
}

const inWay = (remote: Remote, path: string, found: string): NakatError =>
  new NakatError('WEB_LINK_IN_WAY', { where: remote.name, values: { path, found } });
