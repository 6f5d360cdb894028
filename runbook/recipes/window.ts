import { step, type StepDraft } from '../recipe.ts';
import type { WindowRule } from '../types.ts';

/** In a preflight: that a window comes which production fits into. `expected`: its seconds, without the margin. Nothing for a plan without a window. */
export function windowCheck(window: WindowRule | undefined, expected: number): StepDraft | undefined {
  if (!window) return undefined;
  const { from, to, timeZone, days, margin } = window;
  return step('checkWindow', { from, to, timeZone, days: [...days], seconds: Math.ceil(expected * margin) });
}
