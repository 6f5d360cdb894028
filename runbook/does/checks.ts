import type { checkSteps } from '../steps/checks.ts';
import type { ParamsOf } from '../steps/index.ts';
import type { machineSteps } from '../steps/machine.ts';
import { versionsRead } from './bpmsoft.ts';
import { filesOn, hashed, joined, named, on, probed, type DoesTable, type DoingStep } from './define.ts';
import { dialectOf, readWhole, schemaRead, summed, textSought } from './dialect.ts';
import { generationOf, jobsRead } from './onec.ts';

const stateRead = (
  { sites, webSites, infobases, databases, instances = [], files }: ParamsOf<'readState'>,
  step: DoingStep,
): string[] => [
  ...sites.flatMap(versionsRead),
  ...webSites.map(({ version, url }) => `GET ${new URL(version.path, url).href}`),
  ...infobases.map((infobase) => generationOf(infobase, named(step, 'generation'))),
  ...databases.flatMap(({ database, settings }) => [
    schemaRead(database),
    ...settings.map(({ table }) => readWhole(database, table)),
  ]),
  ...instances.flatMap((one) => [
    filesOn(one.machine, `read ${one.main}, ${one.config}`),
    on(one.machine, 'dir', '/al', one.config),
    on(one.machine, one.appcmd, 'list', 'app', '/xml'),
  ]),
  ...files.map((file) => `SHA-256 of ${file}`),
];

const fingerprintTaken = ({ databases, infobases, sites }: ParamsOf<'takeFingerprint'>, step: DoingStep): string[] => [
  ...databases.flatMap(({ database, tables }) => [
    readWhole(database, 'SysPackage').replace('<all columns>', 'Name, Version'),
    schemaRead(database),
    ...summed(database, tables),
  ]),
  ...infobases.flatMap((infobase) => [
    generationOf(infobase, named(step, 'generation')),
    ...(infobase.database ? summed(infobase.database, infobase.tables) : []),
  ]),
  ...sites.map((site) => hashed(site.machine, site.folder)),
];

export const checkDoes: DoesTable<keyof typeof checkSteps | keyof typeof machineSteps> = {
  reachMachine: ({ machine }, step) => [
    ...(machine.via === 'ssh'
      ? [`ssh -p ${machine.port} ${machine.user}@${machine.host} (${machine.hostKeys.join(', ')})`]
      : []),
    ...probed(machine, joined(machine, machine.work, named(step, '.reach'))),
    filesOn(machine, `free space of ${machine.work}`),
  ],
  checkPackage: ({ archive }) => [`read ${archive.path}: SHA-256, zip, descriptor.json`],
  checkRoom: ({ databases, infobases, sites }) => [
    ...databases.map((one) =>
      dialectOf(one).ask(
        {
          postgres: `SELECT pg_database_size(${dialectOf(one).literal(one.name)})`,
          sqlserver: 'SELECT … FROM sys.master_files CROSS APPLY sys.dm_os_volume_stats',
          mariadb: 'SELECT sum(DATA_LENGTH + INDEX_LENGTH) FROM information_schema.TABLES',
        }[one.engine],
      ),
    ),
    ...databases.flatMap((one) =>
      one.engine === 'sqlserver' ? [] : [filesOn(one.machine, `free space of ${one.backups}`)],
    ),
    ...infobases.map((one) => filesOn(one.machine, `free space of ${one.backups}`)),
    ...sites.flatMap((one) => [
      filesOn(one.machine, `size of every file in ${one.folder}`),
      filesOn(one.machine, `free space of ${one.backups}, ${one.folder}`),
    ]),
  ],
  checkWindow: ({ from, to, timeZone, seconds }) => [`${from}–${to} ${timeZone} ≥ ${Math.ceil(seconds / 60)} min`],
  readState: stateRead,
  checkDrift: stateRead,
  proveHarmless: ({ database, site, infobase, forbidden, rows }) => [
    filesOn(site.machine, `read every *.config and appsettings*.json in ${site.folder}`),
    ...forbidden.map((text) => textSought(database, text)),
    ...[...new Set(rows.map(({ table }) => table))].map((table) => readWhole(database, table)),
    ...jobsRead(infobase),
  ],
  takeFingerprint: fingerprintTaken,
  proveRestored: fingerprintTaken,
};
