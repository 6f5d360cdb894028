import type { siteSteps } from '../steps/site.ts';
import type { SiteTarget } from '../targets/index.ts';
import { backupOf, copied, hashed, joined, named, on, removed, renamed, written, type DoesTable } from './define.ts';

const appcmd = (site: SiteTarget, ...command: string[]): string => on(site.machine, site.appcmd, ...command);
const bind = (site: SiteTarget, bindings: string): string =>
  appcmd(site, 'set', 'site', `/site.name:${site.name}`, `/bindings:${bindings}`);
const look = (site: SiteTarget, ...objects: string[]): string[] =>
  objects.map((object) => appcmd(site, 'list', object, '/xml'));
const stopped = (site: SiteTarget): string[] => [
  appcmd(site, 'stop', 'site', `/site.name:${site.name}`),
  appcmd(site, 'stop', 'apppool', `/apppool.name:${site.pool}`),
  ...look(site, 'site', 'apppool', 'wp'),
];

export const siteDoes: DoesTable<keyof typeof siteSteps> = {
  checkWebServer: ({ site }) => look(site, 'site', 'apppool', 'vdir'),
  createSite({ site, from }) {
    const { machine } = site;
    const fresh = `${site.folder}.nakat-new`;
    return [
      ...look(site, 'app', 'vdir'),
      ...copied(machine, from.folder, fresh),
      `${written(machine, joined(machine, fresh, 'ConnectionStrings.config'))} (db, redis db=${site.redisDb})`,
      written(machine, joined(machine, fresh, '.nakat-site.json')),
      removed(machine, site.folder),
      renamed(machine, fresh, site.folder),
      appcmd(
        site,
        'add',
        'apppool',
        `/name:${site.pool}`,
        `/managedRuntimeVersion:${from.layout === 'framework' ? 'v4.0' : ''}`,
        '/managedPipelineMode:Integrated',
      ),
      appcmd(
        site,
        'add',
        'site',
        `/name:${site.name}`,
        `/bindings:${site.binding}`,
        `/physicalPath:${site.folder}`,
        `/applicationDefaults.applicationPool:${site.pool}`,
        '/serverAutoStart:false',
      ),
      bind(site, site.binding),
      appcmd(
        site,
        'add',
        'app',
        `/site.name:${site.name}`,
        `/path:<each of ${from.name}>`,
        `/physicalPath:${joined(machine, site.folder, '<…>')}`,
        `/applicationPool:${site.pool}`,
      ),
      ...stopped(site),
      on(machine, 'icacls', site.folder, '/grant', `IIS AppPool\\${site.pool}:(OI)(CI)F`, '/Q'),
    ];
  },
  startSite: ({ site }) => [
    appcmd(site, 'start', 'apppool', `/apppool.name:${site.pool}`),
    appcmd(site, 'start', 'site', `/site.name:${site.name}`),
    ...look(site, 'site', 'apppool'),
  ],
  stopSite: ({ site }) => stopped(site),
  keepUsersOut: ({ site }) => [bind(site, site.maintenanceBinding), ...look(site, 'site')],
  letUsersIn: ({ site }) => [bind(site, site.binding), ...look(site, 'site')],
  backUpFiles({ site }, step) {
    const place = joined(site.machine, site.backups, named(step, 'files'));
    return [
      ...copied(site.machine, site.folder, place),
      hashed(site.machine, site.folder),
      hashed(site.machine, place),
      written(site.machine, `${place}.json`),
    ];
  },
  restoreFiles({ site }, step) {
    const { machine, folder } = site;
    return [
      ...look(site, 'site', 'wp'),
      hashed(machine, backupOf(step)),
      ...copied(machine, backupOf(step), `${folder}.nakat-new`),
      hashed(machine, `${folder}.nakat-new`),
      renamed(machine, folder, `${folder}.nakat-old`),
      renamed(machine, `${folder}.nakat-new`, folder),
      hashed(machine, folder),
      removed(machine, `${folder}.nakat-old`),
    ];
  },
};
