/** Carries a plan out in a new folder: copies what one side gives, merges texts, leaves what has to be decided with its markers. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { LegacyEncoding } from '../../runbook/targets/index.ts';
import { clashKey } from './clashes.ts';
import type { Clash, Clashing, Outcome } from './outcome.ts';
import { copyFile } from './copy-file.ts';
import type { ConflictKind, Fate, Places, SideName } from './fate.ts';
import { mergeText, type Hunk, type MergedText } from './merge-text.ts';
import type { Choice, Memory } from './memory.ts';
import { placeOf, readSide, type Trees } from './trees.ts';

export interface Resolution {
  readonly choice: Choice | 'lines';
  readonly by: string;
  /** ISO time. */
  readonly at: string;
  /** Taken from the memory, not decided in this run. */
  readonly remembered: boolean;
}

/** What became of one path. */
export interface Laid {
  readonly path: string;
  readonly at: Places;
  readonly mode?: number | undefined;
  /** `open`: nobody has decided yet. */
  readonly fate: Fate | 'resolved' | 'open';
  readonly kind?: ConflictKind;
  /** While it is open: all files whose names clash. Decided, each of them has a line of its own. */
  readonly clash?: Clash | undefined;
  /** Of the conflict, in the memory. */
  readonly key?: string | undefined;
  readonly resolution?: Resolution;
  /** Places of a text that somebody has to decide, or had. */
  readonly hunks?: readonly Hunk[];
  /** False: there is no such file in the result (or not yet). */
  readonly there: boolean;
}

export interface LayOutOptions {
  readonly legacy: LegacyEncoding;
  readonly memory?: Memory;
  /** Called now and then. */
  readonly beat?: (done: number, total: number) => void;
}

/** `folder` is empty or missing. In the order of the plan. */
export async function layOut(
  trees: Trees,
  plan: readonly Outcome[],
  folder: string,
  options: LayOutOptions,
): Promise<Laid[]> {
  const into = new Folder(folder);
  const laid: Laid[] = [];
  for (const one of plan) {
    if (one.do === 'take') take(trees, one, into);
    const evident = one.do === 'take' || one.do === 'leave-out';
    if (evident) laid.push({ path: one.path, at: one.at, mode: one.mode, fate: one.fate, there: one.do === 'take' });
    else if (one.clash) laid.push(...layOutClash(trees, one, one.clash, into, options.memory));
    else laid.push(await layOutOne(trees, one, into, options));
    // A text may be large.
    if (!evident || laid.length % 20 === 0) {
      options.beat?.(laid.length, plan.length);
      await turn();
    }
  }
  return laid;
}

function take(
  trees: Trees,
  { path, at, from, mode }: Pick<Outcome & { do: 'take' }, 'path' | 'at' | 'from' | 'mode'>,
  into: Folder,
): void {
  const tree = treeOf(trees, from);
  const source = at[from] ?? path;
  const file = tree.files.get(source);
  // A listed tree says what the site has, not what the copy of it on this disk has.
  const has = file?.sha256 === undefined ? file?.mode : undefined;
  copyFile(placeOf(tree, source), into.place(path), mode === has ? undefined : mode);
}

type Contended = Outcome & { do: 'merge' | 'ask' };

async function layOutOne(trees: Trees, outcome: Contended, into: Folder, options: LayOutOptions): Promise<Laid> {
  const { path, at, mode } = outcome;
  const common = { path, at, mode };
  const contents = contentsOf(trees, at);
  const { base, ours, theirs } = contents;
  // Only what can be remembered needs a name for it.
  const key = options.memory && fileKey(base, ours, theirs);
  const asked = { ...common, key, kind: outcome.kind };
  const known = await recalled(key, contents, options.memory);
  if (known) {
    if (known.content) into.write(known.content, path, mode);
    return { ...asked, fate: 'resolved', resolution: known.resolution, there: known.content !== null };
  }
  if (outcome.do === 'ask' || !ours || !theirs) {
    // What is there while nobody has decided: the customer's file, or the only one.
    const draft = ours ?? theirs;
    if (draft) into.write(draft, path, mode);
    return { ...asked, fate: 'open', there: draft !== null };
  }
  const merged = mergeText({ base, ours, theirs }, { legacy: options.legacy, recall: recallLines(options.memory) });
  return laidText(asked, merged, ours, into, options.memory);
}

function laidText(
  asked: Omit<Laid, 'fate' | 'there'>,
  merged: MergedText,
  ours: Buffer,
  into: Folder,
  memory: Memory | undefined,
): Laid {
  const { path, mode } = asked;
  into.write(merged.kind === 'binary' ? ours : merged.content, path, mode);
  if (merged.kind === 'binary')
    return { ...asked, kind: asked.kind === 'both-changed' ? 'binary' : asked.kind, fate: 'open', there: true };
  if (merged.kind === 'conflict') return { ...asked, fate: 'open', hunks: merged.hunks, there: true };
  const last = merged.recalled.map((key) => memory?.get(key)).find((one) => one !== undefined);
  return last
    ? {
        ...asked,
        fate: 'resolved',
        resolution: { choice: 'lines', by: last.by, at: last.at, remembered: true },
        there: true,
      }
    : { ...asked, fate: 'merged', there: true };
}

/** A conflict's name in the memory: by the three contents of a file that met; null: that side has none. */
export function fileKey(base: Buffer | null, ours: Buffer | null, theirs: Buffer | null): string {
  const digest = (content: Buffer | null): string | null =>
    content && createHash('sha256').update(content).digest('hex');
  return createHash('sha256')
    .update(JSON.stringify(['file', digest(base), digest(ours), digest(theirs)]))
    .digest('hex');
}

/** Each side's files under that side's names. While nobody has decided, the customer's are there. */
function layOutClash(
  trees: Trees,
  { path, at, kind }: Contended,
  clash: Clash,
  into: Folder,
  memory: Memory | undefined,
): Laid[] {
  const key = memory && clashKey(trees, clash);
  const known = key === undefined ? undefined : memory?.get(key);
  const choice = known && 'choice' in known.decided && known.decided.choice !== 'edited' ? known.decided.choice : null;
  const from = choice ?? 'ours';
  for (const one of clash[from]) take(trees, { ...one, at: { [from]: one.path }, from }, into);
  if (!known || choice === null) return [{ path, at, fate: 'open', kind, clash, key, there: true }];
  const resolution = { choice, by: known.by, at: known.at, remembered: true } as const;
  return settledClash({ clash, key, kind }, resolution, (_one, side) => side === choice);
}

/** A line for each file of a clash that was decided. */
export function settledClash(
  { clash, key, kind = 'names-collide' }: Pick<Laid, 'key' | 'kind'> & { readonly clash: Clash },
  resolution: Resolution,
  there: (one: Clashing, side: 'ours' | 'theirs') => boolean,
): Laid[] {
  return (['ours', 'theirs'] as const).flatMap((side) =>
    clash[side].map((one) => ({
      ...one,
      fate: 'resolved',
      kind,
      key,
      resolution,
      there: there(one, side),
    })),
  );
}

async function recalled(
  key: string | undefined,
  contents: Record<SideName, Buffer | null>,
  memory: Memory | undefined,
): Promise<{ content: Buffer | null; resolution: Resolution } | null> {
  if (key === undefined || !memory) return null;
  const known = memory.get(key);
  if (!known || 'lines' in known.decided) return null;
  const { choice } = known.decided;
  return {
    content: choice === 'edited' ? await memory.content(key) : contents[choice],
    resolution: { choice, by: known.by, at: known.at, remembered: true },
  };
}

const recallLines =
  (memory: Memory | undefined) =>
  (key: string): readonly string[] | undefined => {
    const decided = memory?.get(key)?.decided;
    return decided && 'lines' in decided ? decided.lines : undefined;
  };

function treeOf(trees: Trees, side: SideName): NonNullable<Trees[SideName]> {
  const tree = trees[side];
  if (!tree) throw new Error(`no ${side}`);
  return tree;
}

export function contentsOf(trees: Trees, at: Places): Record<SideName, Buffer | null> {
  const read = (side: SideName): Buffer | null => {
    const [tree, path] = [trees[side], at[side]];
    return tree && path !== undefined ? readSide(tree, path) : null;
  };
  return { base: read('base'), ours: read('ours'), theirs: read('theirs') };
}

/** Makes each folder once. Small files at once, not by promises, which cost five times as much. */
class Folder {
  readonly #root: string;
  readonly #made = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  write(content: Buffer, path: string, mode: number | undefined): void {
    const to = this.place(path);
    writeFileSync(to, content, { flag: 'wx' });
    if (mode !== undefined) chmodSync(to, mode);
  }

  place(path: string): string {
    const to = join(this.#root, path);
    const folder = dirname(to);
    if (!this.#made.has(folder)) mkdirSync(folder, { recursive: true });
    this.#made.add(folder);
    return to;
  }
}
