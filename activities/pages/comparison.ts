/** One page before and after: its picture, and what went wrong while it was loaded. */
import { join } from 'node:path';
import type { PageCheck } from '../../runbook/targets/index.ts';
import { longest } from './capture.ts';
import { differenceOf } from './difference.ts';
import type { Before, Compared, Picture, PictureFolder } from './store.ts';

interface Setting {
  readonly pages: PageCheck;
  readonly store: PictureFolder;
  /** Where the new pictures will lie. */
  readonly folder: string;
}

/** Findings say what is new, without words of a language: `≠ 3.2 % > 0.1 %`, `+ 404 /style.css`. */
export const compareWith = async (
  before: Before,
  now: Picture,
  png: Buffer,
  { pages, store, folder }: Setting,
): Promise<Compared> => {
  const { path, width } = now;
  const after = { file: join(folder, now.file), sha256: now.sha256 };
  const old = before.index.pictures.find((one) => one.path === path && one.width === width);
  // A page that the plan has gained since has nothing to be compared with; its own errors still count.
  if (!old) return { path, width, share: 0, findings: newProblems(null, now), before: null, after, difference: null };
  const { share: ofPixels, png: picture } = differenceOf(await before.png(old), png, pages.color);
  const share = Math.max(ofPixels, ofLength(old.height ?? longest, now.height ?? longest));
  const difference = picture && (await store.add(now.file.replace('.png', '-difference.png'), picture));
  return {
    path,
    width,
    share,
    findings: [
      ...(share > pages.tolerance ? [`≠ ${percent(share)} > ${percent(pages.tolerance)}`] : []),
      // An error page equals itself: it says nothing about the pages behind it.
      ...(now.status >= 400 && old.status === now.status ? [`HTTP ${now.status}`] : []),
      ...newProblems(old, now),
    ],
    before: { file: join(before.folder, old.file), sha256: old.sha256 },
    after,
    difference,
  };
};

/** Beyond the end of the pictures: what only one of two pages has is different, as within them. Two that are not cut are equal here. */
const ofLength = (before: number, now: number): number => Math.abs(before - now) / Math.max(before, now);

const newProblems = (before: Picture | null, { problems }: Picture): string[] =>
  problems.filter((problem) => !before?.problems.includes(problem)).map((problem) => `+ ${problem}`);

const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;
