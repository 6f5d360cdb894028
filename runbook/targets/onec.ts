/** What 1C steps are told besides the infobase: files of an update, and what only the product itself can answer or do. */
import { z } from 'zod';

/** A configuration or extension file (`.cf`, `.cfu`, `.cfe`). */
export const onecFile = z.strictObject({
  at: z
    .enum(['worker', 'machine'])
    .describe('`worker`: where nakat runs, it is brought to the infobase’s machine; `machine`: already there.'),
  path: z.string().min(1),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable()
    .describe('Null only for a file that an earlier step unpacked from a checked archive.'),
});
export type OnecFile = z.infer<typeof onecFile>;

/** Asked inside the infobase; the answer is taken as text. Names are the configuration’s own. */
export const onecQuestion = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), name: z.string().min(1) }),
  z.strictObject({
    kind: z.literal('function'),
    module: z.string().min(1).describe('A common module that an external connection may call.'),
    name: z.string().min(1),
    arguments: z.array(z.string()),
  }),
  z.strictObject({
    kind: z.literal('query'),
    text: z.string().min(1).describe('In 1C’s query language: the first column of the first row is the answer.'),
  }),
]);
export type OnecQuestion = z.infer<typeof onecQuestion>;

/** How the product refreshes its initial data. */
export const onecAction = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('function'),
    module: z.string().min(1),
    name: z.string().min(1),
    arguments: z.array(z.string()),
  }),
  z.strictObject({
    kind: z.literal('client'),
    execute: z.string().describe('External data processor (.epf) on the infobase’s machine; empty: none.'),
    command: z.string().describe('Text of the start parameter /C; it must end with leaving the program.'),
  }),
]);
export type OnecAction = z.infer<typeof onecAction>;
