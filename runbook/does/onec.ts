import type { onecSteps } from '../steps/onec.ts';
import type { InfobaseTarget } from '../targets/index.ts';
import { backedUp, restored } from './copies.ts';
import { backupOf, filesOn, hashed, joined, named, on, probed, renamed, written, type DoesTable } from './define.ts';
import { infobaseProbe } from './onec-probe.ts';

type Settings = Readonly<Record<string, string>>;

export const program = (target: InfobaseTarget, name: '1cv8' | 'ibcmd' | 'rac'): string =>
  joined(target.machine, target.platform, target.machine.os === 'windows' ? `${name}.exe` : name);

/** Which program makes and loads dumps: as the activities choose it. */
export const byDesigner = (target: InfobaseTarget): boolean =>
  target.backup === 'designer' || (target.at.kind === 'server' && target.database === undefined);

export const scratch = (target: InfobaseTarget, job: string, file: string): string =>
  joined(target.machine, target.machine.work, 'onec', job, file);

export function designer(target: InfobaseTarget, job: string, ...command: string[]): string {
  const place = target.at.kind === 'file' ? ['/F', target.at.folder] : ['/S', `${target.at.server}\\${target.at.ref}`];
  return on(
    target.machine,
    program(target, '1cv8'),
    'DESIGNER',
    ...place,
    ...(target.user === '' ? [] : ['/N', target.user]),
    ...(target.password ? ['/P', '<secret>'] : []),
    '/WA-',
    '/UC',
    target.permissionCode,
    '/DisableStartupDialogs',
    '/DisableStartupMessages',
    '/Out',
    scratch(target, job, 'out.txt'),
    '/DumpResult',
    scratch(target, job, 'result.txt'),
    ...command,
  );
}

export function ibcmd(
  target: InfobaseTarget,
  job: string,
  command: readonly string[],
  tail: readonly string[] = [],
): string {
  const config = scratch(target, job, 'database.yml');
  return on(
    target.machine,
    program(target, 'ibcmd'),
    ...command,
    target.at.kind === 'file' ? `--db-path=${target.at.folder}` : `--config=${config}`,
    `--data=${scratch(target, job, 'data')}`,
    ...(target.user === '' ? [] : [`--user=${target.user}`, `--password=${target.password ? '<secret>' : ''}`]),
    ...tail,
  );
}

export const generationOf = (target: InfobaseTarget, job: string): string =>
  byDesigner(target)
    ? designer(target, job, '/GetConfigGenerationID')
    : ibcmd(target, job, ['infobase', 'config', 'generation-id']);

/** A file infobase has no cluster: nothing to say to it. */
export function rac(target: InfobaseTarget, object: string, action: string, ...more: string[]): string[] {
  if (target.at.kind === 'file') return [];
  const { ras, clusterUser, clusterPassword } = target.at;
  return [
    on(
      target.machine,
      program(target, 'rac'),
      object,
      '--cluster=<id>',
      ...(clusterUser === undefined ? [] : [`--cluster-user=${clusterUser}`]),
      ...(clusterPassword === undefined ? [] : ['--cluster-pwd=<secret>']),
      action,
      ...more,
      ras,
    ),
  ];
}

export const asUser = (target: InfobaseTarget): string[] => [
  '--infobase=<id>',
  ...(target.user === '' ? [] : [`--infobase-user=${target.user}`]),
  ...(target.password ? ['--infobase-pwd=<secret>'] : []),
];
export const set = (target: InfobaseTarget, settings: Settings): string[] =>
  rac(
    target,
    'infobase',
    'update',
    ...asUser(target),
    ...Object.entries(settings).map(([key, value]) => `--${key}=${value}`),
  );
export const jobsRead = (target: InfobaseTarget): string[] => rac(target, 'infobase', 'info', ...asUser(target));
const sessions = (target: InfobaseTarget): string[] => rac(target, 'session', 'list', '--infobase=<id>');
/** Elsewhere than on Windows the sign alone counts. */
const openSign = ({ at, machine }: InfobaseTarget): string[] => {
  if (at.kind !== 'file') return [];
  const [sign = '', data = ''] = ['1Cv8.1CL', '1Cv8.1CD'].map((name) => joined(machine, at.folder, name));
  const probe = machine.os === 'windows' ? [on(machine, ...infobaseProbe([sign, data]))] : [];
  return [filesOn(machine, `look for ${sign}${probe.length > 0 ? '; only where it lies:' : ''}`), ...probe];
};

export const onecDoes: DoesTable<keyof typeof onecSteps> = {
  checkInfobase: ({ infobase }, step) => [
    ...(byDesigner(infobase) ? [] : [on(infobase.machine, program(infobase, 'ibcmd'), '--version')]),
    ...(infobase.at.kind === 'file' ? [] : [on(infobase.machine, program(infobase, 'rac'), '--version')]),
    ...jobsRead(infobase),
    generationOf(infobase, named(step, 'generation')),
    ...probed(infobase.machine, joined(infobase.machine, infobase.backups, `${named(step, 'probe')}.txt`)),
    ...sessions(infobase),
  ],
  backUpInfobase({ infobase }, step) {
    const id = named(step, 'infobase');
    if (infobase.backup === 'database' && infobase.database) return backedUp(infobase.database, id);
    const { machine } = infobase;
    const file = joined(machine, infobase.backups, `${id}.dt`);
    const partial = `${file}.partial`;
    return [
      ...openSign(infobase),
      byDesigner(infobase)
        ? designer(infobase, `${id}-dump`, '/DumpIB', partial)
        : ibcmd(infobase, `${id}-dump`, ['infobase', 'dump'], [partial]),
      hashed(machine, partial),
      renamed(machine, partial, file),
      generationOf(infobase, `${id}-generation`),
      written(machine, joined(machine, infobase.backups, `${id}.json`)),
    ];
  },
  restoreInfobase({ infobase, replace }, step) {
    const id = named(step, 'infobase');
    const { machine } = infobase;
    const free = [...openSign(infobase), ...sessions(infobase)];
    if (infobase.backup === 'database' && infobase.database)
      return [...free, ...restored(infobase.database, backupOf(step), replace)];
    return [
      hashed(machine, backupOf(step)),
      ...free,
      byDesigner(infobase)
        ? designer(infobase, `${id}-load`, '/RestoreIB', backupOf(step))
        : ibcmd(infobase, `${id}-load`, ['infobase', 'restore'], [backupOf(step)]),
      generationOf(infobase, `${id}-generation`),
      written(machine, joined(machine, infobase.backups, `restored-${infobase.name}.json`)),
    ];
  },
  lockInfobase: ({ infobase, message }) => [
    ...openSign(infobase),
    ...jobsRead(infobase),
    ...set(infobase, {
      'sessions-deny': 'on',
      'scheduled-jobs-deny': 'on',
      'denied-from': '',
      'denied-to': '',
      'denied-message': message,
      'denied-parameter': 'nakat:<run>:<as before>',
      'permission-code': infobase.permissionCode,
    }),
    ...sessions(infobase),
    ...rac(infobase, 'session', 'terminate', '--session=<each>'),
  ],
  admitSessions: ({ infobase }) => set(infobase, { 'sessions-deny': 'off', 'scheduled-jobs-deny': 'on' }),
  unlockInfobase: ({ infobase }) => [
    ...jobsRead(infobase),
    ...set(infobase, {
      'denied-from': '<as before>',
      'denied-to': '<as before>',
      'denied-message': '<as before>',
      'denied-parameter': '<as before>',
      'permission-code': '<as before>',
      'sessions-deny': '<as before>',
      'scheduled-jobs-deny': '<as before>',
    }),
  ],
  denyInfobaseJobs: ({ infobase }) => set(infobase, { 'scheduled-jobs-deny': 'on' }),
};
