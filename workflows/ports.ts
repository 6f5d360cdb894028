/** What the engine needs of the world. The Temporal adapter is `update.ts`; tests give a simulated world. */
import type { Notice } from '../runbook/notice.ts';
import type { Failure, Json, Step } from '../runbook/types.ts';

export type Performed =
  | { readonly kind: 'done'; readonly result: Json; readonly attempts: number }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly attempts: number }
  /** The attempt was called off and has ended. */
  | { readonly kind: 'cancelled' };

export interface Ports {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves true when the condition holds, false when the time (epoch milliseconds) comes first. */
  until(condition: () => boolean, time: number | null, why: string): Promise<boolean>;
  /** Carries the step out, passing failures tried again. `callOff`: give it up as soon as this holds; resolves only when it has really ended. */
  perform(
    step: Step,
    uses: Readonly<Record<string, Json>>,
    callOff: () => boolean,
    callOffAt: number | null,
  ): Promise<Performed>;
  /** Fire and forget: never fails a run. */
  tell(notice: Notice): void;
  /** Called after each change that somebody outside wants to see in lists. */
  show(stage: string): void;
}
