/** The two decisions that every product has: approval before production, acceptance before it is closed. */
import type { z } from 'zod';
import type { acceptance, approval } from '../plan/common.ts';
import type { DecisionRule, Said } from '../types.ts';

interface Agreement {
  readonly approval: z.infer<typeof approval>;
  /** Without it, the checks alone accept. */
  readonly acceptance?: z.infer<typeof acceptance> | undefined;
}

type Mistake = { path: string[]; message: string };

/** More people needed than are named: nobody could ever agree. */
export function agreementMistakes({ approval, acceptance }: Agreement): Mistake[] {
  const few = (path: string, by: readonly string[] = [], needed = 0): Mistake[] => {
    const most = new Set(by).size;
    return most > 0 && needed > most
      ? [{ path: [path, 'needed'], message: `expected at most ${most}: as many people as are named` }]
      : [];
  };
  return [...few('approval', approval.by, approval.needed), ...few('acceptance', acceptance?.by, acceptance?.needed)];
}

export function agreementRules(
  { approval, acceptance }: Agreement,
  titles: { readonly approval: Said; readonly acceptance: Said },
): DecisionRule[] {
  const approve: DecisionRule = {
    id: 'approval-production',
    before: 'production',
    kind: 'approval',
    title: titles.approval,
    choices: ['approve', 'reject'],
    deadline: approval.expires,
    atDeadline: approval.atExpiry,
    by: approval.by,
    needed: approval.needed,
    excludeInitiator: approval.excludeInitiator,
  };
  if (!acceptance) return [approve];
  const accept: DecisionRule = {
    id: 'acceptance',
    before: 'closing',
    kind: 'acceptance',
    title: titles.acceptance,
    choices: ['accept', 'restore'],
    deadline: acceptance.deadline ?? null,
    atDeadline: acceptance.atDeadline,
    by: acceptance.by,
    needed: acceptance.needed,
    excludeInitiator: false,
  };
  return [approve, accept];
}
