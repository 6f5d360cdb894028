import { z } from 'zod';
import { defineStep } from './define.ts';

export const updateSteps = {
  /** What was looked at before the approval is the same as what is there now: nobody else has changed it meanwhile. */
  checkUnchanged: defineStep({
    title: {
      en: 'Check that {what} is as it was when it was approved',
      ru: 'Проверить, что {what} не изменилось с одобрения',
    },
    params: z.strictObject({ what: z.string().min(1) }),
    uses: { before: 'Facts', now: 'Facts' },
    returns: 'Nothing',
    effect: 'reads',
    expected: 1,
    timeout: 60,
    onFailure: 'stop',
  }),
};
