/** Points 4–11 of the vendor's page: the same on the copy and in production. */
import type { ZetaWebPlan } from '../plan/zeta-web.ts';
import { slug, step, type StepDraft } from '../recipe.ts';
import type { StageName } from '../types.ts';
import { sameVersion } from '../versions.ts';
import { applyEdits, mergeEdits } from './zeta-web.customizations.ts';
import { askSpecialist } from './zeta-web.decisions.ts';
import type { Parts, Side } from './zeta-web.parts.ts';
import { zetaTexts as texts } from './zeta-web.texts.ts';

interface At {
  readonly plan: ZetaWebPlan;
  readonly parts: Parts;
  readonly side: Side;
  readonly stage: Extract<StageName, 'rehearsal' | 'production'>;
}

/** In production every one of them takes as long as in the rehearsal, and none of them may be left out. */
const options = ({ stage }: At, name: string) =>
  stage === 'production' ? { measuredBy: `rehearsal.${name}` } : { onFailure: 'stop' as const };

/** 4. and 5., one hop after the other; 6. and 7. */
export function updateInfobase(at: At): StepDraft[] {
  const { plan, parts, side, stage } = at;
  const { infobase } = side;
  const { handlers, initialData, configuration } = plan.update;
  const { vendor, warnings } = configuration;
  const hops = parts.hops.flatMap(({ from, to, file, way, settings }) => {
    const named = (name: string) => `${name}-${slug(to)}`;
    return [
      step(
        'updateConfiguration',
        { infobase, file, from, to, way, settings },
        { name: named('update-configuration'), ...options(at, named('update-configuration')) },
      ),
      step(
        'updateDatabaseConfiguration',
        { infobase, to, warnings },
        { name: named('update-database-configuration'), ...options(at, named('update-database-configuration')) },
      ),
      step(
        'runUpdateHandlers',
        { infobase, version: to, command: handlers.command, deferred: deferredOf(at, to) },
        { name: named('run-update-handlers'), ...options(at, named('run-update-handlers')) },
      ),
    ];
  });
  const { action, question, version } = initialData;
  return [
    ...hops,
    step('refreshInitialData', { infobase, action, question, version }, options(at, 'refresh-initial-data')),
    step(
      'checkConfigurationVersion',
      { infobase, version: configuration.to, initialData: { question, version } },
      options(at, 'check-configuration-version'),
    ),
    step('compareConfiguration', { infobase, vendor }, options(at, 'compare-configuration')),
    stage === 'rehearsal'
      ? askSpecialist(plan, {
          name: 'accept-configuration',
          question: texts.configurationMerged,
          title: texts.configurationWord,
          findings: 'rehearsal.compare-configuration',
        })
      : asRehearsed('configuration', infobase.name, 'compare-configuration'),
  ];
}

/**
 * The next update is allowed only when all handlers of the one before have run, deferred ones too: 1C's own script passes them `now` on
 * every hop but the last. On the copy no jobs run, so there nothing else would show that the last ones work.
 */
const deferredOf = ({ plan, stage }: At, to: string): 'now' | 'later' =>
  stage === 'production' && sameVersion(to, plan.update.configuration.to) ? plan.update.handlers.deferred : 'now';

/** Files of the update that are loaded from the site's address, where a person put them in place. */
const servedFiles = 200;

/** 9., 10. and 11.; the site's files and database were saved before. */
export function updateSite(at: At): StepDraft[] {
  const { plan, parts, side, stage } = at;
  const { site, database, tree, pages } = side;
  const { version, schema = version, part } = plan.update;
  const update = `${stage === 'rehearsal' ? 'preflight' : stage}.unpack-update`;
  const owned = parts.previous ? { owned: 'preflight.unpack-previous' } : {};
  const { after } = parts.schemas;
  return [
    ...mergeEdits(plan, parts, stage),
    step('readSchema', { database, version: plan.site.schema }, options(at, 'read-schema')),
    ...(tree.via === 'manual'
      ? [
          step('prepareArchive', { tree, part }, { uses: { update, ...owned } }),
          askSpecialist(plan, {
            name: 'upload-by-hand',
            question: texts.uploadByHand,
            values: { tree: tree.name },
            text: { ...texts.uploadByHandText, values: { tree: tree.name } },
            findings: `${stage}.prepare-archive`,
          }),
          step(
            'checkServed',
            { tree, part, at: new URL(tree.url ?? site.url).pathname, files: servedFiles },
            { uses: { update } },
          ),
        ]
      : [
          step(
            'uploadTree',
            { tree, part, ...(plan.customizations ? { editsIn: plan.customizations.folder } : {}) },
            { uses: { update, ...owned, backup: `${stage}.back-up-tree` }, ...options(at, 'upload-tree') },
          ),
        ]),
    ...applyEdits(plan, tree, stage),
    step(
      'awaitMigration',
      {
        site,
        database,
        version: plan.site.schema,
        expected: schema,
        settle: plan.site.settle,
        limit: plan.site.migration,
      },
      {
        uses: {
          before: `${stage}.read-schema`,
          ...(stage === 'production' ? { rehearsed: 'rehearsal.await-migration' } : {}),
        },
        timeout: plan.site.migration + 600,
        ...options(at, 'await-migration'),
      },
    ),
    ...(after
      ? [
          step(
            'compareSchema',
            { database, release: after.release, reference: after.columns },
            { name: 'compare-schema-after', ...options(at, 'compare-schema-after') },
          ),
          stage === 'rehearsal'
            ? askSpecialist(plan, {
                name: 'accept-schema',
                question: texts.schemaMigrated,
                title: texts.schemaWord,
                findings: 'rehearsal.compare-schema-after',
              })
            : asRehearsed('schema', database.name, 'compare-schema-after'),
        ]
      : []),
    step(
      'checkWebVersion',
      { site, expected: version },
      {
        uses: { before: 'preflight.check-web-site' },
        ...options(at, 'check-web-version'),
        onFailure: stage === 'production' ? 'restore' : 'stop',
      },
    ),
    ...(pages
      ? [
          step(
            'comparePages',
            { pages },
            {
              uses: {
                before: `${stage}.capture-pages`,
                // A new look that a person let pass there is no reason to restore here.
                ...(stage === 'production' ? { rehearsed: 'rehearsal.compare-pages' } : {}),
              },
              ...(stage === 'production' ? { measuredBy: 'rehearsal.compare-pages' } : {}),
            },
          ),
        ]
      : []),
  ];
}

const asRehearsed = (what: string, where: string, compared: string): StepDraft =>
  step(
    'checkAsRehearsed',
    { where },
    { name: `check-${what}-as-rehearsed`, uses: { rehearsed: `rehearsal.${compared}`, now: `production.${compared}` } },
  );
