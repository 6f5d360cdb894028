import type { onecExtensionSteps } from '../steps/onec-extension.ts';
import type { InfobaseTarget } from '../targets/index.ts';
import { backupOf, hashed, joined, named, renamed, written, type DoesTable, type DoingStep } from './define.ts';
import { asked, asking, brought, inside } from './onec-update.ts';
import { byDesigner, designer, ibcmd, set } from './onec.ts';

const read = (target: InfobaseTarget, step: DoingStep, extension: string): string[] =>
  byDesigner(target)
    ? inside(target, asking(step), `ConfigurationExtensions.Get({Name: ${extension}})`)
    : [ibcmd(target, named(step, 'inside'), ['infobase', 'config', 'extension', 'list'])];

const onlyLoaded = (target: InfobaseTarget, step: DoingStep, extension: string, file: string): string =>
  byDesigner(target)
    ? designer(target, named(step, 'extension-load'), '/LoadCfg', file, '-Extension', extension)
    : ibcmd(target, named(step, 'extension-load'), ['infobase', 'config', 'load'], [`--extension=${extension}`, file]);

const loaded = (target: InfobaseTarget, step: DoingStep, extension: string, file: string): string[] =>
  byDesigner(target)
    ? [
        onlyLoaded(target, step, extension, file),
        designer(target, named(step, 'extension-apply'), '/UpdateDBCfg', '-Dynamic-', '-Extension', extension),
      ]
    : [
        onlyLoaded(target, step, extension, file),
        ibcmd(
          target,
          named(step, 'extension-apply'),
          ['infobase', 'config', 'apply'],
          [`--extension=${extension}`, '--force', '--dynamic=disable', '--session-terminate=disable'],
        ),
      ];

const flagged = (target: InfobaseTarget, step: DoingStep, extension: string): string[] =>
  byDesigner(target)
    ? inside(target, asking(step), `${extension}: SafeMode, UnsafeActionProtection = <as before>, Write()`)
    : [
        ibcmd(
          target,
          named(step, 'flags'),
          ['infobase', 'config', 'extension', 'update'],
          [`--name=${extension}`, '--safe-mode=<as before>', '--unsafe-action-protection=<as before>'],
        ),
      ];

export const onecExtensionDoes: DoesTable<keyof typeof onecExtensionSteps> = {
  checkExtension: ({ infobase, extension }, step) => read(infobase, step, extension),
  checkLicenceKey: ({ infobase, question }, step) => inside(infobase, asking(step), asked(question)),
  checkExtensionApplies({ infobase, extension, file }, step) {
    const { path, lines } = brought(infobase, file, step);
    return [
      ...lines,
      onlyLoaded(infobase, step, extension, path),
      designer(infobase, named(step, 'applies'), '/CheckCanApplyConfigurationExtensions', '-Extension', extension),
    ];
  },
  backUpExtension({ infobase, extension }, step) {
    const { machine } = infobase;
    const id = named(step, 'extension');
    const file = joined(machine, infobase.backups, `${id}.cfe`);
    const job = `${id}-save`;
    return [
      ...read(infobase, step, extension),
      byDesigner(infobase)
        ? designer(infobase, job, '/DumpDBCfg', `${file}.partial`, '-Extension', extension)
        : ibcmd(infobase, job, ['infobase', 'config', 'save'], ['--db', `--extension=${extension}`, `${file}.partial`]),
      hashed(machine, `${file}.partial`),
      renamed(machine, `${file}.partial`, file),
      written(machine, joined(machine, infobase.backups, `${id}.json`)),
    ];
  },
  installExtension({ infobase, extension, file }, step) {
    const { path, lines } = brought(infobase, file, step);
    return [
      ...lines,
      ...loaded(infobase, step, extension, path),
      ...flagged(infobase, step, extension),
      ...read(infobase, step, extension),
    ];
  },
  restoreExtension: ({ infobase, extension }, step) => [
    hashed(infobase.machine, backupOf(step)),
    ...loaded(infobase, step, extension, backupOf(step)),
    ...flagged(infobase, step, extension),
    `where there was none, instead: ${
      byDesigner(infobase)
        ? designer(infobase, named(step, 'extension-delete'), '/DeleteCfg', '-Extension', extension)
        : ibcmd(
            infobase,
            named(step, 'extension-delete'),
            ['infobase', 'config', 'extension', 'delete'],
            [`--name=${extension}`],
          )
    }`,
  ],
  proveExtension: ({ infobase, extension }, step) => read(infobase, step, extension),
  proveExtensionRestored: ({ infobase, extension }, step) => [
    hashed(infobase.machine, backupOf(step)),
    ...read(infobase, step, extension),
  ],
  announceLock: ({ infobase, message, seconds }, step) => [
    ...inside(infobase, asking(step), 'new Date()'),
    ...set(infobase, {
      'sessions-deny': 'on',
      'denied-from': `<in ${seconds} s>`,
      'denied-message': message,
      'denied-parameter': 'nakat:<run>:<as before>',
      'permission-code': infobase.permissionCode,
    }),
  ],
};
