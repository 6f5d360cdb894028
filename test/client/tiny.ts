/** The smallest runbook that has everything a client sees: steps, an approval, production, a restore. */
import { digestOf } from '../../client/compile.ts';
import type { Runbook, Stage, StageName, Step } from '../../runbook/types.ts';

const machine = { via: 'local', name: 'here', os: 'linux', work: '/tmp/nakat' };

const step = (stage: StageName, name: string, more: Partial<Step> = {}): Step => ({
  id: `${stage}.${name}`,
  activity: 'reachMachine',
  title: { en: `Do {name} in ${stage}`, ru: `Сделать {name}, ${stage}`, values: { name } },
  params: { machine },
  uses: {},
  effect: 'reads',
  expected: 5,
  timeout: 60,
  onFailure: 'stop',
  ...more,
});

export function tinyRunbook(
  system: string,
  stages: readonly Stage[] = tinyStages,
  change: Partial<Runbook> = {},
): { runbook: Runbook; digest: string } {
  const runbook: Runbook = {
    format: 1,
    product: 'tiny',
    recipe: { name: 'tiny', version: 1 },
    system,
    title: { en: 'Update of {system}', ru: 'Обновление {system}', values: { system } },
    update: { file: 'a.zip', sha256: 'a'.repeat(64), name: 'A', version: '2.0' },
    stages,
    decisions: [
      {
        id: 'approval-production',
        before: 'production',
        kind: 'approval',
        title: { en: 'Approve production', ru: 'Одобрить обновление' },
        choices: ['approve', 'reject'],
        deadline: 3600,
        atDeadline: 'reject',
        by: ['anna', 'boris'],
        needed: 1,
        excludeInitiator: true,
      },
    ],
    window: null,
    notify: [],
    engine: { heartbeat: 4, tries: 3, retryDelay: 1, failureDeadline: 60, restoreRetry: 1 },
    ...change,
  };
  return { runbook, digest: digestOf(runbook) };
}

const tinyStages: readonly Stage[] = [
  { name: 'preflight', steps: [step('preflight', 'look')] },
  { name: 'rehearsal', steps: [step('rehearsal', 'try')] },
  { name: 'production', steps: [step('production', 'change', { effect: 'writes', onFailure: 'restore' })] },
  {
    name: 'restore',
    steps: [step('restore', 'undo', { effect: 'writes', undoes: ['production.change'], onFailure: 'ask' })],
  },
];
