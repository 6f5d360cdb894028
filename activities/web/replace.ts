/**
 * Carries out a job on a site: all new content is sent beside and read back, and only when all of it is there it is renamed into
 * place. May be called again at any moment, on a new connection, by another worker: it looks at what is there.
 */
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import { digestOfJob, type Send } from './job.ts';
import { atOnce } from './lanes.ts';
import { digestFile, someOf } from './manifest.ts';
import { sendPacked, takeUnpacked } from './packed.ts';
import { putInPlace } from './place.ts';
import type { Remote, RemoteEntry } from './remote.ts';
import { isClosedTop, stagedFor, type NewFolder, type Staged } from './staged.ts';
import { marker, removeStaging, takeStaging } from './staging.ts';
import { digests } from './walk.ts';
import type { Work } from './work.ts';

/** From this size on a file is continued where it ended; smaller ones are sent again. Bytes. */
const worthResuming = 1 << 20;
/** How often a file is sent that arrives as something else. */
const sendsOfOne = 3;

/** Throws WEB_LINK_IN_WAY, WEB_FILES_DIFFER, WEB_TREE_DAMAGED, and what the remote throws. */
export async function carryOut(work: Work): Promise<void> {
  const { remote, job } = work;
  const staged = stagedFor(job);
  const { staging, isNew } = await takeStaging(remote, job.staging);
  const sent = !isNew && (await isComplete(work, staging));
  if (!sent) {
    await sendAll(work, staging, staged, isNew);
    await remote.settle?.();
    await remote.write(`${staging}/${marker}.new`, { content: Buffer.from(digestOfJob(job)) });
    await remote.rename(`${staging}/${marker}.new`, `${staging}/${marker}`);
  }
  await putInPlace(work, staging, staged);
  await prove(work, sent);
  await remote.settle?.();
  await work.onInPlace();
  await removeStaging(remote, staging);
}

async function isComplete({ remote, job }: Work, staging: string): Promise<boolean> {
  const found = await remote.look([`${staging}/${marker}`]);
  if (found.size === 0) return false;
  const text: Buffer[] = [];
  await remote.read(`${staging}/${marker}`, (piece) => void text.push(piece));
  // Of another job: what is there was made for that one, but content is told by its name and read back.
  return Buffer.concat(text).toString() === digestOfJob(job);
}

async function sendAll(work: Work, staging: string, staged: Staged, isNew: boolean): Promise<void> {
  const { remote, job, context, moved } = work;
  // Put together once: a new string is hashed anew wherever it is looked up.
  const places = new Map(job.sends.map((send) => [send, `${staging}/${staged.fileAt(send)}`]));
  const at = (send: Send): string => {
    const place = places.get(send);
    if (place === undefined) throw new Error(`nothing of this job: ${send.path}`);
    return place;
  };
  if (!isNew) {
    await remote.removeFile(`${staging}/${marker}`);
    await takeUnpacked(work, staging);
  }
  const unpacked = isNew ? await sendPacked(work, staging, staged) : null;
  for (const level of unpacked ? [] : staged.levels)
    await atOnce(remote.lanes, level, (folder) => remote.makeFolder(`${staging}/${staged.folderAt(folder)}`));
  const total = job.sends.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const folders = staged.levels.flat().map((folder) => `${staging}/${staged.folderAt(folder)}`);
  const paths = [...places.values()];
  // What was unpacked as a whole is hashed while it is looked at.
  const [found, hashed] = await Promise.all([
    isNew && unpacked === null ? new Map<string, RemoteEntry>() : remote.look([...paths, ...folders]),
    unpacked ? remote.hash(paths) : null,
  ]);
  let there: ReadonlyMap<string, RemoteEntry> = found;
  let seen = found;
  let left = job.sends;
  for (let round = 0; left.length > 0; round++) {
    /** What is known of those that were sent; what is not is looked at. */
    const [entries, sums] = [new Map<string, RemoteEntry>(), new Map(round === 0 ? hashed : [])];
    await atOnce(remote.lanes, left, async (send) => {
      context.signal.throwIfAborted();
      const before = there.get(at(send));
      if (before?.kind === 'file' && before.size === send.size) {
        // Whole, as it seems: read back with the others.
        entries.set(at(send), before);
        done += send.size;
        return;
      }
      // What was hashed is not what will be there.
      sums.delete(at(send));
      const written = await sendOne(remote, at(send), send, before);
      if (written.entry) entries.set(at(send), written.entry);
      if (written.sha256) sums.set(at(send), written.sha256);
      moved();
      done += send.size;
      context.progress({ done, total, note: send.path.slice(-80) });
    });
    if (remote.modes) {
      // Folders too where nothing is known of them yet: the same listings tell of both.
      const unknown = [...left.map(at).filter((path) => !entries.has(path)), ...(seen.size > 0 ? [] : folders)];
      seen = new Map([...seen, ...entries, ...(await remote.look(unknown))]);
      await setRights(remote, left, at, seen);
    }
    left = await notArrived(work, left, at, sums);
    there = new Map();
    if (left.length > 0 && round + 1 === sendsOfOne) throw differ(remote, left);
  }
  if (remote.modes) await setFolderRights(work, staging, staged, seen);
}

async function sendOne(
  remote: Remote,
  at: string,
  { file, size, path, mode }: Send,
  there: RemoteEntry | undefined,
): ReturnType<Remote['write']> {
  const from = remote.resumes && there?.kind === 'file' && size >= worthResuming && there.size < size ? there.size : 0;
  return await remote
    .write(at, { file, size }, { from, ...(mode === undefined ? {} : { mode }) })
    .catch((error: unknown) => {
      if (isNakatError(error)) throw error;
      throw new NakatError('WEB_TREE_DAMAGED', { values: { place: file, files: path }, cause: error });
    });
}

/** As the file has them that is replaced, before anybody sees the new one. */
async function setRights(
  remote: Remote,
  sends: readonly Send[],
  at: (send: Send) => string,
  found: ReadonlyMap<string, RemoteEntry>,
): Promise<void> {
  await atOnce(remote.lanes, sends, async (send) => {
    const { owner, mode } = found.get(at(send)) ?? {};
    if (send.owner !== undefined && owner !== undefined && owner !== send.owner)
      await remote.setOwner(at(send), send.owner);
    if (send.mode !== undefined && mode !== send.mode) await remote.setMode(at(send), send.mode);
  });
}

/** At the end: they may be such that nothing can be put into them. */
async function setFolderRights(
  { remote }: Work,
  staging: string,
  staged: Staged,
  found: ReadonlyMap<string, RemoteEntry>,
): Promise<void> {
  const at = (folder: NewFolder): string => `${staging}/${staged.folderAt(folder)}`;
  for (const level of staged.levels.toReversed())
    await atOnce(remote.lanes, level, async (folder) => {
      const { mode } = folder;
      if (mode === undefined || isClosedTop(folder, staged)) return;
      if (found.get(at(folder))?.mode !== mode) await remote.setMode(at(folder), mode);
    });
}

/** Those whose content on the server is not the wanted one. They are removed there, so that the next try begins at its beginning. */
async function notArrived(
  { remote, context, moved }: Work,
  sends: readonly Send[],
  at: (send: Send) => string,
  known: ReadonlyMap<string, string>,
): Promise<Send[]> {
  const unread = sends.map(at).filter((path) => !known.has(path));
  let done = 0;
  const read = await digests(remote, unread, () => {
    moved(++done);
    context.progress({ done, total: unread.length, note: 'read back' });
  });
  const bad = sends.filter((send) => (known.get(at(send)) ?? read.get(at(send))) !== send.sha256);
  for (const send of bad) {
    const local = await digestFile(send.file).catch(() => undefined);
    if (local?.sha256 !== send.sha256)
      throw new NakatError('WEB_TREE_DAMAGED', { values: { place: send.file, files: send.path } });
    await remote.removeFile(at(send));
  }
  return bad;
}

/**
 * In place with their size. Their content was read back, or hashed by the server, right before; where that was an earlier attempt, the
 * server hashes once more, if it can.
 */
async function prove({ remote, job }: Work, sentBefore: boolean): Promise<void> {
  const paths = job.sends.map(({ path }) => path);
  const found = await remote.look(paths);
  const sums = sentBefore ? await remote.hash(paths) : null;
  const bad = job.sends.filter(({ path, size, sha256 }) => {
    const entry = found.get(path);
    return entry?.kind !== 'file' || entry.size !== size || (sums !== null && sums.get(path) !== sha256);
  });
  // Where something of another kind stands now, it stands in the place of what went.
  const anew = new Set([...job.sends, ...job.links, ...job.folders].map(({ path }) => path));
  const gone = [...job.removes, ...job.clear].filter((path) => !anew.has(path));
  const left = [...(await remote.look(gone)).keys()];
  if (bad.length + left.length > 0)
    throw new NakatError('WEB_FILES_DIFFER', {
      where: remote.name,
      values: { files: someOf([...bad.map(({ path }) => path), ...left]) },
    });
}

const differ = (remote: Remote, sends: readonly Send[]): NakatError =>
  new NakatError('WEB_FILES_DIFFER', {
    where: remote.name,
    values: { files: someOf(sends.map(({ path }) => path)) },
  });
