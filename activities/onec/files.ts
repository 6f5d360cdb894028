/** Files of an update, where 1C can read them. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { NakatError } from '../../runbook/errors/index.ts';
import { note } from '../../runbook/messages/progress.ts';
import type { OnecFile } from '../../runbook/targets/index.ts';
import { nameFor } from '../step.ts';
import type { Onec } from './onec.ts';

/**
 * The file's path on the infobase's machine; one that lies where nakat runs is brought there, under the step's own name. Its digest
 * is read again each time. Throws FILE_NOT_FOUND, UPDATE_FILE_CHANGED.
 */
export async function bring({ machine, context }: Onec, file: OnecFile): Promise<string> {
  if (file.at === 'machine') {
    if ((await machine.stat(file.path))?.kind !== 'file')
      throw new NakatError('FILE_NOT_FOUND', { values: { path: file.path }, where: machine.name });
    if (file.sha256 !== null && (await machine.hash(file.path)).get('')?.sha256 !== file.sha256)
      throw changed(file.path, machine.name);
    return file.path;
  }
  if (!existsSync(file.path)) throw new NakatError('FILE_NOT_FOUND', { values: { path: file.path }, where: 'nakat' });
  const digest = await digestOf(file.path);
  if (file.sha256 !== null && digest !== file.sha256) throw changed(file.path, 'nakat');
  const ending = /\.\w+$/.exec(file.path)?.[0] ?? '';
  const place = machine.join(machine.work, 'onec', `${nameFor(context, 'file')}${ending}`);
  await machine.makeFolder(machine.join(machine.work, 'onec'));
  const there = (await machine.stat(place))?.kind === 'file' ? (await machine.hash(place)).get('')?.sha256 : undefined;
  if (there !== digest) {
    await machine.upload(file.path, place, (done, total) => context.progress({ done, total, note: note('uploading') }));
    if ((await machine.hash(place)).get('')?.sha256 !== digest) throw changed(place, machine.name);
  }
  return place;
}

/** Removes what `bring` brought. */
export async function putFileAway({ machine }: Onec, file: OnecFile, place: string): Promise<void> {
  if (file.at === 'worker') await machine.remove(place);
}

const changed = (file: string, where: string): NakatError =>
  new NakatError('UPDATE_FILE_CHANGED', { values: { file }, where });

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
