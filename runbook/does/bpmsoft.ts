import type { bpmsoftSteps } from '../steps/bpmsoft.ts';
import type { Connector, SiteTarget } from '../targets/index.ts';
import { named, type DoesTable } from './define.ts';

/** Below `/0` in the framework layout. Every call but those of visitors is made after the log-in that the list of places names. */
const call = (site: SiteTarget, path: string, body?: unknown): string =>
  `POST ${site.url.replace(/\/+$/, '')}/${site.layout === 'framework' ? '0/' : ''}${path}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`;
const get = (site: SiteTarget, path: string): string => call(site, path).replace(/^POST/, 'GET');
const query = (site: SiteTarget, what: string): string =>
  `${call(site, 'DataService/json/SyncReply/SelectQuery')} ${what}`;

const installer = 'ServiceModel/PackageInstallerService.svc';
const explorer = 'ServiceModel/WorkspaceExplorerService.svc';

export const versionsRead = (site: SiteTarget): string[] => [
  call(site, 'ServiceModel/ApplicationInfoService.svc/GetApplicationInfo'),
  query(site, 'SysPackage: Name, Version'),
];

const ready = (site: SiteTarget): string[] => [
  `GET ${site.url.replace(/\/+$/, '')}/healthz`,
  query(site, 'SysSettings: Id'),
];
const flagsRead = (site: SiteTarget, { entity, key, deduplicate }: Connector['objects']): string =>
  query(site, `${entity}: ${key}, ${deduplicate}`);

export const bpmsoftDoes: DoesTable<keyof typeof bpmsoftSteps> = {
  checkSite: ({ site }) => versionsRead(site),
  checkInstalledPackage: ({ site, archive }) => [query(site, `SysPackage: Version where Name = ${archive.name}`)],
  generateSources: ({ site }) => [call(site, `${explorer}/GenerateAllSchemasSources`)],
  compileAll: ({ site }) => [call(site, `${explorer}/Rebuild`)],
  installPackage({ site, archive }, step) {
    const file = `${named(step, archive.name)}.zip`;
    return [
      get(site, `${installer}/GetLogFile`),
      query(site, `SysPackage: Version where Name = ${archive.name}`),
      `${call(site, `${installer}/UploadPackage?fileName=${file}`)} ← ${archive.path} (SHA-256 ${archive.sha256.slice(0, 12)}…)`,
      call(site, `${installer}/InstallPackage`, file),
      get(site, `${installer}/GetLogFile`),
      query(site, `SysPackage: Version where Name = ${archive.name}`),
    ];
  },
  checkVersions: ({ site }) => versionsRead(site),
  waitUntilReady: ({ site }) => ready(site),
  restartApplication: ({ site }) => [
    call(site, `ServiceModel/AppInstallerService.svc/${site.layout === 'core' ? 'RestartApp' : 'UnloadAppDomain'}`),
    ...ready(site),
  ],
  checkStartPage: ({ site }) => [`GET ${site.publicUrl}`],
  setDeduplication: ({ site, objects }) => [
    flagsRead(site, objects),
    `${call(site, 'DataService/json/SyncReply/UpdateQuery')} ${objects.entity}: ${objects.deduplicate} = true where ${objects.key} = <each without it>`,
    flagsRead(site, objects),
  ],
  checkDeduplication: ({ site, objects }) => [flagsRead(site, objects)],
  runIntegration({ site, integration, results }, step) {
    const parameters = { ...integration.parameters, [results.tokenParameter]: named(step, 'integration') };
    return [
      call(site, 'ServiceModel/ProcessEngineService.svc/RunProcess', {
        schemaName: integration.process,
        parameterValues: Object.entries(parameters).map(([name, value]) => ({ name, value })),
      }),
      query(
        site,
        `${results.entity}: ${results.status}, ${results.startedOn}, ${results.message} where ${results.token} = ${named(step, 'integration')}`,
      ),
    ];
  },
};
