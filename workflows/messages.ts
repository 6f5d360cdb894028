/** Messages of a run. Used by the workflow and by every client. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Report } from '../runbook/report.ts';
import type { Runbook } from '../runbook/types.ts';
import type { RunStatus } from './state.ts';

export interface UpdateInput {
  readonly runbook: Runbook;
  /** SHA-256 (hex) of the canonical JSON of the runbook, made where the plan was compiled. */
  readonly digest: string;
  /** Who started it. */
  readonly initiator: string;
  /** Version of nakat that compiled the runbook. */
  readonly nakat: string;
  /** Only the preflight: `nakat check`. */
  readonly checkOnly?: boolean;
}

export interface DecideInput {
  readonly decision: string;
  readonly choice: string;
  readonly who: string;
  readonly why: string;
  /** The digest that the person saw. */
  readonly digest: string;
}

/** Type of the workflow; its id is `nakat-<system>`. */
export const updateWorkflow = 'update';
/** Type of the workflow that looks for updates once; the schedule’s id, and the beginning of that of its looks. */
export const watchWorkflow = 'watch';
export const watchIdOf = (system: string): string => `nakat-watch-${system}`;
export const workflowIdOf = (system: string): string => `nakat-${system}`;
/**
 * How a run calls itself and all that it makes: the last eight hexadecimal digits of its first run id. That stays the same after a reset,
 * and is short enough for names of databases. Not the first digits: they tell the time (UUID 7), and all runs of a minute share them.
 */
export const runNameOf = (firstRunId: string): string => firstRunId.replaceAll('-', '').slice(-8);

export const statusQuery = defineQuery<RunStatus>('status');
export const reportQuery = defineQuery<Report>('report');
/** Refused with an ApplicationFailure whose type is a DECISION_… code. Answers the choice now taken, or null while more people are needed. */
export const decideUpdate = defineUpdate<{ taken: string | null }, [DecideInput]>('decide');
/** For tools that can only signal: validated alike, a refusal is kept in the run's record. */
export const decideSignal = defineSignal<[DecideInput]>('decide-by-signal');
/** Before production: the run stops. In production: it restores. Refused (RUN_RESTORING, RUN_ENDED) after that. */
export const cancelUpdate = defineUpdate<{ then: 'stop' | 'restore' }, [{ who: string; why: string }]>('cancel-run');
