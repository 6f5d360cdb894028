/** What is planned for one path of the result, or for all names that clash with each other. */
import type { Places, Verdict } from './fate.ts';

/** A file that clashes, and where each side has it; by its path it is in the side that brought it. */
export interface Clashing {
  readonly path: string;
  readonly at: Places;
  readonly mode?: number | undefined;
}
export interface Clash {
  readonly ours: readonly Clashing[];
  readonly theirs: readonly Clashing[];
}

export type Outcome = {
  readonly path: string;
  readonly at: Places;
  readonly mode?: number | undefined;
  /** Of names that clash: all files of each side that this is about. */
  readonly clash?: Clash;
} & Verdict;
