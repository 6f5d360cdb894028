import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { Machine } from '../machines/machine.ts';
import { machineFor } from '../machines/pool.ts';
import { differences, someOf } from '../site/fingerprint.ts';
import { nameFor, type StepActivity } from '../step.ts';
import { putTree } from './trees.ts';

/** A single file goes through this process, so it must fit. */
const largestFile = 64 * 2 ** 20;

export const copyFiles: StepActivity<'copyFiles'> = async ({ machine: target, from, to }, _uses, context) => {
  const machine = await machineFor(target, context);
  const source = await machine.stat(from);
  if (source === null) throw new NakatError('FOLDER_TO_COPY_MISSING', { values: { path: from }, where: machine.name });
  const wanted = await machine.hash(from);
  const bytes = [...wanted.values()].reduce((sum, one) => sum + one.size, 0);
  if (source.kind === 'folder') {
    const same = async (): Promise<void> => {
      const changed = differences(wanted, await machine.hash(from));
      if (changed.length > 0) throw differ(machine, from, someOf(changed));
    };
    const job = nameFor(context, 'copy');
    const copied = await putTree(machine, { from, to, wanted, job, check: same, context });
    return { files: wanted.size, bytes, copied };
  }
  if (source.size > largestFile) throw differ(machine, from, `${source.size} > ${largestFile}`);
  const digest = wanted.get('')?.sha256 ?? '';
  const copied = (await digestOf(machine, to)) !== digest;
  if (copied) await machine.writeFile(to, await machine.readFile(from), source.mode);
  if ((await digestOf(machine, to)) !== digest) throw differ(machine, to, to);
  return { files: 1, bytes, copied };
};

export const uploadFile: StepActivity<'uploadFile'> = async ({ machine: target, archive, to }, _uses, context) => {
  const machine = await machineFor(target, context);
  const uploaded = (await digestOf(machine, to)) !== archive.sha256;
  if (uploaded) {
    if ((await localDigest(archive.path)) !== archive.sha256)
      throw new NakatError('FILE_DIGEST_CHANGED', { values: { path: archive.path } });
    await machine.upload(archive.path, to, (done, total) => context.progress({ done, total }));
    if ((await digestOf(machine, to)) !== archive.sha256) throw differ(machine, to, to);
  }
  return { file: to, sha256: archive.sha256, uploaded };
};

/** Null: there is no such file. */
async function digestOf(machine: Machine, file: string): Promise<string | null> {
  if ((await machine.stat(file))?.kind !== 'file') return null;
  return (await machine.hash(file)).get('')?.sha256 ?? null;
}

async function localDigest(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
  } catch (error) {
    if (isNakatError(error)) throw error;
    throw new NakatError('FILE_NOT_FOUND', { values: { path: file }, where: 'nakat', cause: error });
  }
  return hash.digest('hex');
}

const differ = (machine: Machine, path: string, files: string): NakatError =>
  new NakatError('FILES_DIFFER', { values: { path, files }, where: machine.name });
