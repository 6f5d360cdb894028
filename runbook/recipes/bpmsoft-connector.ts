/**
 * The 1C Connector package in a BPMSoft application: the vendor's page, in the vendor's order. The numbers are the points
 * of that page. What is added to it: proof (of the backup, of the copy's harmlessness, of the restore), the approval
 * bound to what was rehearsed, and keeping people out while production changes.
 */
import { bpmsoftConnectorPlan, type BpmsoftConnectorPlan } from '../plan/bpmsoft-connector.ts';
import { inMaintenance, resolver } from '../plan/resolve.ts';
import { defineRecipe, slug, stage, step, type StepDraft } from '../recipe.ts';
import type { Archive, Connector, Integration } from '../targets/index.ts';
import type { Runbook, Stage, StageName } from '../types.ts';
import { decisionsOf } from './bpmsoft-connector.decisions.ts';
import { mistakesOf } from './bpmsoft-connector.mistakes.ts';
import { connectorTexts as texts } from './bpmsoft-connector.texts.ts';
import { windowCheck } from './window.ts';

const recipeVersion = 1;

export const bpmsoftConnector = defineRecipe({
  product: 'bpmsoft-connector',
  plan: bpmsoftConnectorPlan,
  files: (plan) => ({ archive: { file: plan.update.package, at: ['update', 'package'] } }),
  mistakes: mistakesOf,
  runbook: (plan, { archive }) =>
    runbookOf(plan, {
      path: archive.path,
      sha256: archive.sha256,
      name: plan.update.name,
      version: plan.update.version,
    }),
});

function runbookOf(plan: BpmsoftConnectorPlan, archive: Archive): Runbook {
  return {
    format: 1,
    product: plan.product,
    recipe: { name: 'bpmsoft-connector', version: recipeVersion },
    system: plan.system,
    title: { ...texts.title, values: { name: archive.name, version: archive.version, system: plan.system } },
    update: { file: archive.path, sha256: archive.sha256, name: archive.name, version: archive.version },
    stages: stagesOf(plan, archive),
    decisions: decisionsOf(plan, archive),
    window: plan.window ?? null,
    notify: plan.notify,
    engine: plan.engine,
  };
}

function stagesOf(plan: BpmsoftConnectorPlan, archive: Archive): Stage[] {
  const resolve = resolver(plan.machines);
  const production = {
    database: resolve.database(plan.production.database, ['production', 'database']),
    infobase: resolve.infobase(plan.production.infobase, ['production', 'infobase']),
    site: resolve.site(plan.production.site, ['production', 'site']),
  };
  const test = {
    database: resolve.database(plan.test.database, ['test', 'database']),
    infobase: resolve.infobase(plan.test.infobase, ['test', 'infobase']),
    site: resolve.site(plan.test.site, ['test', 'site']),
  };
  const closed = { ...production, site: inMaintenance(production.site, plan.production.site) };
  const { connector, integrations } = plan;
  const { settings, historyTable } = connector;
  const state = {
    sites: [production.site],
    webSites: [],
    infobases: [],
    databases: [{ database: production.database, settings }],
    files: [archive.path],
  };
  const together = {
    databases: [{ database: production.database, tables: plan.fingerprint.tables }],
    infobases: [production.infobase],
    sites: [closed.site],
  };
  const machines = Object.keys(plan.machines).map(
    (name) => ({ ...plan.machines[name], name }) as typeof production.site.machine,
  );
  const harmless = plan.test.harmless;

  const preflight = (expected: number): Stage =>
    stage('preflight', [
      ...machines.map((machine) => step('reachMachine', { machine }, { name: `reach-${slug(machine.name)}` })),
      step('checkPackage', { archive }),
      step('checkDatabaseServer', {
        database: production.database,
        tables: [historyTable, ...settings.map((one) => one.table), ...plan.fingerprint.tables],
      }),
      step('checkBackupFolder', { database: production.database }),
      step('checkInfobase', { infobase: production.infobase }),
      step('checkInfobase', { infobase: test.infobase }, { name: 'check-test-infobase' }),
      step('checkWebServer', { site: production.site }),
      step('checkSite', { site: production.site, minimum: plan.minimumVersion }),
      step('checkInstalledPackage', { site: production.site, archive }),
      step('checkRoom', {
        databases: [production.database, test.database],
        infobases: [production.infobase, test.infobase],
        sites: [production.site, test.site],
      }),
      windowCheck(plan.window, expected),
      // "Before anything": errors are to be fixed first.
      step('generateSources', { site: production.site }),
      step('compileAll', { site: production.site }),
    ]);

  const rehearsal = stage('rehearsal', [
    // 1. A copy of production's database; restoring it is what proves the backup.
    step('backUpDatabase', { database: production.database }),
    step(
      'restoreDatabase',
      { database: test.database, replace: false },
      { uses: { backup: 'rehearsal.back-up-database' } },
    ),
    step('checkRestoredCopy', { database: test.database, original: production.database }),
    // 4. A copy of the 1C database, as the test 1C.
    step('backUpInfobase', { infobase: production.infobase }),
    step('denyInfobaseJobs', { infobase: test.infobase }),
    step(
      'restoreInfobase',
      { infobase: test.infobase, replace: false },
      { uses: { backup: 'rehearsal.back-up-infobase' } },
    ),
    step('denyInfobaseJobs', { infobase: test.infobase }, { name: 'deny-infobase-jobs-again' }),
    // 2. The test site, harmless before it is started for the first time.
    step('createSite', { site: test.site, from: production.site, database: test.database }),
    step('makeHarmless', { database: test.database, replace: harmless.replace, rows: harmless.rows }),
    step('pointAtInfobase', { database: test.database, rows: plan.test.connection }),
    step('proveHarmless', {
      database: test.database,
      site: test.site,
      infobase: test.infobase,
      production: { site: production.site, database: production.database },
      forbidden: [...new Set([...harmless.replace.map((one) => one.from), ...harmless.forbidden])],
      rows: [...harmless.rows, ...plan.test.connection],
    }),
    step('startSite', { site: test.site }),
    step('waitUntilReady', { site: test.site }),
    // 3. The package on the test site; 5. and its validation.
    ...installAndValidate(test, archive, connector, integrations, 'rehearsal', []),
    step('checkStartPage', { site: test.site }),
    // What is approved, is bound to this.
    step('readState', state),
  ]);

  const measured = (name: string): { measuredBy: string } => ({ measuredBy: `rehearsal.${name}` });
  const productionStage = stage('production', [
    step('checkDrift', state, { uses: { before: 'rehearsal.read-state' }, ...measured('read-state') }),
    step('keepUsersOut', { site: production.site }),
    step('lockInfobase', { infobase: production.infobase, message: 'nakat' }),
    step('stopSite', { site: closed.site }),
    // 6. One restore point of all that belongs together.
    step('backUpDatabase', { database: production.database }, measured('back-up-database')),
    step('snapshotDatabase', { database: production.database }, measured('back-up-database')),
    step('backUpInfobase', { infobase: production.infobase }, measured('back-up-infobase')),
    step('backUpFiles', { site: closed.site }, measured('create-site')),
    step('takeFingerprint', together),
    step('startSite', { site: closed.site }, measured('start-site')),
    step('waitUntilReady', { site: closed.site }, measured('wait-until-ready')),
    // 7. and 8. Integrations talk to 1C, so sessions are admitted again just before them; its own jobs stay off.
    ...installAndValidate(closed, archive, connector, integrations, 'production', [
      step('admitSessions', { infobase: production.infobase }),
    ]),
    step('unlockInfobase', { infobase: production.infobase }, { uses: { lock: 'production.lock-infobase' } }),
    step('letUsersIn', { site: production.site }),
  ]);

  const acceptance = stage('acceptance', [
    step('waitUntilReady', { site: production.site }, measured('wait-until-ready')),
    step('checkStartPage', { site: production.site }, { onFailure: 'restore', ...measured('check-start-page') }),
    step(
      'checkVersions',
      { site: production.site, expected: { [archive.name]: archive.version } },
      { onFailure: 'restore' },
    ),
  ]);

  const closing = stage('closing', [
    step('dropSnapshot', { database: production.database }, { uses: { snapshot: 'production.snapshot-database' } }),
  ]);

  const touched = productionStage.steps
    .concat(acceptance.steps)
    .filter((one) => one.effect === 'writes')
    .map((one) => one.id);
  const afterRestorePoint = touched.slice(touched.indexOf('production.start-site'));
  const restore = stage('restore', [
    step(
      'keepUsersOut',
      { site: production.site },
      { undoes: afterRestorePoint, measuredBy: 'production.keep-users-out' },
    ),
    step(
      'lockInfobase',
      { infobase: production.infobase, message: 'nakat' },
      { undoes: afterRestorePoint, measuredBy: 'production.lock-infobase' },
    ),
    step('stopSite', { site: closed.site }, { undoes: afterRestorePoint, measuredBy: 'production.stop-site' }),
    step(
      'revertDatabase',
      { database: production.database },
      {
        undoes: afterRestorePoint,
        uses: {
          snapshot: 'production.snapshot-database',
          backup: 'production.back-up-database',
          before: 'production.take-fingerprint',
        },
        ...measured('restore-database'),
      },
    ),
    step(
      'restoreInfobase',
      { infobase: production.infobase, replace: true },
      {
        undoes: afterRestorePoint,
        uses: { backup: 'production.back-up-infobase' },
        onFailure: 'ask',
        ...measured('restore-infobase'),
      },
    ),
    step(
      'restoreFiles',
      { site: closed.site },
      { undoes: afterRestorePoint, uses: { backup: 'production.back-up-files' }, ...measured('create-site') },
    ),
    step('proveRestored', together, {
      undoes: afterRestorePoint,
      uses: { before: 'production.take-fingerprint' },
      measuredBy: 'production.take-fingerprint',
    }),
    step(
      'startSite',
      { site: closed.site },
      { undoes: ['production.stop-site', ...afterRestorePoint], ...measured('start-site') },
    ),
    step(
      'waitUntilReady',
      { site: closed.site },
      { undoes: ['production.stop-site', ...afterRestorePoint], ...measured('wait-until-ready') },
    ),
    step(
      'checkVersions',
      { site: closed.site, expected: {} },
      { undoes: afterRestorePoint, uses: { before: 'preflight.check-site' } },
    ),
    step(
      'unlockInfobase',
      { infobase: production.infobase },
      { undoes: ['production.lock-infobase', ...afterRestorePoint], uses: { lock: 'production.lock-infobase' } },
    ),
    step('letUsersIn', { site: production.site }, { undoes: ['production.keep-users-out', ...afterRestorePoint] }),
    step(
      'checkStartPage',
      { site: production.site },
      { undoes: ['production.keep-users-out', ...afterRestorePoint], ...measured('check-start-page') },
    ),
    step(
      'dropSnapshot',
      { database: production.database },
      { undoes: ['production.snapshot-database'], uses: { snapshot: 'production.snapshot-database' } },
    ),
  ]);
  // Before anything was measured: what the recipe expects of all that has to fit into the window.
  const expected = [productionStage, acceptance, restore]
    .flatMap((one) => one.steps)
    .reduce((sum, one) => sum + one.expected, 0);
  return [preflight(expected), rehearsal, productionStage, acceptance, closing, restore];
}

/** Points 3/7, 5/8 and 9 of the page: the same on the test site and in production. */
function installAndValidate(
  on: {
    database: Parameters<typeof step<'clearTable'>>[1]['database'];
    site: Parameters<typeof step<'installPackage'>>[1]['site'];
  },
  archive: Archive,
  connector: Connector,
  integrations: readonly Integration[],
  at: StageName,
  beforeIntegrations: readonly StepDraft[],
): StepDraft[] {
  const { database, site } = on;
  const { settings, duplicates, objects, results, historyTable } = connector;
  const measured = (name: string): { measuredBy?: string } =>
    at === 'production' ? { measuredBy: `rehearsal.${name}` } : {};
  const fail = at === 'rehearsal' ? ({ onFailure: 'stop' } as const) : {};
  const more = at === 'production' ? ({ onFailure: 'restore' } as const) : {};
  return [
    step('readSettings', { database, settings }, measured('read-settings')),
    step('countDuplicates', { database, tables: duplicates }, { ...fail, ...more, ...measured('count-duplicates') }),
    step('installPackage', { site, archive }, { ...fail, ...measured('install-package') }),
    step('waitUntilReady', { site }, { name: 'wait-after-install', ...more, ...measured('wait-after-install') }),
    step('clearTable', { database, table: historyTable }, { ...more, ...measured('clear-table') }),
    // The page names the flag last; without it the very first integration would already make duplicates.
    step('setDeduplication', { site, objects }, { ...more, ...measured('set-deduplication') }),
    ...beforeIntegrations,
    ...integrations.map((integration) =>
      step(
        'runIntegration',
        { site, integration, results },
        { name: `run-${slug(integration.name)}`, ...fail, ...measured(`run-${slug(integration.name)}`) },
      ),
    ),
    step(
      'checkDuplicates',
      { database, tables: duplicates },
      { uses: { before: `${at}.count-duplicates` }, ...more, ...measured('check-duplicates') },
    ),
    step(
      'compareSettings',
      { database, settings },
      { uses: { before: `${at}.read-settings` }, ...more, ...measured('compare-settings') },
    ),
    step('checkDeduplication', { site, objects }, { ...more, ...measured('check-deduplication') }),
  ];
}
