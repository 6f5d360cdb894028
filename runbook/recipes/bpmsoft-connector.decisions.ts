/** Whom the run waits for: the hosting's support, the approvers of production, those who accept it. */
import type { BpmsoftConnectorPlan } from '../plan/bpmsoft-connector.ts';
import type { Archive } from '../targets/index.ts';
import type { DecisionRule, Said } from '../types.ts';
import { agreementRules } from './agreement.ts';
import { connectorTexts as texts } from './bpmsoft-connector.texts.ts';

export function decisionsOf(plan: BpmsoftConnectorPlan, archive: Archive): DecisionRule[] {
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
    ...agreementRules(plan, { approval: said(texts.approval, values), acceptance: said(texts.acceptance, values) }),
  ];
}

const said = (text: { en: string; ru: string }, values: Record<string, string | number> = {}): Said => ({
  ...text,
  values,
});
