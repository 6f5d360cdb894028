/**
 * The Designer's commands on configuration and extensions. Follows kb.1ci.com (Administrator guide, appendix 7), and measured runs
 * of 8.3.27 in IngvarConsulting/v8-runner-rust: texts, code 1, that a report without -Include options holds the legend only,
 * that /CheckCanApplyConfigurationExtensions says nothing where there is no extension.
 */
import { writeFileSync } from 'node:fs';
import { existsSync, readFileSync } from 'node:fs';
import iconv from 'iconv-lite';
import { OnecRefusal } from './cluster.ts';
import {
  comparisonReport,
  readConfigurationFile,
  updated,
  writeConfigurationFile,
  type Configuration,
  type ExtensionContent,
} from './configuration.ts';
import type { DataPlace } from './data.ts';
import { changeModel, readModel, type InstalledExtension, type LabJob, type Model } from './model.ts';
import { randomUUID } from 'node:crypto';

export interface DesignerWork {
  readonly place: DataPlace;
  readonly given: ReadonlyMap<string, string>;
  readonly real: (path: string) => string;
  /** Breakages that concern this infobase. */
  readonly broken: ReadonlySet<'stuck' | 'applicability' | 'warnings'>;
  /** Waits as long as the real one would take. */
  readonly pause: () => Promise<void>;
}

const include = ['-IncludeChangedObjects', '-IncludeDeletedObjects', '-IncludeAddedObjects'];
/** Commands, the options that each may have, and whether it wants the infobase for itself. */
export const configurationCommands: Readonly<
  Record<string, { readonly options: readonly string[]; readonly exclusive?: true }>
> = {
  '/UpdateCfg': { options: ['-Settings'] },
  '/LoadCfg': { options: ['-Extension'] },
  '/DumpDBCfg': { options: ['-Extension'] },
  '/RollbackCfg': { options: ['-Extension'] },
  '/DeleteCfg': { options: ['-Extension'], exclusive: true },
  '/UpdateDBCfg': { options: ['-Extension', '-Dynamic-', '-WarningsAsErrors', '-Server'], exclusive: true },
  '/CheckCanApplyConfigurationExtensions': { options: ['-Extension'] },
  '/CompareCfg': {
    options: [
      '-FirstConfigurationType',
      '-SecondConfigurationType',
      '-SecondName',
      '-ReportType',
      '-ReportFormat',
      '-ReportFile',
      ...include,
    ],
  },
};
export const configurationValued = [
  '/UpdateCfg',
  '/LoadCfg',
  '/DumpDBCfg',
  '-Settings',
  '-Extension',
  '-FirstConfigurationType',
  '-SecondConfigurationType',
  '-SecondName',
  '-ReportType',
  '-ReportFormat',
  '-ReportFile',
];
export const configurationBare = [
  '/RollbackCfg',
  '/DeleteCfg',
  '/UpdateDBCfg',
  '/CheckCanApplyConfigurationExtensions',
  '/CompareCfg',
  '-Dynamic-',
  '-WarningsAsErrors',
  '-Server',
  ...include,
];

/** Returns the text of `/Out`. */
export async function configurationCommand(command: string, work: DesignerWork): Promise<string> {
  const { place, given } = work;
  const extension = given.get('-Extension');
  const unknown = [...given.keys()].find(
    (name) => name.startsWith('-') && name !== '-NoTruncate' && !configurationCommands[command]!.options.includes(name),
  );
  if (unknown !== undefined) throw new OnecRefusal(`Неверный параметр командной строки: ${unknown}`);
  if (command === '/CompareCfg') return compare(work);
  if (command === '/DumpDBCfg') return dump(work, extension);
  if (command === '/CheckCanApplyConfigurationExtensions') {
    const reasons = unfit(await readModel(place), extension, work.broken.has('applicability'));
    if (reasons.length > 0) throw new OnecRefusal(reasons.join('\n'));
    return '';
  }
  await work.pause();
  return changeModel(place, (model) => {
    switch (command) {
      case '/UpdateCfg': return updateMain(model, work);
      case '/LoadCfg': return load(model, work, extension);
      case '/RollbackCfg': return [extension === undefined ? { ...model, pending: null } : { ...model, pendingExtensions: without(model, extension) }, 'Возврат к конфигурации БД успешно завершен'];
      case '/DeleteCfg': return remove(model, extension ?? '');
      default: return applied(model, extension, { warnings: work.broken.has('warnings'), strict: given.has('-WarningsAsErrors') });
    } // prettier-ignore
  });
}

const without = (model: Model, name: string): ExtensionContent[] =>
  model.pendingExtensions.filter((one) => one.name !== name);

function updateMain(model: Model, { given, real, broken }: DesignerWork): readonly [Model, string] {
  const rules = given.get('-Settings');
  const read = rules === undefined ? null : (): string => {
    if (!existsSync(real(rules))) throw new OnecRefusal(`Файл не обнаружен '${rules}'. 2(0x00000002)`);
    return readFileSync(real(rules), 'utf8');
  }; // prettier-ignore
  const main = model.pending ?? model.database;
  const next = updated(main, readConfigurationFile(real(given.get('/UpdateCfg')!)), read);
  return [
    broken.has('stuck') || next === main ? model : { ...model, pending: next },
    'Обновление конфигурации успешно завершено',
  ];
}

const notAConfiguration = 'Неверный формат файла конфигурации';

function load(model: Model, { given, real }: DesignerWork, extension: string | undefined): readonly [Model, string] {
  return loaded(model, real(given.get('/LoadCfg')!), extension);
}

/** Shared with ibcmd. A vendor's delivery puts the configuration on support, an ordinary .cf does not. */
export function loaded(model: Model, path: string, extension: string | undefined): readonly [Model, string] {
  const file = readConfigurationFile(path);
  const done = 'Загрузка конфигурации успешно завершена';
  if (extension !== undefined) {
    if (file?.kind !== 'cfe') throw new OnecRefusal('Файл не является файлом расширения конфигурации');
    return [
      { ...model, pendingExtensions: [...without(model, extension), { ...file.extension, name: extension }] },
      done,
    ];
  }
  if (file?.kind !== 'cf') throw new OnecRefusal(notAConfiguration);
  const pending: Configuration = {
    ...file.release,
    support: file.delivery ? { objects: file.release.objects, editable: false } : null,
  };
  return [{ ...model, pending }, done];
}

export function remove(model: Model, extension: string): readonly [Model, string] {
  if (
    !model.extensions.some(({ content }) => content.name === extension) &&
    without(model, extension).length === model.pendingExtensions.length
  )
    throw new OnecRefusal(`Расширение конфигурации с указанным именем не найдено: ${extension}`);
  return [
    {
      ...model,
      extensions: model.extensions.filter(({ content }) => content.name !== extension),
      pendingExtensions: without(model, extension),
    },
    'Удаление расширения успешно завершено',
  ];
}

/** The database follows what was loaded. A new extension begins in safe mode and protected. */
export function applied(
  model: Model,
  extension: string | undefined,
  { warnings = false, strict = false } = {},
): readonly [Model, string] {
  if (extension !== undefined) {
    const content = model.pendingExtensions.find(({ name }) => name === extension);
    const known = model.extensions.find((one) => one.content.name === extension);
    if (content === undefined && known === undefined)
      throw new OnecRefusal(`Расширение конфигурации с указанным именем не найдено: ${extension}`);
    if (content === undefined) return [model, 'Обновление конфигурации базы данных не требуется'];
    const installed: InstalledExtension = known
      ? { ...known, content }
      : { content, active: true, safeMode: true, unsafeActionProtection: true };
    return [
      {
        ...model,
        extensions: [...model.extensions.filter((one) => one !== known), installed],
        pendingExtensions: without(model, extension),
      },
      'Обновление конфигурации успешно завершено',
    ];
  }
  if (model.pending === null) return [model, 'Обновление конфигурации базы данных не требуется'];
  const warning = 'Предупреждение: Справочник.Контакты: уменьшена длина реквизита «Почта», возможна потеря данных';
  if (warnings && strict) throw new OnecRefusal(`Обработка структуры базы данных...\n${warning}`);
  const jobs: LabJob[] = model.pending.jobs.map(
    (name) => model.jobs.find((job) => job.name === name) ?? { id: randomUUID(), name, use: true },
  );
  return [
    { ...model, database: model.pending, pending: null, jobs },
    [
      'Обработка структуры базы данных...',
      ...(warnings ? [warning] : []),
      'Объект изменен: Справочник.Контакты',
      'Обновление конфигурации успешно завершено',
    ].join('\n'),
  ];
}

async function compare({ place, given, real }: DesignerWork): Promise<string> {
  const [first, second] = [given.get('-FirstConfigurationType'), given.get('-SecondConfigurationType')];
  const { database, pending } = await readModel(place);
  const main = pending ?? database;
  if (first !== 'MainConfiguration' || second !== 'VendorConfiguration' || given.get('-ReportFormat') !== 'txt')
    throw new OnecRefusal('Неверный параметр командной строки: -SecondConfigurationType');
  if (main.support === null || given.get('-SecondName') !== main.name)
    throw new OnecRefusal(`Конфигурация поставщика "${given.get('-SecondName')}" не найдена`);
  const report = comparisonReport(
    main.name,
    main.objects,
    main.support.objects,
    ['основной конфигурации', 'конфигурации поставщика'],
    new Set(include.filter((name) => given.has(name))),
  );
  writeFileSync(real(given.get('-ReportFile')!), iconv.encode(report, 'utf16le', { addBOM: true }));
  return '';
}

async function dump({ place, given, real }: DesignerWork, extension: string | undefined): Promise<string> {
  saved(await readModel(place), real(given.get('/DumpDBCfg')!), extension);
  return 'Сохранение конфигурации успешно завершено';
}

/** Shared with ibcmd: the database's, whatever was loaded and not applied. What a Designer saves is no delivery. */
export function saved(model: Model, path: string, extension: string | undefined): void {
  if (extension === undefined)
    return writeConfigurationFile(path, { kind: 'cf', release: model.database, delivery: false });
  const content = model.extensions.find((one) => one.content.name === extension)?.content;
  if (content === undefined)
    throw new OnecRefusal(`Расширение конфигурации с указанным именем не найдено: ${extension}`);
  writeConfigurationFile(path, { kind: 'cfe', extension: content });
}

function unfit(model: Model, extension: string | undefined, broken: boolean): string[] {
  const pending = model.pendingExtensions;
  const all = [
    ...pending,
    ...model.extensions.map(({ content }) => content).filter(({ name }) => !pending.some((one) => one.name === name)),
  ];
  return all.filter(({ name }) => extension === undefined || name === extension).flatMap(({ name, borrows }) =>
    borrows.filter((object) => broken || model.database.objects[object] === undefined).map((object) => `${name}: Объект расширения не найден в расширяемой конфигурации: ${object}`),
  ); // prettier-ignore
}
