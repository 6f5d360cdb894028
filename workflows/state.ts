/** What a run knows of itself: what the `status` query answers, and what the report is made from. JSON only. */
import type { Failure, Json, Said, StageName } from '../runbook/types.ts';
import type { WindowTimes } from '../runbook/results.ts';
import type { Outcome } from '../runbook/report.ts';

export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped' | 'cancelled';

export interface StepStatus {
  readonly id: string;
  readonly activity: string;
  readonly title: Said;
  state: StepState;
  /** Of all attempts so far; 0 before the first has ended. */
  attempts: number;
  /** Epoch milliseconds. */
  startedAt: number | null;
  endedAt: number | null;
  /** Seconds it is expected to take, from measured durations where there are any. */
  expected: number;
  result: Json;
  failure: Failure | null;
}

export interface StageStatus {
  readonly name: StageName;
  readonly steps: StepStatus[];
}

export type Phase = StageName | 'decision' | 'window' | 'ended';

export interface Answer {
  readonly choice: string;
  readonly who: string;
  readonly why: string;
  readonly at: number;
  /** How it came: `update` (the command, the console), `signal`, or `deadline`. */
  readonly channel: 'update' | 'signal' | 'deadline';
  readonly digest: string;
}

export interface RefusedAnswer extends Answer {
  readonly code: string;
}

export interface Decision {
  /** Unique in the run: `approval-production`, `failed:production.install-package`; a second round ends in `#2`. */
  readonly id: string;
  readonly kind: 'approval' | 'acceptance' | 'manual' | 'failed-step' | 'restore-failing';
  readonly title: Said;
  readonly text?: Said;
  /** What the person should know: results, durations, differences. */
  readonly evidence: readonly Said[];
  /** The first is the one that `needed` people must choose; any other takes one. */
  readonly choices: readonly string[];
  readonly deadline: number | null;
  readonly atDeadline: string;
  readonly by: readonly string[];
  readonly needed: number;
  readonly excludeInitiator: boolean;
  readonly askedAt: number;
  readonly answers: Answer[];
  /** Only those that came as signals: a refused update is answered at once and leaves no trace in the run. */
  readonly refused: RefusedAnswer[];
  /** The choice taken; null while the run waits. */
  choice: string | null;
}

export type { Outcome };

export interface RunStatus {
  readonly run: string;
  readonly system: string;
  readonly title: Said;
  readonly digest: string;
  readonly initiator: string;
  readonly startedAt: number;
  phase: Phase;
  stages: StageStatus[];
  decisions: Decision[];
  window: WindowTimes | null;
  /** Latest moment at which production may still start; null without a window. */
  lastStart: number | null;
  pointOfNoReturn: number | null;
  /** Seconds that the rest of the run is expected to work (waits not counted). */
  remaining: number;
  /** Why production was given up, or why the run stopped. */
  reason: Failure | null;
  cancelledBy: { who: string; why: string } | null;
  outcome: Outcome | null;
  endedAt: number | null;
  warnings: Failure[];
}
