/** A step's context outside Temporal: in tests, in scripts, wherever one step is run alone. */
import { readSecret } from './secrets.ts';
import type { Progress, StepContext } from './step.ts';

export interface ContextOptions extends Partial<Omit<StepContext, 'onEnd'>> {
  /** Gets the progress that the step reports. */
  readonly progress?: (progress: Progress) => void;
}

export interface OpenStepContext extends StepContext {
  /** Calls what the step registered with `onEnd`, the last first. */
  end(): Promise<void>;
}

/** Defaults: run `00000000`, system `system`, step `preflight.step`, attempt 1, never cancelled, secrets from `readSecret`, no log. */
export function createStepContext(options: ContextOptions = {}): OpenStepContext {
  const closers: (() => void | Promise<void>)[] = [];
  return {
    run: '00000000',
    system: 'system',
    step: 'preflight.step',
    attempt: 1,
    signal: new AbortController().signal,
    stopping: () => false,
    progress: () => {},
    secret: readSecret,
    log: () => {},
    ...options,
    onEnd: (close) => void closers.push(close),
    end: async () => {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}
