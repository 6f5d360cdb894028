import type { z } from 'zod';
import type { ResultTypes } from '../results.ts';
import type { FailurePolicy, Text } from '../types.ts';

type ResultName = keyof ResultTypes;

/**
 * What a step is, wherever it stands: one entry of the step catalogue. The recipe gives it an id and parameters.
 * A used result named with `?` may be missing (in `restore`, where the step that makes it may not have ended).
 */
export interface StepKind {
  /** Shown to people; `{…}` takes the values that the recipe gives. */
  readonly title: Text;
  readonly params: z.ZodType;
  readonly uses: Readonly<Record<string, ResultName | `${ResultName}?`>>;
  readonly returns: ResultName;
  readonly effect: 'reads' | 'writes';
  /** Writes, but no data of the system: backups beside it, who gets in. What only did such steps has nothing to prove after a restore. */
  readonly leavesData?: true;
  /** Its result is shown to those who approve production. */
  readonly evidence?: true;
  readonly site?: 'down' | 'up';
  /** Seconds, before anything was measured. */
  readonly expected: number;
  /** Seconds for one attempt. */
  readonly timeout: number;
  readonly onFailure: FailurePolicy;
  /** With `ask`: going on without it is no choice, since what follows stands on it. */
  readonly noSkip?: true;
}

export const defineStep = <const K extends StepKind>(kind: K): K => kind;

export type Params<K extends StepKind> = z.infer<K['params']>;
export type Uses<K extends StepKind> = {
  readonly [N in keyof K['uses']]: K['uses'][N] extends `${infer R extends ResultName}?`
    ? ResultTypes[R] | undefined
    : K['uses'][N] extends ResultName
      ? ResultTypes[K['uses'][N]]
      : never;
};
export type Returns<K extends StepKind> = ResultTypes[K['returns']];
