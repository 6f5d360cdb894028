import type { comindwareSteps } from '../steps/comindware.ts';
import type { InstanceTarget } from '../targets/index.ts';
import {
  backupOf,
  copied,
  filesOn,
  hashed,
  joined,
  named,
  on,
  removed,
  renamed,
  written,
  type DoesTable,
} from './define.ts';

const appcmd = (instance: InstanceTarget, ...command: string[]): string =>
  on(instance.machine, instance.appcmd, ...command);
const look = (instance: InstanceTarget, ...objects: string[]): string[] =>
  objects.map((object) => appcmd(instance, 'list', object, '/xml'));
const folders = ({ database, streams }: InstanceTarget): [string, string][] => [
  ['database', database],
  ...(streams === undefined ? [] : [['streams', streams] as [string, string]]),
];
const binding = (instance: InstanceTarget, bindings: string): string[] => [
  appcmd(instance, 'set', 'site', `/site.name:${instance.site}`, `/bindings:${bindings}`),
  ...look(instance, 'site'),
];
const read = (instance: InstanceTarget): string[] => [
  filesOn(instance.machine, `read ${instance.main}`),
  filesOn(instance.machine, `read ${instance.config}`),
  on(instance.machine, 'dir', '/al', instance.config),
];

const stopped = (instance: InstanceTarget): string[] => [
  appcmd(instance, 'stop', 'site', `/site.name:${instance.site}`),
  ...instance.pools.toReversed().map((pool) => appcmd(instance, 'stop', 'apppool', `/apppool.name:${pool}`)),
  ...look(instance, 'site', 'apppool', 'wp'),
  ...folders(instance).flatMap(([, folder]) => [
    renamed(instance.machine, folder, `${folder}.nakat-free`),
    renamed(instance.machine, `${folder}.nakat-free`, folder),
  ]),
];
const started = (instance: InstanceTarget): string[] => [
  ...instance.pools
    .filter((pool) => !instance.idle.includes(pool))
    .map((pool) => appcmd(instance, 'start', 'apppool', `/apppool.name:${pool}`)),
  appcmd(instance, 'start', 'site', `/site.name:${instance.site}`),
  ...look(instance, 'site', 'apppool'),
];
const backedUp = (instance: InstanceTarget, place: string): string[] => {
  const { machine } = instance;
  return [
    ...folders(instance).flatMap(([name, folder]) => [
      ...copied(machine, folder, joined(machine, place, name)),
      hashed(machine, folder),
      hashed(machine, joined(machine, place, name)),
    ]),
    ...read(instance),
    ...look(instance, 'site', 'apppool', 'app', 'vdir'),
    written(machine, joined(machine, place, 'config', '<…>')),
    written(machine, joined(machine, place, 'main.yml')),
    written(machine, joined(machine, place, 'point.json')),
  ];
};
const login = (instance: InstanceTarget): string[] => [
  `GET ${instance.url}`,
  ...(instance.health === '' ? [] : [`GET ${new URL(instance.health, instance.url).href}`]),
];
const put = (instance: InstanceTarget, from: string): string[] =>
  folders(instance).flatMap(([name, folder]) => [
    ...copied(instance.machine, joined(instance.machine, from, name), `${folder}.nakat-new`),
    hashed(instance.machine, `${folder}.nakat-new`),
    renamed(instance.machine, folder, `${folder}.nakat-old`),
    renamed(instance.machine, `${folder}.nakat-new`, folder),
    removed(instance.machine, `${folder}.nakat-old`),
  ]);
const inIis = (instance: InstanceTarget): string =>
  appcmd(instance, 'add|set', 'apppool|site|app|vdir', '<as in the restore point, where it differs>');
const inConfig = (instance: InstanceTarget, name: string): string => joined(instance.machine, instance.config, name);
const linked = (instance: InstanceTarget, name: string, target: string): string =>
  on(instance.machine, 'mklink', '/J', inConfig(instance, name), target);

export const comindwareDoes: DoesTable<keyof typeof comindwareSteps> = {
  checkInstance: ({ instance, hops }) => [
    ...look(instance, 'site', 'apppool', 'app'),
    ...read(instance),
    ...hops.map(({ version, script }) =>
      filesOn(
        instance.machine,
        `look for ${joined(instance.machine, instance.binaries, version)}${script === null ? '' : ` and ${script}`}`,
      ),
    ),
  ],
  checkInstanceRoom: ({ instance }) => [
    ...folders(instance).map(([, folder]) => filesOn(instance.machine, `size of ${folder}`)),
    on(instance.machine, 'fsutil', 'volume', 'diskfree', instance.backups.slice(0, 2)),
  ],
  backUpRunningInstance: ({ instance }, step) => [
    ...stopped(instance),
    ...backedUp(instance, joined(instance.machine, instance.backups, named(step, 'instance'))),
    ...started(instance),
    ...login(instance),
  ],
  createInstance: ({ instance, set }, step) => [
    ...put(instance, backupOf(step)),
    `${written(instance.machine, inConfig(instance, '<…>'))} (folders and names of ${instance.name})`,
    `${written(instance.machine, instance.main)} (${Object.keys(set).join(', ') || 'folders and names'})`,
    linked(instance, '<as in production>', '<as in production>'),
    appcmd(
      instance,
      'add',
      'site',
      `/name:${instance.site}`,
      `/bindings:${instance.binding}`,
      `/physicalPath:${instance.config}`,
      '<applications and pools as in production>',
      '/serverAutoStart:false',
    ),
    ...stopped(instance).slice(0, 1 + instance.pools.length),
  ],
  proveInstanceHarmless: ({ instance, production }) => [
    ...read(instance),
    ...read(production),
    ...look(instance, 'site', 'apppool'),
  ],
  closeInstance: ({ instance }) => binding(instance, instance.maintenanceBinding),
  openInstance: ({ instance }) => binding(instance, instance.binding),
  stopInstance: ({ instance }) => [
    ...stopped(instance),
    filesOn(instance.machine, `sizes of ${joined(instance.machine, instance.logs, '*')}`),
  ],
  backUpInstance: ({ instance }, step) =>
    backedUp(instance, joined(instance.machine, instance.backups, named(step, 'instance'))),
  removeInstanceConfiguration: ({ instance }, step) => [
    hashed(instance.machine, backupOf(step)),
    on(instance.machine, 'dir', '/al', instance.config),
    on(instance.machine, 'rmdir', inConfig(instance, '<each link>')),
    ...['*.yml', '*.yaml', '*.config', '*.json'].map((name) => removed(instance.machine, inConfig(instance, name))),
  ],
  createInstanceConfiguration: ({ instance, version, links }) => [
    ...(instance.templates === ''
      ? []
      : [
          filesOn(instance.machine, `read ${joined(instance.machine, instance.binaries, version, instance.templates)}`),
        ]),
    `${written(instance.machine, inConfig(instance, '<each file>'))} (old values)`,
    `${written(instance.machine, instance.main)} (version: ${version})`,
    ...Object.entries(links ?? { '<each link>': '<as before>' }).map(([name, below]) =>
      linked(instance, name, joined(instance.machine, instance.binaries, version, ...below.split('/').filter(Boolean))),
    ),
  ],
  runInstanceUpgrade: ({ instance, version, script }) => [
    on(
      instance.machine,
      'powershell.exe',
      '-NoProfile',
      '-NonInteractive',
      '-ExecutionPolicy',
      'Bypass',
      '-File',
      script,
      '-name',
      instance.name,
      '-version',
      version,
    ),
    filesOn(instance.machine, `read ${instance.main}`),
  ],
  startInstance: ({ instance }) => started(instance),
  waitForInstance: ({ instance }, step) => [
    ...(step.uses['marks'] === undefined
      ? []
      : instance.success.map(({ file, line }) =>
          filesOn(instance.machine, `wait for “${line}” in ${joined(instance.machine, instance.logs, file)}`),
        )),
    ...read(instance),
    ...login(instance),
  ],
  restoreInstance: ({ instance }, step) => [
    ...look(instance, 'site', 'wp'),
    hashed(instance.machine, backupOf(step)),
    ...put(instance, backupOf(step)),
    on(instance.machine, 'rmdir', inConfig(instance, '<each other link>')),
    written(instance.machine, inConfig(instance, '<each other file>')),
    linked(instance, '<each>', '<as in the restore point>'),
    written(instance.machine, instance.main),
    inIis(instance),
  ],
  proveInstanceRestored: ({ instance }, step) => [
    filesOn(instance.machine, `read ${joined(instance.machine, backupOf(step), 'point.json')}`),
    ...folders(instance).map(([, folder]) => hashed(instance.machine, folder)),
    ...read(instance),
    ...look(instance, 'site', 'apppool', 'app', 'vdir'),
  ],
};
