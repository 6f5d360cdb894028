/** Pieces of plan files that every product shares. Defaults are here; targets (`../targets.ts`) have none. */
import { z } from 'zod';
import {
  integration as fullIntegration,
  machine as fullMachine,
  mariadb,
  postgres,
  secret,
  site as fullSite,
  sqlserver,
} from '../targets/index.ts';
import { isVersion } from '../versions.ts';

const unit = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
/** `90s`, `15m`, `2h`, `1d`; in the runbook: seconds. */
export const duration = z
  .string()
  .regex(/^\d+[smhd]$/, 'expected a duration such as 90s, 15m, 2h or 1d')
  .transform((text) => Number(text.slice(0, -1)) * unit[text.slice(-1) as keyof typeof unit]);

/** YAML reads 4.10 as the number 4.1: such a version needs its quotes. */
export const quoted = "expected it in quotes, as in '4.10': without them YAML takes it for a number";

/** Compared part by part, so it must be one. */
export const version = z
  .string({ error: quoted })
  .refine(isVersion, 'expected numbers between dots, such as 8.3.24.1439');

const name = z.string().min(1);
const port = z.int().min(1).max(65535);
/** Refers to an entry of `machines`. */
const machineName = name.describe('A name under `machines`.');

const [localMachine, sshMachine] = fullMachine.options;
export const machine = z.discriminatedUnion('via', [
  localMachine.omit({ name: true }),
  sshMachine
    .omit({ name: true })
    .extend({ port: port.default(22), encoding: sshMachine.shape.encoding.default('utf8') }),
]);

const onPostgres = postgres.omit({ machine: true }).extend({
  machine: machineName,
  port: port.default(5432),
  tls: postgres.shape.tls.default('on'),
  tools: z.string().default(''),
  jobs: z.int().min(1).max(64).default(2),
});
export const database = z.discriminatedUnion('engine', [
  onPostgres,
  sqlserver.extend({
    port: port.default(1433),
    encrypt: z.boolean().default(true),
    trustServerCertificate: z.boolean().default(false),
  }),
]);

/** The database of a web site. */
export const webDatabase = z.discriminatedUnion('engine', [
  mariadb.omit({ machine: true }).extend({
    machine: machineName,
    port: port.default(3306),
    tls: mariadb.shape.tls.default('on'),
    tools: mariadb.shape.tools.default(''),
    jobs: mariadb.shape.jobs.max(64).default(2),
  }),
  onPostgres,
]);

export const infobase = z.strictObject({
  name,
  machine: machineName,
  platform: name.describe('Folder of 1cv8, ibcmd and rac.'),
  at: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('file'), folder: name }),
    z.strictObject({
      kind: z.literal('server'),
      server: name,
      ref: name,
      ras: name.default('localhost:1545'),
      clusterUser: z.string().optional(),
      clusterPassword: secret.optional(),
    }),
  ]),
  user: z.string(),
  password: secret.optional(),
  backup: z.enum(['designer', 'ibcmd', 'database']).default('designer'),
  database: database.optional(),
  tables: z.array(z.string()).default([]),
  backups: name,
  permissionCode: name.default('nakat'),
});

export const site = z.strictObject({
  name,
  url: z.url(),
  layout: z.enum(['framework', 'core']).default('framework'),
  user: name,
  password: secret,
  machine: machineName,
  appcmd: name.default('C:\\Windows\\System32\\inetsrv\\appcmd.exe'),
  pool: name,
  folder: name,
  binding: fullSite.shape.binding,
  maintenance: z
    .strictObject({ url: z.url(), binding: name })
    .optional()
    .describe('Production needs one: where nakat works while users are kept out.'),
  redisDb: fullSite.shape.redisDb,
  backups: name,
});

export const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time such as 22:00');
export const timeZone = z.string().refine(isTimeZone, 'expected an IANA time zone such as Europe/Moscow');
export const window = z.strictObject({
  from: timeOfDay,
  to: timeOfDay.describe('On the next day when not after `from`.'),
  timeZone,
  days: z
    .array(z.int().min(1).max(7))
    .min(1)
    .default([1, 2, 3, 4, 5, 6, 7])
    .describe('ISO weekdays on which it opens; 1 = Monday.'),
  margin: z.number().min(1).max(10).default(1.5).describe('Multiplies measured durations.'),
  atPointOfNoReturn: z.enum(['restore', 'go-on']).default('restore'),
});

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

const people = z.array(name).default([]);
export const approval = z.strictObject({
  by: people.describe('Who may approve; empty: anybody who reaches the Temporal server.'),
  needed: z.int().min(1).default(1),
  excludeInitiator: z.boolean().default(false),
  expires: duration.default(7 * 86_400),
  atExpiry: z.enum(['reject', 'approve']).default('reject'),
});
export const acceptance = z.strictObject({
  by: people,
  needed: z.int().min(1).default(1),
  deadline: duration.optional().describe('At the latest at the point of no return.'),
  atDeadline: z.enum(['accept', 'restore']).default('restore'),
});

export const notify = z.array(
  z.strictObject({
    name,
    language: z.enum(['en', 'ru']).default('en'),
    via: z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('webhook'),
        url: z.union([z.url(), secret]),
        secret: secret.optional(),
        template: z.string().optional(),
      }),
      z.strictObject({
        kind: z.literal('email'),
        host: name,
        port: port.default(587),
        secure: z.boolean().default(false),
        user: z.string().optional(),
        password: secret.optional(),
        from: z.string(),
        to: z.array(z.string()).min(1),
      }),
    ]),
  }),
);

export const engine = z.strictObject({
  heartbeat: duration.default(30),
  tries: z.int().min(1).max(100).default(5),
  retryDelay: duration.default(5),
  failureDeadline: duration.default(15 * 60),
  restoreRetry: duration.default(60),
});

export const integration = fullIntegration.extend({
  parameters: z.record(z.string(), z.string()).default({}),
  timeout: duration.default(30 * 60),
});

/** Texts and row settings that make a test copy harmless. */
export const harmless = z.strictObject({
  replace: z
    .array(z.strictObject({ from: z.string().min(1), to: z.string() }))
    .default([])
    .describe('Production’s addresses and what stands for them in the copy; searched in every text column.'),
  rows: z
    .array(
      z.strictObject({
        table: name,
        set: z.record(z.string(), z.string().nullable()),
        where: z.record(z.string(), z.string().nullable()).default({}),
      }),
    )
    .default([]),
  forbidden: z
    .array(z.string().min(1))
    .default([])
    .describe('Texts that must not be left anywhere in the copy, beside those of `replace`.'),
});
