/**
 * A 1C configuration and the web site that belongs to it: the vendor's page, in the vendor's order. The numbers are the points
 * of that page; only the backups of the site (point 8) are made earlier, together with 1C's, so that one restore point holds
 * both. What is added: decisions of a specialist where configuration or schema were changed, the rehearsal on copies, the
 * approval bound to what was rehearsed, and a restore of 1C, files and database together, proved.
 */
import { zetaWebPlan, type ZetaWebPlan } from '../plan/zeta-web.ts';
import { defineRecipe, stage, step, type WantedFile } from '../recipe.ts';
import type { Runbook, Stage } from '../types.ts';
import { decisionsOf } from './zeta-web.decisions.ts';
import { mistakesOf, wayOf } from './zeta-web.mistakes.ts';
import { fileOfRelease, partsOf, type Files, type Parts } from './zeta-web.parts.ts';
import { preflightOf } from './zeta-web.preflight.ts';
import { productionOf } from './zeta-web.production.ts';
import { rehearsalOf } from './zeta-web.rehearsal.ts';
import { restoreOf } from './zeta-web.restore.ts';
import { zetaTexts as texts } from './zeta-web.texts.ts';

const recipeVersion = 1;

export const zetaWeb = defineRecipe({
  product: 'zeta-web',
  plan: zetaWebPlan,
  files: filesOf,
  mistakes: mistakesOf,
  runbook: runbookOf,
});

/** Of releases only those on the way: the others need not be at hand. */
function filesOf(plan: ZetaWebPlan): Record<string, WantedFile> {
  const { update, schemas, test } = plan;
  const files: Record<string, WantedFile> = { archive: { file: update.archive, at: ['update', 'archive'] } };
  if (update.previous !== undefined) files['previous'] = { file: update.previous, at: ['update', 'previous'] };
  for (const which of ['before', 'after'] as const) {
    const file = schemas[which];
    if (file !== undefined) files[`schema ${which}`] = { file, at: ['schemas', which], content: true };
  }
  test.exchange.forEach((file, at) => (files[`exchange ${at}`] = { file, at: ['test', 'exchange', at] }));
  const way = wayOf(plan);
  if (!(way instanceof Error) && way.found)
    for (const { version, file } of way.hops) {
      const at = update.configuration.releases.findIndex((one) => one.version === version);
      files[fileOfRelease(version)] = { file, at: ['update', 'configuration', 'releases', at, 'file'] };
    }
  return files;
}

function runbookOf(plan: ZetaWebPlan, files: Files): Runbook {
  const parts = partsOf(plan, files);
  const { archive } = parts;
  return {
    format: 1,
    product: plan.product,
    recipe: { name: 'zeta-web', version: recipeVersion },
    system: plan.system,
    title: { ...texts.title, values: { name: archive.name, version: archive.version, system: plan.system } },
    update: { file: archive.path, sha256: archive.sha256, name: archive.name, version: archive.version },
    stages: stagesOf(
      plan,
      parts,
      Object.values(files).map(({ path }) => path),
    ),
    decisions: decisionsOf(plan),
    window: plan.window ?? null,
    notify: plan.notify,
    engine: plan.engine,
  };
}

function stagesOf(plan: ZetaWebPlan, parts: Parts, files: readonly string[]): Stage[] {
  const { production: live } = parts;
  // Without the files of an exchange with the copy, which is sent and not approved.
  const state = {
    sites: [],
    webSites: [live.site],
    infobases: [live.infobase],
    databases: [{ database: live.database, settings: [] }],
    files: files.filter((file) => !parts.exchangeFiles.includes(file)),
  };
  const rehearsal = rehearsalOf(plan, parts, state);
  const production = productionOf(plan, parts, state);
  const acceptance = stage('acceptance', [
    step(
      'checkWebVersion',
      { site: live.site, expected: plan.update.version },
      { onFailure: 'restore', measuredBy: 'rehearsal.check-web-version' },
    ),
  ]);
  const restore = restoreOf(plan, parts, [...production.steps, ...acceptance.steps]);
  // Before anything was measured: what the recipe expects of all that has to fit into the window.
  const expected = [production, acceptance, restore]
    .flatMap((one) => one.steps)
    .reduce((sum, one) => sum + one.expected, 0);
  const preflight = preflightOf(plan, parts, expected);
  return [preflight, rehearsal, production, acceptance, restore];
}
