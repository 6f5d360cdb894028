import type { Failure, Text } from '../types.ts';

/** One entry of the error catalogue. Texts are ICU templates over the error's values. */
export interface ErrorKind {
  /** What happened. */
  readonly what: Text;
  /** What was left in which state, and what the administrator does now. */
  readonly todo: Text;
  /** True: the same call may succeed later, so the step is tried again by itself. Default false. */
  readonly passing?: boolean;
  /** Whether something may have been changed already. Default `not-done`. */
  readonly effect?: Failure['effect'];
}

/** Keeps the literal keys of a domain's errors, so that an unknown code does not compile. */
export const defineErrors = <const C extends Record<string, ErrorKind>>(errors: C): C => errors;
