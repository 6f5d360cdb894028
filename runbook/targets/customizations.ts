/** Where a merge of a customer's edits is prepared, and where people look at it. */
import { z } from 'zod';
import { legacyEncodings, type LegacyEncoding } from './encodings.ts';
import { folder, machine } from './machine.ts';

const [localMachine] = machine.options;

export const desk = z.strictObject({
  machine: localMachine.describe('Where the worker runs.'),
  folder: folder.describe(
    'Each merge gets a folder of its own in it: the prepared files, the comparison, the choices.',
  ),
  remembered: folder.describe(
    'What was decided about conflicts of this customer; taken again when the same conflict comes back.',
  ),
});
export type Desk = z.infer<typeof desk>;

/** Of texts that are neither UTF-8 nor UTF-16; only needed where the sides of one file have different encodings. */
export const legacyEncoding = z.enum(legacyEncodings);
export type { LegacyEncoding };
