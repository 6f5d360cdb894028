/** Before anything is touched: rights, versions, files, room, log-ins, and what of the customer's own a specialist has to decide about. */
import type { ZetaWebPlan } from '../plan/zeta-web.ts';
import { slug, stage, step } from '../recipe.ts';
import type { Stage } from '../types.ts';
import { askSpecialist } from './zeta-web.decisions.ts';
import { exchangeOn, type Parts } from './zeta-web.parts.ts';
import { zetaTexts as texts } from './zeta-web.texts.ts';
import { windowCheck } from './window.ts';

/** @param expected seconds of production. */
export function preflightOf(plan: ZetaWebPlan, parts: Parts, expected: number): Stage {
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
    windowCheck(plan.window, expected),
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
