/** Runbooks for measuring: the smallest steps there are, everything around them as in a real one. */
import { digestOf } from '../client/compile.ts';
import type { CompiledPlan } from '../client/compile.ts';
import type { DecisionRule, Stage, StageName, Step } from '../runbook/types.ts';
import type { MachineTarget } from '../runbook/targets/index.ts';

/** 14 steps, spread over the stages as a real update spreads its own. */
const spread: readonly (readonly [StageName, number])[] = [
  ['preflight', 4],
  ['rehearsal', 5],
  ['production', 4],
  ['acceptance', 1],
];
export const stepCount = spread.reduce((sum, [, count]) => sum + count, 0);

export const approval = 'approval-production';

const approvalRule: DecisionRule = {
  id: approval,
  before: 'production',
  kind: 'approval',
  title: { en: 'Approve production', ru: 'Одобрить обновление' },
  choices: ['approve', 'reject'],
  deadline: 86_400,
  atDeadline: 'reject',
  by: ['anna', 'boris'],
  needed: 1,
  excludeInitiator: true,
};

/** Fourteen steps on one machine, one after another, with nothing to wait for. */
export const stepsRunbook = (system: string, machine: MachineTarget): CompiledPlan =>
  compiled(
    system,
    spread.map(([name, count]) => ({
      name,
      steps: Array.from({ length: count }, (_, index) => step(`${name}.step-${index + 1}`, machine)),
    })),
    [],
  );

/**
 * Waits for one approval at once, and is over when it is given. The steps that it has to hold meanwhile are those of a restore that
 * never comes.
 */
export const waitingRunbook = (system: string, steps: number): CompiledPlan =>
  compiled(
    system,
    [
      {
        name: 'restore',
        steps: Array.from({ length: steps }, (_, index) => step(`restore.step-${index + 1}`, nowhere)),
      },
    ],
    [approvalRule],
  );

const nowhere: MachineTarget = {
  via: 'ssh',
  name: 'site',
  os: 'linux',
  host: 'site.example.com',
  port: 22,
  user: 'nakat',
  hostKeys: [`SHA256:${'A'.repeat(43)}`],
  auth: { key: { env: 'NAKAT_BENCH_KEY' } },
  work: '/var/lib/nakat',
  encoding: 'utf8',
};

const step = (id: string, machine: MachineTarget): Step => ({
  id,
  activity: 'reachMachine',
  title: { en: 'Run a command on {machine}', ru: 'Выполнить команду на {machine}', values: { machine: machine.name } },
  params: { machine },
  uses: {},
  effect: 'reads',
  expected: 1,
  timeout: 60,
  onFailure: 'stop',
});

function compiled(system: string, stages: readonly Stage[], decisions: readonly DecisionRule[]): CompiledPlan {
  const runbook: CompiledPlan['runbook'] = {
    format: 1,
    product: 'bench',
    recipe: { name: 'bench', version: 1 },
    system,
    title: { en: 'Update of {system}', ru: 'Обновление {system}', values: { system } },
    update: { file: 'package.zip', sha256: 'a'.repeat(64), name: 'Package', version: '2.0' },
    stages,
    decisions,
    window: null,
    notify: [],
    engine: { heartbeat: 30, tries: 3, retryDelay: 1, failureDeadline: 3600, restoreRetry: 60 },
  };
  return { runbook, digest: digestOf(runbook) };
}
