/**
 * The old state of 1C, the site's files and its database, together; then the exchange as it was. The files before the database: new ones
 * would migrate it again, at the first visit.
 */
import type { ZetaWebPlan } from '../plan/zeta-web.ts';
import { stage, step } from '../recipe.ts';
import type { Stage, Step } from '../types.ts';
import { askSpecialist } from './zeta-web.decisions.ts';
import type { Parts } from './zeta-web.parts.ts';
import { zetaTexts as texts } from './zeta-web.texts.ts';

/** @param forward the steps of production and acceptance, in their order. */
export function restoreOf(plan: ZetaWebPlan, { production: live }: Parts, forward: readonly Step[]): Stage {
  const { infobase, site, database, tree, exchange } = live;
  const { door } = plan.site;
  const on = { site, database, exchange };
  const measured = (name: string): { measuredBy: string } => ({ measuredBy: `rehearsal.${name}` });
  const first = forward.findIndex((one) => one.activity === 'updateConfiguration');
  /** Anything of the update was begun: all of it goes back. */
  const changed = forward
    .slice(first)
    .filter((one) => one.effect === 'writes' || one.activity === 'askPerson')
    .map((one) => one.id);
  const also = (...names: string[]): string[] => [...names.map((name) => `production.${name}`), ...changed];
  const doors = door ? [{ site, database, door }] : [];
  return stage('restore', [
    // The update may have left a site that hangs or answers 500: it is to be brought back, not waited for. What was off at the
    // backup is off again with it; the proof compares what an exchange could have written.
    ...doors.map((at) => step('closeWebSite', { ...at, mayBeDead: true }, { undoes: changed })),
    step('switchSiteExchangeOff', { ...on, settle: 0, mayBeDead: true }, { undoes: changed }),
    // 1C begins no exchange, whatever came of the site's switch: its jobs do not run either.
    step('lockInfobase', { infobase, message: 'nakat' }, { undoes: changed }),
    // Before a person is waited for.
    step(
      'restoreInfobase',
      { infobase, replace: true },
      { undoes: changed, uses: { backup: 'production.back-up-infobase' }, ...measured('restore-infobase') },
    ),
    ...(tree.via === 'manual'
      ? [
          askSpecialist(plan, {
            name: 'restore-by-hand',
            question: texts.restoreByHand,
            values: { tree: tree.name },
            text: { ...texts.restoreByHandText, values: { tree: tree.name } },
            undoes: ['production.upload-by-hand'],
          }),
        ]
      : [
          step(
            'restoreTree',
            { tree },
            { undoes: changed, uses: { backup: 'production.back-up-tree' }, ...measured('copy-tree') },
          ),
          step('proveTree', { tree }, { undoes: changed, uses: { backup: 'production.back-up-tree' } }),
        ]),
    step(
      'restoreDatabase',
      { database, replace: true },
      { undoes: changed, uses: { backup: 'production.back-up-database' }, ...measured('restore-database') },
    ),
    step(
      'proveRestored',
      { databases: [{ database, tables: plan.fingerprint.tables }], infobases: [infobase], sites: [] },
      { undoes: changed, uses: { before: 'production.take-fingerprint' }, measuredBy: 'production.take-fingerprint' },
    ),
    step(
      'switchOnExchangeJobs',
      { infobase, jobs: plan.jobs },
      { undoes: also('switch-off-exchange-jobs'), uses: { before: 'production.switch-off-exchange-jobs' } },
    ),
    // All is proved: users of 1C do not wait for a site that is still dead.
    step('unlockInfobase', { infobase }, { undoes: also('lock-infobase'), uses: { lock: 'production.lock-infobase' } }),
    step('switchSiteExchangeOn', on, {
      undoes: also('switch-site-exchange-off'),
      uses: { before: 'production.read-site-exchange' },
    }),
    ...doors.map((at) => step('openWebSite', at, { undoes: also('close-web-site') })),
    step('checkWebSite', { site }, { undoes: also(...(door ? ['close-web-site'] : []), 'switch-site-exchange-off') }),
  ]);
}
