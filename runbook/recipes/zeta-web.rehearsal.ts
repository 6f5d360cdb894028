/** The update on copies of production: what it does there, approvers see and production must do again. */
import type { ZetaWebPlan } from '../plan/zeta-web.ts';
import { stage, step, type StepDraft } from '../recipe.ts';
import type { Stage } from '../types.ts';
import { exchangeOn, type Parts, type State } from './zeta-web.parts.ts';
import { updateInfobase, updateSite } from './zeta-web.update.ts';

export function rehearsalOf(plan: ZetaWebPlan, parts: Parts, state: State): Stage {
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
