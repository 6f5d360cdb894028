/**
 * The product version of a Comindware instance: the vendor's page, in the vendor's order, once for every version on the way
 * (3.5 → 4.2 → 4.7). The numbers are the points of that page. What is added to it: the way itself, a restore point of all that
 * belongs together before every hop, the copy that is harmless and rehearses everything, and proof of what became of it.
 */
import {
  comindwareInstancePlan,
  type ComindwareInstancePlan,
  type ComindwareRelease,
} from '../plan/comindware-instance.ts';
import { UnknownMachine } from '../plan/resolve.ts';
import { defineRecipe, slug, stage, step, type PlanFile, type StepDraft } from '../recipe.ts';
import type { InstanceTarget, MachineTarget } from '../targets/index.ts';
import type { Runbook, Said, Stage } from '../types.ts';
import { sameVersion } from '../versions.ts';
import { mistakesOf } from './comindware-instance.mistakes.ts';
import { hopsOf } from './comindware-instance.path.ts';
import { targetOf } from './comindware-instance.target.ts';
import { comindwareTexts as texts } from './comindware-instance.texts.ts';
import { agreementRules } from './agreement.ts';
import { windowCheck } from './window.ts';

const recipeVersion = 1;

export const comindwareInstance = defineRecipe({
  product: 'comindware-instance',
  plan: comindwareInstancePlan,
  files: (plan) => ({ releases: { file: plan.update.releases, at: ['update', 'releases'], content: true } }),
  mistakes: mistakesOf,
  runbook: (plan, { releases }) => runbookOf(plan, releases),
});

function runbookOf(plan: ComindwareInstancePlan, releases: PlanFile): Runbook {
  const { from, to } = plan.update;
  const hops = hopsOf(plan, releases);
  const values = {
    name: plan.production.name,
    version: to,
    hops: [from, ...hops.map(({ version }) => version)].join(' → '),
  };
  return {
    format: 1,
    product: plan.product,
    recipe: { name: 'comindware-instance', version: recipeVersion },
    system: plan.system,
    title: said(texts.title, values),
    update: { name: plan.production.name, version: to, file: releases.path, sha256: releases.sha256 },
    stages: stagesOf(plan, hops, releases),
    decisions: agreementRules(plan, {
      approval: { ...texts.approval, values },
      acceptance: { ...texts.acceptance, values },
    }),
    window: plan.window ?? null,
    notify: plan.notify,
    engine: plan.engine,
  };
}

function stagesOf(plan: ComindwareInstancePlan, hops: readonly ComindwareRelease[], releases: PlanFile): Stage[] {
  const { from, to, patience } = plan.update;
  const machines = Object.entries(plan.machines).map(([name, one]): MachineTarget => ({ ...one, name }));
  const machineOf = (name: string, place: string): MachineTarget => {
    const found = machines.find((one) => one.name === name);
    if (!found) throw new UnknownMachine([place, 'machine'], name, Object.keys(plan.machines));
    return found;
  };
  const open = targetOf(
    plan.production,
    machineOf(plan.production.machine, 'production'),
    [],
    plan.production.maintenance.binding,
  );
  /** While users are kept out. */
  const closed = { ...open, url: plan.production.maintenance.url };
  const copy = targetOf(plan.test, machineOf(plan.test.machine, 'test'), plan.test.idle);
  const state = { sites: [], webSites: [], infobases: [], databases: [], instances: [open], files: [releases.path] };
  const measured = (name: string): { measuredBy: string } => ({ measuredBy: `rehearsal.${name}` });

  const preflight = (expected: number): Stage =>
    stage('preflight', [
      ...machines.map((machine) => step('reachMachine', { machine }, { name: `reach-${slug(machine.name)}` })),
      step('checkInstance', {
        instance: open,
        version: from,
        hops: hops.map(({ version }) => ({ version, script: scriptOf(plan, version) })),
      }),
      // The copy and its restore points, then production's.
      step('checkInstanceRoom', { instance: open, points: 2 * (hops.length + 1) }),
      windowCheck(plan.window, expected),
    ]);

  const rehearsal = stage('rehearsal', [
    plan.copy.ask &&
      step(
        'askPerson',
        {
          question: said(texts.copy, { name: open.name }),
          text: said(texts.copyText, { name: open.name }),
          choices: ['copy', 'give-up'],
          deadline: plan.copy.deadline,
          atDeadline: 'give-up',
          by: plan.copy.by,
          needed: 1,
          excludeInitiator: false,
        },
        { name: 'ask-for-copy', title: said(texts.copy, { name: open.name }) },
      ),
    step('backUpRunningInstance', { instance: open }),
    step(
      'createInstance',
      { instance: copy, from: open, set: plan.test.set },
      { uses: { backup: 'rehearsal.back-up-running-instance' } },
    ),
    harmless(plan, copy, open, 'prove-instance-harmless'),
    step(
      'startInstance',
      { instance: copy },
      {
        name: 'start-copy',
        title: said(texts.startCopy, { instance: copy.name, version: from }),
        onFailure: 'stop',
      },
    ),
    step(
      'waitForInstance',
      { instance: copy, version: from, seconds: patience },
      { name: 'wait-for-copy', onFailure: 'stop' },
    ),
    ...hops.flatMap((hop) => hopOf(plan, copy, open, hop, 'rehearsal')),
    // What is approved, is bound to this.
    step('readState', state),
  ]);

  const production = stage('production', [
    step('checkDrift', state, { uses: { before: 'rehearsal.read-state' }, ...measured('read-state') }),
    step('closeInstance', { instance: open }),
    ...hops.flatMap((hop) => hopOf(plan, closed, open, hop, 'production')),
    step('openInstance', { instance: open }),
  ]);

  const acceptance = stage('acceptance', [
    step('waitForInstance', { instance: open, version: to, seconds: patience }, { name: 'check-login-page' }),
  ]);

  const touched = production.steps.filter((one) => one.effect === 'writes').map((one) => one.id);
  const first = slug(hops[0]?.version ?? '');
  const [stopped, backup] = [`production.stop-for-${first}`, `production.back-up-for-${first}`];
  const afterRestorePoint = touched.slice(touched.indexOf(backup) + 1);
  const restored = { undoes: afterRestorePoint, uses: { backup } };
  const restore = stage('restore', [
    step('closeInstance', { instance: open }, { undoes: afterRestorePoint }),
    step('stopInstance', { instance: closed }, { undoes: afterRestorePoint, ...measured(`stop-for-${first}`) }),
    step('restoreInstance', { instance: closed }, { ...restored, ...measured('create-instance') }),
    step('proveInstanceRestored', { instance: closed }, { ...restored, ...measured(`back-up-for-${first}`) }),
    step('startInstance', { instance: closed }, { undoes: [stopped, ...afterRestorePoint], ...measured('start-copy') }),
    step(
      'waitForInstance',
      { instance: closed, version: from, seconds: patience },
      { undoes: [stopped, ...afterRestorePoint], onFailure: 'ask', ...measured('wait-for-copy') },
    ),
    step('openInstance', { instance: open }, { undoes: ['production.close-instance', ...afterRestorePoint] }),
    step(
      'waitForInstance',
      { instance: open, version: from, seconds: patience },
      {
        name: 'check-login-page',
        undoes: ['production.close-instance', ...afterRestorePoint],
        onFailure: 'ask',
        ...measured('wait-for-copy'),
      },
    ),
  ]);
  // Before anything was measured: what the recipe expects of all that has to fit into the window.
  const expected = [production, acceptance, restore]
    .flatMap((one) => one.steps)
    .reduce((sum, one) => sum + one.expected, 0);
  return [preflight(expected), rehearsal, production, acceptance, restore];
}

/** One version of the way, whole: the points 1 to 5 of the page, and what they need before. */
function hopOf(
  plan: ComindwareInstancePlan,
  instance: InstanceTarget,
  production: InstanceTarget,
  hop: ComindwareRelease,
  at: 'rehearsal' | 'production',
): StepDraft[] {
  const { version } = hop;
  const to = slug(version);
  const script = scriptOf(plan, version);
  const backup = `${at}.back-up-for-${to}`;
  const titled = (text: { en: string; ru: string }): Said => said(text, { instance: instance.name, version });
  const options = (name: string, onFailure?: 'ask' | 'restore') => ({
    name: `${name}-${to}`,
    ...(at === 'production'
      ? { measuredBy: `rehearsal.${name}-${to}`, ...(onFailure ? { onFailure } : {}) }
      : { onFailure: 'stop' as const }),
  });
  return [
    ...preparations(plan, instance, version),
    // 1.
    step('stopInstance', { instance }, { ...options('stop-for'), title: titled(texts.stop) }),
    step('backUpInstance', { instance }, { ...options('back-up-for'), title: titled(texts.backUp) }),
    ...(script === null
      ? [
          // 2. and 3.
          step(
            'removeInstanceConfiguration',
            { instance },
            { ...options('remove-configuration-for'), title: titled(texts.remove), uses: { backup } },
          ),
          step(
            'createInstanceConfiguration',
            { instance, version, links: hop.links ?? null },
            { ...options('create-configuration-for'), uses: { backup } },
          ),
          ...(at === 'rehearsal'
            ? [
                harmless(plan, instance, production, `prove-harmless-with-${to}`),
                specialist(plan, instance, version, to),
              ]
            : []),
        ]
      : [
          step('runInstanceUpgrade', { instance, version, script }, { ...options('run-upgrade-to'), uses: { backup } }),
        ]),
    // 4.
    step('startInstance', { instance }, { ...options('start-with'), title: titled(texts.start) }),
    // 5.
    step(
      'waitForInstance',
      { instance, version, seconds: plan.update.patience },
      { ...options('wait-for'), uses: { marks: `${at}.stop-for-${to}` } },
    ),
  ];
}

/** Functions change or disappear: what the plan says must be done in an application first, while the older version still runs. */
const preparations = (plan: ComindwareInstancePlan, instance: InstanceTarget, version: string): StepDraft[] =>
  plan.prepare
    .filter(({ before }) => sameVersion(before, version))
    .map(({ application, what, by }, number) => {
      const question = said(texts.prepare, { application, name: instance.name, version });
      return step(
        'askPerson',
        {
          question,
          text: said(texts.prepareText, { what, url: instance.url }),
          choices: ['done', 'give-up'],
          deadline: null,
          atDeadline: 'give-up',
          by,
          needed: 1,
          excludeInitiator: false,
        },
        { name: `prepare-${number + 1}-for-${slug(version)}`, title: question },
      );
    });

/** Old values in new files: what had no clear place is for somebody who knows the product. */
const specialist = (plan: ComindwareInstancePlan, instance: InstanceTarget, version: string, to: string): StepDraft => {
  const question = said(texts.findings, { version });
  return step(
    'askPerson',
    {
      question,
      text: said(texts.findingsText, { folder: instance.config }),
      choices: ['done', 'give-up'],
      deadline: plan.approval.expires,
      atDeadline: 'give-up',
      by: plan.approval.by,
      needed: 1,
      excludeInitiator: false,
    },
    {
      name: `look-at-configuration-of-${to}`,
      title: question,
      uses: { findings: `rehearsal.create-configuration-for-${to}` },
    },
  );
};

const harmless = (
  plan: ComindwareInstancePlan,
  copy: InstanceTarget,
  production: InstanceTarget,
  name: string,
): StepDraft => step('proveInstanceHarmless', { instance: copy, production, forbidden: plan.test.forbidden }, { name });

const scriptOf = ({ update }: ComindwareInstancePlan, version: string): string | null =>
  update.way === 'script'
    ? `${(update.scripts ?? '').replaceAll('{version}', version).replace(/\\+$/, '')}\\instance_upgrade.ps1`
    : null;

const said = (text: { en: string; ru: string }, values: Record<string, string>): Said => ({ ...text, values });
