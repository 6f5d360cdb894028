/** The previous files of a site, kept on the worker's disk: every file under its own path, and a list beside the folder. */
import { createHash } from 'node:crypto';
import { appendFile, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Backup } from '../../runbook/results.ts';
import { nameFor, type StepActivity } from '../step.ts';
import { atOnce, localFilesAtOnce } from './lanes.ts';
import {
  bytesOf,
  filesOf,
  readList,
  readOrNull,
  sha256Of,
  someOf,
  verifyLocal,
  writeList,
  type Listed,
  type ListedFile,
  type TreeList,
} from './manifest.ts';
import { withRemote } from './open.ts';
import type { Remote } from './remote.ts';
import { storeOf } from './store.ts';
import { saveTo } from './upload.ts';
import { listedOf, walk, type Found } from './walk.ts';

export const backUpTree: StepActivity<'backUpTree'> = async ({ tree }, _uses, context) => {
  const store = await storeOf(tree);
  const id = nameFor(context, 'files');
  const place = join(store, id);
  const known = await readList(`${place}.json`);
  if (known) {
    await verifyLocal(place, known);
    return backupOf(id, place, tree.store.machine.name, known);
  }
  const partial = `${place}.partial`;
  const list = await withRemote(tree, context, async (remote, moved) => {
    const found = await walk(remote, tree.keep, (count) => context.progress({ note: `${count}` }));
    const saved = await save(remote, found, partial, (done, total, path) => {
      moved(done);
      context.signal.throwIfAborted();
      context.progress({ done, total, note: path.slice(-80) });
    });
    const changed = changesBetween(found, await walk(remote, tree.keep));
    if (changed.length > 0)
      throw new NakatError('WEB_CHANGED_DURING_BACKUP', { where: tree.name, values: { files: someOf(changed) } });
    return saved;
  });
  await verifyLocal(partial, list).catch(async (error: unknown) => {
    // Written before a power cut, perhaps: all of it is loaded anew.
    await rm(journalOf(partial), { force: true });
    throw new NakatError('WEB_TREE_DAMAGED', { values: { place: partial, files: '*' }, passing: true, cause: error });
  });
  await rm(journalOf(partial), { force: true });
  // A folder of that name has no list, so it is nothing.
  await rm(place, { recursive: true, force: true });
  await rename(partial, place);
  await writeList(`${place}.json`, list);
  return backupOf(id, place, tree.store.machine.name, list);
};

const journalOf = (partial: string): string => `${partial}.jsonl`;

/** What an earlier attempt saved and the server says is unchanged is not loaded again. */
async function save(
  remote: Remote,
  found: Found,
  partial: string,
  onEach: (done: number, total: number, path: string) => void,
): Promise<TreeList> {
  await mkdir(partial, { recursive: true, mode: 0o700 });
  const before = await readJournal(partial);
  const list = new Map<string, Listed>();
  const files = [...found].filter(([, { kind }]) => kind === 'file');
  let done = 0;
  await atOnce(Math.min(remote.lanes, localFilesAtOnce), files, async ([path, entry]) => {
    const then = before.get(path);
    if (then?.size === entry.size && then.stamp === entry.stamp && entry.stamp !== '')
      list.set(path, listedOf(entry, then.sha256));
    else {
      const file = join(partial, path);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const hash = createHash('sha256');
      let size = 0;
      await saveTo(remote, path, file, (piece) => {
        hash.update(piece);
        size += piece.length;
      });
      // Fewer bytes than the listing says: a connection that was cut and called complete, or a file that changes.
      if (size !== entry.size)
        throw new NakatError('WEB_CHANGED_DURING_BACKUP', { where: remote.name, values: { files: path } });
      const listed = listedOf(entry, hash.digest('hex')) as ListedFile;
      list.set(path, listed);
      await appendFile(journalOf(partial), `${JSON.stringify([path, listed])}\n`);
    }
    onEach(++done, files.length, path);
  });
  for (const [path, entry] of found)
    if (entry.kind !== 'file')
      list.set(path, listedOf(entry, '', entry.kind === 'link' ? await remote.readLink(path) : ''));
  return list;
}

/** Torn last line of a killed attempt: not there. */
async function readJournal(partial: string): Promise<Map<string, ListedFile>> {
  const known = new Map<string, ListedFile>();
  for (const line of ((await readOrNull(journalOf(partial))) ?? '').split('\n')) {
    try {
      const [path, listed] = JSON.parse(line) as [string, ListedFile];
      known.set(path, listed);
    } catch {
      continue;
    }
  }
  return known;
}

const changesBetween = (before: Found, after: Found): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((path) => {
    const [then, now] = [before.get(path), after.get(path)];
    if (then === undefined || now === undefined || then.kind !== now.kind) return true;
    return then.kind === 'file' && (then.size !== now.size || then.stamp !== now.stamp);
  });

const backupOf = (id: string, place: string, machine: string, list: TreeList): Backup => ({
  id,
  system: 'files',
  engine: 'copy',
  place,
  machine,
  bytes: bytesOf(list),
  sha256: sha256Of(list),
  verified: 'manifest',
  files: filesOf(list).length,
});
