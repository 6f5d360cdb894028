/** At the desk: names that clash. One answer counts for all of them, or they are as somebody has laid them out in `files/`. */
import { lstat, mkdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import { digestFile } from '../web/manifest.ts';
import { foldersAbove } from '../web/names.ts';
import type { Clash } from './outcome.ts';
import { copyFile } from './copy-file.ts';
import { settledClash, type Laid } from './lay-out.ts';
import type { Choice, Memory } from './memory.ts';
import { placeOf, type Trees } from './trees.ts';

/** `written`: digests of what was drafted. A file that is only missing may be an accident: it has to be said. */
export async function answerToClash(
  clash: Clash,
  chosen: Choice | undefined,
  written: Readonly<Record<string, string>>,
  files: string,
): Promise<Choice | undefined> {
  if (chosen) return chosen;
  for (const { path } of [...clash.ours, ...clash.theirs])
    if ((await isFile(join(files, path))) && (await digestFile(join(files, path))).sha256 !== written[path])
      return 'edited';
  return undefined;
}

interface Decided {
  readonly choice: Choice;
  readonly by: string;
  readonly at: string;
}

/**
 * May be cut off and called again. What somebody laid out himself is not remembered: it is more than a choice. Throws MERGE_CHOICE_NO_ROOM
 * where what he added has one of the names.
 */
export async function settleClash(
  trees: Trees,
  one: Laid & { readonly clash: Clash },
  { choice, by, at }: Decided,
  files: string,
  choices: string,
  memory: Memory,
): Promise<Laid[]> {
  const { clash, key } = one;
  const resolution = { choice, by, at, remembered: false };
  if (choice === 'edited') {
    const there = new Set<string>();
    for (const { path } of [...clash.ours, ...clash.theirs]) if (await isFile(join(files, path))) there.add(path);
    return settledClash(one, resolution, ({ path }) => there.has(path));
  }
  for (const { path } of [...clash.ours, ...clash.theirs]) await removeWithFolders(files, path);
  for (const { path, mode } of clash[choice]) {
    try {
      await mkdir(dirname(join(files, path)), { recursive: true });
      copyFile(placeOf(trees[choice], path), join(files, path), mode);
    } catch (cause) {
      const { code = '' } = cause as NodeJS.ErrnoException;
      if (!['EEXIST', 'ENOTDIR', 'EISDIR'].includes(code)) throw cause;
      throw new NakatError('MERGE_CHOICE_NO_ROOM', { values: { file: choices, path }, cause });
    }
  }
  if (key !== undefined) await memory.remember(key, { path: one.path, by, at, decided: { choice } });
  return settledClash(one, resolution, (_file, side) => side === choice);
}

/** A folder that is left without anything in it would stand in the way of a file of its name. */
async function removeWithFolders(root: string, path: string): Promise<void> {
  if (await isFile(join(root, path))) await rm(join(root, path));
  for (const folder of foldersAbove(path).reverse()) {
    const emptied = await rmdir(join(root, folder)).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'].includes(error.code ?? '')) return false;
        throw error;
      },
    );
    if (!emptied) return;
  }
}

const isFile = (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isFile(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false;
      throw error;
    },
  );
