/** The steps of `runbook/steps/pages.ts`. */
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { PagesState } from '../../runbook/results.ts';
import type { pageSteps as catalogue } from '../../runbook/steps/pages.ts';
import type { PageCheck } from '../../runbook/targets/index.ts';
import { nameFor, type StepActivities, type StepContext } from '../step.ts';
import { browserFailed, findBrowser, startBrowser } from './browser.ts';
import { capture, longest } from './capture.ts';
import { readLetPass, withoutAccepted } from './accepted.ts';
import { compareWith } from './comparison.ts';
import { openFolder, readBefore, readFolder, type Compared, type Picture, type PictureFolder } from './store.ts';

export const pageSteps: StepActivities<keyof typeof catalogue> = {
  async checkBrowser({ pages }, _uses, context) {
    const path = await findBrowser(pages.browser);
    const browser = await startBrowser(path);
    const version = browser.version();
    await browser.close();
    const folder = folderOf(pages, context);
    await (await openFolder(folder)).add('probe', Buffer.from('probe'));
    await rm(`${folder}.partial`, { recursive: true, force: true });
    return { browser: path, version, pictures: pages.pages.length * pages.widths.length };
  },

  /** On a second try the pictures of the first are the ones: since then something may have been changed. */
  async capturePages({ pages }, _uses, context) {
    const folder = folderOf(pages, context);
    const there = await readFolder(folder);
    if (there) return stateOf(folder, there.sha256, there.index.browser, there.index.pictures);
    const store = await openFolder(folder);
    const pictures: Picture[] = [];
    const browser = await takeAll(pages, store, context, async (picture) => void pictures.push(picture));
    const sha256 = await store.finish({ format: 1, site: pages.name, browser, pictures });
    return stateOf(folder, sha256, browser, pictures);
  },

  /** On a second try the pages are taken anew: a person may have repaired them. @throws PAGES_DIFFER */
  async comparePages({ pages }, { before, rehearsed }, context) {
    const earlier = await readBefore(before);
    const letPass = await readLetPass(rehearsed);
    const folder = folderOf(pages, context);
    const store = await openFolder(folder);
    const pictures: Picture[] = [];
    const compared: Compared[] = [];
    const browser = await takeAll(pages, store, context, async (picture, png) => {
      pictures.push(picture);
      const one = await compareWith(earlier, picture, png, { pages, store, folder });
      compared.push(withoutAccepted(one, letPass, pages.tolerance));
    });
    const sha256 = await store.finish({ format: 1, site: pages.name, browser, pictures, compared });
    const findings = compared.flatMap(({ path, width, findings: each }) =>
      each.map((finding) => `${path} (${width} px): ${finding}`),
    );
    if (findings.length > 0)
      throw new NakatError('PAGES_DIFFER', {
        where: hostname(),
        values: { pages: pages.name, count: findings.length, findings: shown(findings), folder, sha256 },
      });
    const worst = Math.max(0, ...compared.map(({ share }) => share));
    const accepted = compared.reduce((sum, one) => sum + (one.accepted?.length ?? 0), 0);
    // A new one would have been found: these were there before, and are nothing that the update has done.
    const { problems: knownProblems, ...state } = stateOf(folder, sha256, browser, pictures);
    return {
      ...state,
      compared: compared.length,
      worst,
      ...(knownProblems > 0 ? { knownProblems } : {}),
      ...(accepted > 0 ? { accepted } : {}),
    };
  },
};

const folderOf = (pages: PageCheck, context: StepContext): string => join(pages.store, nameFor(context, 'pages'));

/** Every page at every width, one after the other; returns which browser took them. */
const takeAll = async (
  pages: PageCheck,
  store: PictureFolder,
  context: StepContext,
  each: (picture: Picture, png: Buffer) => Promise<void>,
): Promise<string> => {
  const path = await findBrowser(pages.browser);
  const password = pages.password && (await context.secret(pages.password));
  const browser = await startBrowser(path);
  context.onEnd(() => browser.close());
  const shots = pages.pages.flatMap((page) => pages.widths.map((width) => ({ check: pages, page, width, password })));
  for (const [done, shot] of shots.entries()) {
    const { page, width } = shot;
    context.progress({ done, total: shots.length, note: `${page.path} ${width} px` });
    const { png, height, status, problems } = await capture(browser, shot, context.signal).catch((error: unknown) => {
      throw isNakatError(error) || context.signal.aborted ? error : browserFailed(path, error);
    });
    const file = `${String(done + 1).padStart(4, '0')}.png`;
    const { sha256 } = await store.add(file, png);
    const whole = height > longest ? { height } : {};
    await each({ path: page.path, width, file, sha256, ...whole, status, problems: [...problems] }, png);
  }
  return `${path} ${browser.version()}`;
};

const stateOf = (folder: string, sha256: string, browser: string, pictures: readonly Picture[]): PagesState => ({
  folder,
  machine: hostname(),
  sha256,
  browser,
  pictures: pictures.length,
  problems: pictures.reduce((sum, { problems }) => sum + problems.length, 0),
  ...cutOf(pictures),
});

const cutOf = (pictures: readonly Picture[]): Pick<PagesState, 'cut'> => {
  const cut = pictures.filter(({ height }) => height !== undefined).length;
  return cut > 0 ? { cut } : {};
};

/** Enough to know where to look; all of them are in the report. */
const shown = (findings: readonly string[]): string =>
  findings.slice(0, 20).join('; ') + (findings.length > 20 ? `; … ${findings.length - 20}` : '');
