import type { Said } from './types.ts';

/** A message to people outside of the run: it tells, it never decides. Rendered in each channel's language; never a secret in it. */
export interface Notice {
  readonly event:
    'decision-waits' | 'deadline-near' | 'run-ended' | 'restore-failing' | 'update-found' | 'watch-failed';
  readonly system: string;
  readonly title: Said;
  readonly lines: readonly Said[];
  /** What the reader does now: a command line or an address of the console. */
  readonly how?: string;
}
