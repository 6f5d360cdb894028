import type { onecUpdateSteps } from '../steps/onec-update.ts';
import type { InfobaseTarget, OnecAction, OnecFile, OnecQuestion } from '../targets/index.ts';
import { filesOn, joined, named, on, removed, written, type DoesTable, type DoingStep } from './define.ts';
import { byDesigner, designer, generationOf, ibcmd, jobsRead, program, scratch } from './onec.ts';

/** Each attempt has its own. */
export const asking = (step: DoingStep): string => `${named(step, 'inside')}-<attempt>`;

/** What a script asks or does inside the infobase, through the COM connector. */
export function inside(target: InfobaseTarget, job: string, ...calls: readonly string[]): string[] {
  const script = scratch(target, job, 'inside.js');
  const folder = /\(x86\)/i.test(target.platform) ? 'SysWOW64' : 'System32';
  return [
    written(target.machine, script),
    on(target.machine, `C:\\Windows\\${folder}\\cscript.exe`, '//NoLogo', '//E:JScript', script),
    ...calls.map((call) => `${target.machine.name} V83.COMConnector> ${call}`),
  ];
}

export const asked = (question: OnecQuestion): string =>
  question.kind === 'constant'
    ? `Constants.${question.name}.Get()`
    : question.kind === 'query'
      ? `Query: ${question.text}`
      : called(question);
const called = ({ module, name, arguments: values }: Extract<OnecAction, { kind: 'function' }>): string =>
  `${module}.${name}(${values.map((value) => JSON.stringify(value)).join(', ')})`;

/** Where the file is for 1C; brought there first when it lies where nakat runs. */
export function brought(
  { machine }: InfobaseTarget,
  file: OnecFile,
  step: DoingStep,
): { path: string; lines: string[] } {
  if (file.at === 'machine')
    return { path: file.path, lines: file.sha256 === null ? [] : [filesOn(machine, `SHA-256 of ${file.path}`)] };
  const ending = /\.\w+$/.exec(file.path)?.[0] ?? '';
  const path = joined(machine, machine.work, 'onec', `${named(step, 'file')}${ending}`);
  return { path, lines: [filesOn(machine, `upload ${file.path} → ${path}`), filesOn(machine, `SHA-256 of ${path}`)] };
}

const versions = 'Metadata.Name, Metadata.Version, ConfigurationChanged()';
const handlers = [
  'ОбновлениеИнформационнойБазы.НеобходимоОбновлениеИнформационнойБазы()',
  'ОбновлениеИнформационнойБазы.ВерсияИБ(Metadata.Name)',
  'ОбновлениеИнформационнойБазы.СтатусОтложенногоОбновления()',
];

function client(target: InfobaseTarget, job: string, execute: string, command: string): string {
  const place = target.at.kind === 'file' ? ['/F', target.at.folder] : ['/S', `${target.at.server}\\${target.at.ref}`];
  return on(
    target.machine, program(target, '1cv8'), 'ENTERPRISE', ...place,
    ...(target.user === '' ? [] : ['/N', target.user]), ...(target.password ? ['/P', '<secret>'] : []),
    '/WA-', '/UC', target.permissionCode, '/DisableStartupDialogs', '/DisableStartupMessages', '/AllowExecuteScheduledJobs', '-Off',
    '/Out', scratch(target, job, 'out.txt'),
    ...(execute === '' ? [] : ['/Execute', execute]), ...(command === '' ? [] : ['/C', command]),
  ); // prettier-ignore
}

export const onecUpdateDoes: DoesTable<keyof typeof onecUpdateSteps> = {
  checkConfiguration: ({ infobase }, step) => inside(infobase, asking(step), versions, ...handlers),
  compareConfiguration: ({ infobase, vendor }, step) => [
    designer(
      infobase, named(step, 'compare'), '/CompareCfg', '-FirstConfigurationType', 'MainConfiguration',
      '-SecondConfigurationType', 'VendorConfiguration', '-SecondName', vendor,
      '-IncludeChangedObjects', '-IncludeDeletedObjects', '-IncludeAddedObjects',
      '-ReportType', 'Brief', '-ReportFormat', 'txt', '-ReportFile', scratch(infobase, named(step, 'compare'), 'report.txt'),
    ),
  ], // prettier-ignore
  checkUpdateFile({ infobase, file, kind }, step) {
    const { path, lines } = brought(infobase, file, step);
    const read = kind === 'cfu' ? 'ConfigurationUpdateDescription' : 'ConfigurationDescription';
    return [
      ...lines,
      `${file.at === 'machine' ? infobase.machine.name : 'nakat'}: read 1cv8.mft beside ${file.path}, where there is one`,
      ...inside(infobase, asking(step), `${read}(${path})`),
    ];
  },
  checkSubscription: ({ infobase, question }, step) => inside(infobase, asking(step), asked(question)),
  updateConfiguration({ infobase, file, way, settings }, step) {
    const { path, lines } = brought(infobase, file, step);
    const job = named(step, 'configuration');
    const rules = settings === null ? [] : ['-Settings', settings];
    return [
      ...inside(infobase, asking(step), versions),
      ...lines,
      written(infobase.machine, joined(infobase.machine, infobase.machine.work, 'onec', `${job}.mark`)),
      way === 'update'
        ? designer(infobase, job, '/UpdateCfg', path, ...rules)
        : byDesigner(infobase)
          ? designer(infobase, job, '/LoadCfg', path)
          : ibcmd(infobase, job, ['infobase', 'config', 'load'], [path]),
      ...inside(infobase, asking(step), versions),
    ];
  },
  updateDatabaseConfiguration({ infobase, warnings }, step) {
    const job = named(step, 'database');
    const strict = warnings === 'refuse' ? ['-WarningsAsErrors'] : [];
    return [
      ...inside(infobase, asking(step), versions),
      designer(
        infobase,
        job,
        '/UpdateDBCfg',
        '-Dynamic-',
        ...strict,
        ...(infobase.at.kind === 'server' ? ['-Server'] : []),
      ),
      ...inside(infobase, asking(step), versions),
      generationOf(infobase, named(step, 'generation')),
    ];
  },
  runUpdateHandlers: ({ infobase, command, deferred }, step) => [
    ...inside(infobase, asking(step), versions, ...handlers),
    client(
      infobase,
      named(step, 'handlers'),
      '',
      deferred === 'now' ? `ВыполнитьОтложенноеОбновлениеСейчас;${command}` : command,
    ),
    ...inside(infobase, asking(step), versions, ...handlers),
  ],
  awaitDeferredHandlers: ({ infobase }, step) => inside(infobase, asking(step), ...handlers),
  refreshInitialData: ({ infobase, action, question }, step) => [
    ...inside(infobase, asking(step), asked(question)),
    ...(action.kind === 'client'
      ? [client(infobase, named(step, 'refresh'), action.execute, action.command)]
      : inside(infobase, named(step, 'refresh'), called(action))),
    ...inside(infobase, asking(step), asked(question)),
  ],
  checkConfigurationVersion: ({ infobase, initialData }, step) => [
    ...inside(infobase, asking(step), versions, ...handlers),
    ...(initialData === null ? [] : inside(infobase, asking(step), asked(initialData.question))),
  ],
  checkExchangeJobs: ({ infobase, jobs }, step) => [
    ...inside(infobase, asking(step), ...jobs.map((job) => `ScheduledJobs.GetScheduledJobs({Metadata: ${job}})`)),
    ...(infobase.at.kind === 'server' ? jobsRead(infobase) : []),
  ],
  switchOffExchangeJobs: ({ infobase, jobs }, step) => [
    ...inside(infobase, asking(step), ...jobs.map((job) => `ScheduledJobs.GetScheduledJobs({Metadata: ${job}})`)),
    written(infobase.machine, memoOf(infobase)),
    ...inside(infobase, asking(step), ...jobs.map((job) => `${job}: Use = false, Write()`)),
    ...inside(infobase, asking(step), 'BackgroundJobs.GetBackgroundJobs({State: Active})'),
  ],
  switchOnExchangeJobs: ({ infobase, jobs }, step) => [
    ...inside(infobase, asking(step), ...jobs.map((job) => `${job}: Use = <as before>, Write()`)),
    removed(infobase.machine, memoOf(infobase)),
  ],
};

const memoOf = (target: InfobaseTarget): string =>
  joined(
    target.machine,
    target.machine.work,
    'onec',
    `exchange-<run>-${target.name.replace(/[^\p{L}\p{N}._-]/gu, '_')}.json`,
  );
