/**
 * Files that are settled while they are read, their bytes in hand. One that all sides have can neither have been moved nor have a name that
 * collides: unless both have changed it in ways that do not go together, nothing else needs to be known to put it into the result.
 */
import { closeSync, fchmodSync, openSync, writeSync } from 'node:fs';
import type { LegacyEncoding } from '../../runbook/targets/index.ts';
import { contentOf, type Opened } from './bytes.ts';
import { copyFile } from './copy-file.ts';
import { modeOf, verdictOn, type BySide, type Fate } from './fate.ts';
import { mergeText } from './merge-text.ts';

/** The result of a merge, while it is made. */
export interface Result {
  readonly folder: string;
  readonly legacy: LegacyEncoding;
}

/**
 * `files`: of all sides, compared; the last two are the customer's and the vendor's, before them may be the vendor's old one. Its folder in
 * the result is there. Undefined: not settled, and nothing done.
 */
export function settle(into: Result, path: string, files: readonly Opened[]): Fate | undefined {
  const at = { base: files.at(-3), ours: files.at(-2), theirs: files.at(-1) };
  const verdict = verdictOn(at, at.base !== undefined, (one, other) => at[one]?.first === at[other]?.first);
  const to = `${into.folder}/${path}`;
  const mode = modeOf({ base: at.base?.mode, ours: at.ours?.mode, theirs: at.theirs?.mode });
  if (verdict.do === 'take') {
    const from = at[verdict.from];
    const content = from && contentOf(from);
    if (content) write(to, mode, content);
    else if (from) copyFile(from.path, to, mode === from.mode ? undefined : mode);
    return verdict.fate;
  }
  const merged = verdict.do === 'merge' && mergedTexts(at, into.legacy);
  if (!merged) return undefined;
  write(to, mode, merged);
  return 'merged';
}

/** Null: somebody has to decide, or has to look for a common version. */
function mergedTexts({ base, ours, theirs }: BySide<Opened>, legacy: LegacyEncoding): Buffer | null {
  if (!base || !ours || !theirs) return null;
  const sides = { base: contentOf(base), ours: contentOf(ours), theirs: contentOf(theirs) };
  if (!sides.base || !sides.ours || !sides.theirs) return null;
  const merged = mergeText({ base: sides.base, ours: sides.ours, theirs: sides.theirs }, { legacy });
  return merged.kind === 'clean' ? merged.content : null;
}

function write(to: string, mode: number | undefined, content: Buffer): void {
  const fd = openSync(to, 'wx');
  try {
    for (let done = 0; done < content.length;) done += writeSync(fd, content, done);
    if (mode !== undefined) setMode(fd, mode);
  } finally {
    closeSync(fd);
  }
}

function setMode(fd: number, mode: number): void {
  try {
    fchmodSync(fd, mode);
  } catch (error) {
    // Said to the owner of a file by file systems that keep no modes (CIFS).
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}
