/** Backup and restore of a site's folder: a copy on the same machine with a manifest of every file, put back by one switch. */
import { createHash } from 'node:crypto';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Backup } from '../../runbook/results.ts';
import type { SiteTarget } from '../../runbook/targets/index.ts';
import type { Machine } from '../machines/machine.ts';
import { machineFor } from '../machines/pool.ts';
import { nameFor, type StepActivity, type StepContext } from '../step.ts';
import { differences, manifestOf, someOf, type FileHashes } from './fingerprint.ts';
import { Iis } from './iis.ts';

/** Written last, by rename: a backup without it is half made and is never used. */
interface Manifest {
  readonly folder: string;
  readonly files: Record<string, { size: number; sha256: string }>;
}

export const backUpFiles: StepActivity<'backUpFiles'> = async ({ site }, _uses, context) => {
  const machine = await machineFor(site.machine, context);
  const id = nameFor(context, 'files');
  const place = machine.join(site.backups, id);
  const manifestFile = `${place}.json`;
  const known = await readManifest(machine, manifestFile);
  if (known) {
    await verify(machine, place, known);
    return backupOf(machine, id, place, known);
  }
  await machine.makeFolder(site.backups);
  // A copy without a manifest may be of a site that has changed since: it is made anew.
  await machine.remove(place);
  await machine.forgetJob(id);
  await machine.copyFolder(site.folder, place, id, follow(context));
  const [original, copy] = [await machine.hash(site.folder), await machine.hash(place)];
  const changed = differences(original, copy);
  if (changed.length > 0) {
    await machine.remove(place);
    throw new NakatError('FILES_CHANGED_DURING_BACKUP', {
      values: { folder: site.folder, files: someOf(changed) },
      where: machine.name,
    });
  }
  await machine.writeFile(
    manifestFile,
    JSON.stringify({ folder: site.folder, files: Object.fromEntries(copy) } satisfies Manifest),
  );
  await machine.forgetJob(id);
  return backupOf(machine, id, place, copy);
};

export const restoreFiles: StepActivity<'restoreFiles'> = async ({ site }, { backup }, context) => {
  const machine = await machineFor(site.machine, context);
  const wanted = await readManifest(machine, `${backup.place}.json`);
  if (!wanted || sha256(manifestOf(wanted)) !== backup.sha256) throw damaged(machine, backup.place, ['manifest']);
  await mustBeStopped(machine, site);
  const [fresh, old] = [`${site.folder}.nakat-new`, `${site.folder}.nakat-old`];
  const inPlace = async (): Promise<boolean> =>
    (await machine.stat(site.folder)) !== null && differences(wanted, await machine.hash(site.folder)).length === 0;
  if (!(await inPlace())) {
    if ((await machine.stat(fresh)) === null || differences(wanted, await machine.hash(fresh)).length > 0) {
      await verify(machine, backup.place, wanted);
      await machine.remove(fresh);
      const job = nameFor(context, 'restore-files');
      await machine.forgetJob(job);
      await machine.copyFolder(backup.place, fresh, job, follow(context));
      await machine.forgetJob(job);
      const bad = differences(wanted, await machine.hash(fresh));
      if (bad.length > 0) throw damaged(machine, fresh, bad);
    }
    // The new tree is whole beside the old one; now two renames. After a stop between them the folder is missing, and `fresh` is used above.
    if ((await machine.stat(site.folder)) !== null) {
      await machine.remove(old);
      await machine.rename(site.folder, old);
    }
    await machine.rename(fresh, site.folder);
    if (!(await inPlace())) throw damaged(machine, site.folder, differences(wanted, await machine.hash(site.folder)));
  }
  await machine.remove(old);
  await machine.remove(fresh);
  return null;
};

async function mustBeStopped(machine: Machine, site: SiteTarget): Promise<void> {
  const iis = new Iis(machine, site.appcmd);
  const [found, workers] = [await iis.site(site.name), await iis.workers(site.pool)];
  if (found?.state === 'Started' || workers.length > 0)
    throw new NakatError('SITE_RUNNING', { values: { site: site.name }, where: machine.name });
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
