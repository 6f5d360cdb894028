/**
 * The folder in which one merge is prepared and, when there are conflicts, looked at and finished by a person:
 *
 * - `files/`: the prepared tree; texts with conflicts hold markers. Whatever a person changes in it while the merge waits, counts.
 * - `sides/ours`, `sides/theirs`, `sides/base`: the files with conflicts as each side has them.
 * - `choices.yaml`, `compare.html`: see `choices.ts`, `compare.ts`.
 * - `draft.json`: what nakat wrote, so that it knows what a person changed.
 * - `files.json` and, last, `merge.json`: the list of the finished tree, and what became of every path. With it the merge is done.
 */
import { lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import { atOnce } from '../web/lanes.ts';
import { digestFile, readOrNull, someOf, writeList, writeWhole, type Listed, type TreeList } from '../web/manifest.ts';
import { readChoices, writeChoices, type Choices } from './choices.ts';
import { clashNames } from './clashes.ts';
import { comparePage } from './compare.ts';
import { answerToClash, settleClash } from './desk-clashes.ts';
import { contentsOf, layOut, type Laid, type LayOutOptions } from './lay-out.ts';
import type { Choice, Memory } from './memory.ts';
import { mergeText, resolutionsOf, stillMarked } from './merge-text.ts';
import { planMerge } from './plan.ts';
import { placeOf, scanFolder, type Tree, type Trees } from './trees.ts';

export interface DeskOptions extends LayOutOptions {
  readonly memory: Memory;
  /** Of the three inputs together: a draft of others is made anew. */
  readonly inputs: string;
  /** Name of the machine, for messages. */
  readonly where: string;
  /** Now, for the memory. */
  readonly time: () => Date;
}

/** `merge.json` */
export interface MergeRecord {
  readonly format: 1;
  readonly inputs: string;
  readonly threeWay: boolean;
  readonly laid: readonly Omit<Laid, 'hunks'>[];
}

interface Draft {
  readonly inputs: string;
  readonly laid: readonly Laid[];
  /** SHA-256 of every file that was written. */
  readonly written: Readonly<Record<string, string>>;
}

const paths = (place: string) => ({
  files: join(place, 'files'),
  list: join(place, 'files.json'),
  record: join(place, 'merge.json'),
  draft: join(place, 'draft.json'),
  choices: join(place, 'choices.yaml'),
  page: join(place, 'compare.html'),
  sides: join(place, 'sides'),
});

/** Null while the merge is not done. */
export async function readRecord(place: string): Promise<MergeRecord | null> {
  const text = await readOrNull(paths(place).record);
  return text === null ? null : (JSON.parse(text) as MergeRecord);
}

/**
 * Prepares the merge, or takes up what a person did since the last attempt. Throws MERGE_CONFLICTS while somebody has to decide, and
 * what `readChoices` and `settleClash` throw; MERGE_CHOICES_NOBODY. What is done stays done: called again it answers the same.
 */
export async function prepare(trees: Trees, place: string, options: DeskOptions): Promise<MergeRecord> {
  const at = paths(place);
  const done = await readRecord(place);
  if (done && done.inputs === options.inputs) return done;
  await mkdir(place, { recursive: true });
  const draft = (await readDraft(place, options.inputs)) ?? (await writeDraft(trees, place, options));
  const open = draft.laid.filter((one) => one.fate === 'open');
  const decided = open.length === 0 ? [] : await decisions(trees, draft, open, place, options);
  const after = new Map(decided.map((one) => [one.before, one.after]));
  const laid = [...new Set([...draft.laid, ...after.keys()])].flatMap((one) => after.get(one) ?? [one]);
  const record: MergeRecord = {
    format: 1,
    inputs: options.inputs,
    threeWay: trees.base !== null,
    laid: laid.map(({ hunks: _, ...one }) => one),
  };
  await writeList(at.list, await listOf(at.files, laid, trees.ours));
  await writeWhole(at.record, `${JSON.stringify(record)}\n`);
  return record;
}

async function readDraft(place: string, inputs: string): Promise<Draft | null> {
  const at = paths(place);
  const text = await readOrNull(at.draft);
  const draft = text === null ? null : (JSON.parse(text) as Draft);
  return draft?.inputs === inputs && (await exists(at.files)) ? draft : null;
}

async function writeDraft(trees: Trees, place: string, options: DeskOptions): Promise<Draft> {
  const at = paths(place);
  const beside = `${at.files}.partial`;
  for (const old of [at.record, at.list, at.draft, at.choices, at.page, at.sides, at.files, beside])
    await rm(old, { recursive: true, force: true });
  await mkdir(beside, { recursive: true });
  const plan = await planMerge(trees, () => options.beat?.(0, 1));
  const laid = await layOut(trees, plan, beside, options);
  const open = laid.filter((one) => one.fate === 'open');
  await rename(beside, at.files);
  const written: Record<string, string> = {};
  // Only a merge that waits can be changed by a person.
  if (open.length > 0) {
    const tree = await scanFolder('ours', at.files);
    await atOnce(8, tree.files.keys(), async (path) => {
      written[path] = (await digestFile(placeOf(tree, path))).sha256;
    });
    await writeSides(trees, open, at.sides);
    await writeWhole(at.page, await comparePage(trees, open, options.legacy, ['en', 'ru']));
    await writeChoices(at.choices, open);
  }
  const draft: Draft = { inputs: options.inputs, laid, written };
  await writeWhole(at.draft, JSON.stringify(draft));
  return draft;
}

async function writeSides(trees: Trees, open: readonly Laid[], folder: string): Promise<void> {
  for (const { at } of open.flatMap((one) => (one.clash ? [...one.clash.ours, ...one.clash.theirs] : [one]))) {
    const contents = contentsOf(trees, at);
    for (const side of ['base', 'ours', 'theirs'] as const) {
      const [content, path] = [contents[side], at[side]];
      if (!content || path === undefined) continue;
      await mkdir(dirname(join(folder, side, path)), { recursive: true });
      await writeFile(join(folder, side, path), content);
    }
  }
}

interface Decision {
  readonly before: Laid;
  readonly after: readonly Laid[];
}

function nameOf({ path, clash }: Laid): string {
  const names = clash && clashNames(clash);
  return names ? `${someOf(names.ours)} ↔ ${someOf(names.theirs)}` : path;
}

/** What a person decided about every open file, put into the prepared tree and remembered; nothing of it while one is open. */
async function decisions(
  trees: Trees,
  draft: Draft,
  open: readonly Laid[],
  place: string,
  options: DeskOptions,
): Promise<Decision[]> {
  const at = paths(place);
  const choices = await readChoices(at.choices, new Set(open.map(({ path }) => path)));
  if (!choices) await writeChoices(at.choices, open);
  const given = choices ?? { by: '', files: new Map() };
  const answers = new Map<Laid, Choice>();
  for (const one of open) {
    const choice = await answerTo(trees, one, draft, at.files, given);
    if (choice) answers.set(one, choice);
  }
  const left = open.filter((one) => !answers.has(one));
  if (left.length > 0)
    throw new NakatError('MERGE_CONFLICTS', {
      where: options.where,
      values: { count: left.length, files: someOf(left.map(nameOf)), place },
    });
  if (given.by === '') throw new NakatError('MERGE_CHOICES_NOBODY', { values: { file: at.choices } });
  const when = options.time().toISOString();
  const decided: Decision[] = [];
  for (const [one, choice] of answers) {
    const who = { by: given.by, at: when };
    const { clash } = one;
    const after = clash
      ? await settleClash(trees, { ...one, clash }, { choice, ...who }, at.files, at.choices, options.memory)
      : [await settle(trees, one, choice, at.files, who, options)];
    decided.push({ before: one, after });
  }
  return [...decided, ...(await otherEdits(draft, at.files, given.by, when))];
}

async function answerTo(
  trees: Trees,
  one: Laid,
  draft: Draft,
  files: string,
  { files: chosen }: Choices,
): Promise<Choice | undefined> {
  const choice = chosen.get(one.path);
  if (one.clash) return answerToClash(one.clash, choice, draft.written, files);
  if (choice === 'ours' || choice === 'theirs') return choice;
  const now = await contentOf(join(files, one.path));
  const { base, ours, theirs } = contentsOf(trees, one.at);
  const known = [base, ours, theirs].filter((content) => content !== null);
  if (now && stillMarked(now, known)) return undefined;
  if (choice === 'edited') return choice;
  const touched = now !== null && (await digestFile(join(files, one.path))).sha256 !== draft.written[one.path];
  return touched ? 'edited' : undefined;
}

async function settle(
  trees: Trees,
  one: Laid,
  choice: Choice,
  files: string,
  who: { by: string; at: string },
  options: DeskOptions,
): Promise<Laid> {
  const contents = contentsOf(trees, one.at);
  const drafted = join(files, one.path);
  const edited = choice === 'edited' ? await contentOf(drafted) : null;
  const content = choice === 'edited' ? edited : contents[choice];
  if (choice !== 'edited') {
    await rm(drafted, { force: true });
    if (content) {
      await mkdir(dirname(drafted), { recursive: true });
      await writeFile(drafted, content);
    }
  }
  const decided = choice === 'edited' ? { choice, content: content !== null } : { choice };
  await options.memory.remember(one.key ?? '', { path: one.path, ...who, decided }, edited ?? undefined);
  await rememberHunks(trees, one, edited, who, options);
  return {
    ...one,
    fate: 'resolved',
    resolution: { choice, ...who, remembered: false },
    there: content !== null,
  };
}

/** Each place of an edited text by itself too: it comes back in other files and versions. */
async function rememberHunks(
  trees: Trees,
  { path, at, hunks }: Laid,
  edited: Buffer | null,
  who: { by: string; at: string },
  { memory, legacy }: DeskOptions,
): Promise<void> {
  if (!edited || !hunks) return;
  const { base, ours, theirs } = contentsOf(trees, at);
  if (!ours || !theirs) return;
  // As it was drafted: what has been remembered since is not in it.
  const drafted = new Set(hunks.filter(({ resolved }) => resolved).map(({ key }) => key));
  const recall = (key: string): readonly string[] | undefined => {
    const known = drafted.has(key) ? memory.get(key)?.decided : undefined;
    return known && 'lines' in known ? known.lines : undefined;
  };
  const marked = mergeText({ base, ours, theirs }, { legacy, recall });
  if (marked.kind !== 'conflict') return;
  for (const [key, lines] of resolutionsOf(marked.content, edited, marked.hunks))
    await memory.remember(key, { path, ...who, decided: { lines: [...lines] } });
}

/** Files without a conflict that a person adapted, added or removed while the merge waited. */
async function otherEdits(draft: Draft, files: string, by: string, at: string): Promise<Decision[]> {
  const open = new Set(
    draft.laid
      .filter((one) => one.fate === 'open')
      .flatMap((one) => [
        one.path,
        ...Object.values(one.at),
        ...(one.clash ? [...one.clash.ours, ...one.clash.theirs].map(({ path }) => path) : []),
      ]),
  );
  const tree = await scanFolder('ours', files);
  const resolution = { choice: 'edited', by, at, remembered: false } as const;
  const found: Decision[] = [];
  const before = new Map(draft.laid.map((one) => [one.path, one]));
  for (const path of new Set([...Object.keys(draft.written), ...tree.files.keys()])) {
    if (open.has(path)) continue;
    const now = tree.files.has(path) ? (await digestFile(placeOf(tree, path))).sha256 : null;
    if (now === (draft.written[path] ?? null)) continue;
    const one: Laid = before.get(path) ?? { path, at: {}, fate: 'open', there: false };
    found.push({ before: one, after: [{ ...one, fate: 'resolved', resolution, there: now !== null }] });
  }
  return found;
}

async function listOf(files: string, laid: readonly Laid[], ours: Tree): Promise<TreeList> {
  const tree = await scanFolder('ours', files);
  const modes = new Map(laid.map((one) => [one.path, one.mode]));
  const list = new Map<string, Listed>(ours.emptyFolders?.map((path) => [path, { kind: 'folder' }]));
  await atOnce(8, tree.files.keys(), async (path) => {
    const mode = modes.get(path);
    list.set(path, {
      kind: 'file',
      ...(await digestFile(placeOf(tree, path))),
      stamp: '',
      ...(mode === undefined ? {} : { mode }),
    });
  });
  return new Map([...list].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const contentOf = (path: string): Promise<Buffer | null> =>
  readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
