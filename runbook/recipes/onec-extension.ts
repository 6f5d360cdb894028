/**
 * An extension of a 1C configuration: the licence key is registered, the new version is tried on a copy (whether 1C can apply it
 * to this configuration at all, then the installation, then the way back), approved, and installed with everybody out. Restore
 * is the old extension with its flags, or its absence where there was none.
 */
import { onecExtensionPlan, type OnecExtensionPlan } from '../plan/onec-extension.ts';
import { resolver } from '../plan/resolve.ts';
import { defineRecipe, PlanMistakeAt, slug, stage, step, type PlanFile, type WantedFile } from '../recipe.ts';
import type { OnecFile } from '../targets/index.ts';
import type { Runbook, Stage } from '../types.ts';
import { extensionTexts as texts } from './onec-extension.texts.ts';
import { agreementMistakes, agreementRules } from './agreement.ts';
import { infobaseMistakes } from './apart.ts';
import { windowCheck } from './window.ts';

const recipeVersion = 1;

export const onecExtension = defineRecipe({
  product: 'onec-extension',
  plan: onecExtensionPlan,
  files: ({ update }): Record<string, WantedFile> =>
    update.file === undefined ? {} : { file: { file: update.file, at: ['update', 'file'] } },
  mistakes: mistakesOf,
  runbook: (plan, { file }) => runbookOf(plan, file),
  watched: {
    watch: (plan) => plan.watch,
    installed: (plan) => {
      const infobase = resolver(plan.machines).infobase(plan.production.infobase, ['production', 'infobase']);
      return step('checkExtension', { infobase, extension: plan.update.extension, version: null }).make('preflight');
    },
    withUpdate: (plan, { version, file }) => ({ ...plan, update: { ...plan.update, version, file } }),
  },
});

/** Production used as its own test, more approvals than approvers. */
function mistakesOf(plan: OnecExtensionPlan): { path: string[]; message: string }[] {
  return [...infobaseMistakes(plan.production.infobase, plan.test.infobase), ...agreementMistakes(plan)];
}

function runbookOf(plan: OnecExtensionPlan, file: PlanFile | undefined): Runbook {
  const { extension, version } = plan.update;
  const watched = plan.watch !== undefined;
  if (file === undefined)
    throw new PlanMistakeAt(
      ['update'],
      watched ? 'expected "file", the .cfe; `nakat watch` finds it by itself' : 'expected "file", the .cfe',
    );
  if (version === undefined)
    throw new PlanMistakeAt(
      ['update'],
      watched
        ? 'expected "version", that of the file; `nakat watch` finds it by itself'
        : 'expected "version", that of the file',
    );
  const values = { name: extension, version, system: plan.system };
  return {
    format: 1,
    product: plan.product,
    recipe: { name: 'onec-extension', version: recipeVersion },
    system: plan.system,
    title: { ...texts.title, values },
    update: { name: extension, version, file: file.path, sha256: file.sha256 },
    stages: stagesOf(plan, version, { at: 'worker', path: file.path, sha256: file.sha256 }),
    decisions: agreementRules(plan, {
      approval: { ...texts.approval, values },
      acceptance: { ...texts.acceptance, values },
    }),
    window: plan.window ?? null,
    notify: plan.notify,
    engine: plan.engine,
  };
}

function stagesOf(plan: OnecExtensionPlan, version: string, file: OnecFile): Stage[] {
  const resolve = resolver(plan.machines);
  const infobase = resolve.infobase(plan.production.infobase, ['production', 'infobase']);
  const copy = resolve.infobase(plan.test.infobase, ['test', 'infobase']);
  const { extension } = plan.update;
  const { flags, licence, announce } = plan;
  const { message } = announce;
  const install = { extension, file, version, flags };

  const rehearsal = stage('rehearsal', [
    step('backUpInfobase', { infobase }),
    step('denyInfobaseJobs', { infobase: copy }),
    step('restoreInfobase', { infobase: copy, replace: false }, { uses: { backup: 'rehearsal.back-up-infobase' } }),
    step('denyInfobaseJobs', { infobase: copy }, { name: 'deny-infobase-jobs-again' }),
    step('backUpExtension', { infobase: copy, extension }),
    step('checkExtensionApplies', { infobase: copy, extension, file }),
    step(
      'installExtension',
      { infobase: copy, ...install },
      { uses: { before: 'rehearsal.back-up-extension' }, onFailure: 'stop' },
    ),
    step(
      'proveExtension',
      { infobase: copy, extension, version },
      { uses: { before: 'rehearsal.back-up-extension' }, onFailure: 'stop' },
    ),
    // The way back is tried before it is needed; what it takes is measured.
    step(
      'restoreExtension',
      { infobase: copy, extension },
      { uses: { backup: 'rehearsal.back-up-extension' }, onFailure: 'stop' },
    ),
    step(
      'proveExtensionRestored',
      { infobase: copy, extension },
      { uses: { backup: 'rehearsal.back-up-extension' }, onFailure: 'stop' },
    ),
    step(
      'installExtension',
      { infobase: copy, ...install },
      {
        name: 'install-extension-again',
        uses: { before: 'rehearsal.back-up-extension' },
        onFailure: 'stop',
        title: { ...texts.installAgain, values: { extension, version, infobase: copy.name } },
      },
    ),
  ]);

  const measured = (name: string): { measuredBy: string } => ({ measuredBy: `rehearsal.${name}` });
  const production = stage('production', [
    step('checkExtension', { infobase, extension, version: null }, { measuredBy: 'preflight.check-extension' }),
    step(
      'checkUnchanged',
      { what: extension },
      { uses: { before: 'preflight.check-extension', now: 'production.check-extension' } },
    ),
    step('announceLock', { infobase, message, seconds: announce.before }, { expected: announce.before + 5 }),
    step('lockInfobase', { infobase, message }),
    step('backUpExtension', { infobase, extension }, measured('back-up-extension')),
    step(
      'installExtension',
      { infobase, ...install },
      { uses: { before: 'production.back-up-extension' }, ...measured('install-extension') },
    ),
    step(
      'proveExtension',
      { infobase, extension, version },
      { uses: { before: 'production.back-up-extension' }, onFailure: 'restore', ...measured('prove-extension') },
    ),
    step('unlockInfobase', { infobase }, { uses: { lock: 'production.announce-lock' } }),
  ]);
  const acceptance = stage('acceptance', [
    step(
      'proveExtension',
      { infobase, extension, version },
      { uses: { before: 'production.back-up-extension' }, onFailure: 'restore', ...measured('prove-extension') },
    ),
    // Sessions start again, with the code of the new version in them.
    licence &&
      step(
        'checkLicenceKey',
        { infobase, product: licence.product, question: licence.question },
        { onFailure: 'restore', measuredBy: 'preflight.check-licence-key' },
      ),
  ]);

  const changed = ['production.install-extension', 'production.unlock-infobase'];
  const doors = ['production.announce-lock', 'production.lock-infobase', ...changed];
  const backup = { backup: 'production.back-up-extension' };
  const restore = stage('restore', [
    step('lockInfobase', { infobase, message }, { undoes: changed, measuredBy: 'production.lock-infobase' }),
    step(
      'restoreExtension',
      { infobase, extension },
      { undoes: changed, uses: backup, ...measured('restore-extension') },
    ),
    step(
      'proveExtensionRestored',
      { infobase, extension },
      { undoes: changed, uses: backup, ...measured('prove-extension-restored') },
    ),
    step('unlockInfobase', { infobase }, { undoes: doors, uses: { lock: 'production.announce-lock' } }),
  ]);

  const expected = [production, acceptance, restore]
    .flatMap((one) => one.steps)
    .reduce((sum, one) => sum + one.expected, 0);
  const preflight = stage('preflight', [
    ...Object.entries(plan.machines).map(([name, machine]) =>
      step('reachMachine', { machine: { ...machine, name } }, { name: `reach-${slug(name)}` }),
    ),
    step('checkInfobase', { infobase }),
    step('checkInfobase', { infobase: copy }, { name: 'check-test-infobase' }),
    licence && step('checkLicenceKey', { infobase, product: licence.product, question: licence.question }),
    step('checkExtension', { infobase, extension, version: null }),
    step('checkRoom', { databases: [], infobases: [infobase, copy], sites: [] }),
    windowCheck(plan.window, expected),
  ]);
  return [preflight, rehearsal, production, acceptance, restore];
}
