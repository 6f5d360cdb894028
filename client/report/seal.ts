import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { DecisionReport, Report, SealedDecision, SealedReport } from '../../runbook/report.ts';

/**
 * Chains the decisions when the report is written. The chain begins with the run and its runbook's digest, and each link
 * holds the one before, so a decision that was changed, removed or moved does not fit any more.
 *
 * What that proves: nothing was altered since `seal` was written down elsewhere (a ticket, a message, the printed report).
 * What it does not prove: who decided. It is no signature; whoever can rewrite the whole file can compute a new chain.
 */
export function sealReport(report: Report): SealedReport {
  let previous = beginning(report);
  const decisions: SealedDecision[] = [];
  for (const decision of report.decisions) {
    const hash = link(previous, decision);
    decisions.push({ ...decision, previous, hash });
    previous = hash;
  }
  return { ...report, decisions, seal: previous };
}

/** What does not fit; empty when the chain is whole. Compare `report.seal` with what was written down elsewhere as well. */
export function verifyDecisions(report: SealedReport): string[] {
  const problems: string[] = [];
  let expected = beginning(report);
  for (const { previous, hash, ...decision } of report.decisions) {
    if (previous !== expected) problems.push(`${decision.id}: does not follow the one before`);
    if (hash !== link(previous, decision)) problems.push(`${decision.id}: was changed`);
    expected = hash;
  }
  if (report.seal !== expected) problems.push('seal: a decision is missing at the end');
  return problems;
}

const beginning = ({ run, system, digest }: Pick<Report, 'run' | 'system' | 'digest'>): string =>
  sha256(canonical({ run, system, digest }));
const link = (previous: string, decision: DecisionReport): string => sha256(previous + canonical(decision));
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function canonical(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('not JSON');
  return text;
}
