/** What an activity's code is given, and nothing else: it can be run alone, without Temporal. */
import type { ParamsOf, ResultOf, StepName, UsesOf } from '../runbook/steps/index.ts';
import type { SecretRef } from '../runbook/targets/index.ts';
import type { Said } from '../runbook/types.ts';

export interface Progress {
  /** Done of total, in any unit; a bar is drawn when both are there. */
  done?: number;
  total?: number;
  /** One short line: a name, a program's own words, or `note(…)` of `runbook/messages/progress.ts`. Never a secret. */
  note?: string | Said;
}

export interface StepContext {
  /** Eight characters that name the run; with the step id the only source of names (never the clock). */
  readonly run: string;
  readonly system: string;
  /** `production.install-package` */
  readonly step: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Aborted when the run is cancelled or the worker shuts down (see `stopping`). */
  readonly signal: AbortSignal;
  /** True when only this worker goes away: leave remote jobs running, the next attempt follows them. */
  readonly stopping: () => boolean;
  readonly progress: (progress: Progress) => void;
  /** Reads a secret; the value is from then on removed from every message of this process. Throws SECRET_MISSING. */
  readonly secret: (ref: SecretRef) => Promise<string>;
  readonly log: (message: string, details?: Record<string, string | number | boolean>) => void;
  /** Called when the step has ended, however it ended, last registered first: close what you opened. */
  readonly onEnd: (close: () => void | Promise<void>) => void;
}

/** `db-1a2b3c4d-rehearsal-back-up-database`: the same for every attempt. */
export const nameFor = (context: Pick<StepContext, 'run' | 'step'>, prefix: string): string =>
  `${prefix}-${context.run}-${context.step.replaceAll('.', '-')}`;

/** The code of one step. May run twice and must act once: probe by reading, then act, then prove. */
export type StepActivity<N extends StepName> = (
  params: ParamsOf<N>,
  uses: UsesOf<N>,
  context: StepContext,
) => Promise<ResultOf<N>>;

/** What an activity folder exports: the steps it carries out. */
export type StepActivities<N extends StepName> = { readonly [K in N]: StepActivity<K> };
