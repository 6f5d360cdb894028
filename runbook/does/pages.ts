import type { pageSteps } from '../steps/pages.ts';
import type { PageCheck } from '../targets/index.ts';
import type { DoesTable } from './define.ts';

const browserOf = ({ browser }: PageCheck): string => (browser === '' ? 'chromium' : browser);
const taken = (check: PageCheck): string[] =>
  check.pages.flatMap(({ path }) =>
    check.widths.map(
      (width) => `${browserOf(check)} --headless, ${width}×${check.height}: ${new URL(path, check.url).href}`,
    ),
  );

export const pageDoes: DoesTable<keyof typeof pageSteps> = {
  checkBrowser: ({ pages }) => [`${browserOf(pages)} --version`, `write and remove a file in ${pages.store}`],
  capturePages: ({ pages }) => taken(pages),
  comparePages: ({ pages }) => [
    ...taken(pages),
    `compare each with its picture before: at most ${pages.tolerance * 100} % of pixels`,
  ],
};
