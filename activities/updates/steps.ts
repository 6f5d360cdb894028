import { NakatError } from '../../runbook/errors/index.ts';
import type { updateSteps as catalogue } from '../../runbook/steps/updates.ts';
import type { StepActivities } from '../step.ts';

export const updateSteps: StepActivities<keyof typeof catalogue> = {
  checkUnchanged: async ({ what }, { before, now }) => {
    const [old, current] = [new Map(Object.entries(before)), new Map(Object.entries(now))];
    const names = [...new Set([...old.keys(), ...current.keys()])].sort();
    const changed = names.filter((name) => old.get(name) !== current.get(name));
    if (changed.length > 0)
      throw new NakatError('DRIFT', {
        values: {
          differences: changed
            .map((name) => `${what}, ${name}: ${old.get(name) ?? '—'} → ${current.get(name) ?? '—'}`)
            .join('; '),
        },
      });
    return null;
  },
};
