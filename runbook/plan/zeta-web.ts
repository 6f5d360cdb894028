/** The plan of product `zeta-web`: a 1C configuration and the web site that belongs to it, updated together. */
import { z } from 'zod';
import {
  desk,
  legacyEncoding,
  onecAction,
  onecQuestion,
  rowValue,
  siteExchange,
  webSite as fullSite,
  webSwitch,
} from '../targets/index.ts';
import {
  acceptance,
  approval,
  duration,
  engine,
  harmless,
  infobase,
  machine,
  notify,
  webDatabase,
  window,
} from './common.ts';
import { pages } from './pages.ts';
import { webTree } from './web.ts';

const text = z.string().min(1);
const version = text.describe('Numbers between dots.');
const file = text.describe('Relative to the plan.');
const { endpoint, journal } = siteExchange.shape;

const release = z.strictObject({
  version,
  from: z
    .array(text)
    .min(1)
    .describe(
      'Versions over which it may be installed (`FromVersions`): exact ones, lines `3.1.*`, bounds `>=3.1 <3.2`.',
    ),
  file: file.describe('The vendor’s .cfu or .cf, relative to the plan.'),
  kind: z.enum(['cfu', 'cf']).default('cfu'),
  way: z
    .enum(['update', 'load'])
    .default('update')
    .describe('`update` keeps support and the customer’s changes; `load` replaces the configuration by a whole .cf.'),
  settings: z
    .string()
    .optional()
    .describe('File of merge rules on the 1C machine, saved by a specialist who compared a changed configuration.'),
});

const web = z.strictObject({
  name: text.describe('How people call the site.'),
  url: z.url(),
  user: z.string().default('').describe('HTTP Basic of the administration; empty: none.'),
  password: fullSite.shape.password,
  files: webTree,
  database: webDatabase,
  exchange: z
    .strictObject({ user: text, password: fullSite.shape.password.unwrap() })
    .optional()
    .describe('The account of the exchange: with it, nakat proves that the site refuses while the exchange is off.'),
});

export const zetaWebPlan = z.strictObject({
  nakat: z.literal(1).describe('Version of this format.'),
  product: z.literal('zeta-web'),
  system: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'expected lower-case letters, digits and hyphens')
    .describe('Names the system: one update of it at a time.'),
  update: z.strictObject({
    name: text,
    version: version.describe('Of the web part, as the site’s page names it.'),
    archive: file.describe('The vendor’s zip with the web part, relative to the plan.'),
    part: z.string().default('').describe('Folder in it that holds the site’s files, with `/`; empty: all of it.'),
    previous: file
      .optional()
      .describe('The vendor’s zip of the installed release: files that only it had are removed from the site.'),
    schema: version.optional().describe('Of the site’s database after its migration; default: `version`.'),
    configuration: z.strictObject({
      name: text.describe('As in the Designer: `ZetaTrade`.'),
      vendor: text.describe('Name of the vendor’s configuration, as “Support” in the Designer shows it.'),
      from: version.describe('What is installed.'),
      to: version,
      releases: z
        .array(release)
        .min(1)
        .describe('What there is; the shortest supported way from `from` to `to` is taken.'),
      warnings: z.enum(['accept', 'refuse']).default('refuse').describe('Of the database’s restructuring.'),
    }),
    handlers: z
      .strictObject({
        command: text.default('ВыполнитьОбновлениеИЗавершитьРаботу;РегламентныеЗаданияОтключены'),
        deferred: z
          .enum(['now', 'later'])
          .default('now')
          .describe(
            '`later`: those of the last hop run as background jobs in the open infobase, and are awaited there; every other hop, and the rehearsal, has them `now`.',
          ),
      })
      .prefault({}),
    initialData: z.strictObject({
      version: text,
      action: onecAction.describe('The product’s own mechanism.'),
      question: onecQuestion.describe('What tells their version.'),
    }),
    subscription: onecQuestion.describe('What tells that the right to updates is in force.'),
  }),
  machines: z.record(z.string(), machine),
  /** The vendor publishes none of these names: each is looked up on the site once. */
  site: z.strictObject({
    version: fullSite.shape.version,
    schema: rowValue.describe('The row that holds the version of the database.'),
    settle: duration.default(10).describe('The migration has ended when the schema stays the same so long.'),
    migration: duration.default(3600).describe('The longest that it may take.'),
    door: webSwitch.optional().describe('Closes the site to visitors: `on` is open.'),
    letIn: z
      .enum(['account', 'address'])
      .default('account')
      .describe(
        'How nakat comes in while the door is closed: by `user` of the site, or by the address of the worker, which the site knows.',
      ),
    exchange: z.strictObject({
      switch: webSwitch,
      path: endpoint.unwrap().shape.path.optional().describe('Of the endpoint: `/exchange/1c.php`.'),
      type: endpoint.unwrap().shape.type.default('catalog'),
      journal,
      settle: duration.default(10).describe('No exchange may end for so long after it was switched off.'),
      limit: duration.default(1800).describe('Until an exchange must have ended after it was switched on.'),
      tables: z.array(text).default([]).describe('Tables of the site that are counted after an exchange.'),
    }),
  }),
  jobs: z.array(text).min(1).describe('Scheduled jobs of the exchange, by their names in the configuration.'),
  schemas: z
    .strictObject({ before: file.optional(), after: file.optional() })
    .default({})
    .describe('JSON: columns by table as the vendor ships them. What differs is a specialist’s decision.'),
  specialist: z
    .strictObject({
      by: z.array(text).default([]).describe('Who may decide; empty: anybody.'),
      deadline: duration.default(2 * 86_400),
    })
    .prefault({})
    .describe('Asked about a changed configuration or schema, and for what only a person can do.'),
  customizations: z
    .strictObject({
      folder: text.describe('Of the site, with `/`: the pages that the customer has edited (`account`).'),
      desk: desk.shape.folder,
      remembered: desk.shape.remembered,
      encoding: legacyEncoding.default('windows-1251'),
      deadline: duration.default(7 * 86_400).describe('How long a conflict waits for a person; then the run stops.'),
    })
    .optional()
    .describe('Edits that the upload would wipe out: merged with the new release, on the worker, and put back.'),
  pages: pages
    .omit({ name: true, url: true, user: true, password: true })
    .optional()
    .describe('Compared before and after.'),
  production: z.strictObject({ infobase, web }),
  test: z.strictObject({
    infobase,
    web,
    harmless: harmless.extend({
      files: z.array(text).default([]).describe('Files of the test site that say which database it uses.'),
    }),
    exchange: z
      .array(file)
      .default([])
      .describe('CommerceML files for an exchange with the copy, in their order: `import.xml`, `offers.xml`.'),
  }),
  fingerprint: z
    .strictObject({
      tables: z
        .array(text)
        .default([])
        .describe(
          'Tables of the site counted and summed, and compared after a restore; empty: all. Without `site.door` those that visitors do not write.',
        ),
    })
    .default({ tables: [] }),
  approval: approval.prefault({}),
  acceptance: acceptance.optional().describe('Without it, the checks alone accept.'),
  window: window.optional(),
  notify: notify.default([]),
  engine: engine.prefault({}),
});
export type ZetaWebPlan = z.infer<typeof zetaWebPlan>;
