/** The rules of decisions: who may answer what, when, and when an answer is the decision. Pure. */
import type { ErrorCode } from '../runbook/errors/index.ts';
import type { DecideInput } from './messages.ts';
import type { Answer, Decision, RunStatus } from './state.ts';

export interface Refusal {
  readonly code: ErrorCode;
  readonly values: Record<string, string | number>;
}

/** What came, whatever came: anything may be sent to a run, and a handler that throws on it would hold the run for good. */
export function answerFrom(given: unknown): DecideInput {
  const from = Object(given) as Partial<Record<keyof DecideInput, unknown>>;
  const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 4000) : '');
  return {
    decision: text(from.decision),
    choice: text(from.choice),
    who: text(from.who),
    why: text(from.why),
    digest: text(from.digest),
  };
}

/** Null when the answer counts. Reads only: it is the validator of the update. */
export function refusalOf(status: RunStatus, input: DecideInput, now: number): Refusal | null {
  const refuse = (code: ErrorCode, values: Record<string, string | number> = {}): Refusal => ({
    code,
    values: { decision: input.decision, who: input.who, ...values },
  });
  const decision = status.decisions.find((one) => one.id === input.decision);
  if (!decision) return refuse('DECISION_UNKNOWN', { waiting: waitingIds(status) });
  if (decision.choice !== null) return refuse('DECISION_TAKEN', { choice: decision.choice });
  if (decision.deadline !== null && now >= decision.deadline) return refuse('DECISION_TOO_LATE');
  if (input.digest !== status.digest) return refuse('DECISION_WRONG_DIGEST', { digest: status.digest.slice(0, 12) });
  if (!decision.choices.includes(input.choice))
    return refuse('DECISION_UNKNOWN_CHOICE', { choice: input.choice, choices: decision.choices.join(', ') });
  if (input.who.trim() === '') return refuse('DECISION_STRANGER', { by: decision.by.join(', ') });
  if (decision.by.length > 0 && !decision.by.includes(input.who))
    return refuse('DECISION_STRANGER', { by: decision.by.join(', ') });
  if (decision.excludeInitiator && input.who === status.initiator) return refuse('DECISION_INITIATOR');
  if (decision.answers.some((one) => one.who === input.who && one.choice === input.choice))
    return refuse('DECISION_TWICE');
  return null;
}

const waitingIds = (status: RunStatus): string =>
  status.decisions
    .filter((one) => one.choice === null)
    .map((one) => one.id)
    .join(', ') || '—';

/** Adds an answer that was not refused; returns the choice when it is now taken. */
export function answer(decision: Decision, given: Answer): string | null {
  decision.answers.push(given);
  const same = new Set(decision.answers.filter((one) => one.choice === given.choice).map((one) => one.who));
  // Only going ahead takes several people; anybody who may decide can say no.
  const enough = given.choice === decision.choices[0] ? decision.needed : 1;
  if (same.size >= enough) decision.choice = given.choice;
  return decision.choice;
}
