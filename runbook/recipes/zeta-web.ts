/**
 * A 1C configuration and the web site that belongs to it: the vendor's page, in the vendor's order. The numbers are the points
 * of that page; only the backups of the site (point 8) are made earlier, together with 1C's, so that one restore point holds
 * both. What is added: decisions of a specialist where configuration or schema were changed, the rehearsal on copies, the
 * approval bound to what was rehearsed, and a restore of 1C, files and database together, proved.
 */
import { zetaWebPlan, type ZetaWebPlan } from '../plan/zeta-web.ts';
import { defineRecipe, slug, stage, step, type StepDraft, type WantedFile } from '../recipe.ts';
import type { Runbook, Stage } from '../types.ts';
import { checkEdits } from './zeta-web.customizations.ts';
import { askSpecialist, decisionsOf } from './zeta-web.decisions.ts';
import { mistakesOf, wayOf } from './zeta-web.mistakes.ts';
import { fileOfRelease, partsOf, type Files, type Parts } from './zeta-web.parts.ts';
import { restoreOf } from './zeta-web.restore.ts';
import { zetaTexts as texts } from './zeta-web.texts.ts';
import { updateInfobase, updateSite } from './zeta-web.update.ts';

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
  const preflight = preflightOf(plan, parts, Math.ceil(expected * (plan.window?.margin ?? 1)));
  return [preflight, rehearsal, production, acceptance, restore];
}

function preflightOf(plan: ZetaWebPlan, parts: Parts, seconds: number): Stage {
  const { production: live, test: copy, archive, previous, hops, schemas } = parts;
  const { configuration, subscription } = plan.update;
  const { name, vendor } = configuration;
  const into = { machine: live.tree.store.machine, folder: live.tree.store.folder };
  return stage('preflight', [
    ...Object.entries(plan.machines).map(([name, machine]) =>
      step('reachMachine', { machine: { ...machine, name } }, { name: `reach-${slug(name)}` }),
    ),
    step('checkInfobase', { infobase: live.infobase }),
    step('checkInfobase', { infobase: copy.infobase }, { name: 'check-test-infobase' }),
    // Before anything: the right to updates.
    step('checkSubscription', { infobase: live.infobase, question: subscription }),
    step('checkConfiguration', { infobase: live.infobase, name, version: configuration.from }),
    ...hops.map(({ from, to, file, kind }) =>
      step(
        'checkUpdateFile',
        { infobase: live.infobase, file, kind, name, from, to },
        { name: `check-update-file-${slug(to)}` },
      ),
    ),
    step('checkDatabaseServer', { database: live.database, tables: plan.fingerprint.tables }),
    step('checkDatabaseServer', { database: copy.database, tables: [] }, { name: 'check-test-database-server' }),
    step('checkBackupFolder', { database: live.database }),
    step('checkWebSite', { site: live.site }),
    // What is off now stays off, and point 13 would wait for nothing, in production, until everything is restored.
    step('checkExchangeJobs', { infobase: live.infobase, jobs: plan.jobs }),
    step('checkSiteExchange', exchangeOn(live)),
    live.tree.via !== 'manual' && step('checkTree', { tree: live.tree }),
    step('checkTree', { tree: copy.tree }, { name: 'check-test-tree' }),
    live.pages && step('checkBrowser', { pages: live.pages }),
    step('unpackUpdate', { archive, into }),
    previous && step('unpackUpdate', { archive: previous, into }, { name: 'unpack-previous' }),
    step('checkRoom', {
      databases: [live.database, copy.database],
      infobases: [live.infobase, copy.infobase],
      sites: [],
    }),
    plan.window &&
      step('checkWindow', {
        from: plan.window.from,
        to: plan.window.to,
        timeZone: plan.window.timeZone,
        days: plan.window.days,
        seconds,
      }),
    // Changed by the customer? Then a specialist decides, with the differences.
    step('compareConfiguration', { infobase: live.infobase, vendor }),
    askSpecialist(plan, {
      name: 'decide-configuration',
      question: texts.configurationChanged,
      title: texts.configurationWord,
      findings: 'preflight.compare-configuration',
    }),
    ...(schemas.before
      ? [
          step('compareSchema', {
            database: live.database,
            release: schemas.before.release,
            reference: schemas.before.columns,
          }),
          askSpecialist(plan, {
            name: 'decide-schema',
            question: texts.schemaChanged,
            title: texts.schemaWord,
            findings: 'preflight.compare-schema',
          }),
        ]
      : []),
  ]);
}

type State = Parameters<typeof step<'readState'>>[1];

function rehearsalOf(plan: ZetaWebPlan, parts: Parts, state: State): Stage {
  const { production: live, test: copy } = parts;
  const { harmless } = plan.test;
  const at = { plan, parts, side: copy, stage: 'rehearsal' } as const;
  return stage('rehearsal', [
    // Copies of 1C, database and files. Restoring them is what proves the backups.
    step('backUpInfobase', { infobase: live.infobase }),
    step('denyInfobaseJobs', { infobase: copy.infobase }),
    step(
      'restoreInfobase',
      { infobase: copy.infobase, replace: false },
      { uses: { backup: 'rehearsal.back-up-infobase' } },
    ),
    step('denyInfobaseJobs', { infobase: copy.infobase }, { name: 'deny-infobase-jobs-again' }),
    step('backUpDatabase', { database: live.database }),
    step(
      'restoreDatabase',
      { database: copy.database, replace: false },
      { uses: { backup: 'rehearsal.back-up-database' } },
    ),
    step('checkRestoredCopy', { database: copy.database, original: live.database }),
    // Harmless before the first visit: no address of production, no exchange.
    step('makeHarmless', { database: copy.database, replace: harmless.replace, rows: harmless.rows }),
    ...(live.tree.via === 'manual'
      ? []
      : [
          step('backUpTree', { tree: live.tree }, { name: 'back-up-files' }),
          step(
            'restoreTree',
            { tree: copy.tree },
            { name: 'copy-tree', uses: { backup: 'rehearsal.back-up-files' }, onFailure: 'stop' },
          ),
        ]),
    step('proveWebHarmless', {
      site: copy.site,
      database: copy.database,
      infobase: copy.infobase,
      tree: copy.tree,
      exchange: copy.exchange.switch,
      production: { site: live.site, database: live.database, infobase: live.infobase, tree: live.tree },
      forbidden: [...new Set([...harmless.replace.map((one) => one.from), ...harmless.forbidden])],
      files: harmless.files,
      rows: harmless.rows,
    }),
    step('checkWebSite', { site: copy.site }),
    copy.pages && step('capturePages', { pages: copy.pages }, { onFailure: 'stop' }),
    ...updateInfobase(at),
    step('backUpTree', { tree: copy.tree }, { onFailure: 'stop' }),
    ...updateSite(at),
    ...exchangeWithCopy(plan, parts),
    // What is approved, is bound to this.
    step('readState', state),
  ]);
}

/** Only where the plan has files for it: 1C's copy runs no jobs. */
function exchangeWithCopy(plan: ZetaWebPlan, { test: copy, exchangeFiles }: Parts): StepDraft[] {
  if (exchangeFiles.length === 0) return [];
  const { exchange } = plan.site;
  return [
    step('readSiteExchange', exchangeOn(copy)),
    step('switchSiteExchangeOn', exchangeOn(copy), { onFailure: 'stop' }),
    step(
      'runExchange',
      {
        ...exchangeOn(copy),
        start: { by: 'protocol', files: [...exchangeFiles] },
        limit: exchange.limit,
        tables: exchange.tables,
      },
      { uses: { before: 'rehearsal.read-site-exchange' }, onFailure: 'stop' },
    ),
    step('switchSiteExchangeOff', { ...exchangeOn(copy), settle: 0 }, { onFailure: 'stop' }),
  ];
}

function productionOf(plan: ZetaWebPlan, parts: Parts, state: State): Stage {
  const { production: live, archive } = parts;
  const { infobase, site, database, tree, pages } = live;
  const { door, exchange } = plan.site;
  const at = { plan, parts, side: live, stage: 'production' } as const;
  const measured = (name: string): { measuredBy: string } => ({ measuredBy: `rehearsal.${name}` });
  return stage('production', [
    step('checkDrift', state, { uses: { before: 'rehearsal.read-state' }, ...measured('read-state') }),
    ...checkEdits(plan, parts),
    // Somebody may have switched it off since the preflight: people are asked while nothing is touched yet.
    step('checkExchangeJobs', { infobase, jobs: plan.jobs }, { onFailure: 'ask' }),
    step('checkSiteExchange', exchangeOn(live), { onFailure: 'ask' }),
    door && step('closeWebSite', { site, database, door }),
    // 1. The exchange, on both sides; how it was is remembered.
    step('readSiteExchange', exchangeOn(live), { onFailure: 'restore' }),
    step('switchOffExchangeJobs', { infobase, jobs: plan.jobs }),
    step('switchSiteExchangeOff', { ...exchangeOn(live), settle: exchange.settle }),
    // One that had begun may have ended until now: the exchange of point 13 is none of those.
    step('readSiteExchange', exchangeOn(live), {
      name: 'read-last-exchange',
      title: texts.lastExchange,
      onFailure: 'restore',
    }),
    step('lockInfobase', { infobase, message: 'nakat' }),
    pages && step('capturePages', { pages }, measured('capture-pages')),
    // 2. and 8. One restore point of all that belongs together.
    step('backUpInfobase', { infobase }, measured('back-up-infobase')),
    step('backUpDatabase', { database }, measured('back-up-database')),
    tree.via === 'manual'
      ? askSpecialist(plan, {
          name: 'save-by-hand',
          question: texts.saveByHand,
          values: { tree: tree.name },
          text: { ...texts.saveByHandText, values: { tree: tree.name } },
        })
      : step('backUpTree', { tree }, measured('back-up-files')),
    step('takeFingerprint', {
      databases: [{ database, tables: plan.fingerprint.tables }],
      infobases: [infobase],
      sites: [],
    }),
    // 3. The archive once more, from the digest that was approved.
    step(
      'unpackUpdate',
      { archive, into: { machine: tree.store.machine, folder: tree.store.folder } },
      { onFailure: 'restore', measuredBy: 'preflight.unpack-update' },
    ),
    // 4. to 7.
    ...updateInfobase(at),
    // 9. to 11.
    ...updateSite(at),
    // 12. As it was; 1C's jobs run only in an infobase that is open.
    step('switchSiteExchangeOn', exchangeOn(live), { uses: { before: 'production.read-site-exchange' } }),
    step(
      'switchOnExchangeJobs',
      { infobase, jobs: plan.jobs },
      { uses: { before: 'production.switch-off-exchange-jobs' } },
    ),
    step('unlockInfobase', { infobase }, { uses: { lock: 'production.lock-infobase' } }),
    // Jobs run again: what was left to them is done, or has failed, before anything is called done.
    plan.update.handlers.deferred === 'later' && step('awaitDeferredHandlers', { infobase }),
    // 13. People work in 1C again: whether what they entered is worth less than this exchange is asked, as of the pages.
    step(
      'runExchange',
      { ...exchangeOn(live), start: { by: 'schedule' }, limit: exchange.limit, tables: exchange.tables },
      { uses: { before: 'production.read-last-exchange' }, onFailure: 'ask' },
    ),
    // 14. Done.
    door && step('openWebSite', { site, database, door }),
  ]);
}

const exchangeOn = ({ site, database, exchange }: Parts['production']) => ({ site, database, exchange });
