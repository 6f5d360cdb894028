/**
 * Files that are settled while they are read. One that all sides have, and that not both have changed, is put into the result while its
 * bytes are in hand: it can neither have been moved nor have a name that collides, so nothing else needs to be known.
 */
import { closeSync, fchmodSync, openSync, writeSync } from 'node:fs';
import type { Opened } from './bytes.ts';
import { copyFile } from './copy-file.ts';
import { modeOf, verdictOn, type Fate } from './fate.ts';
import type { Root } from './side-by-side.ts';

/**
 * `files`: of all sides, compared, in the order of `roots`: the last two are the customer's and the vendor's, before them may be the
 * vendor's old one. `into`: folder of the result, in which the file's own folder is there. Undefined: not settled, and nothing done.
 */
export function settle(roots: readonly Root[], path: string, files: readonly Opened[], into: string): Fate | undefined {
  const [theirs, ours, base] = [files.length - 1, files.length - 2, files.length - 3];
  const at = { base: files[base], ours: files[ours], theirs: files[theirs] };
  const verdict = verdictOn(at, at.base !== undefined, (one, other) => at[one]?.first === at[other]?.first);
  if (verdict.do !== 'take') return undefined;
  const mode = modeOf({ base: at.base?.mode, ours: at.ours?.mode, theirs: at.theirs?.mode });
  const [from, to] = [verdict.from === 'ours' ? ours : theirs, `${into}/${path}`];
  const held = files[from]?.held;
  if (held) write(to, mode ?? 0o644, held);
  else copyFile(`${roots[from]?.folder}/${path}`, to, mode);
  return verdict.fate;
}

function write(to: string, mode: number, content: Buffer): void {
  const fd = openSync(to, 'wx', mode);
  try {
    for (let done = 0; done < content.length;) done += writeSync(fd, content, done);
    fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
}
