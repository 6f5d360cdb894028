/**
 * Carries out a job on a site: all new content is sent beside and read back, and only when all of it is there it is renamed into
 * place, file by file. May be called again at any moment, on a new connection, by another worker: it looks at what is there.
 */
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { StepContext } from '../step.ts';
import { digestOfJob, stagedName, type Job, type Send } from './job.ts';
import { atOnce } from './lanes.ts';
import { digestFile, someOf } from './manifest.ts';
import { foldersAbove } from './names.ts';
import type { Remote, RemoteEntry } from './remote.ts';
import { marker, removeStaging, takeStaging } from './staging.ts';
import { digests } from './walk.ts';

/** From this size on a file is continued where it ended; smaller ones are sent again. Bytes. */
const worthResuming = 1 << 20;
/** How often a file is sent that arrives as something else. */
const sendsOfOne = 3;

export interface Work {
  readonly remote: Remote;
  readonly job: Job;
  readonly context: StepContext;
  /** Called whenever something was done for good. */
  readonly moved: () => void;
  /** Called when all is in place, before nakat's own folder goes. */
  readonly onInPlace: () => Promise<void>;
}

/** Throws WEB_LINK_IN_WAY, WEB_FILES_DIFFER, WEB_TREE_DAMAGED, and what the remote throws. */
export async function carryOut(work: Work): Promise<void> {
  const { remote, job } = work;
  const staging = await takeStaging(remote, job.staging);
  if (!(await isComplete(work, staging))) {
    await sendAll(work, staging);
    const digest = { content: Buffer.from(digestOfJob(job)) };
    await remote.write(`${staging}/${marker}.new`, digest);
    await remote.rename(`${staging}/${marker}.new`, `${staging}/${marker}`);
  }
  await putInPlace(work, staging);
  await prove(work);
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

async function sendAll(work: Work, staging: string): Promise<void> {
  const { remote, job, context } = work;
  await remote.removeFile(`${staging}/${marker}`);
  const total = job.sends.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  let left = job.sends;
  for (let round = 0; left.length > 0; round++) {
    const there = await inside(remote, staging);
    await atOnce(remote.lanes, left, async (send) => {
      context.signal.throwIfAborted();
      await sendOne(work, staging, send, round === 0 ? there.get(stagedName(send)) : undefined);
      done += send.size;
      context.progress({ done, total, note: send.path.slice(-80) });
    });
    await setRights(work, staging, left);
    left = await notArrived(work, staging, left);
    if (left.length > 0 && round + 1 === sendsOfOne) throw differ(remote, left);
  }
}

async function sendOne({ remote, moved }: Work, staging: string, send: Send, there?: RemoteEntry): Promise<void> {
  const { file, size } = send;
  const at = `${staging}/${stagedName(send)}`;
  if (there?.kind === 'file' && there.size === size) return;
  const from = remote.resumes && there?.kind === 'file' && size >= worthResuming && there.size < size ? there.size : 0;
  await remote.write(at, { file, size }, { from }).catch((error: unknown) => {
    if (isNakatError(error)) throw error;
    throw new NakatError('WEB_TREE_DAMAGED', { values: { place: file, files: send.path }, cause: error });
  });
  moved();
}

/** As the file has them that is replaced, before anybody sees the new one. */
async function setRights({ remote }: Work, staging: string, sends: readonly Send[]): Promise<void> {
  const there = await inside(remote, staging);
  await atOnce(remote.lanes, sends, async (send) => {
    const found = there.get(stagedName(send));
    const at = `${staging}/${stagedName(send)}`;
    if (send.owner !== undefined && found?.owner !== undefined && found.owner !== send.owner)
      await remote.setOwner(at, send.owner);
    if (send.mode !== undefined && found?.mode !== send.mode) await remote.setMode(at, send.mode);
  });
}

/** Those whose content on the server is not the wanted one. They are removed there, so that the next try begins at its beginning. */
async function notArrived({ remote, context, moved }: Work, staging: string, sends: readonly Send[]): Promise<Send[]> {
  let done = 0;
  const paths = sends.map((send) => `${staging}/${stagedName(send)}`);
  const found = await digests(remote, paths, () => {
    moved();
    context.progress({ done: ++done, total: paths.length, note: 'read back' });
  });
  const bad = sends.filter((send) => found.get(`${staging}/${stagedName(send)}`) !== send.sha256);
  for (const send of bad) {
    const local = await digestFile(send.file).catch(() => undefined);
    if (local?.sha256 !== send.sha256)
      throw new NakatError('WEB_TREE_DAMAGED', { values: { place: send.file, files: send.path } });
    await remote.removeFile(`${staging}/${stagedName(send)}`);
  }
  return bad;
}

async function putInPlace(work: Work, staging: string): Promise<void> {
  const { remote, job, context, moved } = work;
  await takeOut(work, staging, job.clear);
  for (const path of job.clearFolders) await remote.removeFolder(path);
  await checkWay(work);
  await makeFolders(work, staging);
  const waiting = await inside(remote, staging);
  const left = job.sends.filter((send) => waiting.has(stagedName(send)));
  // As late as can be, and again afterwards: SFTP and FTP know no rename that refuses links on the way.
  await checkWay(work);
  let done = 0;
  await atOnce(remote.lanes, left, async (send) => {
    await remote.rename(`${staging}/${stagedName(send)}`, send.path);
    moved();
    context.progress({ done: ++done, total: left.length, note: send.path.slice(-80) });
  });
  await checkWay(work);
  for (const { path, target } of job.links)
    if ((await remote.look([path])).size === 0) await remote.makeLink(path, target);
  await atOnce(remote.lanes, job.modes, ({ path, mode }) => remote.setMode(path, mode));
  await takeOut(work, staging, job.removes);
  for (const path of job.removeFolders) {
    const entries = await remote.list(path).catch((error: unknown) => {
      if (isNakatError(error) && error.code === 'WEB_FOLDER_MISSING') return undefined;
      throw error;
    });
    // Somebody else's file keeps its folder.
    if (entries?.every(({ name }) => name === '.' || name === '..')) await remote.removeFolder(path);
  }
}

/** Files and links out of the site, into nakat's folder. */
async function takeOut({ remote, moved }: Work, staging: string, paths: readonly string[]): Promise<void> {
  const there = await remote.look(paths);
  const waste = (path: string): string => `${staging}/out-${stagedName({ path, sha256: '' })}`;
  await atOnce(remote.lanes, there, async ([path, { kind }]) => {
    if (kind === 'folder') throw inWay(remote, path, kind);
    await remote.rename(path, waste(path));
    moved();
  });
}

/** Every folder that is written to is a real folder, all the way from the root. */
async function checkWay({ remote, job }: Work): Promise<void> {
  const targets = [...job.sends, ...job.folders, ...job.links, ...job.modes].map(({ path }) => path);
  const way = new Set([...targets, ...job.clear, ...job.removes].flatMap(foldersAbove));
  for (const [path, { kind }] of await remote.look([...way])) if (kind !== 'folder') throw inWay(remote, path, kind);
}

async function makeFolders({ remote, job }: Work, staging: string): Promise<void> {
  const there = await remote.look(job.folders.map(({ path }) => path));
  // One level after the other; those of one level at once.
  const levels = new Map<number, { path: string; mode?: number }[]>();
  for (const folder of job.folders) {
    const depth = folder.path.split('/').length;
    const level = levels.get(depth) ?? [];
    level.push(folder);
    levels.set(depth, level);
  }
  for (const [, level] of [...levels].sort(([a], [b]) => a - b)) {
    await atOnce(remote.lanes, level, async ({ path, mode }) => {
      const found = there.get(path);
      if (found !== undefined && found.kind !== 'folder') throw inWay(remote, path, found.kind);
      if (found !== undefined) return;
      const beside = `${staging}/new-${stagedName({ path, sha256: '' })}`;
      await remote.makeFolder(beside);
      if (mode !== undefined && remote.modes) await remote.setMode(beside, mode);
      await remote.rename(beside, path);
    });
  }
}

/** In place with their size, and with their content where the server can say so: what was sent was read back already. */
async function prove({ remote, job }: Work): Promise<void> {
  const paths = job.sends.map(({ path }) => path);
  const found = await remote.look(paths);
  const sums = await remote.hash(paths);
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

const inside = async (remote: Remote, staging: string): Promise<Map<string, RemoteEntry>> =>
  new Map((await remote.list(staging)).map((entry) => [entry.name, entry]));

const inWay = (remote: Remote, path: string, found: string): NakatError =>
  new NakatError('WEB_LINK_IN_WAY', { where: remote.name, values: { path, found } });

const differ = (remote: Remote, sends: readonly Send[]): NakatError =>
  new NakatError('WEB_FILES_DIFFER', {
    where: remote.name,
    values: { files: someOf(sends.map(({ path }) => path)) },
  });
