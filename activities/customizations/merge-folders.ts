/** The merge as a command: sides are folders or archives, the result is a folder. Nobody is waited for; conflicts are listed. */
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Language } from '../../runbook/messages/say.ts';
import type { LegacyEncoding } from '../../runbook/targets/index.ts';
import { clashNames } from './clashes.ts';
import { fates, type ConflictKind, type Fate, type Places, type SideName } from './fate.ts';
import { withHands, type ReadAll } from './hands.ts';
import { layOut, type Laid } from './lay-out.ts';
import { planMerge } from './plan.ts';
import type { Settled } from './side-by-side.ts';
import { topsOf, type OpenedSide, type Tops } from './tops.ts';
import { scanTogether, type Tree, type Trees } from './trees.ts';

export { kindSaid } from './kinds.ts';

export interface MergeFolders {
  /** Null: two-way. */
  readonly base: string | null;
  readonly ours: string;
  readonly theirs: string;
  /** Must not be there, or be an empty folder. */
  readonly out: string;
  /** The page that compares the conflicts; it is written when there are any, and must not be there. */
  readonly page?: { readonly file: string; readonly language: Language } | undefined;
  readonly encoding: LegacyEncoding;
}

export interface MergedFolders {
  readonly out: string;
  readonly threeWay: boolean;
  readonly tops: Tops;
  /** How many files of each fate. */
  readonly files: Readonly<Record<string, number>>;
  /** Texts that both had changed, and that went together. */
  readonly merged: readonly string[];
  /** Files that one side moved and the other changed: the change went along. */
  readonly moved: readonly { readonly from: string; readonly to: string }[];
  /** By path: all files but the untouched. `from`: of a moved one. */
  readonly changed: readonly { readonly path: string; readonly from?: string; readonly fate: Fate | 'conflict' }[];
  readonly conflicts: readonly {
    readonly path: string;
    readonly kind: ConflictKind;
    readonly at: Places;
    /** Of names that clash: all paths of each side. */
    readonly names?: ReturnType<typeof clashNames>;
  }[];
}

/**
 * Aborted, it leaves nothing. Throws FILE_EXISTS, FILE_NOT_FOUND, MERGE_FILE_REFUSED, MERGE_INTERRUPTED, MERGE_SIDE_EMPTY, and what `unpack`
 * throws.
 */
export async function mergeFolders(
  options: MergeFolders,
  signal: AbortSignal = new AbortController().signal,
): Promise<MergedFolders> {
  try {
    return await withHands((read) => mergeWith(read, options, signal), signal);
  } catch (error) {
    throw signal.aborted ? new NakatError('MERGE_INTERRUPTED', { cause: error }) : error;
  }
}

async function mergeWith(read: ReadAll, options: MergeFolders, signal: AbortSignal): Promise<MergedFolders> {
  const { base, ours, theirs, out, page, encoding } = options;
  if ((await readdir(out).catch(absent)).length > 0) throw new NakatError('FILE_EXISTS', { where: out });
  const beat = (): void => signal.throwIfAborted();
  const scratch = await mkdtemp(join(tmpdir(), 'nakat-merge-'));
  const result = `${out}.partial`;
  let made = false;
  try {
    const given = { base, ours, theirs };
    const sides: OpenedSide[] = [];
    for (const side of ['base', 'ours', 'theirs'] as const)
      if (given[side] !== null) sides.push(await openSide(side, given[side], join(scratch, side), beat));
    await makeFree(result);
    made = true;
    const tops = topsOf(sides);
    const roots = sides.map(({ side, folder }) => ({
      side,
      folder: join(folder, tops[side] ?? ''),
      given: given[side] ?? folder,
    }));
    const { trees: found, settled } = await scanTogether(roots, { folder: result, legacy: encoding }, read);
    const trees = treesOf(found);
    const laid = await layOut(trees, await planMerge(trees, beat), result, { legacy: encoding, beat });
    const waiting = laid.filter((one) => one.fate === 'open');
    beat();
    if (page && waiting.length > 0) {
      const { comparePage } = await import('./compare.ts');
      await writeFile(page.file, await comparePage(trees, waiting, encoding, [page.language]), { flag: 'wx' });
    }
    await rm(out, { recursive: true, force: true });
    await rename(result, out);
    return { tops, ...resultOf(out, trees, settled, laid) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
    if (made) await rm(result, { recursive: true, force: true });
  }
}

/** One that is there may be anybody's, or what a merge has left that was killed. */
async function makeFree(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new NakatError('FILE_EXISTS', { where: folder }) : error;
  });
}

async function openSide(side: SideName, path: string, scratch: string, beat: () => void): Promise<OpenedSide> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new NakatError('FILE_NOT_FOUND', { where: hostname(), values: { path }, cause });
  });
  if (found.isDirectory()) return { side, folder: path, archive: false };
  const { unpack } = await import('../web/archive.ts');
  await unpack(path, scratch, beat);
  beat();
  return { side, folder: scratch, archive: true };
}

function treesOf(trees: readonly Tree[]): Trees {
  const [theirs, ours, base = null] = [...trees].reverse();
  if (!ours || !theirs) throw new Error('two sides or three');
  return { base, ours, theirs };
}

function resultOf(out: string, { base }: Trees, settled: Settled, laid: readonly Laid[]): Omit<MergedFolders, 'tops'> {
  const of = (fate: Fate): number => (settled.fates.get(fate) ?? 0) + laid.filter((one) => one.fate === fate).length;
  const files = fates.map((fate) => [fate, of(fate)] as const).filter(([, count]) => count > 0);
  const changed = [...settled.changed, ...laid.flatMap(changesIn)].sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    out,
    threeWay: base !== null,
    files: Object.fromEntries(files),
    merged: changed.filter(({ fate }) => fate === 'merged').map(({ path }) => path),
    moved: laid.flatMap((one) =>
      isMoved(one) && one.kind !== 'removed-and-moved' ? [{ from: one.at.base, to: one.path }] : [],
    ),
    changed,
    conflicts: laid.flatMap(({ path, kind, fate, at, clash }) =>
      fate === 'open' && kind ? [{ path, kind, at, ...(clash ? { names: clashNames(clash) } : {}) }] : [],
    ),
  };
}

const isMoved = (one: Laid): one is Laid & { at: { base: string } } =>
  !one.clash && one.at.base !== undefined && one.at.base !== one.path;

function changesIn(one: Laid): MergedFolders['changed'][number][] {
  const { path, clash } = one;
  if (clash) return [...clash.ours, ...clash.theirs].map((file) => ({ path: file.path, fate: 'conflict' }));
  const fate = one.fate === 'open' || one.fate === 'resolved' ? 'conflict' : one.fate;
  if (fate === 'unchanged') return [];
  return [isMoved(one) ? { path, from: one.at.base, fate } : { path, fate }];
}

const absent = (error: NodeJS.ErrnoException): string[] => {
  if (error.code === 'ENOENT') return [];
  if (error.code === 'ENOTDIR') return ['a file'];
  throw error;
};
