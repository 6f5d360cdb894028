/**
 * Nakat's own folder at the root of a site while it works there. Every file comes into the site, and goes out of it, by a rename from
 * or to this folder; each attempt gives the folder a new name first. So an earlier attempt that wakes up late (a frozen worker) has
 * no folder any more to rename from: it can change nothing.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isNakatError } from '../../runbook/errors/index.ts';
import { atOnce } from './lanes.ts';
import { badName } from './names.ts';
import type { Remote, RemoteEntry } from './remote.ts';

/** Written when all is there and was read back; holds the job's digest. */
export const marker = 'complete';

/** Takes over what an earlier attempt left, or makes the folder. */
export async function takeStaging(
  remote: Remote,
  name: string,
): Promise<{ readonly staging: string; readonly isNew: boolean }> {
  // Nobody guesses it, so that nobody asks the web server for what lies in it where rights do not keep it closed.
  const mine = `${name}.${randomBytes(8).toString('hex')}`;
  const [first, ...others] = await stagingsOf(remote, name);
  for (const other of others) await removeStaging(remote, other);
  if (first !== undefined) await remote.rename(first, mine);
  else {
    await remote.makeFolder(mine);
    // Visitors have nothing to look for in it. What is made in it belongs to the site's group where the site's folder hands that on (g+s).
    const inherited = ((await remote.look([mine])).get(mine)?.mode ?? 0) & 0o2000;
    if (remote.modes) await remote.setMode(mine, 0o700 | inherited);
  }
  return { staging: mine, isNew: first === undefined };
}

/** Folders of attempts that ended, by the beginning of their name. */
export const stagingsOf = async (remote: Remote, name: string): Promise<string[]> =>
  (await remote.list(''))
    .filter((entry) => entry.kind === 'folder' && entry.name.startsWith(name))
    .map((entry) => entry.name)
    .sort();

/** With all in it; links are removed, not followed. What comes up in it meanwhile (an earlier attempt's `tar`) is waited for. */
export async function removeStaging(remote: Remote, staging: string): Promise<void> {
  for (let left = 5; ; left--) {
    try {
      return await removeAll(remote, staging);
    } catch (error) {
      if (left === 0 || !isNakatError(error) || error.code !== 'WEB_REFUSED') throw error;
      await sleep(1000);
    }
  }
}

async function removeAll(remote: Remote, staging: string): Promise<void> {
  // The marker last: without it a later attempt would take what is left for work half done.
  await removeInside(remote, staging, [marker]);
  await remote.removeFile(`${staging}/${marker}`);
  await remote.removeFolder(staging);
}

async function removeInside(remote: Remote, folder: string, except: readonly string[]): Promise<void> {
  let inside: RemoteEntry[];
  try {
    inside = await remote.list(folder);
  } catch (error) {
    if (isNakatError(error) && error.code === 'WEB_FOLDER_MISSING') return;
    throw error;
  }
  // A name that leads elsewhere is not followed there: then the folder is not empty, which the server says.
  const rest = inside.filter(({ name }) => !except.includes(name) && badName(name) === undefined);
  const isFolder = ({ kind }: RemoteEntry): boolean => kind === 'folder';
  await atOnce(
    remote.lanes,
    rest.filter((entry) => !isFolder(entry)),
    ({ name }) => remote.removeFile(`${folder}/${name}`),
  );
  // Few at once: each of them has its own crowd.
  await atOnce(4, rest.filter(isFolder), async ({ name }) => {
    await removeInside(remote, `${folder}/${name}`, []);
    await remote.removeFolder(`${folder}/${name}`);
  });
}
