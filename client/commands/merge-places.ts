/** Where `nakat merge` may write. Asked before it begins: afterwards a whole merge would be lost. */
import { lstat, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import { mergeTexts } from '../../runbook/messages/merge.ts';
import { usageError, type Shell } from '../shell.ts';

/**
 * The page that compares conflicts lies beside the result, which goes to a site as it is. Throws FILE_EXISTS, USAGE.
 */
export async function checkPage(shell: Shell, html: string, out: string, sides: readonly string[]): Promise<void> {
  const [page, result] = [resolve(html), resolve(out)];
  const there = await lstat(page).catch(() => null);
  if (there) throw new NakatError('FILE_EXISTS', { where: html });
  const within =
    [result, `${result}.partial`].find((folder) => page === folder || page.startsWith(`${folder}/`)) ??
    (await folderAround(page, [...sides, out]));
  if (within !== undefined) throw usageError('merge', shell.text(mergeTexts.htmlWithin, { folder: within }));
  const folder = dirname(page);
  const found = await stat(folder).catch(() => null);
  if (!found?.isDirectory()) throw usageError('merge', shell.text(mergeTexts.htmlFolder, { folder }));
}

/** Of these folders the one that a new file or folder would become part of, whatever its path says: links and letter case do not count. */
export async function folderAround(place: string, folders: readonly string[]): Promise<string | undefined> {
  const identityOf = async (path: string): Promise<string | null> => {
    const found = await stat(path, { bigint: true }).catch(() => null);
    return found?.isDirectory() ? `${found.dev}:${found.ino}` : null;
  };
  const known = new Map<string | null, string>();
  for (const folder of folders) known.set(await identityOf(folder), folder);
  // Of one that is no folder, or not there at all.
  known.delete(null);
  let there = place;
  while ((await identityOf(there)) === null && there !== dirname(there)) there = dirname(there);
  for (let at = await realpath(there); ; at = dirname(at)) {
    const around = known.get(await identityOf(at));
    if (around !== undefined || at === dirname(at)) return around;
  }
}
