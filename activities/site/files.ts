/** Backup and restore of a site's folder: it is replaced only while the site stands still. */
import { NakatError } from '../../runbook/errors/index.ts';
import type { SiteTarget } from '../../runbook/targets/index.ts';
import { backUpTree, restoreTree } from '../generic/trees.ts';
import type { Machine } from '../machines/machine.ts';
import { machineFor } from '../machines/pool.ts';
import type { StepActivity } from '../step.ts';
import { Iis } from './iis.ts';

export const backUpFiles: StepActivity<'backUpFiles'> = async ({ site }, _uses, context) =>
  backUpTree(await machineFor(site.machine, context), site.folder, site.backups, context);

export const restoreFiles: StepActivity<'restoreFiles'> = async ({ site }, { backup }, context) => {
  const machine = await machineFor(site.machine, context);
  await mustBeStopped(machine, site);
  await restoreTree(machine, site.folder, backup, context);
  return null;
};

async function mustBeStopped(machine: Machine, site: SiteTarget): Promise<void> {
  const iis = new Iis(machine, site.appcmd);
  const [found, workers] = [await iis.site(site.name), await iis.workers(site.pool)];
  if (found?.state === 'Started' || workers.length > 0)
    throw new NakatError('SITE_RUNNING', { values: { site: site.name }, where: machine.name });
}
