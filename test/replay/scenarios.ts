/** Runs as data: what fails, who answers what, and how it must end. Each is a path through the workflow that later versions must replay. */
import type { DecisionRule, NotificationChannel, Runbook, Stage, Step, WindowRule } from '../../runbook/types.ts';
import type { ErrorCode } from '../../runbook/errors/index.ts';
import type { Outcome } from '../../runbook/report.ts';
import { tinyRunbook } from '../client/tiny.ts';

/** A call of a step: it fails with this code, or hangs until it is called off; `ok` is what every later call does. */
export type Call = ErrorCode | 'hang' | 'ok';

export interface Answer {
  readonly who?: string;
  readonly choice: string;
  /** A signal instead of an update. */
  readonly signal?: boolean;
  /** Of another runbook: it must not count. */
  readonly wrongDigest?: boolean;
}

export interface Scenario {
  readonly name: string;
  readonly calls?: Readonly<Record<string, readonly Call[]>>;
  /** By decision; what is not here waits for its deadline. */
  readonly answers?: Readonly<Record<string, readonly Answer[]>>;
  /** Called off while this step hangs: by nakat's own update, or by Temporal's cancellation. */
  readonly cancel?: { readonly at: string; readonly by: 'update' | 'temporal' };
  readonly change?: Partial<Runbook>;
  /** Steps before those of the smallest runbook. */
  readonly drift?: boolean;
  readonly checkOnly?: boolean;
  readonly outcome: Outcome;
  readonly reason?: ErrorCode;
}

const approve: Answer = { who: 'anna', choice: 'approve' };
const approved = { 'approval-production': [approve] };
const rule = (more: Partial<DecisionRule>): DecisionRule => ({
  ...(tinyRunbook('any').runbook.decisions[0] as DecisionRule),
  ...more,
});
const acceptance = rule({
  id: 'acceptance',
  before: 'closing',
  kind: 'acceptance',
  title: { en: 'Accept', ru: 'Принять' },
  choices: ['accept', 'restore'],
  deadline: 600,
  atDeadline: 'restore',
});
const engine = tinyRunbook('any').runbook.engine;
const window: WindowRule = {
  from: '22:00',
  to: '06:00',
  timeZone: 'UTC',
  days: [1, 2, 3, 4, 5, 6, 7],
  margin: 1,
  atPointOfNoReturn: 'restore',
};
const notify: NotificationChannel[] = [
  { name: 'night-shift', language: 'ru', via: { kind: 'webhook', url: { env: 'HOOK' } } },
];

export const scenarios: readonly Scenario[] = [
  { name: 'updated', answers: approved, outcome: 'updated' },
  { name: 'check-only', checkOnly: true, outcome: 'stopped' },
  {
    name: 'restored',
    calls: { 'production.change': ['DRIFT'] },
    answers: approved,
    outcome: 'restored',
    reason: 'DRIFT',
  },
  {
    name: 'stopped-by-reject',
    answers: { 'approval-production': [{ who: 'anna', choice: 'reject' }] },
    outcome: 'stopped',
    reason: 'DECISION_AGAINST',
  },
  {
    name: 'cancelled-in-production',
    calls: { 'production.change': ['hang'] },
    answers: approved,
    cancel: { at: 'production.change', by: 'update' },
    outcome: 'restored',
    reason: 'RUN_CANCELLED',
  },
  {
    name: 'cancelled-in-rehearsal-by-temporal',
    calls: { 'rehearsal.try': ['hang'] },
    cancel: { at: 'rehearsal.try', by: 'temporal' },
    outcome: 'stopped',
    reason: 'RUN_CANCELLED',
  },
  {
    name: 'failed-step-retried',
    calls: { 'acceptance.look': ['BACKUP_FAILED'] },
    answers: { ...approved, 'failed:acceptance.look': [{ who: 'boris', choice: 'retry' }] },
    outcome: 'updated',
  },
  {
    name: 'failed-step-skipped',
    calls: { 'acceptance.look': ['BACKUP_FAILED'] },
    answers: { ...approved, 'failed:acceptance.look': [{ who: 'boris', choice: 'skip' }] },
    outcome: 'updated',
  },
  {
    name: 'failed-step-unanswered',
    calls: { 'acceptance.look': ['BACKUP_FAILED'] },
    answers: approved,
    change: { engine: { ...engine, failureDeadline: 1 } },
    outcome: 'restored',
    reason: 'BACKUP_FAILED',
  },
  {
    name: 'passing-failures',
    calls: { 'rehearsal.try': ['CANNOT_CONNECT', 'CANNOT_CONNECT'] },
    answers: approved,
    outcome: 'updated',
  },
  {
    name: 'drift-approved-again',
    drift: true,
    calls: { 'production.check-drift': ['DRIFT'] },
    answers: { ...approved, 'approval-production#2': [{ who: 'boris', choice: 'approve' }] },
    outcome: 'updated',
  },
  {
    name: 'approval-expired',
    change: { decisions: [rule({ deadline: 1 })] },
    outcome: 'stopped',
    reason: 'DECISION_AGAINST',
  },
  {
    name: 'signal-refused-then-accepted',
    answers: {
      'approval-production': [
        { who: 'zoe', choice: 'approve', signal: true },
        { who: 'anna', choice: 'approve', signal: true, wrongDigest: true },
        { who: 'anna', choice: 'approve', signal: true },
      ],
    },
    outcome: 'updated',
  },
  {
    name: 'two-approve',
    change: { decisions: [rule({ needed: 2 })] },
    answers: { 'approval-production': [approve, { who: 'boris', choice: 'approve' }] },
    outcome: 'updated',
  },
  {
    name: 'accepted-inside-the-window',
    change: { decisions: [rule({}), acceptance], window },
    answers: { ...approved, acceptance: [{ who: 'anna', choice: 'accept' }] },
    outcome: 'updated',
  },
  {
    name: 'not-accepted',
    change: { decisions: [rule({}), acceptance] },
    answers: { ...approved, acceptance: [{ who: 'anna', choice: 'restore' }] },
    outcome: 'restored',
    reason: 'DECISION_AGAINST',
  },
  {
    name: 'window-never-long-enough',
    change: { window },
    calls: { 'window.find': ['WINDOW_TOO_SHORT'] },
    answers: approved,
    outcome: 'stopped',
    reason: 'WINDOW_TOO_SHORT',
  },
  {
    name: 'restore-fails-then-holds',
    calls: { 'production.change': ['DRIFT'], 'restore.undo': ['BACKUP_FAILED', 'BACKUP_FAILED'] },
    answers: approved,
    outcome: 'restored',
    reason: 'DRIFT',
  },
  {
    name: 'handed-over',
    calls: { 'production.change': ['DRIFT'], 'restore.undo': ['BACKUP_FAILED'] },
    change: { engine: { ...engine, restoreRetry: 600 } },
    answers: { ...approved, 'restore-failing:restore.undo': [{ who: 'anna', choice: 'hand-over' }] },
    outcome: 'handed-over',
    reason: 'DRIFT',
  },
  { name: 'notified', change: { notify }, answers: approved, outcome: 'updated' },
  {
    name: 'closing-failed',
    calls: { 'closing.tidy': ['BACKUP_FAILED'] },
    answers: approved,
    outcome: 'updated',
  },
];

export function runbookOf({ name, drift, change }: Scenario, system = name): ReturnType<typeof tinyRunbook> {
  const { runbook } = tinyRunbook(system);
  const like = (stage: string): Step => runbook.stages.find((one) => one.name === stage)?.steps[0] as Step;
  const stages = runbook.stages.flatMap((stage): Stage[] => {
    if (stage.name === 'rehearsal' && drift)
      return [
        {
          ...stage,
          steps: [...stage.steps, { ...like('rehearsal'), id: 'rehearsal.read-state', activity: 'readState' }],
        },
      ];
    if (stage.name !== 'production') return [stage];
    const check: Step = {
      ...like('rehearsal'),
      id: 'production.check-drift',
      activity: 'checkDrift',
      uses: { before: 'rehearsal.read-state' },
    };
    return [
      { ...stage, steps: [...(drift ? [check] : []), ...stage.steps] },
      { name: 'acceptance', steps: [{ ...like('rehearsal'), id: 'acceptance.look', onFailure: 'ask' }] },
      { name: 'closing', steps: [{ ...like('rehearsal'), id: 'closing.tidy' }] },
    ];
  });
  return tinyRunbook(system, stages, change);
}
