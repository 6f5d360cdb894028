/** From what is on a site and what should be there: the job that makes the one of the other. */
import { join } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Job, Send } from './job.ts';
import { filesOf, type Listed, type ListedFile, type TreeList } from './manifest.ts';
import { foldersAbove, isKept } from './names.ts';
import type { Remote, RemoteEntry } from './remote.ts';
import { digests, type Found } from './walk.ts';

/** What is known of contents from an earlier look, and what may not be believed: nakat itself replaced it since. */
export interface Known {
  readonly list: TreeList;
  readonly touched: ReadonlySet<string>;
}

interface Planned {
  readonly remote: Remote;
  readonly found: Found;
  readonly known: Known;
  readonly keep: readonly string[];
  readonly staging: string;
}

/** New files in, unchanged files of the old release out, everything else stays. `editsIn`: folder whose edits come back after the upload. */
export async function planUpload(
  site: Planned,
  update: { readonly list: TreeList; readonly place: string },
  owned: TreeList | null,
  editsIn?: string,
): Promise<Job> {
  const { remote, found } = site;
  const wanted = filesOf(update.list).filter(([path]) => !isKept(path, site.keep));
  for (const [path] of wanted) checkPlace(remote, found, path);
  const gone = filesOf(owned ?? new Map()).filter(
    ([path]) => found.get(path)?.kind === 'file' && !update.list.has(path) && !isKept(path, site.keep),
  );
  const same = wanted.filter(([path, { size }]) => found.get(path)?.size === size).map(([path]) => path);
  const sums = await contents(site, [...same, ...gone.map(([path]) => path)]);
  const usual = usualModes(found);
  const sends = wanted
    .filter(([path, { sha256 }]) => sums.get(path) !== sha256)
    .map(([path, file]) => ({
      ...sendOf(path, file, join(update.place, path)),
      ...rightsOf(remote, found.get(path), (file.mode ?? 0) & 0o100 ? usual.program : usual.file),
    }));
  const isTheirs = ([path, { sha256 }]: [string, ListedFile]): boolean => sums.get(path) === sha256;
  const removes = gone.filter(isTheirs).map(([path]) => path);
  return {
    staging: site.staging,
    sends,
    folders: missingFolders(found, foldersOf(update.list, site.keep)).map((path) => ({
      path,
      ...(remote.modes ? { mode: usual.folder } : {}),
    })),
    links: [],
    modes: [],
    clear: [],
    removes,
    clearFolders: [],
    removeFolders: emptied(owned ?? new Map(), update.list, found),
    unchanged: wanted.length - sends.length,
    kept: gone.filter((one) => !isTheirs(one)).map(([path]) => path),
    ...(owned ? { overwritten: overwrittenBy(wanted, owned, site.known.list, editsIn) } : {}),
  };
}

/** As the backup has them: what an earlier attempt has put in place already was overwritten too. */
function overwrittenBy(
  wanted: readonly [string, ListedFile][],
  owned: TreeList,
  before: TreeList,
  editsIn: string | undefined,
): string[] {
  const digestIn = (list: TreeList, path: string): string | undefined => {
    const one = list.get(path);
    return one?.kind === 'file' ? one.sha256 : undefined;
  };
  return wanted.flatMap(([path, { sha256 }]) => {
    const was = digestIn(before, path);
    const edited = was !== undefined && was !== sha256 && was !== digestIn(owned, path);
    return edited && !(editsIn !== undefined && isKept(path, [editsIn])) ? [path] : [];
  });
}

/** Exactly the listed tree: what it does not have goes. `extra`: paths of files and links that go. */
export async function planRestore(
  site: Planned,
  place: string,
): Promise<{ readonly job: Job; readonly extra: readonly string[] }> {
  const { remote, found, known } = site;
  const wanted = filesOf(known.list);
  const same = wanted
    .filter(([path, { size }]) => found.get(path)?.kind === 'file' && found.get(path)?.size === size)
    .map(([path]) => path);
  const sums = await contents(site, same);
  const right = ([path, { sha256 }]: [string, ListedFile]): boolean => sums.get(path) === sha256;
  const sends = wanted
    .filter((one) => !right(one))
    .map(([path, file]) => ({
      ...sendOf(path, file, join(place, path)),
      ...(file.mode === undefined ? {} : { mode: file.mode }),
      ...(found.get(path)?.owner === undefined ? {} : { owner: found.get(path)?.owner }),
    }));
  const links = [...known.list].filter((one): one is [string, Listed & { kind: 'link' }] => one[1].kind === 'link');
  const wrongLinks: string[] = [];
  for (const [path, { target }] of links)
    if (found.get(path)?.kind === 'link' && (await remote.readLink(path)) !== target) wrongLinks.push(path);
  const extra = [...found]
    .filter(
      ([path, { kind }]) => kind !== 'folder' && (kind !== known.list.get(path)?.kind || wrongLinks.includes(path)),
    )
    .map(([path]) => path);
  // In the way is what stands where the backup has something of another kind, or on the way to it.
  const inWay = new Set([...known.list.keys()].flatMap((path) => [path, ...foldersAbove(path)]));
  const folders = [...found].filter(([, { kind }]) => kind === 'folder').map(([path]) => path);
  const wrongFolders = folders.filter((path) => known.list.has(path) && known.list.get(path)?.kind !== 'folder');
  const below = (path: string): boolean =>
    wrongFolders.some((folder) => path === folder || path.startsWith(`${folder}/`));
  const first = (path: string): boolean => inWay.has(path) || below(path);
  const sent = new Set(sends.map(({ path }) => path));
  return {
    extra,
    job: {
      staging: site.staging,
      sends,
      folders: missingFolders(
        new Map([...found].filter(([path, { kind }]) => kind === 'folder' && !below(path))),
        [...known.list].filter(([, { kind }]) => kind === 'folder').map(([path]) => path),
      ).map((path) => ({ path, ...modeOf(known.list.get(path)) })),
      links: links
        .filter(([path]) => found.get(path)?.kind !== 'link' || wrongLinks.includes(path))
        .map(([path, { target }]) => ({ path, target })),
      modes: [...known.list].flatMap(([path, one]) => {
        const { mode } = modeOf(one);
        const there = found.get(path);
        const differs = mode !== undefined && there?.kind === one.kind && there.mode !== mode;
        return differs && !sent.has(path) ? [{ path, mode }] : [];
      }),
      clear: extra.filter(first),
      removes: extra.filter((path) => !first(path)),
      clearFolders: deepestFirst(folders.filter(below)),
      removeFolders: deepestFirst(folders.filter((path) => !known.list.has(path) && !below(path))),
      unchanged: wanted.length - sends.length,
      kept: [],
    },
  };
}

/** Digests by path: remembered where the server says that nothing happened to the file, else read. */
async function contents({ remote, found, known }: Planned, paths: readonly string[]): Promise<Map<string, string>> {
  const byServer = await remote.hash(paths);
  if (byServer) return byServer;
  const sums = new Map<string, string>();
  for (const path of paths) {
    const [then, now] = [known.list.get(path), found.get(path)];
    const unmoved = then?.kind === 'file' && then.stamp !== '' && then.stamp === now?.stamp && then.size === now.size;
    if (unmoved && !known.touched.has(path)) sums.set(path, then.sha256);
  }
  const unknown = paths.filter((path) => !sums.has(path));
  return new Map([...sums, ...(await digests(remote, unknown))]);
}

const sendOf = (path: string, { size, sha256 }: ListedFile, file: string): Send => ({ path, file, size, sha256 });

/** Those of the file that is replaced, else what is usual on this site. */
const rightsOf = (remote: Remote, old: RemoteEntry | undefined, usual: number): Pick<Send, 'mode' | 'owner'> =>
  remote.modes ? { mode: old?.mode ?? usual, ...(old?.owner === undefined ? {} : { owner: old.owner }) } : {};

const modeOf = (one: Listed | undefined): { mode?: number } =>
  one !== undefined && 'mode' in one && one.mode !== undefined ? { mode: one.mode } : {};

/** The most frequent ones; on an empty site what hosts expect. */
function usualModes(found: Found): { file: number; program: number; folder: number } {
  const most = (kind: RemoteEntry['kind'], otherwise: number): number => {
    const counts = new Map<number, number>();
    for (const entry of found.values())
      if (entry.kind === kind && entry.mode !== undefined) counts.set(entry.mode, (counts.get(entry.mode) ?? 0) + 1);
    return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? otherwise;
  };
  const file = most('file', 0o644) & 0o777;
  // Whoever may read it may run it.
  return { file, program: file | ((file & 0o444) >> 2), folder: most('folder', 0o755) };
}

/** Throws WEB_LINK_IN_WAY where something else than a file stands at a path, or than a folder on the way to it. */
function checkPlace(remote: Remote, found: Found, path: string): void {
  const refuse = (at: string, kind: string): NakatError =>
    new NakatError('WEB_LINK_IN_WAY', { where: remote.name, values: { path: at, found: kind } });
  for (const folder of foldersAbove(path)) {
    const entry = found.get(folder);
    if (entry && entry.kind !== 'folder') throw refuse(folder, entry.kind);
  }
  const entry = found.get(path);
  if (entry && entry.kind !== 'file') throw refuse(path, entry.kind);
}

/** All folders of a list, named or only on the way to a file. */
const foldersOf = (list: TreeList, keep: readonly string[]): string[] => {
  const wanted = [...list].filter(([path]) => !isKept(path, keep));
  return [
    ...new Set(wanted.flatMap(([path, { kind }]) => [...foldersAbove(path), ...(kind === 'folder' ? [path] : [])])),
  ];
};

const missingFolders = (found: Found, folders: readonly string[]): string[] =>
  folders.filter((path) => !found.has(path)).sort((a, b) => a.split('/').length - b.split('/').length);

/** Folders of the old release that the new one does not have. */
const emptied = (owned: TreeList, update: TreeList, found: Found): string[] => {
  const stay = new Set(foldersOf(update, []));
  return deepestFirst(foldersOf(owned, []).filter((path) => !stay.has(path) && found.get(path)?.kind === 'folder'));
};

const deepestFirst = (folders: readonly string[]): string[] =>
  [...folders].sort((a, b) => b.split('/').length - a.split('/').length);
