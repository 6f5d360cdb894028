/**
 * Where the parts of a job wait in nakat's folder before they are put in place. A folder that the site does not have is built there with
 * all below it, and comes into the site by one rename. A file for a folder that is there waits under a name of its own.
 */
import { digestOfJob, stagedName, type Job, type Send } from './job.ts';
import { digestOf } from './manifest.ts';
import { folderOf, nameOf } from './names.ts';

export interface NewFolder {
  readonly path: string;
  readonly mode?: number;
  readonly folders: readonly NewFolder[];
  readonly files: readonly Send[];
}

export interface Staged {
  /** New folders in folders that are there. */
  readonly trees: readonly NewFolder[];
  /** Files for folders that are there. */
  readonly loose: readonly Send[];
  /** All new folders, one level after the other. */
  readonly levels: readonly (readonly NewFolder[])[];
  /** Path of what waits for this path, below nakat's folder. */
  fileAt(send: Send): string;
  folderAt(folder: NewFolder): string;
}

/** Such a folder could not be moved any more: it gets its rights where it is to be. */
export const isClosedTop = (folder: NewFolder, { trees }: Staged): boolean =>
  folder.mode !== undefined && (folder.mode & 0o200) === 0 && trees.includes(folder);

type Growing = Omit<NewFolder, 'folders' | 'files'> & { folders: Growing[]; files: Send[]; at: string };

export function stagedFor(job: Job): Staged {
  // Another job's folders have other names: what lies in them is not looked through.
  const digest = digestOfJob(job);
  const folders = new Map<string, Growing>();
  const [trees, loose, levels]: [Growing[], Send[], Growing[][]] = [[], [], []];
  const depth = new Map<Growing, number>();
  for (const { path, mode } of [...job.folders].sort((a, b) => a.path.length - b.path.length)) {
    const parent = folders.get(folderOf(path));
    const at = parent ? `${parent.at}/${nameOf(path)}` : `new-${digestOf(`${digest}\0${path}`).slice(0, 40)}`;
    const folder: Growing = { path, ...(mode === undefined ? {} : { mode }), folders: [], files: [], at };
    folders.set(path, folder);
    (parent?.folders ?? trees).push(folder);
    const level = parent ? (depth.get(parent) ?? 0) + 1 : 0;
    depth.set(folder, level);
    (levels[level] ??= []).push(folder);
  }
  const files = new Map<string, string>();
  for (const send of job.sends) {
    const parent = folders.get(folderOf(send.path));
    files.set(send.path, parent ? `${parent.at}/${nameOf(send.path)}` : stagedName(send));
    (parent?.files ?? loose).push(send);
  }
  return {
    trees,
    loose,
    levels,
    fileAt: ({ path }) => files.get(path) ?? '',
    folderAt: ({ path }) => folders.get(path)?.at ?? '',
  };
}
