/** The update as files: on the worker's machine, or sent on to another one. */
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import type { FileTree } from '../../runbook/results.ts';
import type { Archive, MachineTarget } from '../../runbook/targets/index.ts';
import { machineFor } from '../machines/pool.ts';
import { nameFor, type StepActivity, type StepContext } from '../step.ts';
import { unpack } from './archive.ts';
import {
  bytesOf,
  digestFile,
  filesOf,
  readList,
  sha256Of,
  someOf,
  verifyLocal,
  writeList,
  type TreeList,
} from './manifest.ts';

export const unpackUpdate: StepActivity<'unpackUpdate'> = async ({ archive, into }, _uses, context) => {
  await checkDigest(archive);
  const id = nameFor(context, 'update');
  if (into.machine.via === 'ssh') return await onMachine(archive, into.machine, into.folder, id, context);
  await mkdir(into.folder, { recursive: true });
  const place = join(into.folder, id);
  const known = await readList(`${place}.json`);
  if (known) {
    await verifyLocal(place, known);
    return fileTree(id, place, into.machine.name, known);
  }
  const list = await unpackTo(archive, place, context);
  await writeList(`${place}.json`, list);
  return fileTree(id, place, into.machine.name, list);
};

/** The file that was approved, and no other. */
async function checkDigest({ path, sha256 }: Archive): Promise<void> {
  const found = await digestFile(path).catch((cause: unknown) => {
    throw new NakatError('PACKAGE_NOT_FOUND', { values: { file: path }, vendor: (cause as Error).message, cause });
  });
  if (found.sha256 !== sha256)
    throw new NakatError('PACKAGE_DIGEST_CHANGED', {
      values: { file: basename(path), found: found.sha256, expected: sha256 },
    });
}

/** A folder without its list is half made, or of a killed attempt: it is made anew. */
async function unpackTo(archive: Archive, place: string, context: StepContext): Promise<TreeList> {
  const partial = `${place}.partial`;
  await rm(partial, { recursive: true, force: true });
  try {
    const list = await unpack(archive.path, partial, (path) => {
      context.signal.throwIfAborted();
      context.progress({ note: path.slice(-80) });
    });
    await rm(place, { recursive: true, force: true });
    await rename(partial, place);
    return list;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function onMachine(
  archive: Archive,
  target: MachineTarget,
  folder: string,
  id: string,
  context: StepContext,
): Promise<FileTree> {
  const machine = await machineFor(target, context);
  const place = machine.join(folder, id);
  const local = join(await mkdtemp(join(tmpdir(), 'nakat-update-')), 'update');
  try {
    const list = await unpack(archive.path, local);
    const differs = async (at: string): Promise<string[]> => {
      const there = (await machine.stat(at)) === null ? new Map<string, { sha256: string }>() : await machine.hash(at);
      const wanted = new Map(filesOf(list));
      const paths = new Set([...there.keys(), ...wanted.keys()]);
      return [...paths].filter((path) => there.get(path)?.sha256 !== wanted.get(path)?.sha256);
    };
    if ((await machine.stat(place)) === null || (await differs(place)).length > 0) {
      const partial = `${place}.partial`;
      await machine.remove(place);
      await machine.remove(partial);
      await machine.makeFolder(partial);
      let done = 0;
      for (const [path, one] of list) {
        context.signal.throwIfAborted();
        const at = machine.join(partial, ...path.split('/'));
        if (one.kind === 'folder') await machine.makeFolder(at);
        else await machine.upload(join(local, path), at);
        context.progress({ done: ++done, total: list.size, note: path.slice(-80) });
      }
      const bad = await differs(partial);
      if (bad.length > 0)
        throw new NakatError('WEB_TREE_DAMAGED', { values: { place: partial, files: someOf(bad) }, passing: true });
      await machine.rename(partial, place);
    }
    await machine.writeFile(`${place}.json`, JSON.stringify({ format: 1, entries: Object.fromEntries(list) }));
    return fileTree(id, place, machine.name, list);
  } finally {
    await rm(join(local, '..'), { recursive: true, force: true });
  }
}

export const fileTree = (id: string, place: string, machine: string, list: TreeList): FileTree => ({
  id,
  place,
  machine,
  files: filesOf(list).length,
  bytes: bytesOf(list),
  sha256: sha256Of(list),
});
