/**
 * Nakat's own folder at the root of a site while it works there. Every file comes into the site, and goes out of it, by a rename from
 * or to this folder; each attempt gives the folder a new name first. So an earlier attempt that wakes up late (a frozen worker) has
 * no folder any more to rename from: it can change nothing.
 */
import { randomBytes } from 'node:crypto';
import { isNakatError } from '../../runbook/errors/index.ts';
import { atOnce } from './lanes.ts';
import type { Remote, RemoteEntry } from './remote.ts';

/** Written when all is there and was read back; holds the job's digest. */
export const marker = 'complete';

/** Takes over what an earlier attempt left, or makes the folder. Returns its name. */
export async function takeStaging(remote: Remote, name: string): Promise<string> {
  const mine = `${name}.${randomBytes(4).toString('hex')}`;
  const [first, ...others] = await stagingsOf(remote, name);
  for (const other of others) await removeStaging(remote, other);
  if (first !== undefined) await remote.rename(first, mine);
  else {
    await remote.makeFolder(mine);
    // Visitors have nothing to look for in it.
    if (remote.modes) await remote.setMode(mine, 0o700);
  }
  return mine;
}

/** Folders of attempts that ended, by the beginning of their name. */
export const stagingsOf = async (remote: Remote, name: string): Promise<string[]> =>
  (await remote.list(''))
    .filter((entry) => entry.kind === 'folder' && entry.name.startsWith(name))
    .map((entry) => entry.name)
    .sort();

/** With all in it. Only files, links and empty folders are ever there. */
export async function removeStaging(remote: Remote, staging: string): Promise<void> {
  let inside: RemoteEntry[];
  try {
    inside = await remote.list(staging);
  } catch (error) {
    if (isNakatError(error) && error.code === 'WEB_FOLDER_MISSING') return;
    throw error;
  }
  // The marker last: without it a later attempt would take what is left for work half done.
  const rest = inside.filter(({ name }) => name !== marker && name !== '.' && name !== '..');
  await atOnce(remote.lanes, rest, ({ name, kind }) =>
    kind === 'folder' ? remote.removeFolder(`${staging}/${name}`) : remote.removeFile(`${staging}/${name}`),
  );
  await remote.removeFile(`${staging}/${marker}`);
  await remote.removeFolder(staging);
}
