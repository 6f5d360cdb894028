import { z } from 'zod';
import { pageCheck } from '../targets/index.ts';
import { defineStep } from './define.ts';

const hour = 3600;
const params = z.strictObject({ pages: pageCheck });

export const pageSteps = {
  /** The browser is there and starts; the folder for the pictures can be written to. */
  checkBrowser: defineStep({
    title: { en: 'Check the browser for the pages of {pages}', ru: 'Проверить браузер для страниц {pages}' },
    params,
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 5,
    timeout: 300,
    onFailure: 'stop',
  }),
  /** Each page at each width, whole (down to 15,000 pixels; `cut` counts those that end there), with animations and carets off and fonts loaded; errors of the page are recorded with it. */
  capturePages: defineStep({
    title: { en: 'Take pictures of the pages of {pages}', ru: 'Снять страницы {pages}' },
    params,
    uses: {},
    returns: 'PagesState',
    effect: 'reads',
    expected: 60,
    timeout: 2 * hour,
    onFailure: 'ask',
  }),
  /**
   * Takes the pages again and compares. Fails with a picture that differs by more than the tolerance, and with errors that a page
   * did not have before. What a person let pass in the rehearsal (`rehearsed`: the failure of the comparison there) passes too: the same
   * page and width, no larger difference, no other error. The pictures (before, after, difference) are in the report either way.
   */
  comparePages: defineStep({
    title: { en: 'Compare the pages of {pages} with those before', ru: 'Сравнить страницы {pages} с прежними' },
    params,
    uses: { before: 'PagesState', rehearsed: 'Failure?' },
    returns: 'PageComparison',
    effect: 'reads',
    evidence: true,
    expected: 90,
    timeout: 2 * hour,
    onFailure: 'ask',
  }),
};
