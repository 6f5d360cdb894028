/** Any system by a runbook of one's own: the plan lists the stages, this puts them together and holds them against the rules. */
import { customPlan, type CustomPlan } from '../plan/custom.ts';
import { defineRecipe, slug, stage, step, type WantedFile } from '../recipe.ts';
import type { MachineTarget } from '../targets/index.ts';
import { stageNames, type Json, type Runbook, type Stage, type StageName, type UpdateName } from '../types.ts';
import { namesOf, withNames, type CustomFiles, type Mistake, type Names } from './custom.names.ts';
import { nameOf, pathOf, said, stagesOf } from './custom.steps.ts';
import { customTexts as texts } from './custom.texts.ts';
import { agreementMistakes, agreementRules } from './agreement.ts';
import { windowCheck } from './window.ts';

const recipeVersion = 1;

export const custom = defineRecipe({
  product: 'custom',
  plan: customPlan,
  files: (plan): Readonly<Record<string, WantedFile>> => ({
    ...(plan.update?.file === undefined ? {} : { update: { file: plan.update.file, at: ['update', 'file'] } }),
    ...Object.fromEntries(
      Object.entries(plan.texts).map(([name, file]) => [
        `text:${name}`,
        { file, at: ['texts', name], content: true as const },
      ]),
    ),
  }),
  mistakes: (plan) => {
    const mistakes: Mistake[] = [];
    const names = namesOf(plan, null, mistakes);
    const stages = stagesOf(plan, names, mistakes);
    return [
      ...mistakes,
      ...unusedValues(plan, names, mistakes),
      ...namedTwice(plan),
      ...unproved(stages),
      ...agreementMistakes(plan),
    ];
  },
  runbook: (plan, files) => runbookOf(plan, files),
  placeOf: (plan, id) => {
    const [name, own] = id.split('.') as [StageName, string];
    const at = plan.stages[name].findIndex((one) => nameOf(one) === own);
    return at < 0 ? ['stages'] : pathOf(name, at);
  },
});

function runbookOf(plan: CustomPlan, files: CustomFiles): Runbook {
  const names = namesOf(plan, files, []);
  const stages = stagesOf(plan, names, []);
  const update = updateOf(plan, files);
  const values = { name: update.name, version: update.version, system: plan.system };
  return {
    format: 1,
    product: plan.product,
    recipe: { name: 'custom', version: recipeVersion },
    system: plan.system,
    title: plan.title === undefined ? { ...texts.title, values } : said(plan.title),
    update,
    stages: stages.map((one) => (one.name === 'preflight' ? withChecks(plan, names, one, stages) : one)),
    decisions: agreementRules(plan, {
      approval: { ...texts.approval, values },
      acceptance: { ...texts.acceptance, values },
    }),
    window: plan.window ?? null,
    notify: plan.notify,
    engine: plan.engine,
  };
}

const updateOf = (plan: CustomPlan, files: CustomFiles): UpdateName => ({
  name: plan.update?.name ?? plan.system,
  version: plan.update?.version ?? '',
  file: files['update']?.path ?? null,
  sha256: files['update']?.sha256 ?? null,
});

/** Every machine is reached and the window is measured, whatever the plan itself checks. */
function withChecks(plan: CustomPlan, names: Names, preflight: Stage, stages: readonly Stage[]): Stage {
  const expected = stages
    .filter((one) => one.name === 'production' || one.name === 'acceptance' || one.name === 'restore')
    .flatMap((one) => one.steps)
    .reduce((sum, one) => sum + one.expected, 0);
  const checks = stage('preflight', [
    ...Object.keys(plan.machines).map((name) =>
      step(
        'reachMachine',
        { machine: names.get(name)?.value as unknown as MachineTarget },
        { name: `reach-${slug(name)}` },
      ),
    ),
    windowCheck(plan.window, expected),
  ]);
  const own = new Set(preflight.steps.map((one) => one.id));
  return { ...preflight, steps: [...checks.steps.filter((one) => !own.has(one.id)), ...preflight.steps] };
}

/** What is wrong in values, where no step has shown it already. */
function unusedValues(plan: CustomPlan, names: Names, shown: readonly Mistake[]): Mistake[] {
  const found: Mistake[] = [];
  for (const [name, value] of Object.entries(plan.values))
    withNames(value as Json, names, ['values', name], found, [name]);
  return found.filter(({ message }) => !shown.some((one) => one.message === message));
}

const namedTwice = (plan: CustomPlan): Mistake[] =>
  stageNames.flatMap((name) =>
    plan.stages[name].flatMap((one, at, all) =>
      all.findIndex((other) => nameOf(other) === nameOf(one)) === at
        ? []
        : [
            {
              path: [...pathOf(name, at), one.name ? 'name' : 'step'],
              message: `the name "${nameOf(one)}" is used twice in this stage`,
            },
          ],
    ),
  );

/** A restore that nothing proves would leave everybody guessing. Where nothing is brought back, the rules of a runbook say so step by step. */
function unproved(stages: readonly Stage[]): Mistake[] {
  const steps = (...names: StageName[]) => stages.filter((one) => names.includes(one.name)).flatMap((one) => one.steps);
  const changesData = steps('production', 'acceptance').some(
    (one) => one.effect === 'writes' && one.leavesData === undefined,
  );
  const restores = steps('restore').some((one) => one.effect === 'writes');
  if (!changesData || !restores || steps('restore').some((one) => one.returns === 'Proof')) return [];
  return [
    {
      path: ['stages', 'restore'],
      message:
        'production changes data, and no restore step proves that the old state is back (proveState, proveRestored)',
    },
  ];
}
