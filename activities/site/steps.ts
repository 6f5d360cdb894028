/** The steps on web sites. */
import { NakatError } from '../../runbook/errors/index.ts';
import type { SiteTarget } from '../../runbook/targets/index.ts';
import { machineFor } from '../machines/pool.ts';
import type { StepActivities, StepContext } from '../step.ts';
import { createSite } from './create.ts';
import { backUpFiles, restoreFiles } from './files.ts';
import { Iis } from './iis.ts';

const iisOf = async (site: SiteTarget, context: StepContext): Promise<Iis> =>
  new Iis(await machineFor(site.machine, context), site.appcmd);

export const siteSteps: StepActivities<
  | 'checkWebServer'
  | 'createSite'
  | 'startSite'
  | 'stopSite'
  | 'keepUsersOut'
  | 'letUsersIn'
  | 'backUpFiles'
  | 'restoreFiles'
> = {
  checkWebServer: async ({ site }, _uses, context) => {
    const iis = await iisOf(site, context);
    const where = site.machine.name;
    const [found, pool, folder] = [
      await iis.site(site.name),
      await iis.poolState(site.pool),
      await iis.folder(site.name, '/'),
    ];
    if (!found) throw new NakatError('SITE_NOT_IN_IIS', { values: { site: site.name }, where });
    if (pool === null) throw new NakatError('POOL_NOT_IN_IIS', { values: { pool: site.pool }, where });
    if (found.state !== 'Started' || pool !== 'Started')
      throw new NakatError('SITE_NOT_RUNNING', {
        values: { site: site.name, state: `${found.state}, ${pool}` },
        where,
      });
    if (folder?.toLowerCase() !== site.folder.toLowerCase())
      throw new NakatError('SITE_FOLDER_DIFFERS', {
        values: { site: site.name, actual: folder ?? '—', planned: site.folder },
        where,
      });
    if (found.bindings.toLowerCase() !== site.binding.toLowerCase())
      throw new NakatError('SITE_BINDING_DIFFERS', {
        values: { site: site.name, actual: found.bindings, planned: site.binding },
        where,
      });
    return { state: found.state, pool, bindings: found.bindings };
  },
  createSite,
  startSite: async ({ site }, _uses, context) => {
    await (await iisOf(site, context)).start(site.name, site.pool);
    return null;
  },
  stopSite: async ({ site }, _uses, context) => {
    await (await iisOf(site, context)).stop(site.name, site.pool);
    return null;
  },
  keepUsersOut: async ({ site }, _uses, context) => {
    await (await iisOf(site, context)).setBindings(site.name, site.maintenanceBinding);
    return null;
  },
  letUsersIn: async ({ site }, _uses, context) => {
    await (await iisOf(site, context)).setBindings(site.name, site.binding);
    return null;
  },
  backUpFiles,
  restoreFiles,
};
