/**
 * A customer's own edits of the vendor's pages (the personal account) carried over to a new version, after the vendor's page: the numbers
 * are its points. What is added: the merge is a real one, conflicts wait for a person before anything is touched, the test copy gets
 * the result first, production gets exactly that, and a restore is proved.
 */
import { customizationsPlan, type CustomizationsPlan } from '../plan/customizations.ts';
import { resolver } from '../plan/resolve.ts';
import { resolveTree } from '../plan/web.ts';
import {
  defineRecipe,
  PlanMistakeAt,
  slug,
  stage,
  step,
  type PlanFile,
  type StepDraft,
  type WantedFile,
} from '../recipe.ts';
import type { Archive, Desk } from '../targets/index.ts';
import type { Runbook, Stage, StageName } from '../types.ts';
import { customizationsTexts as texts } from './customizations.texts.ts';
import { agreementMistakes, agreementRules } from './agreement.ts';
import { windowCheck } from './window.ts';

const recipeVersion = 1;

export const customizations = defineRecipe({
  product: 'customizations',
  plan: customizationsPlan,
  files: ({ update }): Record<string, WantedFile> => ({
    archive: { file: update.archive, at: ['update', 'archive'] },
    ...(update.previous === undefined ? {} : { previous: { file: update.previous, at: ['update', 'previous'] } }),
  }),
  mistakes: mistakesOf,
  runbook: runbookOf,
});

type Mistake = { path: string[]; message: string };

/** Production used as its own test, pages that nakat does not reach, an old version that is the new one, more approvals than approvers. */
function mistakesOf(plan: CustomizationsPlan): Mistake[] {
  const { production, test, update } = plan;
  const found: Mistake[] = [];
  for (const [name, { pages }] of Object.entries({ production, test }))
    if (pages.via === 'manual')
      found.push({
        path: [name, 'pages', 'via'],
        message: 'expected machine or ftp: nakat itself puts the pages in place',
      });
  const place = ({ pages }: CustomizationsPlan['production']): string =>
    pages.via === 'machine'
      ? `${pages.machine} ${pages.folder}`
      : pages.via === 'ftp'
        ? `${pages.host}:${pages.port} ${pages.user} ${pages.folder}`
        : '';
  if (place(production) !== '' && place(production) === place(test))
    found.push({ path: ['test', 'pages', 'folder'], message: 'the pages of the test copy are production’s own' });
  if (update.previous === update.archive)
    found.push({ path: ['update', 'previous'], message: 'the old version is the same file as the new one' });
  found.push(...agreementMistakes(plan));
  return found;
}

function runbookOf(plan: CustomizationsPlan, files: Readonly<Record<string, PlanFile>>): Runbook {
  const { name, version } = plan.update;
  const values = { name, version, system: plan.system };
  const archiveOf = (file: PlanFile): Archive => ({ path: file.path, sha256: file.sha256, name, version });
  const { archive, previous } = files;
  if (!archive) throw new PlanMistakeAt(['update', 'archive'], 'expected the new version');
  if (previous?.sha256 === archive.sha256)
    throw new PlanMistakeAt(['update', 'previous'], 'the old version has the same content as the new one');
  return {
    format: 1,
    product: plan.product,
    recipe: { name: 'customizations', version: recipeVersion },
    system: plan.system,
    title: { ...texts.title, values },
    update: { name, version, file: archive.path, sha256: archive.sha256 },
    stages: stagesOf(plan, archiveOf(archive), previous && { ...archiveOf(previous), version: 'previous' }),
    decisions: agreementRules(plan, {
      approval: { ...texts.approval, values },
      acceptance: { ...texts.acceptance, values },
    }),
    window: plan.window ?? null,
    notify: plan.notify,
    engine: plan.engine,
  };
}

function stagesOf(plan: CustomizationsPlan, archive: Archive, previous: Archive | undefined): Stage[] {
  const machineOf = resolver(plan.machines).machine;
  const production = resolveTree(plan.production.pages, ['production', 'pages'], machineOf);
  const test = resolveTree(plan.test.pages, ['test', 'pages'], machineOf);
  const desk = deskOf(plan, machineOf);
  const { part } = plan.update;
  const { keep } = production;
  const { encoding } = plan.merge;
  const state = {
    sites: [],
    webSites: [],
    infobases: [],
    databases: [],
    files: [archive.path, ...(previous ? [previous.path] : [])],
  };

  const preflight = (expected: number): Stage =>
    stage('preflight', [
      ...Object.keys(plan.machines).map((name) =>
        step('reachMachine', { machine: machineOf(name, ['machines', name]) }, { name: `reach-${slug(name)}` }),
      ),
      step('checkTree', { tree: production }),
      step('checkTree', { tree: test }, { name: 'check-test-tree' }),
      ...pagesAnswer(plan, 'production', 'preflight'),
      windowCheck(plan.window, expected),
    ]);

  const sides = {
    ...(previous ? { base: 'rehearsal.unpack-previous' } : {}),
    ours: 'rehearsal.capture-customizations',
    theirs: 'rehearsal.unpack-update',
  };
  const into = { machine: desk.machine, folder: desk.folder };
  const rehearsal = stage('rehearsal', [
    // 1. The edited pages as they are; 3. the new version; 4. both unpacked.
    step('captureCustomizations', { tree: production }),
    previous &&
      step('unpackUpdate', { archive: previous, into }, { name: 'unpack-previous', title: texts.unpackPrevious }),
    step('unpackUpdate', { archive, into }),
    // 5. The edits into the new version; where they do not fit a person decides.
    step('mergeCustomizations', { desk, part, encoding, keep }, { uses: sides, failureDeadline: plan.merge.deadline }),
    step(
      'checkCustomizations',
      { part, encoding, keep },
      { uses: { ...sides, merged: 'rehearsal.merge-customizations' } },
    ),
    plan.merge.review &&
      step(
        'askPerson',
        {
          question: texts.review,
          choices: ['go-on', 'stop'],
          deadline: plan.merge.review.deadline,
          atDeadline: plan.merge.review.atDeadline,
          by: plan.merge.review.by,
          needed: 1,
          excludeInitiator: false,
        },
        { name: 'review', title: texts.review, uses: { findings: 'rehearsal.check-customizations' } },
      ),
    step(
      'captureCustomizations',
      { tree: test },
      { name: 'capture-test-pages', title: { ...texts.captureTest, values: { tree: test.name } } },
    ),
    step(
      'applyCustomizations',
      { tree: test },
      {
        uses: { merged: 'rehearsal.merge-customizations', backup: 'rehearsal.capture-test-pages' },
      },
    ),
    ...pagesAnswer(plan, 'test', 'rehearsal'),
    // What is approved, is bound to this.
    step('readState', state),
  ]);

  const measured = (name: string): { measuredBy: string } => ({ measuredBy: `rehearsal.${name}` });
  const productionStage = stage('production', [
    step('checkDrift', state, { uses: { before: 'rehearsal.read-state' }, ...measured('read-state') }),
    // The restore point; and nobody has edited the pages since they were merged.
    step(
      'captureCustomizations',
      { tree: production },
      { onFailure: 'restore', ...measured('capture-customizations') },
    ),
    step(
      'checkStillMerged',
      { tree: production },
      { uses: { merged: 'rehearsal.capture-customizations', now: 'production.capture-customizations' } },
    ),
    step(
      'applyCustomizations',
      { tree: production },
      {
        uses: { merged: 'rehearsal.merge-customizations', backup: 'production.capture-customizations' },
        ...measured('apply-customizations'),
      },
    ),
  ]);
  const acceptance = stage('acceptance', pagesAnswer(plan, 'production', 'acceptance'));

  const undoes = ['production.apply-customizations'];
  const restore = stage('restore', [
    step(
      'restoreTree',
      { tree: production },
      { undoes, uses: { backup: 'production.capture-customizations' }, ...measured('apply-customizations') },
    ),
    step('proveTree', { tree: production }, { undoes, uses: { backup: 'production.capture-customizations' } }),
    ...pagesAnswer(plan, 'production', 'restore', undoes),
  ]);
  // Before anything was measured: what the recipe expects of all that has to fit into the window.
  const expected = [productionStage, acceptance, restore]
    .flatMap((one) => one.steps)
    .reduce((sum, one) => sum + one.expected, 0);
  return [preflight(expected), rehearsal, productionStage, acceptance, stage('closing', []), restore];
}

/** Numbered: two pages may differ in letters that a step's name cannot have. */
function pagesAnswer(
  plan: CustomizationsPlan,
  side: 'production' | 'test',
  at: StageName,
  undoes?: readonly string[],
): StepDraft[] {
  return plan.checks.map(({ path, text }, index) => {
    const url = new URL(path, plan[side].url).href;
    return step(
      'waitForUrl',
      { url, status: [200], text, user: '', every: 2, within: plan.answerWithin },
      {
        name: `check-page-${index + 1}`,
        title: { ...texts.checkPage, values: { url } },
        onFailure: at === 'acceptance' ? 'restore' : at === 'restore' ? 'ask' : 'stop',
        ...(undoes ? { undoes } : {}),
      },
    );
  });
}

function deskOf({ merge }: CustomizationsPlan, machineOf: ReturnType<typeof resolver>['machine']): Desk {
  const machine = machineOf(merge.machine, ['merge']);
  if (machine.via !== 'local')
    throw new PlanMistakeAt(['merge', 'machine'], 'expected a machine with `via: local`: where the worker runs');
  return { machine, folder: merge.folder, remembered: merge.remembered };
}
