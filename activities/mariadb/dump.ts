/** The rows of a database to files and back: by the products' own programs, or side by side by mydumper and myloader. */
import type { MariaDbTarget } from '../../runbook/targets/index.ts';
import type { Work } from '../databases/database.ts';
import type { Machine } from '../machines/machine.ts';
import type { Server, Session } from './server.ts';
import { toolFailure, type Program, type Tools } from './tools.ts';

export interface Dump {
  readonly target: MariaDbTarget;
  readonly server: Server;
  readonly tools: Tools;
  readonly work: Work;
  /** Folder that gets the files. */
  readonly partial: string;
  readonly job: string;
  readonly values: Record<string, string>;
}

type Format = 'sql' | 'mydumper';
const tablesFile = 'tables.sql';
const rowsFolder = 'rows';
/** A backup side by side has two jobs: the tables without rows, and the rows. */
const shapeOf = (job: string): string => `${job}-shape`;

/** Into `partial`; returns how. @throws BACKUP_FAILED, DISK_FULL */
export const dumpTables = async (dump: Dump, tables: readonly string[]): Promise<Format> => {
  const { target, tools, partial, server, job, work } = dump;
  const { machine } = tools;
  const file = machine.join(partial, tablesFile);
  if (tables.length === 0) {
    await machine.writeFile(file, `${lastWords}\n`);
    return 'sql';
  }
  const program = await tools.program('dump');
  const kinds = await server.in(target.name, tableKinds);
  const side = kinds.plain && kinds.mayLock && [target.name, ...tables].every(isPlain) ? await tools.parallel() : null;
  const shape = [
    program.path,
    ...tools.connection(program),
    // Tables without transactions would be read one after the other, as of different moments: then all are locked.
    ...(kinds.transactions ? ['--single-transaction', '--skip-lock-tables'] : ['--lock-tables']),
    '--skip-triggers',
    '--hex-blob',
    '--no-tablespaces',
    '--default-character-set=utf8mb4',
    '--max-allowed-packet=1G',
    '--verbose',
    ...known(program, '--column-statistics', '=0'),
    ...known(program, '--set-gtid-purged', '=OFF'),
    ...(kinds.versioned ? known(program, '--dump-history') : []),
    ...(side ? ['--no-data'] : []),
    `--result-file=${file}`,
    '--',
    target.name,
    ...tables,
  ];
  const run = async (name: string, argv: readonly string[]): Promise<void> => {
    const result = await tools.job(name, argv, work, tables.length, partial);
    if (result.code !== 0) throw toolFailure('BACKUP_FAILED', result, machine.name, dump.values);
  };
  if (!side) {
    await run(job, shape);
    return 'sql';
  }
  await run(shapeOf(job), shape);
  await run(job, [
    side.dump,
    ...sideBySide(target),
    `--database=${target.name}`,
    '--no-schemas',
    '--no-views',
    '--trx-consistency-only',
    `--outputdir=${rowsFolder}`,
  ]);
  return 'mydumper';
};

/** Into a database that is empty; `dump.partial` is the backup. @throws RESTORE_FAILED, DISK_FULL */
export const loadTables = async (dump: Dump, format: Format, from: string, database: string): Promise<void> => {
  const { target, tools, partial, job, work } = dump;
  const { machine } = tools;
  const client = await tools.program('client');
  const run = async (name: string, argv: readonly string[]): Promise<void> => {
    const result = await tools.job(name, argv, work, 0, partial);
    if (result.code !== 0) throw toolFailure('RESTORE_FAILED', result, machine.name, dump.values);
  };
  const load = [
    client.path,
    ...tools.connection(client),
    // A dump is data: the client's own commands, which could run programs or read files, are off.
    '--binary-mode',
    ...known(client, '--sandbox'),
    '--default-character-set=utf8mb4',
    '--max-allowed-packet=1G',
    `--database=${database}`,
  ];
  work.progress?.({ note: database });
  const shape = ['/bin/sh', '-c', 'exec "$@" <"$0"', tablesFile, ...load];
  if (format === 'sql') return run(job, shape);
  await run(shapeOf(job), shape);
  const side = isPlain(database) ? await tools.parallel() : null;
  // Without myloader the files are loaded one after the other: they hold INSERT statements and nothing else.
  const rows = side
    ? [
        side.load,
        ...sideBySide(target),
        `--directory=${rowsFolder}`,
        `--source-db=${from}`,
        `--database=${database}`,
        '--enable-binlog',
      ]
    : [
        '/bin/sh',
        '-c',
        'for file in "$0"/*.sql; do "$@" <"$file" || exit; done',
        rowsFolder,
        ...load,
        `--init-command=${asDumped}`,
      ];
  return run(job, rows);
};

/** As mariadb-dump sets it in its own files: a stored 0 is no request for the next number, and any stored date is taken. */
const asDumped = "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'";
/** mydumper takes nothing else as an argument, and makes names of files from names of tables. */
const isPlain = (name: string): boolean => /^[\w$]+$/.test(name);

export const forgetDump = async ({ tools: { machine }, job }: Pick<Dump, 'tools' | 'job'>): Promise<void> => {
  await machine.forgetJob(shapeOf(job));
  await machine.forgetJob(job);
};

export const isRunning = async ({ tools: { machine }, job }: Pick<Dump, 'tools' | 'job'>): Promise<boolean> =>
  (await machine.jobStatus(job)).state === 'running' || (await machine.jobStatus(shapeOf(job))).state === 'running';

/** Whether an earlier call's work can be followed: one of its jobs runs, or all of them have ended well. */
export const goesOn = async (dump: Pick<Dump, 'tools' | 'job'>): Promise<boolean> => {
  if (await isRunning(dump)) return true;
  for (const job of [shapeOf(dump.job), dump.job]) {
    const { state, code } = await dump.tools.machine.jobStatus(job);
    if (state === 'ended' && code === 0) return true;
  }
  return false;
};

const lastWords = '-- Dump completed';

/** Both programs say when they are at the end. */
export const endsWhole = async (machine: Machine, folder: string, { format }: { format: Format }): Promise<boolean> => {
  const tail = await machine.run(['tail', '-c', '200', machine.join(folder, tablesFile)]);
  if (!tail.stdout.includes(lastWords)) return false;
  return format === 'sql' || (await machine.stat(machine.join(folder, rowsFolder, 'metadata'))) !== null;
};

const known = ({ help }: Program, option: string, value = ''): string[] =>
  help.includes(option) ? [`${option}${value}`] : [];

const sideBySide = ({ host, port, user, jobs }: MariaDbTarget): string[] => [
  `--host=${host}`,
  `--port=${port}`,
  `--user=${user}`,
  `--threads=${jobs}`,
  '--verbose=3',
];

interface Kinds {
  /** All tables have transactions: one of them shows all as of one moment. */
  readonly transactions: boolean;
  readonly versioned: boolean;
  /** Nothing but ordinary tables with transactions. */
  readonly plain: boolean;
  /** The account may lock all tables for the moment in which side by side connections begin their transactions. */
  readonly mayLock: boolean;
}

const tableKinds = async (session: Session): Promise<Kinds> => {
  const rows = await session.query<{ type: string; transactions: string | null }>(
    `SELECT DISTINCT t.TABLE_TYPE AS type, e.TRANSACTIONS AS transactions
     FROM information_schema.TABLES t LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
     WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE')`,
  );
  const [right] = await session.query(
    `SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'RELOAD' LIMIT 1`,
  );
  const transactions = rows.every((row) => row.transactions === 'YES');
  return {
    transactions,
    versioned: rows.some(({ type }) => type === 'SYSTEM VERSIONED'),
    plain: transactions && rows.every(({ type }) => type === 'BASE TABLE'),
    mayLock: right !== undefined,
  };
};
