/**
 * Folders read side by side: their files, and which have the same bytes under the same path. Nothing counts but the bytes: neither dates
 * nor names of anything. All at once and not by promises, which cost five times as much for small files; so it runs in several threads.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { badName, badPath } from '../web/names.ts';
import { close, compare, open, Unreadable, type Opened } from './bytes.ts';
import type { Fate, SideName } from './fate.ts';
import { settle, type Result } from './settle.ts';

/** A folder to be read with all below it: `path` under each of the roots named by `sides`. */
export interface Below {
  readonly roots: readonly Root[];
  /** Empty: the roots themselves. */
  readonly path: string;
  /** Numbers of the roots that have it. */
  readonly sides: readonly number[];
  /** Where what can be settled by what is in hand (`settle.ts`) is put at once. */
  readonly into?: Result | undefined;
}

export interface Root {
  readonly side: SideName;
  readonly folder: string;
  /** What people know it by, where that is not the folder. */
  readonly given?: string;
}

export interface FoundFile {
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** Number of the first root that has these bytes at this path. */
  readonly content: number;
}

export interface Found {
  readonly path: string;
  /** By number of the root. */
  readonly files: readonly (FoundFile | undefined)[];
  /** Why it cannot be used. */
  readonly refused?: { readonly side: number; readonly reason: string };
}

export interface Settled {
  /** How many files of each. */
  readonly fates: Map<Fate, number>;
  /** All but the untouched, which may be very many. */
  readonly changed: { readonly path: string; readonly fate: Fate }[];
}

export interface Reading {
  /** All but what was settled. */
  readonly found: Found[];
  readonly settled: Settled;
}

export function readBelow({ roots, path, sides, into }: Below): Reading {
  const reader = new Reader(roots, into);
  const folders: Folder[] = [{ path, sides }];
  for (let one = folders.pop(); one; one = folders.pop()) folders.push(...reader.read(one.path, one.sides));
  return { found: reader.found, settled: reader.settled };
}

type Folder = Pick<Below, 'path' | 'sides'>;

/** Runs for every file: its objects keep their shape, and what is rare has a method of its own, or the engine compiles all of it again and again. */
export class Reader implements Reading {
  readonly found: Found[] = [];
  readonly settled: Settled = { fates: new Map(), changed: [] };
  readonly #roots: readonly Root[];
  readonly #into: Result | undefined;

  constructor(roots: readonly Root[], into: Result | undefined) {
    this.#roots = roots;
    this.#into = into;
  }

  /** Puts the files of this folder to what was read, and answers the folders in it. */
  read(folder: string, sides: readonly number[]): Folder[] {
    const [files, folders] = [new Map<string, number[]>(), new Map<string, number[]>()];
    for (const side of sides) this.#list(folder, side, files, folders);
    let made = false;
    for (const [path, having] of files) {
      const settling = this.#into !== undefined && having.length === this.#roots.length;
      if (settling && !made) mkdirSync(`${this.#into?.folder}/${folder}`, { recursive: true });
      made ||= settling;
      this.#readFiles(path, having, settling ? this.#into : undefined);
    }
    return [...folders].map(([path, having]) => ({ path, sides: having }));
  }

  #list(folder: string, side: number, files: Map<string, number[]>, folders: Map<string, number[]>): void {
    try {
      for (const entry of readdirSync(`${this.#roots[side]?.folder}/${folder}`, { withFileTypes: true })) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        const reason = entry.isDirectory() ? badPath(path) : entry.isFile() ? badName(entry.name) : noFile(entry);
        if (reason !== undefined) {
          this.#refuse(path, side, reason);
          continue;
        }
        const kind = entry.isDirectory() ? folders : files;
        const having = kind.get(path);
        if (having) having.push(side);
        else kind.set(path, [side]);
      }
    } catch (error) {
      this.#refuse(folder || '.', side, cannotBeRead((error as NodeJS.ErrnoException).code));
    }
  }

  /** `into`: where all sides have it, and it may be settled. */
  #readFiles(path: string, sides: readonly number[], into: Result | undefined): void {
    const opened: Opened[] = [];
    try {
      for (const side of sides) opened.push(open(`${this.#roots[side]?.folder}/${path}`, opened.length));
      compare(opened);
      const fate = into && settle(into, path, opened);
      if (fate) this.settled.fates.set(fate, (this.settled.fates.get(fate) ?? 0) + 1);
      else this.#find(path, sides, opened);
      if (fate && fate !== 'unchanged') this.settled.changed.push({ path, fate });
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.#refuse(path, sides[opened.length] ?? sides.at(-1) ?? 0, cannotBeRead(error.message));
    } finally {
      close(opened);
    }
  }

  #find(path: string, sides: readonly number[], opened: readonly Opened[]): void {
    const files: (FoundFile | undefined)[] = this.#roots.map(() => undefined);
    for (const [at, { size, mode, first }] of opened.entries())
      files[sides[at] ?? 0] = { size, mode, content: sides[first] ?? 0 };
    this.found.push({ path, files });
  }

  #refuse(path: string, side: number, reason: string): void {
    this.found.push({ path, files: [], refused: { side, reason } });
  }
}

const noFile = (entry: { isSymbolicLink(): boolean }): string => (entry.isSymbolicLink() ? 'is a link' : 'is no file');
const cannotBeRead = (why: string | undefined): string => `cannot be read (${why})`;
