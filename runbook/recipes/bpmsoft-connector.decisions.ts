/** Whom the run waits for: the hosting's support, the approvers of production, those who accept it. */
import type { BpmsoftConnectorPlan } from '../plan/bpmsoft-connector.ts';
import type { Archive } from '../targets/index.ts';
import type { DecisionRule, Said } from '../types.ts';
import { connectorTexts as texts } from './bpmsoft-connector.texts.ts';

export function decisionsOf(plan: BpmsoftConnectorPlan, archive: Archive): DecisionRule[] {
  const { approval, acceptance } = plan;
  const values = { name: archive.name, version: archive.version, system: plan.system, sha256: archive.sha256 };
  const manual = {
    kind: 'manual',
    choices: ['done', 'stop'],
    deadline: 30 * 86_400,
    atDeadline: 'stop',
    by: [],
    needed: 1,
    excludeInitiator: false,
  } as const;
  return [
    ...(plan.hosting === 'cloud'
      ? [
          {
            ...manual,
            id: 'support-test-environment',
            before: 'rehearsal' as const,
            title: said(texts.supportTest),
            text: said(texts.supportTestText, values),
          },
          {
            ...manual,
            id: 'support-production-plan',
            before: 'production' as const,
            title: said(texts.supportProduction),
            text: said(texts.supportProductionText, values),
          },
        ]
      : []),
    {
      id: 'approval-production',
      before: 'production',
      kind: 'approval',
      title: said(texts.approval, values),
      choices: ['approve', 'reject'],
      deadline: approval.expires,
      atDeadline: approval.atExpiry,
      by: approval.by,
      needed: approval.needed,
      excludeInitiator: approval.excludeInitiator,
    },
    ...(acceptance
      ? [
          {
            id: 'acceptance',
            before: 'closing' as const,
            kind: 'acceptance' as const,
            title: said(texts.acceptance, values),
            choices: ['accept', 'restore'],
            deadline: acceptance.deadline ?? null,
            atDeadline: acceptance.atDeadline,
            by: acceptance.by,
            needed: acceptance.needed,
            excludeInitiator: false,
          },
        ]
      : []),
  ];
}

const said = (text: { en: string; ru: string }, values: Record<string, string | number> = {}): Said => ({
  ...text,
  values,
});
