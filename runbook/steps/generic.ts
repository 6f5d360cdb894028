/** Steps of no particular system: what an administrator puts a runbook of his own together from. */
import { z } from 'zod';
import { archive, database, folder, machine, secret, service } from '../targets/index.ts';
import { ruleMistake } from '../versions.ts';
import { defineStep } from './define.ts';

const hour = 3600;
const pattern = z.string().refine(isPattern, 'expected a regular expression');
const machineVersion = z.strictObject({ of: z.literal('command'), machine, argv: z.array(z.string()).min(1) });
const fileVersion = z.strictObject({ of: z.literal('file'), machine, file: z.string().min(1) });
const urlVersion = z.strictObject({ of: z.literal('url'), url: z.url() });

const command = z.strictObject({
  machine,
  argv: z.array(z.string()).min(1).describe('The program and its arguments, one by one: no shell reads them.'),
  folder: z.string().default('').describe('Where it is started; empty: where the machine starts commands.'),
  env: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/), z.union([z.string(), secret]))
    .default({})
    .describe('Environment; a secret by reference.'),
  success: z
    .strictObject({
      codes: z.array(z.int().min(0)).min(1).default([0]).describe('Exit codes that mean success.'),
      output: pattern.default('').describe('Regular expression that the output must match; empty: any output.'),
      notOutput: pattern.default('').describe('Regular expression that the output must not match; empty: none.'),
      file: z.string().default('').describe('A file or folder that must be there afterwards.'),
      noFile: z.string().default('').describe('A file or folder that must not be there afterwards.'),
    })
    .prefault({}),
});
const watched = z.strictObject({
  databases: z
    .array(z.strictObject({ database, tables: z.array(z.string()).default([]).describe('Empty: all.') }))
    .default([]),
  folders: z.array(z.strictObject({ machine, folder })).default([]),
  urls: z.array(z.url()).default([]).describe('What is answered there, status and body.'),
  commands: z
    .array(z.strictObject({ machine, argv: z.array(z.string()).min(1) }))
    .default([])
    .describe('What they print; they must only look.'),
});
const ours = {
  every: z.int().min(1).default(2).describe('Seconds between two looks.'),
  within: z.int().min(1).default(120).describe('Seconds until it counts as failed.'),
};
const sql = z
  .string()
  .trim()
  .min(1)
  .describe(
    'Statements of that server’s own language; for SQL Server parted by lines with GO where its clients need that.',
  );

export const genericSteps = {
  /**
   * A command that changes something. It runs as a job on the machine: it outlives connection and worker, is followed and never
   * started twice. What failed may be tried again by a person.
   */
  runCommand: defineStep({
    title: { en: 'Run a command on {machine}', ru: 'Выполнить команду на {machine}' },
    params: command,
    uses: {},
    returns: 'Facts',
    effect: 'writes',
    evidence: true,
    expected: 60,
    timeout: hour,
    onFailure: 'ask',
  }),
  /** A command that only looks, and may be repeated. */
  checkCommand: defineStep({
    title: { en: 'Check by a command on {machine}', ru: 'Проверить командой на {machine}' },
    params: command,
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 5,
    timeout: 600,
    onFailure: 'ask',
  }),
  /** Reads a version and holds it against a rule: `26.5.0`, `26.*`, `>=20 <26.5`. */
  checkVersion: defineStep({
    title: { en: 'Check that the version is {is}', ru: 'Проверить, что версия {is}' },
    params: z.strictObject({
      from: z.discriminatedUnion('of', [machineVersion, fileVersion, urlVersion]),
      pattern: pattern.default('(\\d+(?:\\.\\d+)+)').describe('Its first group is the version.'),
      is: z
        .string()
        .superRefine((rule, issues) => {
          const message = ruleMistake(rule);
          if (message !== null) issues.addIssue(message);
        })
        .describe('`26.5.0` (that one), `26.*` (the whole line), `>=20 <26.5` (bounds).'),
    }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    evidence: true,
    expected: 5,
    timeout: 300,
    onFailure: 'ask',
  }),
  /** A folder with everything in it, or a file of at most 64 MiB, copied on the machine and compared; what was there is replaced by one switch. */
  copyFiles: defineStep({
    title: { en: 'Copy {from} to {to} on {machine}', ru: 'Скопировать {from} в {to} на {machine}' },
    params: z.strictObject({ machine, from: folder, to: folder }),
    uses: {},
    returns: 'Facts',
    effect: 'writes',
    expected: 60,
    timeout: 4 * hour,
    onFailure: 'ask',
  }),
  /** A file of the plan, with the digest that was approved, from where nakat runs to the machine. */
  uploadFile: defineStep({
    title: { en: 'Upload {file} to {to} on {machine}', ru: 'Загрузить {file} в {to} на {machine}' },
    params: z.strictObject({ machine, archive, to: z.string().min(1).describe('The file itself, not its folder.') }),
    uses: {},
    returns: 'Facts',
    effect: 'writes',
    expected: 60,
    timeout: 4 * hour,
    onFailure: 'ask',
  }),
  backUpFolder: defineStep({
    title: { en: 'Back up folder {folder} of {machine}', ru: 'Сделать копию папки {folder} на {machine}' },
    params: z.strictObject({ machine, folder, backups: folder.describe('On the machine, outside the folder.') }),
    uses: {},
    returns: 'Backup',
    effect: 'writes',
    leavesData: true,
    expected: 120,
    timeout: 4 * hour,
    onFailure: 'restore',
  }),
  /** The backup is checked, copied beside, compared, and put in place by one switch. Nothing may run in the folder. */
  restoreFolder: defineStep({
    title: { en: 'Restore folder {folder} of {machine}', ru: 'Восстановить папку {folder} на {machine}' },
    params: z.strictObject({ machine, folder }),
    uses: { backup: 'Backup' },
    returns: 'Nothing',
    effect: 'writes',
    expected: 120,
    timeout: 4 * hour,
    onFailure: 'ask',
  }),
  /**
   * Never carried out twice. PostgreSQL and SQL Server: all in one transaction. MariaDB and MySQL keep at once what changes tables: when not
   * all of it went well, or its worker died in it, the step fails (SQL_LEFT_HALF_WAY) and is not tried again by itself.
   */
  runSql: defineStep({
    title: { en: 'Run SQL in {database}', ru: 'Выполнить SQL в {database}' },
    params: z.strictObject({ database, sql }),
    uses: {},
    returns: 'Facts',
    effect: 'writes',
    evidence: true,
    expected: 60,
    timeout: 4 * hour,
    onFailure: 'restore',
  }),
  /** One statement. The first column of its first row, as text, is compared with a regular expression. The session can only read; on SQL Server, which has no such sessions, what it changes is rolled back. */
  checkSql: defineStep({
    title: { en: 'Check data in {database}', ru: 'Проверить данные в {database}' },
    params: z.strictObject({
      database,
      sql,
      is: pattern.describe('Regular expression for the whole value; a missing row or NULL is the empty text.'),
    }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    evidence: true,
    expected: 5,
    timeout: hour,
    onFailure: 'ask',
  }),
  startService: defineStep({
    title: { en: 'Start service {service}', ru: 'Запустить службу {service}' },
    params: z.strictObject({ service }),
    uses: {},
    returns: 'Facts',
    effect: 'writes',
    leavesData: true,
    site: 'up',
    expected: 15,
    timeout: 600,
    onFailure: 'ask',
  }),
  /** Until the system itself says that it is stopped, and its process is gone. */
  stopService: defineStep({
    title: { en: 'Stop service {service}', ru: 'Остановить службу {service}' },
    params: z.strictObject({ service }),
    uses: {},
    returns: 'Facts',
    effect: 'writes',
    leavesData: true,
    site: 'down',
    expected: 15,
    timeout: 600,
    onFailure: 'ask',
  }),
  checkService: defineStep({
    title: { en: 'Check service {service}', ru: 'Проверить службу {service}' },
    params: z.strictObject({ service, runs: z.boolean().default(true) }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 3,
    timeout: 120,
    onFailure: 'stop',
  }),
  /** Asks until status and text are as wanted. Without redirections, so that a log-in page is not taken for the application. */
  waitForUrl: defineStep({
    title: { en: 'Wait for {url}', ru: 'Дождаться ответа {url}' },
    params: z.strictObject({
      url: z.url(),
      status: z.array(z.int().min(100).max(599)).min(1).default([200]),
      text: pattern.default('').describe('Regular expression that the body must match; empty: any.'),
      user: z.string().default('').describe('Basic authentication; empty: none.'),
      password: secret.optional(),
      ...ours,
    }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 30,
    timeout: hour,
    onFailure: 'ask',
  }),
  /** Where a log ends now: lines after it are new. A missing file is an empty one. */
  markLog: defineStep({
    title: { en: 'Note where {file} ends', ru: 'Запомнить конец {file}' },
    params: z.strictObject({ machine, file: z.string().min(1) }),
    uses: {},
    returns: 'LogMark',
    effect: 'reads',
    expected: 2,
    timeout: 120,
    onFailure: 'restore',
  }),
  /** Only lines that were written after the mark count; a log that was begun anew is read from its beginning. */
  waitForLogLine: defineStep({
    title: { en: 'Wait for a line in {file}', ru: 'Дождаться строки в {file}' },
    params: z.strictObject({
      machine,
      file: z.string().min(1),
      line: pattern.describe('Regular expression for one line.'),
      failure: pattern.default('').describe('A line that matches this fails the step at once; empty: none.'),
      encoding: z.enum(['utf8', 'utf16le', 'cp866', 'cp1251']).default('utf8'),
      ...ours,
    }),
    uses: { since: 'LogMark' },
    returns: 'Facts',
    effect: 'reads',
    expected: 30,
    timeout: hour,
    onFailure: 'ask',
  }),
  /** What tables, files, addresses and commands say now, as digests: compared by the two steps below. */
  recordState: defineStep({
    title: { en: 'Record the state of what belongs together', ru: 'Запомнить состояние всего, что связано' },
    params: watched,
    uses: {},
    returns: 'StateRecord',
    effect: 'reads',
    expected: 60,
    timeout: 3 * hour,
    onFailure: 'restore',
  }),
  /** Fails with the differences: for what must not change by an update. */
  checkState: defineStep({
    title: { en: 'Check that nothing changed', ru: 'Проверить, что ничего не изменилось' },
    params: watched,
    uses: { before: 'StateRecord' },
    returns: 'StateRecord',
    effect: 'reads',
    expected: 60,
    timeout: 3 * hour,
    onFailure: 'ask',
  }),
  /** Of a restore: the state recorded with the restore point is back, line by line. */
  proveState: defineStep({
    title: { en: 'Prove that the recorded state is back', ru: 'Доказать, что запомненное состояние вернулось' },
    params: watched,
    uses: { before: 'StateRecord' },
    returns: 'Proof',
    effect: 'reads',
    expected: 60,
    timeout: 3 * hour,
    onFailure: 'ask',
  }),
};

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'mu');
    return true;
  } catch {
    return false;
  }
}
