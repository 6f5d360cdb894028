import { z } from 'zod';
import { defineStep } from './define.ts';

const said = z.strictObject({
  en: z.string(),
  ru: z.string(),
  values: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
});

/** Carried out by the run itself: no worker and no machine is needed. */
export const peopleSteps = {
  /**
   * Waits for a person between two steps: a manual step, a specialist's word. Where it is given findings, it asks only when
   * there are any. The first choice goes on; every other gives the stage up, as a failed step would.
   */
  askPerson: defineStep({
    title: { en: 'Ask a person', ru: 'Спросить человека' },
    params: z.strictObject({
      question: said,
      text: said.optional().describe('What to do, or a text to send.'),
      choices: z.array(z.string().min(1)).min(1).default(['done', 'give-up']),
      deadline: z
        .int()
        .min(1)
        .nullable()
        .default(null)
        .describe('Seconds; null: waits, in production until the point of no return.'),
      atDeadline: z.string().default('give-up'),
      by: z.array(z.string()).default([]),
      needed: z.int().min(1).default(1),
      excludeInitiator: z.boolean().default(false),
    }),
    uses: { findings: 'Findings?' },
    returns: 'Answered',
    effect: 'reads',
    expected: 60,
    timeout: 60,
    onFailure: 'stop',
  }),
};
