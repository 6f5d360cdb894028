/** The plan of product `onec-extension`, as an administrator writes it. */
import { z } from 'zod';
import { onecQuestion } from '../targets/index.ts';
import { acceptance, approval, duration, engine, infobase, machine, notify, version, window } from './common.ts';
import { watch } from './watch.ts';

export const onecExtensionPlan = z.strictObject({
  nakat: z.literal(1).describe('Version of this format.'),
  product: z.literal('onec-extension'),
  system: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'expected lower-case letters, digits and hyphens')
    .describe('Names the system: one update of it at a time.'),
  update: z.strictObject({
    extension: z.string().min(1).describe('Its name, as the list of extensions in 1C shows it.'),
    version: version.optional().describe('Of the file; a watch finds both.'),
    file: z.string().min(1).optional().describe('The .cfe file, relative to the plan.'),
  }),
  licence: z
    .strictObject({
      product: z.string().min(1).describe('As people call it.'),
      question: onecQuestion.describe(
        'Asked inside the infobase: anything but empty, no, false or 0 means registered.',
      ),
    })
    .optional()
    .describe('Without it no licence key is asked for.'),
  flags: z
    .strictObject({ safeMode: z.boolean().default(true), unsafeActionProtection: z.boolean().default(true) })
    .prefault({})
    .describe('Only for an extension that was not installed before; else they stay as they are.'),
  machines: z.record(z.string(), machine),
  production: z.strictObject({ infobase }),
  test: z.strictObject({ infobase }).describe('A copy of production is loaded into it.'),
  announce: z
    .strictObject({
      before: duration.default(300).describe('How long those inside have.'),
      message: z.string().min(1).default('Обновление: сохраните работу и выйдите из программы.'),
    })
    .prefault({}),
  approval: approval.prefault({}),
  acceptance: acceptance.optional().describe('Without it, the checks alone accept.'),
  window: window.optional(),
  notify: notify.default([]),
  engine: engine.prefault({}),
  watch: watch.optional().describe('For `nakat watch`: where updates of this extension are found.'),
});
export type OnecExtensionPlan = z.infer<typeof onecExtensionPlan>;
