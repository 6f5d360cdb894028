import type { onecExtensionSteps } from '../steps/onec-extension.ts';
import type { InfobaseTarget } from '../targets/index.ts';
import { backupOf, filesOn, hashed, joined, named, removed, renamed, written, type DoesTable } from './define.ts';
import { asked, brought, inside } from './onec-update.ts';
import { byDesigner, designer, ibcmd, set } from './onec.ts';

const read = (target: InfobaseTarget, job: string, extension: string): string[] =>
  byDesigner(target)
    ? inside(target, job, `ConfigurationExtensions.Get({Name: ${extension}})`)
    : [ibcmd(target, job, ['infobase', 'config', 'extension', 'info'], [`--name=${extension}`])];

const loaded = (target: InfobaseTarget, job: string, extension: string, file: string): string[] =>
  byDesigner(target)
    ? [
        designer(target, `${job}-load`, '/LoadCfg', file, '-Extension', extension),
        designer(target, `${job}-apply`, '/UpdateDBCfg', '-Dynamic-', '-Extension', extension),
      ]
    : [
        ibcmd(target, `${job}-load`, ['infobase', 'config', 'load'], [`--extension=${extension}`, file]),
        ibcmd(target, `${job}-apply`, ['infobase', 'config', 'apply'], [`--extension=${extension}`, '--force']),
      ];

const flagged = (target: InfobaseTarget, job: string, extension: string): string[] =>
  byDesigner(target)
    ? inside(target, job, `${extension}: SafeMode, UnsafeActionProtection = <as before>, Write()`)
    : [
        ibcmd(
          target,
          job,
          ['infobase', 'config', 'extension', 'update'],
          [`--name=${extension}`, '--safe-mode=<as before>', '--unsafe-action-protection=<as before>'],
        ),
      ];

export const onecExtensionDoes: DoesTable<keyof typeof onecExtensionSteps> = {
  checkExtension: ({ infobase, extension }, step) => read(infobase, named(step, 'inside'), extension),
  checkLicenceKey: ({ infobase, question }, step) => inside(infobase, named(step, 'inside'), asked(question)),
  checkExtensionApplies({ infobase, extension, file }, step) {
    const { path, lines } = brought(infobase, file, step);
    return [
      ...lines,
      designer(infobase, named(step, 'load'), '/LoadCfg', path, '-Extension', extension),
      designer(infobase, named(step, 'applies'), '/CheckCanApplyConfigurationExtensions', '-Extension', extension),
    ];
  },
  backUpExtension({ infobase, extension }, step) {
    const { machine } = infobase;
    const id = named(step, 'extension');
    const file = joined(machine, infobase.backups, `${id}.cfe`);
    const job = `${id}-save`;
    return [
      ...read(infobase, named(step, 'inside'), extension),
      byDesigner(infobase)
        ? designer(infobase, job, '/DumpCfg', `${file}.partial`, '-Extension', extension)
        : ibcmd(infobase, job, ['infobase', 'config', 'save'], [`--extension=${extension}`, `${file}.partial`]),
      hashed(machine, `${file}.partial`),
      renamed(machine, `${file}.partial`, file),
      written(machine, joined(machine, infobase.backups, `${id}.json`)),
    ];
  },
  installExtension({ infobase, extension, file }, step) {
    const { path, lines } = brought(infobase, file, step);
    const job = named(step, 'extension');
    return [
      ...lines,
      ...loaded(infobase, job, extension, path),
      ...flagged(infobase, named(step, 'flags'), extension),
      ...read(infobase, named(step, 'inside'), extension),
    ];
  },
  restoreExtension: ({ infobase, extension }, step) => [
    hashed(infobase.machine, backupOf(step)),
    ...loaded(infobase, named(step, 'extension'), extension, backupOf(step)),
    ...flagged(infobase, named(step, 'flags'), extension),
    filesOn(infobase.machine, `where there was none: delete extension ${extension}`),
  ],
  proveExtension: ({ infobase, extension }, step) => read(infobase, named(step, 'inside'), extension),
  proveExtensionRestored: ({ infobase, extension }, step) => [
    ...read(infobase, named(step, 'inside'), extension),
    removed(infobase.machine, joined(infobase.machine, infobase.machine.work, 'onec', named(step, 'inside'))),
  ],
  announceLock: ({ infobase, message, seconds }, step) => [
    ...inside(infobase, named(step, 'inside'), 'new Date()'),
    ...set(infobase, {
      'sessions-deny': 'on',
      'denied-from': `<in ${seconds} s>`,
      'denied-message': message,
      'denied-parameter': 'nakat:<run>:<as before>',
      'permission-code': infobase.permissionCode,
    }),
  ],
};
