import { z } from 'zod';
import { machine } from '../targets/index.ts';
import { defineStep } from './define.ts';

export const machineSteps = {
  /** Connects with the pinned host key, logs in, and looks at the folder of work. */
  reachMachine: defineStep({
    title: { en: 'Reach machine {machine}', ru: 'Проверить связь с машиной {machine}' },
    params: z.strictObject({ machine }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 2,
    timeout: 60,
    onFailure: 'stop',
  }),
};
