/** Where the previous files of a site and nakat's notes on them lie: on the worker's disk. */
import { mkdir, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Backup } from '../../runbook/results.ts';
import type { WebTree } from '../../runbook/targets/index.ts';
import { readList, readOrNull, sha256Of, someOf, writeWhole, type TreeList } from './manifest.ts';

/** The folder, made when it is missing. Throws WEB_STORE_INVALID. */
export async function storeOf(tree: WebTree): Promise<string> {
  const { machine, folder } = tree.store;
  const invalid = (problem: string): NakatError =>
    new NakatError('WEB_STORE_INVALID', { where: tree.name, values: { folder, problem } });
  if (machine.via !== 'local') throw invalid(`it is on ${machine.name}, not on the worker’s own machine (via: local)`);
  if (!isAbsolute(folder)) throw invalid('not an absolute path');
  try {
    // Previous files hold the site's passwords.
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw invalid((error as Error).message);
  }
  if (tree.via === 'machine' && tree.machine.via === 'local') {
    const site = await realpath(tree.folder).catch(() => tree.folder);
    const way = relative(site, await realpath(folder));
    if (!way.startsWith('..') && !isAbsolute(way)) throw invalid('it lies within the site');
  }
  return folder;
}

/** Throws WEB_TREE_DAMAGED unless the list beside the backup is the one that was made with it. */
export async function backupList(backup: Backup): Promise<TreeList> {
  const file = `${backup.place}.json`;
  const list = await readList(file);
  if (list === null || sha256Of(list) !== backup.sha256)
    throw new NakatError('WEB_TREE_DAMAGED', { values: { place: backup.place, files: someOf([file]) } });
  return list;
}

/** Paths that nakat changes on the site after a backup: what the server says of their age proves nothing from then on. */
const touchedFile = (backup: Backup): string => `${backup.place}.touched.json`;

export async function readTouched(backup: Backup): Promise<Set<string>> {
  const text = await readOrNull(touchedFile(backup));
  return new Set(text === null ? [] : (JSON.parse(text) as string[]));
}

export async function addTouched(backup: Backup, paths: readonly string[]): Promise<void> {
  const all = new Set([...(await readTouched(backup)), ...paths]);
  await writeWhole(touchedFile(backup), JSON.stringify([...all]));
}

export const noteFile = (store: string, name: string): string => join(store, `${name}.json`);
