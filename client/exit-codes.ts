/** Exit codes of the `nakat` command: stable, so that scripts can tell what happened. Shown by `nakat --help`. */
import type { ErrorCode } from '../runbook/errors/index.ts';
import type { ReportOutcome } from '../runbook/report.ts';

export const exitCodes = {
  /** Done; of a run: updated and verified, or the check found nothing. */
  ok: 0,
  unexpected: 1,
  /** The command or the plan is not understood; nothing was done. */
  usage: 2,
  /** The run stopped, production untouched; or the check found something. */
  stopped: 3,
  /** The old state is back, and proved. */
  restored: 4,
  /** It still waits or works (`--timeout` is over, or following was ended). */
  waiting: 5,
  /** The run did not take the decision or the cancellation. */
  refused: 6,
  /** A restore was not proved, or an operator took over: somebody must look. */
  unproved: 7,
  /** Temporal or a worker cannot be reached. */
  unreachable: 8,
  /** There is no such run, or one is going already. */
  run: 9,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export function exitCodeOfOutcome(outcome: ReportOutcome, proved: boolean | null): ExitCode {
  switch (outcome) {
    case 'updated':
      return exitCodes.ok;
    case 'stopped':
      return exitCodes.stopped;
    case 'restored':
      return proved === false ? exitCodes.unproved : exitCodes.restored;
    case 'handed-over':
      return exitCodes.unproved;
    case 'going':
      return exitCodes.waiting;
  }
}

const unreachable: readonly ErrorCode[] = [
  'CANNOT_CONNECT',
  'NO_WORKER',
  'TEMPORAL_MISSING',
  'SERVER_NOT_STARTED',
  'SERVER_IN_USE',
];
const refused: readonly ErrorCode[] = ['NOTHING_TO_DECIDE', 'DECISION_NOT_NAMED', 'RUN_RESTORING', 'RUN_ENDED'];
const run: readonly ErrorCode[] = ['RUN_NOT_FOUND', 'RUN_ALREADY_GOING', 'WATCH_NOT_FOUND'];
const usage: readonly ErrorCode[] = [
  'USAGE',
  'FILE_NOT_FOUND',
  'FILE_EXISTS',
  'NOT_A_TERMINAL',
  'KEY_INVALID',
  'KEY_WRONG',
  'CONNECTION_SETTINGS_INVALID',
];

export function exitCodeOfError(code: ErrorCode): ExitCode {
  if (unreachable.includes(code)) return exitCodes.unreachable;
  if (code.startsWith('DECISION_') || refused.includes(code)) return exitCodes.refused;
  if (run.includes(code)) return exitCodes.run;
  if (/^(PLAN|PACKAGE|MERGE)_/.test(code) || usage.includes(code)) return exitCodes.usage;
  return exitCodes.unexpected;
}
