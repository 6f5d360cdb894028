/** Whole folders on one machine: backed up with a manifest of every file, put in place by one switch. */
import { createHash } from 'node:crypto';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Backup } from '../../runbook/results.ts';
import type { Machine } from '../machines/machine.ts';
import { differences, manifestOf, someOf, type FileHashes } from '../site/fingerprint.ts';
import { nameFor, type StepContext } from '../step.ts';

/** Written last, by rename: a backup without it is half made and is never used. */
interface Manifest {
  readonly folder: string;
  readonly files: Record<string, { size: number; sha256: string }>;
}

/** Into a folder of `backups` that is named after the step; the same call again finds it and checks it. */
export async function backUpTree(
  machine: Machine,
  folder: string,
  backups: string,
  context: StepContext,
): Promise<Backup> {
  const id = nameFor(context, 'files');
  const place = machine.join(backups, id);
  const manifestFile = `${place}.json`;
  const known = await readManifest(machine, manifestFile);
  if (known) {
    await verify(machine, place, known);
    return backupOf(machine, id, place, known);
  }
  await machine.makeFolder(backups);
  // A copy without a manifest may be of a folder that has changed since: it is made anew.
  await machine.remove(place);
  await machine.forgetJob(id);
  await machine.copyFolder(folder, place, id, follow(context));
  const [original, copy] = [await machine.hash(folder), await machine.hash(place)];
  const changed = differences(original, copy);
  if (changed.length > 0) {
    await machine.remove(place);
    throw new NakatError('FILES_CHANGED_DURING_BACKUP', {
      values: { folder, files: someOf(changed) },
      where: machine.name,
    });
  }
  await machine.writeFile(manifestFile, JSON.stringify({ folder, files: Object.fromEntries(copy) } satisfies Manifest));
  await machine.forgetJob(id);
  return backupOf(machine, id, place, copy);
}

/** Nothing may hold files of the folder. */
export async function restoreTree(
  machine: Machine,
  folder: string,
  backup: Backup,
  context: StepContext,
): Promise<void> {
  const wanted = await readManifest(machine, `${backup.place}.json`);
  if (!wanted || sha256(manifestOf(wanted)) !== backup.sha256) throw damaged(machine, backup.place, ['manifest']);
  await putTree(machine, {
    from: backup.place,
    to: folder,
    wanted,
    job: nameFor(context, 'restore-files'),
    check: () => verify(machine, backup.place, wanted),
    context,
  });
}

export interface PutTree {
  readonly from: string;
  readonly to: string;
  /** What `to` shall hold. */
  readonly wanted: FileHashes;
  readonly job: string;
  /** Called before anything is copied; throws when `from` is not what it should be. */
  readonly check: () => Promise<void>;
  readonly context: StepContext;
}

/** Whole beside the old folder first, then two renames. Does nothing when it is there already; false then. */
export async function putTree(machine: Machine, { from, to, wanted, job, check, context }: PutTree): Promise<boolean> {
  const [fresh, old] = [`${to}.nakat-new`, `${to}.nakat-old`];
  const inPlace = async (): Promise<boolean> =>
    (await machine.stat(to)) !== null && differences(wanted, await machine.hash(to)).length === 0;
  const already = await inPlace();
  if (!already) {
    if ((await machine.stat(fresh)) === null || differences(wanted, await machine.hash(fresh)).length > 0) {
      await check();
      await machine.remove(fresh);
      await machine.forgetJob(job);
      await machine.copyFolder(from, fresh, job, follow(context));
      await machine.forgetJob(job);
      const bad = differences(wanted, await machine.hash(fresh));
      if (bad.length > 0) throw damaged(machine, fresh, bad);
    }
    // After a stop between the two renames the folder is missing, and `fresh` is used above.
    if ((await machine.stat(to)) !== null) {
      await machine.remove(old);
      await machine.rename(to, old);
    }
    await machine.rename(fresh, to);
    if (!(await inPlace())) throw damaged(machine, to, differences(wanted, await machine.hash(to)));
  }
  await machine.remove(old);
  await machine.remove(fresh);
  return !already;
}

async function readManifest(machine: Machine, file: string): Promise<FileHashes | null> {
  if ((await machine.stat(file)) === null) return null;
  const manifest = JSON.parse((await machine.readFile(file)).toString('utf8')) as Manifest;
  return new Map(Object.entries(manifest.files));
}

async function verify(machine: Machine, place: string, wanted: FileHashes): Promise<void> {
  const found = (await machine.stat(place)) === null ? new Map() : await machine.hash(place);
  const bad = differences(wanted, found);
  if (bad.length > 0) throw damaged(machine, place, bad);
}

const damaged = (machine: Machine, place: string, files: readonly string[]): NakatError =>
  new NakatError('FILES_BACKUP_DAMAGED', { values: { place, files: someOf(files) }, where: machine.name });

const backupOf = (machine: Machine, id: string, place: string, files: FileHashes): Backup => ({
  id,
  system: 'files',
  engine: 'copy',
  place,
  machine: machine.name,
  bytes: [...files.values()].reduce((sum, one) => sum + one.size, 0),
  sha256: sha256(manifestOf(files)),
  verified: 'manifest',
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A copy is a job: it goes on when only the worker goes away. */
export const follow = (context: StepContext) => ({
  signal: context.signal,
  leaveRunning: context.stopping,
  onOutput: (text: string) => context.progress({ note: text.trim().split('\n').at(-1)?.slice(0, 80) ?? '' }),
});
