import type { ParamsOf } from '../steps/index.ts';
import type { genericSteps } from '../steps/generic.ts';
import type { ServiceTarget } from '../targets/index.ts';
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
import { dialectOf, schemaRead, summed } from './dialect.ts';

const service = (target: ServiceTarget, verb: 'start' | 'stop' | 'status'): string => {
  const { machine, name } = target;
  if (target.kind === 'windows') return on(machine, target.sc, verb === 'status' ? 'queryex' : verb, name);
  const sudo = target.sudo ? ['sudo', '-n'] : [];
  if (target.kind === 'script') return on(machine, ...sudo, target.script, verb);
  return verb === 'status'
    ? on(machine, target.systemctl, 'show', '--property=LoadState,ActiveState,SubState,MainPID', '--', name)
    : on(machine, ...sudo, target.systemctl, verb, '--', name);
};

function command({ machine, argv, folder, env, success }: ParamsOf<'runCommand'>): string[] {
  const names = Object.keys(env);
  return [
    on(machine, ...argv) +
      (folder === '' ? '' : ` (in ${folder})`) +
      (names.length === 0 ? '' : ` (${names.join(', ')})`),
    ...[success.file, success.noFile].filter(Boolean).map((path) => filesOn(machine, `look at ${path}`)),
  ];
}

const watched = ({ databases, folders, urls, commands }: ParamsOf<'recordState'>): string[] => [
  ...databases.flatMap(({ database, tables }) => [schemaRead(database), ...summed(database, tables)]),
  ...folders.map(({ machine, folder }) => hashed(machine, folder)),
  ...urls.map((url) => `GET ${url}`),
  ...commands.map(({ machine, argv }) => on(machine, ...argv)),
];

/** A folder beside itself, then in its place. */
const switched = (machine: ParamsOf<'copyFiles'>['machine'], from: string, to: string): string[] => [
  hashed(machine, from),
  ...copied(machine, from, `${to}.nakat-new`),
  hashed(machine, `${to}.nakat-new`),
  renamed(machine, to, `${to}.nakat-old`),
  renamed(machine, `${to}.nakat-new`, to),
  hashed(machine, to),
  removed(machine, `${to}.nakat-old`),
];

const begin = { postgres: 'BEGIN', sqlserver: 'BEGIN TRANSACTION', mariadb: 'START TRANSACTION' } as const;

export const genericDoes: DoesTable<keyof typeof genericSteps> = {
  runCommand: command,
  checkCommand: command,
  checkVersion: ({ from }) => [
    from.of === 'url'
      ? `GET ${from.url}`
      : from.of === 'file'
        ? filesOn(from.machine, `read ${from.file}`)
        : on(from.machine, ...from.argv),
  ],
  copyFiles: ({ machine, from, to }) => switched(machine, from, to),
  uploadFile: ({ machine, archive, to }) => [
    `read ${archive.path}: SHA-256`,
    written(machine, to),
    hashed(machine, to),
  ],
  backUpFolder({ machine, folder, backups }, step) {
    const place = joined(machine, backups, named(step, 'files'));
    return [
      ...copied(machine, folder, place),
      hashed(machine, folder),
      hashed(machine, place),
      written(machine, `${place}.json`),
    ];
  },
  restoreFolder: ({ machine, folder }, step) => switched(machine, backupOf(step), folder),
  runSql: ({ database, sql }) =>
    [begin[database.engine], ...sql.trim().split('\n'), 'COMMIT'].map((line) => dialectOf(database).say(line)),
  checkSql: ({ database, sql }) =>
    sql
      .trim()
      .split('\n')
      .map((line) => dialectOf(database).say(line)),
  startService: (params) => [service(params.service, 'status'), service(params.service, 'start')],
  stopService: (params) => [service(params.service, 'status'), service(params.service, 'stop')],
  checkService: (params) => [service(params.service, 'status')],
  waitForUrl: ({ url, status, text }) => [`GET ${url} → ${status.join(' | ')}${text === '' ? '' : `, /${text}/`}`],
  markLog: ({ machine, file }) => [filesOn(machine, `size of ${file}`)],
  waitForLogLine: ({ machine, file, line, failure }) => [
    filesOn(machine, `new lines of ${file} until /${line}/${failure === '' ? '' : ` or /${failure}/`}`),
  ],
  recordState: watched,
  checkState: watched,
  proveState: watched,
};
