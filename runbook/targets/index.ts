/**
 * What steps act on: machines, databases, infobases, sites. A plan names them; a recipe puts the whole target into a
 * step's parameters, so that a step can be read and run alone. Secrets are references and stay references here.
 */
import { z } from 'zod';
import { folder, machine, secret } from './machine.ts';
import { mariadb } from './mariadb.ts';

export { desk, legacyEncoding, type Desk, type LegacyEncoding } from './customizations.ts';
export { instance, type InstanceTarget } from './comindware.ts';
export { folder, machine, secret, type MachineTarget, type SecretRef } from './machine.ts';
export { mariadb, type MariaDbTarget } from './mariadb.ts';
export { pageCheck, type PageCheck } from './pages.ts';
export { onecAction, onecFile, onecQuestion, type OnecAction, type OnecFile, type OnecQuestion } from './onec.ts';
export { service, type ServiceTarget } from './service.ts';
export { webTree, type WebTree } from './web.ts';
export {
  exchangeStart,
  rowValue,
  schemaReference,
  siteExchange,
  webRequest,
  webSite,
  webSwitch,
  type ExchangeStart,
  type RowValue,
  type SchemaReference,
  type SiteExchange,
  type WebRequest,
  type WebSite,
  type WebSwitch,
} from './website.ts';

export const postgres = z.strictObject({
  engine: z.literal('postgres'),
  host: z.string().min(1),
  port: z.int(),
  name: z.string().min(1),
  user: z.string().min(1),
  password: secret.optional(),
  tls: z.enum(['off', 'on', 'trust']).describe('`trust`: encrypted, any certificate.'),
  machine: machine.describe('Where pg_dump and pg_restore run; the backup folder is on it.'),
  tools: z.string().describe('Folder of pg_dump and pg_restore on that machine; empty: found by PATH.'),
  backups: folder,
  jobs: z.int().min(1),
});
export type PostgresTarget = z.infer<typeof postgres>;

export const sqlserver = z.strictObject({
  engine: z.literal('sqlserver'),
  host: z.string().min(1),
  port: z.int(),
  name: z.string().min(1),
  user: z.string().min(1),
  password: secret,
  encrypt: z.boolean(),
  trustServerCertificate: z.boolean(),
  backups: folder.describe('As the database server sees it; its service account writes there.'),
});
export type SqlServerTarget = z.infer<typeof sqlserver>;

export const database = z.discriminatedUnion('engine', [postgres, sqlserver, mariadb]);
export type DatabaseTarget = z.infer<typeof database>;

export const infobase = z.strictObject({
  name: z.string().min(1),
  machine: machine.describe('Where 1cv8, ibcmd and rac run.'),
  platform: z.string().min(1).describe('Folder of the programs: `C:\\Program Files\\1cv8\\8.3.25.1560\\bin`.'),
  at: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('file'), folder }),
    z.strictObject({
      kind: z.literal('server'),
      server: z.string().min(1),
      ref: z.string().min(1),
      ras: z.string().min(1).describe('Address of the administration server: `localhost:1545`.'),
      clusterUser: z.string().optional(),
      clusterPassword: secret.optional(),
    }),
  ]),
  user: z.string(),
  password: secret.optional(),
  /** `designer` needs the infobase for itself; `ibcmd` goes past the cluster to the DBMS; `database` copies the DBMS database. */
  backup: z.enum(['designer', 'ibcmd', 'database']),
  database: z
    .discriminatedUnion('engine', [postgres, sqlserver])
    .optional()
    .describe('The infobase’s own DBMS database: for `ibcmd`, `database`, and for fingerprints.'),
  tables: z
    .array(z.string())
    .describe('Tables of that database that are counted and summed in fingerprints; empty: all.'),
  backups: folder.describe('On the machine.'),
  permissionCode: z.string().min(1).describe('Lets nakat in while sessions are denied (/UC).'),
});
export type InfobaseTarget = z.infer<typeof infobase>;

export const site = z.strictObject({
  name: z.string().min(1).describe('Name of the IIS site.'),
  url: z
    .url()
    .describe('Where nakat talks to it: the public address, or the maintenance one while users are kept out.'),
  publicUrl: z.url(),
  layout: z.enum(['framework', 'core']).describe('`framework`: services under /0 (NetFW); `core`: at the root (.NET).'),
  user: z.string().min(1),
  password: secret,
  machine,
  appcmd: z.string().min(1),
  pool: z.string().min(1),
  folder,
  binding: z.string().min(1).describe('As appcmd writes it: `http/*:80:crm.example.com`.'),
  maintenanceBinding: z.string().min(1).describe('The only binding while users are kept out.'),
  redisDb: z.int().min(0),
  backups: folder.describe('On the machine, outside the site’s folder.'),
});
export type SiteTarget = z.infer<typeof site>;

/** An update package as approved: the activity refuses any file with another digest. */
export const archive = z.strictObject({
  path: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string().min(1),
  version: z.string().min(1),
});
export type Archive = z.infer<typeof archive>;

/** One integration of the connector, started as a business process; its result is read as rows afterwards. */
export const integration = z.strictObject({
  name: z.string().min(1),
  process: z.string().min(1),
  parameters: z.record(z.string(), z.string()),
  timeout: z.int().min(1).describe('Seconds until its result must be there.'),
});
export type Integration = z.infer<typeof integration>;

/** Names inside the connector that differ between its releases: settings, not constants. */
export const connector = z.strictObject({
  historyTable: z.string(),
  objects: z.strictObject({ entity: z.string(), key: z.string(), deduplicate: z.string() }),
  settings: z.array(z.strictObject({ table: z.string(), key: z.string(), ignore: z.array(z.string()) })),
  results: z.strictObject({
    entity: z.string(),
    integration: z.string(),
    status: z.string(),
    ok: z.string(),
    failed: z.string(),
    startedOn: z.string(),
    message: z.string(),
    /** Column that holds the id nakat passed when starting it, so that a result is never mistaken for another run's. */
    token: z.string(),
    tokenParameter: z.string(),
  }),
  duplicates: z.array(z.strictObject({ table: z.string(), columns: z.array(z.string()).min(1) })),
});
export type Connector = z.infer<typeof connector>;
