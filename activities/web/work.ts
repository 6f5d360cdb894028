import type { StepContext } from '../step.ts';
import type { Job } from './job.ts';
import type { Remote } from './remote.ts';

/** One attempt at a job. */
export interface Work {
  readonly remote: Remote;
  readonly job: Job;
  readonly context: StepContext;
  /**
   * Called whenever something was done for good; with a count where each connection does it anew: then only more than on any connection
   * before is progress.
   */
  readonly moved: (count?: number) => void;
  /** Called when all is in place, before nakat's own folder goes. */
  readonly onInPlace: () => Promise<void>;
}
