/**
 * What is to be changed on a site, decided once and written down on the worker's disk before anything is touched: a later attempt
 * carries out the same job, whatever state the first left.
 */
import { unlink } from 'node:fs/promises';
import { digestOf, readOrNull, writeWhole } from './manifest.ts';

export interface Send {
  readonly path: string;
  /** On the worker. */
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
  readonly mode?: number;
  readonly owner?: string;
}

export interface Job {
  /** Nakat's folder on the site while it works, without the ending that each attempt gives it. */
  readonly staging: string;
  readonly sends: readonly Send[];
  /** New ones, the outermost first. */
  readonly folders: readonly { readonly path: string; readonly mode?: number }[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
  /** Content is right, rights are not. */
  readonly modes: readonly { readonly path: string; readonly mode: number }[];
  /** Files and links that go away: those in the way of something new before, the others after it is in place. */
  readonly clear: readonly string[];
  readonly removes: readonly string[];
  /** Folders that go away where they are empty by then, the innermost first; `clearFolders` before anything new comes. */
  readonly clearFolders: readonly string[];
  readonly removeFolders: readonly string[];
  /** For the result. */
  readonly unchanged: number;
  readonly kept: readonly string[];
  /** Absent where it is not known. */
  readonly overwritten?: readonly string[];
}

export const isEmpty = (job: Job): boolean =>
  [job.sends, job.folders, job.links, job.modes, job.clear, job.removes, job.clearFolders, job.removeFolders].every(
    (changes) => changes.length === 0,
  );

const digests = new WeakMap<Job, string>();
/** Made once: it is megabytes of text. */
export function digestOfJob(job: Job): string {
  const digest = digests.get(job) ?? digestOf(JSON.stringify(job));
  digests.set(job, digest);
  return digest;
}

/** The name of a file while it waits: says nothing to visitors, and tells a later attempt what it is. */
export const stagedName = ({ path, sha256 }: Pick<Send, 'path' | 'sha256'>): string =>
  digestOf(`${path}\0${sha256}`).slice(0, 40);

interface Kept {
  readonly job: Job;
  /** All is in place; only nakat's own folder is left to be removed. */
  readonly inPlace: boolean;
}

/** A job as it is kept in `file`. */
export function jobFile(file: string) {
  return {
    read: async (): Promise<Kept | null> => {
      const text = await readOrNull(file);
      return text === null ? null : (JSON.parse(text) as Kept);
    },
    write: (job: Job, inPlace: boolean): Promise<void> => writeWhole(file, JSON.stringify({ job, inPlace })),
    forget: (): Promise<void> =>
      unlink(file).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      }),
  };
}
