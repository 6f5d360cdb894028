/** The customer's own edits of some of the site's pages: merged with the new release on a desk, put in place after the upload. */
import type { ZetaWebPlan } from '../plan/zeta-web.ts';
import { step, type StepDraft } from '../recipe.ts';
import type { WebTree } from '../targets/index.ts';
import type { Parts } from './zeta-web.parts.ts';
import { zetaTexts as texts } from './zeta-web.texts.ts';

/**
 * First of all in production: that nobody has edited the pages since they were merged. Found only before the upload, it would cost the hours of
 * 1C's update and of its restore.
 */
export function checkEdits(plan: ZetaWebPlan, parts: Parts): StepDraft[] {
  return unedited(plan, parts, '', 'stop');
}

/** No door keeps out who edits files on the server, so the pages are looked at again when nothing but the upload is left to come. */
function unedited(
  { customizations }: ZetaWebPlan,
  parts: Parts,
  again: '' | '-again',
  onFailure: 'stop' | 'restore',
): StepDraft[] {
  if (!customizations) return [];
  const tree = pagesOf(parts.production.tree, customizations.folder);
  const capture = `capture-customizations${again}`;
  return [
    step(
      'captureCustomizations',
      { tree },
      { name: capture, onFailure, measuredBy: 'rehearsal.capture-customizations' },
    ),
    step(
      'checkStillMerged',
      { tree },
      {
        name: `check-still-merged${again}`,
        onFailure,
        uses: { merged: 'rehearsal.capture-customizations', now: `production.${capture}` },
      },
    ),
  ];
}

/** Before the upload: the merge in the rehearsal; in production, that nobody has edited the pages meanwhile. */
export function mergeEdits(plan: ZetaWebPlan, parts: Parts, at: 'rehearsal' | 'production'): StepDraft[] {
  const { customizations, update } = plan;
  if (!customizations) return [];
  const { folder, desk, remembered, encoding, deadline } = customizations;
  const tree = pagesOf(parts.production.tree, folder);
  if (at === 'production') return unedited(plan, parts, '-again', 'restore');
  const part = [update.part, folder].filter(Boolean).join('/');
  const sides = {
    ...(parts.previous ? { base: 'preflight.unpack-previous' } : {}),
    ours: 'rehearsal.capture-customizations',
    theirs: 'preflight.unpack-update',
  };
  const { store, keep } = tree;
  const { machine } = store;
  return [
    step('captureCustomizations', { tree }),
    step(
      'mergeCustomizations',
      { desk: { machine, folder: desk, remembered } as Desk, part, encoding, keep },
      { uses: sides, failureDeadline: deadline },
    ),
    step(
      'checkCustomizations',
      { part, encoding, keep },
      { uses: { ...sides, merged: 'rehearsal.merge-customizations' } },
    ),
  ];
}

/** After the upload, which put the vendor's pages there. */
export function applyEdits(
  { customizations }: ZetaWebPlan,
  site: WebTree,
  at: 'rehearsal' | 'production',
): StepDraft[] {
  if (!customizations) return [];
  const tree = pagesOf(site, customizations.folder);
  const measured = (name: string) => (at === 'production' ? { measuredBy: `rehearsal.${name}` } : {});
  return [
    step(
      'captureCustomizations',
      { tree },
      {
        name: 'capture-uploaded-pages',
        title: { ...texts.uploadedPages, values: { tree: tree.name } },
        onFailure: at === 'production' ? 'restore' : 'stop',
        ...measured('capture-uploaded-pages'),
      },
    ),
    step(
      'applyCustomizations',
      { tree },
      {
        uses: { merged: 'rehearsal.merge-customizations', backup: `${at}.capture-uploaded-pages` },
        ...measured('apply-customizations'),
      },
    ),
  ];
}

type Desk = Parameters<typeof step<'mergeCustomizations'>>[1]['desk'];

/** A folder of the site, as a tree of its own: what the site keeps for itself in it, it keeps there too. */
function pagesOf(site: WebTree, folder: string): WebTree {
  const below = `${folder}/`;
  const keep = site.keep.filter((path) => path.startsWith(below)).map((path) => path.slice(below.length));
  const common = { name: `${site.name}/${folder}`, keep };
  if (site.via === 'manual') return { ...site, ...common };
  const windows = site.via === 'machine' && site.machine.os === 'windows';
  const sign = windows ? '\\' : '/';
  return {
    ...site,
    ...common,
    folder: `${site.folder.replace(/[\\/]+$/, '')}${sign}${windows ? folder.replaceAll('/', sign) : folder}`,
  };
}
