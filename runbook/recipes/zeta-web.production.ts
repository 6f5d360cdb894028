/** The vendor's points on production, in the vendor's order; the numbers are those of that page. */
import type { ZetaWebPlan } from '../plan/zeta-web.ts';
import { stage, step } from '../recipe.ts';
import type { Stage } from '../types.ts';
import { checkEdits } from './zeta-web.customizations.ts';
import { askSpecialist } from './zeta-web.decisions.ts';
import { exchangeOn, type Parts, type State } from './zeta-web.parts.ts';
import { zetaTexts as texts } from './zeta-web.texts.ts';
import { updateInfobase, updateSite } from './zeta-web.update.ts';

export function productionOf(plan: ZetaWebPlan, parts: Parts, state: State): Stage {
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
