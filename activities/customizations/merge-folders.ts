/** The merge as a command: sides are folders or archives, the result is a folder. Nobody is waited for; conflicts are listed. */
import { mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import type { LegacyEncoding } from '../../runbook/targets/index.ts';
import { unpack } from '../web/archive.ts';
import { comparePage } from './compare.ts';
import { layOut, type Laid } from './lay-out.ts';
import { planMerge, type ConflictKind, type Places, type Trees } from './plan.ts';
import { scanFolder, type SideName, type Tree } from './trees.ts';

export { kindTexts } from './choices.ts';

export interface MergeFolders {
  /** Null: two-way. */
  readonly base: string | null;
  readonly ours: string;
  readonly theirs: string;
  /** Must not be there, or be an empty folder. */
  readonly out: string;
  /** File of the page that compares the conflicts; it is written when there are any. */
  readonly html?: string | undefined;
  readonly encoding: LegacyEncoding;
}

export interface MergedFolders {
  readonly out: string;
  readonly threeWay: boolean;
  /** How many files of each fate. */
  readonly files: Readonly<Record<string, number>>;
  /** Texts that both had changed, and that went together. */
  readonly merged: readonly string[];
  readonly conflicts: readonly { readonly path: string; readonly kind: ConflictKind; readonly at: Places }[];
}

/** Throws FILE_EXISTS, FILE_NOT_FOUND, MERGE_FILE_REFUSED, MERGE_SIDE_EMPTY, and what `unpack` throws. */
export async function mergeFolders(options: MergeFolders): Promise<MergedFolders> {
  const { base, ours, theirs, out, html, encoding } = options;
  if ((await readdir(out).catch(absent)).length > 0) throw new NakatError('FILE_EXISTS', { where: out });
  const scratch = await mkdtemp(join(tmpdir(), 'nakat-merge-'));
  const partial = `${out}.partial`;
  try {
    const open = (side: SideName, path: string): Promise<Side> => openSide(side, path, join(scratch, side));
    const trees = unwrapped({
      base: base === null ? null : await open('base', base),
      ours: await open('ours', ours),
      theirs: await open('theirs', theirs),
    });
    await rm(partial, { recursive: true, force: true });
    const laid = await layOut(trees, await planMerge(trees), partial, { legacy: encoding });
    const waiting = laid.filter((one) => one.fate === 'open');
    if (html !== undefined && waiting.length > 0) await writeFile(html, await comparePage(trees, waiting, encoding));
    await rm(out, { recursive: true, force: true });
    await rename(partial, out);
    return resultOf(out, trees, laid);
  } finally {
    await rm(scratch, { recursive: true, force: true });
    await rm(partial, { recursive: true, force: true });
  }
}

interface Side {
  readonly tree: Tree;
  readonly archive: boolean;
}

async function openSide(side: SideName, path: string, scratch: string): Promise<Side> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new NakatError('FILE_NOT_FOUND', { where: hostname(), values: { path }, cause });
  });
  if (found.isDirectory()) return { tree: await scanFolder(side, path), archive: false };
  await unpack(path, scratch);
  return { tree: await scanFolder(side, scratch), archive: true };
}

/** People zip the folder or what is in it: where not all sides have that one folder around everything, archives lose it. */
function unwrapped({ base, ours, theirs }: Record<'ours' | 'theirs', Side> & { readonly base: Side | null }): Trees {
  const sides = [ours, theirs, ...(base ? [base] : [])];
  const around = sides.map(({ tree }) => folderAround(tree));
  const alike = around.every((folder) => folder === around[0]);
  const bare = ({ tree, archive }: Side): Tree => {
    const folder = folderAround(tree);
    if (alike || !archive || folder === null) return tree;
    const files = [...tree.files].map(([path, file]) => [path.slice(folder.length + 1), file] as const);
    return { ...tree, folder: join(tree.folder, folder), files: new Map(files) };
  };
  return { base: base && bare(base), ours: bare(ours), theirs: bare(theirs) };
}

function folderAround({ files }: Tree): string | null {
  const tops = new Set([...files.keys()].map((path) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '')));
  const [top = ''] = tops;
  return tops.size === 1 && top !== '' ? top : null;
}

function resultOf(out: string, { base }: Trees, laid: readonly Laid[]): MergedFolders {
  const files: Record<string, number> = {};
  for (const { fate } of laid) if (fate !== 'open') files[fate] = (files[fate] ?? 0) + 1;
  return {
    out,
    threeWay: base !== null,
    files,
    merged: laid.filter(({ fate }) => fate === 'merged').map(({ path }) => path),
    conflicts: laid.flatMap(({ path, kind, fate, at }) => (fate === 'open' && kind ? [{ path, kind, at }] : [])),
  };
}

const absent = (error: NodeJS.ErrnoException): string[] => {
  if (error.code === 'ENOENT') return [];
  if (error.code === 'ENOTDIR') return ['a file'];
  throw error;
};
