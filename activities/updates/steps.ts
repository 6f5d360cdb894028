import { NakatError } from '../../runbook/errors/index.ts';
import type { updateSteps as catalogue } from '../../runbook/steps/updates.ts';
import type { StepActivities } from '../step.ts';

export const updateSteps: StepActivities<keyof typeof catalogue> = {
  checkUnchanged: async ({ what }, { before, now }) => {
    const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
    const changed = names.filter((name) => before[name] !== now[name]);
    if (changed.length > 0)
      throw new NakatError('DRIFT', {
        values: {
          differences: changed
            .map((name) => `${what}, ${name}: ${before[name] ?? '—'} → ${now[name] ?? '—'}`)
            .join('; '),
        },
      });
    return null;
  },
};
