/** The plan of product `customizations`, as an administrator writes it. */
import { z } from 'zod';
import { desk as fullDesk, legacyEncoding } from '../targets/index.ts';
import { acceptance, approval, duration, engine, machine, notify, window } from './common.ts';
import { webTree } from './web.ts';

const side = z.strictObject({
  pages: webTree.describe(
    'The edited pages and nothing else: their folder, and `keep` for what the running site writes there.',
  ),
  url: z.url().describe('Where visitors reach the site; `checks` are paths below it.'),
});

export const customizationsPlan = z.strictObject({
  nakat: z.literal(1).describe('Version of this format.'),
  product: z.literal('customizations'),
  system: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'expected lower-case letters, digits and hyphens')
    .describe('Names the system: one update of it at a time.'),
  update: z.strictObject({
    name: z.string().min(1),
    version: z.string().min(1),
    archive: z.string().min(1).describe('The new version of the pages (zip, tar, tar.gz), relative to the plan.'),
    previous: z
      .string()
      .min(1)
      .optional()
      .describe('The vendor’s old version, untouched. Without it every file that differs is decided by a person.'),
    part: z
      .string()
      .default('')
      .describe('Folder within both archives that holds the pages, with `/`; empty: all of it.'),
  }),
  machines: z.record(z.string(), machine),
  production: side,
  test: side.describe('A copy of the site: its pages become production’s, merged.'),
  merge: z.strictObject({
    machine: z.string().min(1).describe('A name under `machines`: where the worker runs (`via: local`).'),
    folder: fullDesk.shape.folder,
    remembered: fullDesk.shape.remembered,
    encoding: legacyEncoding.default('windows-1251'),
    deadline: duration.default(7 * 86_400).describe('How long a conflict waits for a person; then the run stops.'),
    review: z
      .strictObject({
        by: z.array(z.string().min(1)).default([]).describe('Who may; empty: anybody.'),
        deadline: duration.default(7 * 86_400),
        atDeadline: z.enum(['stop', 'go-on']).default('stop'),
      })
      .optional()
      .describe(
        'A specialist looks at what was merged or decided, before the test copy gets it. Without it nobody is asked.',
      ),
  }),
  checks: z
    .array(
      z.strictObject({
        path: z.string().startsWith('/'),
        text: z.string().default('').describe('Regular expression that the page must match; empty: any.'),
      }),
    )
    .default([])
    .describe('Pages that must answer, before and after.'),
  answerWithin: duration.default(60).describe('How long such a page is given: an application may have to start again.'),
  approval: approval.prefault({}),
  acceptance: acceptance.optional().describe('Without it, the checks alone accept.'),
  window: window.optional(),
  notify: notify.default([]),
  engine: engine.prefault({}),
});
export type CustomizationsPlan = z.infer<typeof customizationsPlan>;
