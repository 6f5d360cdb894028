/**
 * The instance's part of IIS: its site, its applications, its pools. `appcmd restore backup` would put back the whole server,
 * with the sites of others; so these objects alone are kept with the restore point and put back.
 */
import type { Instance } from './instance.ts';

export interface IisPart {
  readonly bindings: string;
  readonly pools: readonly { readonly name: string; readonly runtime: string }[];
  /** `/` is the site itself. */
  readonly applications: readonly { readonly path: string; readonly pool: string; readonly folder: string }[];
}

export async function readIis({ target, iis }: Instance): Promise<IisPart> {
  const pools: { name: string; runtime: string }[] = [];
  for (const name of target.pools) {
    const found = await iis.pool(name);
    if (found) pools.push({ name, runtime: found.runtime });
  }
  const applications: { path: string; pool: string; folder: string }[] = [];
  for (const { path, pool } of await iis.applications(target.site))
    applications.push({ path, pool, folder: (await iis.folder(target.site, path)) ?? '' });
  return { bindings: (await iis.site(target.site))?.bindings ?? '', pools, applications };
}

/** What is missing is made, what differs is changed, nothing is started; an application that was not there then is removed. */
export async function putIis({ target, iis }: Instance, wanted: IisPart): Promise<void> {
  for (const { name, runtime } of wanted.pools) await iis.addPool(name, runtime);
  const root = wanted.applications.find(({ path }) => path === '/');
  if (root) await iis.addSite(target.site, wanted.bindings, root.folder, root.pool);
  for (const { path, pool, folder } of wanted.applications) {
    if (path !== '/') await iis.addApplication(target.site, path, folder, pool);
    await iis.setApplicationPool(target.site, path, pool);
    await iis.setFolder(target.site, path, folder);
  }
  for (const { path } of await iis.applications(target.site))
    if (!wanted.applications.some((one) => one.path.toLowerCase() === path.toLowerCase()))
      await iis.deleteApplication(target.site, path);
  await iis.setBindings(target.site, wanted.bindings);
}
