/** The upload of a new release and the restore of the old one: the same work with another aim. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { Backup, FileTree, Uploaded } from '../../runbook/results.ts';
import type { WebTree } from '../../runbook/targets/index.ts';
import { nameFor, type StepActivity, type StepContext } from '../step.ts';
import { isEmpty, jobFile, type Job } from './job.ts';
import { atOnce, localFilesAtOnce } from './lanes.ts';
import { readList, sha256Of, someOf, type TreeList } from './manifest.ts';
import { withRemote } from './open.ts';
import { planRestore, planUpload } from './plan.ts';
import type { Remote } from './remote.ts';
import { carryOut } from './replace.ts';
import { removeStaging, stagingsOf } from './staging.ts';
import { addTouched, backupList, noteFile, readTouched, storeOf } from './store.ts';
import { ownPrefix, walk } from './walk.ts';

export const uploadTree: StepActivity<'uploadTree'> = async (
  { tree, part, editsIn },
  { update, owned, backup },
  context,
) =>
  await change(tree, backup, context, async (remote, staging) => {
    // The lists are read while the server makes its own.
    const [found, wanted, old, list, touched] = await Promise.all([
      walk(remote, tree.keep),
      partOf(update, part),
      owned === undefined ? null : partOf(owned, part),
      backupList(backup),
      readTouched(backup),
    ]);
    return planUpload(
      { remote, staging, found, known: { list, touched }, keep: tree.keep },
      wanted,
      old === null ? null : old.list,
      editsIn,
    );
  });

export const restoreTree: StepActivity<'restoreTree'> = async ({ tree }, { backup }, context) => {
  const known = await backupList(backup);
  const store = await storeOf(tree);
  return await change(tree, backup, context, async (remote, staging) => {
    // What an upload left unfinished; without its folder, one that still runs somewhere can do no more.
    for (const other of await stagingsOf(remote, `${ownPrefix}${context.run}-`))
      if (!other.startsWith(`${staging}.`)) await removeStaging(remote, other);
    const touched = await readTouched(backup);
    const found = await walk(remote, tree.keep);
    const site = { remote, staging, found, known: { list: known, touched }, keep: tree.keep };
    const { job, extra } = await planRestore(site, backup.place);
    const strange = extra.filter((path) => !touched.has(path) && found.get(path)?.kind === 'file');
    await setAside(remote, strange, join(store, nameFor(context, 'appeared')));
    return job;
  });
};

/** Plans once, carries out until it is done, and says what was changed. */
async function change(
  tree: WebTree,
  backup: Backup,
  context: StepContext,
  plan: (remote: Remote, staging: string) => Promise<Job>,
): Promise<Uploaded> {
  const store = await storeOf(tree);
  const file = jobFile(noteFile(store, nameFor(context, 'work')));
  const staging = nameFor(context, ownPrefix.slice(0, -1));
  return await withRemote(tree, context, async (remote, moved) => {
    const kept = await file.read();
    // All was in place when an earlier attempt ended: looked at once more, since its answer may have been lost long ago.
    const job = kept && !kept.inPlace ? kept.job : await plan(remote, staging);
    if (isEmpty(job)) {
      for (const left of await stagingsOf(remote, `${staging}.`)) await removeStaging(remote, left);
      return resultOf(kept?.job ?? job);
    }
    await addTouched(backup, [...job.sends.map(({ path }) => path), ...job.removes, ...job.clear]);
    await file.write(job, false);
    if (!kept) moved();
    try {
      await carryOut({ remote, job, context, moved, onInPlace: () => file.write(job, true) });
    } catch (error) {
      // The job no longer fits what is there: the next attempt makes another.
      if (isNakatError(error) && ['WEB_FILES_DIFFER', 'WEB_LINK_IN_WAY'].includes(error.code)) await file.forget();
      throw error;
    }
    return resultOf(kept?.job ?? job);
  });
}

const shown = 50;
const resultOf = (job: Job): Uploaded => ({
  sent: job.sends.length,
  bytes: job.sends.reduce((sum, { size }) => sum + size, 0),
  unchanged: job.unchanged,
  removed: job.removes.length + job.clear.length,
  kept: job.kept.slice(0, shown),
  keptCount: job.kept.length,
  ...(job.overwritten ? { overwritten: someOf(job.overwritten), overwrittenCount: job.overwritten.length } : {}),
});

/** The files of an update that belong on the site, with paths as they are there. Throws WEB_TREE_DAMAGED. */
export async function partOf(tree: FileTree, part: string): Promise<{ list: TreeList; place: string }> {
  const list = await readList(`${tree.place}.json`);
  if (list === null || sha256Of(list) !== tree.sha256)
    throw new NakatError('WEB_TREE_DAMAGED', { values: { place: tree.place, files: someOf([`${tree.place}.json`]) } });
  if (part === '') return { list, place: tree.place };
  const below = `${part}/`;
  const inside = [...list].filter(([path]) => path.startsWith(below));
  if (inside.length === 0)
    throw new NakatError('WEB_TREE_DAMAGED', { values: { place: join(tree.place, part), files: part } });
  return {
    list: new Map(inside.map(([path, one]) => [path.slice(below.length), one])),
    place: join(tree.place, part),
  };
}

/** Files that appeared on the site since the backup: nobody's but the customer's, so they are kept before they go. */
async function setAside(remote: Remote, paths: readonly string[], folder: string): Promise<void> {
  await atOnce(Math.min(remote.lanes, localFilesAtOnce), paths, async (path) => {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await saveTo(remote, path, file);
  });
}

export async function saveTo(
  remote: Remote,
  path: string,
  file: string,
  take?: (piece: Buffer) => void,
): Promise<void> {
  const into = createWriteStream(file, { mode: 0o600 });
  const ended = finished(into);
  // Heard of below, or by the read that failed first.
  ended.catch(() => {});
  try {
    await remote.read(path, async (piece) => {
      take?.(piece);
      if (into.destroyed) throw into.errored ?? new Error(`${file} was closed`);
      if (!into.write(piece)) await Promise.race([once(into, 'drain'), ended]);
    });
  } finally {
    into.end();
  }
  await ended;
}
