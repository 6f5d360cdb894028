/** The plan of product `comindware-instance`, as an administrator writes it, and the list of releases that it names. */
import { z } from 'zod';
import { instance as fullInstance } from '../targets/index.ts';
import { ruleMistake } from '../versions.ts';
import { acceptance, approval, duration, engine, machine, notify, quoted, version, window } from './common.ts';

const text = z.string().min(1);

const instance = z.strictObject({
  name: text,
  machine: text.describe('A name under `machines`.'),
  url: z.url().describe('Where the login page comes up.'),
  appcmd: text.default('C:\\Windows\\System32\\inetsrv\\appcmd.exe'),
  site: text.optional().describe('Name of its IIS site; default: the name of the instance.'),
  pools: fullInstance.shape.pools
    .optional()
    .describe(
      'In the order in which they are started; default: `Comindware <name>_apigateway`, `Comindware <name>`, `Comindware <name>_adapterhost`.',
    ),
  binding: fullInstance.shape.binding,
  binaries: text.default('C:\\Program Files\\Comindware\\CBAP'),
  templates: z
    .string()
    .default('')
    .describe('Folder below a version’s binaries with its new configuration files; empty: the old files go on.'),
  folder: text.optional().describe('Default: `C:\\ProgramData\\Comindware\\Instances\\<name>`.'),
  main: text.optional().describe('Default: `C:\\ProgramData\\Comindware\\configs\\instance\\<name>.yml`.'),
  config: text.optional().describe('Default: `Config` in the folder.'),
  database: text.optional().describe('Default: `Database` in the folder.'),
  streams: text.nullable().optional().describe('Default: `Streams` in the folder; null: files lie elsewhere (S3).'),
  logs: text.optional().describe('Default: `Logs` in the folder.'),
  backups: text,
  success: fullInstance.shape.success.default([
    { file: 'UpgradeOntology*.log', line: 'Upgrade of ontology completed successfully' },
    { file: 'upgrade*.log', line: 'Upgrade completed' },
  ]),
  problem: z
    .string()
    .refine(isPattern, 'expected a regular expression')
    .default('\\berror\\b')
    .describe(fullInstance.shape.problem.description ?? ''),
  login: text.default('type="password"').describe(fullInstance.shape.login.description ?? ''),
  health: z
    .string()
    .default('')
    .describe(`${fullInstance.shape.health.description ?? ''} The vendor names \`/api/health\` for clusters.`),
});
export type PlannedInstance = z.infer<typeof instance>;

export const comindwareInstancePlan = z.strictObject({
  nakat: z.literal(1).describe('Version of this format.'),
  product: z.literal('comindware-instance'),
  system: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'expected lower-case letters, digits and hyphens')
    .describe('Names the system: one update of it at a time.'),
  update: z.strictObject({
    from: version.describe('What is installed; checked before anything is touched.'),
    to: version,
    releases: text.describe(
      'The list of releases with the versions from which each may be reached, relative to the plan.',
    ),
    way: z
      .enum(['files', 'script'])
      .default('files')
      .describe('`files`: nakat’s own steps; `script`: the vendor’s instance_upgrade.ps1.'),
    scripts: text
      .optional()
      .describe('With `way: script`: the folder of instance_upgrade.ps1; `{version}` stands for each version.'),
    patience: duration.default(3600).describe('How long the product may take to migrate its database and come up.'),
  }),
  prepare: z
    .array(
      z.strictObject({
        before: version.describe('The version on the way before which it must be done.'),
        application: text,
        what: text,
        by: z.array(text).default([]).describe('Who may say that it is done; empty: anybody.'),
      }),
    )
    .default([])
    .describe(
      'Applications that need a change before a version: each is asked for, in the rehearsal and in production.',
    ),
  machines: z.record(z.string(), machine),
  production: instance.extend({
    maintenance: z.strictObject({ url: z.url(), binding: text }).describe('All that is left while users are kept out.'),
  }),
  test: instance.extend({
    idle: fullInstance.shape.idle.default([]),
    set: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .default({})
      .describe('Values of the copy’s own configuration, by key.'),
    forbidden: z.array(text).default([]).describe('Texts that may stand nowhere in the copy’s configuration.'),
  }),
  copy: z
    .strictObject({
      ask: z.boolean().default(true).describe('Production stands still while it is copied: somebody is asked first.'),
      by: z.array(text).default([]),
      deadline: duration.default(12 * 3600),
    })
    .prefault({}),
  approval: approval.prefault({}),
  acceptance: acceptance.optional().describe('Without it, the checks alone accept.'),
  window: window.optional(),
  notify: notify.default([]),
  engine: engine.prefault({}),
});
export type ComindwareInstancePlan = z.infer<typeof comindwareInstancePlan>;

const rule = z.string({ error: quoted }).superRefine((value, context) => {
  const message = ruleMistake(value);
  if (message !== null) context.addIssue({ code: 'custom', message });
});

/** The file that the plan names. */
export const comindwareReleases = z.strictObject({
  releases: z
    .array(
      z.strictObject({
        version,
        from: z.array(rule).describe('`4.2.0`, `4.2.*`, or bounds as in `>=4.2 <4.7`.'),
        links: z
          .record(z.string(), z.string())
          .optional()
          .describe(
            'Links of the configuration folder, each to a folder below the version’s binaries; default: as before.',
          ),
      }),
    )
    .min(1),
});
export type ComindwareRelease = z.infer<typeof comindwareReleases>['releases'][number];

function isPattern(value: string): boolean {
  try {
    new RegExp(value, 'iu');
    return true;
  } catch {
    return false;
  }
}
