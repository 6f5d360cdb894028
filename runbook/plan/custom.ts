/** The plan of product `custom`: machines and other targets by name, and stages of steps of the catalogue that use them. */
import { z } from 'zod';
import { service as fullService } from '../targets/index.ts';
import {
  acceptance,
  approval,
  database,
  duration,
  engine,
  infobase,
  machine,
  notify,
  site,
  webDatabase,
  window,
} from './common.ts';

const text = z.string().min(1);
const name = z.string().regex(/^[A-Za-z_][\w-]*$/, 'expected letters, digits, hyphens and underscores');
const named = <S extends z.ZodType>(shape: S) => z.record(name, shape).default({});
const both = z.union([text, z.strictObject({ en: text, ru: text })]).describe('One text, or one for each language.');

const [systemd, windows, script] = fullService.options;
const machineName = text.describe('A name under `machines`.');
const sudo = systemd.shape.sudo.default(false);
const service = z.discriminatedUnion('kind', [
  systemd.extend({ machine: machineName, systemctl: text.default('/usr/bin/systemctl'), sudo }),
  windows.extend({ machine: machineName, sc: text.default('C:\\Windows\\System32\\sc.exe') }),
  script.omit({ name: true }).extend({ machine: machineName, sudo }),
]);

const step = z.strictObject({
  step: text.describe('A step of the catalogue: `nakat steps` lists them.'),
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'expected lower-case letters, digits and hyphens')
    .optional()
    .describe('Names it within its stage. Default: that of the step, `back-up-database`.'),
  title: both.optional(),
  params: z
    .union([
      z.record(z.string(), z.json()),
      z.string().regex(/^\$[A-Za-z_][\w-]*$/, 'expected parameters, or $name for named ones'),
    ])
    .default({})
    .describe('`nakat steps NAME` shows them. `$name` stands for what is named in this plan.'),
  uses: z
    .record(z.string(), text)
    .default({})
    .describe('Results of earlier steps: `production.back-up-database`, or the name alone.'),
  undoes: z
    .union([z.array(text).min(1), z.strictObject({ from: text })])
    .optional()
    .describe(
      'In `restore`: the steps after whose start it runs. `{ from: NAME }`: that one and every writing one that follows it.',
    ),
  measuredBy: text
    .optional()
    .describe('A step whose measured time is the best estimate. Default: the step of that name in the rehearsal.'),
  onFailure: z.enum(['ask', 'restore', 'stop']).optional(),
  failureDeadline: duration.optional().describe('How long a person has to decide about its failure.'),
  expected: duration.optional(),
  timeout: duration.optional(),
});
export type CustomStep = z.infer<typeof step>;

const steps = z.array(step).default([]);

export const customPlan = z.strictObject({
  nakat: z.literal(1).describe('Version of this format.'),
  product: z.literal('custom'),
  system: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'expected lower-case letters, digits and hyphens')
    .describe('Names the system: one update of it at a time.'),
  title: both.optional(),
  update: z
    .strictObject({
      name: text,
      version: text,
      file: text
        .optional()
        .describe('What is installed, relative to the plan: a part of what is approved. `$update` in the steps.'),
    })
    .optional(),
  machines: z.record(name, machine),
  databases: named(z.discriminatedUnion('engine', [...database.options, webDatabase.options[0]])),
  services: named(service),
  sites: named(site),
  infobases: named(infobase),
  texts: named(text).describe(
    'Files with text, relative to the plan: SQL, settings. Their content is a part of what is approved.',
  ),
  values: named(z.json()).describe('Anything else that several steps share. May use other names.'),
  stages: z.strictObject({
    preflight: steps,
    rehearsal: steps,
    production: z.array(step).min(1),
    acceptance: steps,
    closing: steps,
    restore: steps,
  }),
  approval: approval.prefault({}),
  acceptance: acceptance.optional().describe('Without it, the checks alone accept.'),
  window: window.optional(),
  notify: notify.default([]),
  engine: engine.prefault({}),
});
export type CustomPlan = z.infer<typeof customPlan>;
