/** The plan of product `bpmsoft-connector`, as an administrator writes it. */
import { z } from 'zod';
import { connector as fullConnector } from '../targets/index.ts';
import {
  acceptance,
  approval,
  database,
  engine,
  harmless,
  infobase,
  integration,
  machine,
  notify,
  site,
  version,
  window,
} from './common.ts';

/**
 * The connector's own names. Its database layout is not published beyond `SmrSyncHistory` and the flag "use for
 * deduplication"; so every other name is a setting, whose default is that of the practice ground.
 */
const connector = z.strictObject({
  historyTable: z.string().default('SmrSyncHistory'),
  objects: z
    .strictObject({ entity: z.string(), key: z.string(), deduplicate: z.string() })
    .default({ entity: 'SmrIntegrationObject', key: 'Name', deduplicate: 'UseForDeduplication' }),
  settings: z
    .array(z.strictObject({ table: z.string(), key: z.string(), ignore: z.array(z.string()).default([]) }))
    .default([]),
  results: fullConnector.shape.results,
  duplicates: fullConnector.shape.duplicates.default([]),
});

export const bpmsoftConnectorPlan = z.strictObject({
  nakat: z.literal(1).describe('Version of this format.'),
  product: z.literal('bpmsoft-connector'),
  system: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'expected lower-case letters, digits and hyphens')
    .describe('Names the system: one update of it at a time.'),
  hosting: z
    .enum(['own', 'cloud'])
    .default('own')
    .describe('`cloud`: the vendor’s support is asked for the test environment and for the plan of production.'),
  minimumVersion: version.default('1.1'),
  update: z.strictObject({
    package: z.string().min(1).describe('The archive, relative to the plan.'),
    name: z.string().min(1),
    version,
  }),
  machines: z.record(z.string(), machine),
  production: z.strictObject({ site, database, infobase }),
  test: z.strictObject({
    site,
    database,
    infobase,
    harmless,
    connection: harmless.shape.rows.describe('Rows that point the copy at the test 1C.'),
  }),
  connector,
  integrations: z.array(integration).min(1),
  fingerprint: z
    .strictObject({ tables: z.array(z.string()).default([]).describe('Tables counted and summed; empty: all.') })
    .default({ tables: [] }),
  approval: approval.prefault({}),
  acceptance: acceptance.optional().describe('Without it, the checks alone accept.'),
  window: window.optional(),
  notify: notify.default([]),
  engine: engine.prefault({}),
});
export type BpmsoftConnectorPlan = z.infer<typeof bpmsoftConnectorPlan>;
