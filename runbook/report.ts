/**
 * What is left of a run: built by the engine (`Report`), sealed when it is written (`SealedReport`, `client/report/seal.ts`).
 * Published as `docs/report.schema.json`. Times are epoch milliseconds, durations seconds. Never a secret in it.
 */
import type { Backup, Edits, ProofLine } from './results.ts';
import type { Failure, Said, StageName, UpdateName } from './types.ts';

/**
 * `updated`: new and verified. `restored`: as before, see `restore.proved`. `stopped`: ended before production was touched.
 * `handed-over`: an operator took over a restore that kept failing; the system is in that person's hands.
 */
export const outcomes = ['updated', 'restored', 'stopped', 'handed-over'] as const;
export type Outcome = (typeof outcomes)[number];
/** `going`: the run has not ended; the report says how it stands. */
export const reportOutcomes = [...outcomes, 'going'] as const;
export type ReportOutcome = (typeof reportOutcomes)[number];

export const stepOutcomes = ['done', 'failed', 'skipped', 'not-run', 'cancelled'] as const;
export type StepOutcome = (typeof stepOutcomes)[number];

export interface StepReport {
  readonly id: string;
  readonly activity: string;
  readonly title: Said;
  readonly effect: 'reads' | 'writes';
  readonly outcome: StepOutcome;
  /** Tries, by itself or by a person's word; 0 when it was not run. */
  readonly attempts: number;
  readonly seconds: number;
  /** Of the first try; null when it was not run. */
  readonly startedAt: number | null;
  /** The last one, also of a step that was skipped after it; null when it went well. */
  readonly failure: Failure | null;
  /** Short facts out of its result, by name. */
  readonly result: Readonly<Record<string, string | number | boolean>>;
  /** What it found, for people; the first 100. Left out where it finds nothing. */
  readonly findings?: readonly Said[];
  /** What became of the customer's edits; only of the step that checks the merge. */
  readonly edits?: Edits;
}

export interface StageReport {
  readonly name: StageName;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly steps: readonly StepReport[];
}

/** One person's word. */
export interface Voice {
  readonly who: string;
  readonly at: number;
  readonly why: string;
  readonly choice: string;
  /** How it came: `update`, `signal`. */
  readonly channel: string;
}

export interface DecisionReport {
  readonly id: string;
  readonly kind: 'approval' | 'acceptance' | 'manual' | 'failure';
  readonly title: Said;
  readonly asked: number;
  /** What was decided, and when; null while open or when the run ended without it. */
  readonly choice: string | null;
  readonly at: number | null;
  /** All that counted; empty when the deadline decided. */
  readonly by: readonly Voice[];
  /** What was decided about: the runbook's digest, the package archive included. */
  readonly digest: string;
  readonly deadline: number | null;
  readonly takenAtDeadline: boolean;
  /** What was sent and did not count. `code`: of the error catalogue. */
  readonly refused: readonly (Voice & { readonly code: string })[];
}

export interface Report {
  /** Version of this shape. */
  readonly format: 1;
  readonly nakat: string;
  readonly run: string;
  readonly system: string;
  readonly title: Said;
  readonly product: string;
  readonly initiator: string;
  readonly outcome: ReportOutcome;
  /** Of the runbook that was carried out. */
  readonly digest: string;
  readonly update: UpdateName;
  readonly startedAt: number;
  readonly endedAt: number;
  /** From the first step that took the site down to the one that brought it up. */
  readonly downtimeSeconds: number;
  /** From the first step that took production down to the last that brought it up; null: it was never down. */
  readonly downtime: { readonly from: number; readonly to: number } | null;
  /** Why the run did not simply go through; null when it did. */
  readonly reason: Failure | null;
  readonly stages: readonly StageReport[];
  readonly decisions: readonly DecisionReport[];
  /** Null when nothing was restored. `proved`: every line is equal. */
  readonly restore: { readonly reason: Failure; readonly proof: readonly ProofLine[]; readonly proved: boolean } | null;
  readonly backups: readonly (Backup & { readonly step: string })[];
  /** Null when the plan has none. */
  readonly window: {
    readonly opens: number;
    readonly closes: number;
    readonly pointOfNoReturn: number | null;
    readonly timeZone: string;
  } | null;
  /** Of the plan's window, known also where no window was found yet; left out where the plan has none. */
  readonly timeZone?: string;
  /** Seconds that were expected, margin included, when production was approved: what the approvers saw. */
  readonly estimates: { readonly production: number; readonly restore: number };
  readonly warnings: readonly Said[];
  /** What to do next: where backups lie, what may be removed and when. */
  readonly next: readonly Said[];
  readonly notificationsFailed: readonly { readonly name: string; readonly reason: string }[];
}

/** A decision in the chain: `hash` is the SHA-256 of `previous` and the decision's canonical JSON (RFC 8785). */
export interface SealedDecision extends DecisionReport {
  readonly previous: string;
  readonly hash: string;
}

export interface SealedReport extends Omit<Report, 'decisions'> {
  readonly decisions: readonly SealedDecision[];
  /** The last hash of the chain: the one value to keep outside of this file. */
  readonly seal: string;
}
