import {
  startCustomizationsGround,
  type CustomizationsBreakage,
  type CustomizationsGround,
} from '../customizations/ground.ts';
import type { Demo } from './demo.ts';

let ground: CustomizationsGround | undefined;

export const demo: Demo = {
  plan: () => 'examples/customizations.yaml',
  start: async ({ dir, break: what }) =>
    (ground = await startCustomizationsGround({ dir, break: what as CustomizationsBreakage | undefined })),
  answer: ({ id, choices }) => {
    if (choices.includes('go-on')) return 'go-on';
    // The specialist has been at the desk before he says so.
    if (id.startsWith('failed:rehearsal.merge-customizations') && ground?.resolveConflict()) return 'retry';
    return undefined;
  },
};
