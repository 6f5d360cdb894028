import type { updateSteps } from '../steps/updates.ts';
import type { DoesTable } from './define.ts';

export const updateDoes: DoesTable<keyof typeof updateSteps> = {
  checkUnchanged: (_params, { uses }) => [`compare ${uses['before'] ?? '?'} with ${uses['now'] ?? '?'}`],
};
