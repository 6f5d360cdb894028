import { z } from 'zod';
import { database, exchangeStart, siteExchange, webSite } from '../targets/index.ts';
import { defineStep } from './define.ts';
import { mayBeDead } from './website.ts';

const hour = 3600;
const on = { site: webSite, database, exchange: siteExchange };

/** The exchange between 1C and a web site, from the site's side. */
export const exchangeSteps = {
  /** Whether it is on, and how many exchanges the site has written down. */
  readSiteExchange: defineStep({
    title: { en: 'Look at the exchange of {site}', ru: 'Посмотреть обмен сайта {site}' },
    params: z.strictObject(on),
    uses: {},
    returns: 'SiteExchange',
    effect: 'reads',
    expected: 3,
    timeout: 300,
    onFailure: 'stop',
  }),
  /** The exchange that the update has to end with can be there: it is on, and its endpoint lets the plan's account in. Before anything is touched. */
  checkSiteExchange: defineStep({
    title: { en: 'Check that the exchange of {site} is on', ru: 'Проверить, что обмен сайта {site} включён' },
    params: z.strictObject(on),
    uses: {},
    returns: 'SiteExchange',
    effect: 'reads',
    expected: 3,
    timeout: 300,
    onFailure: 'stop',
    noSkip: true,
  }),
  /** Proved: the switch reads as off, the endpoint refuses to talk, and no exchange ends any more. */
  switchSiteExchangeOff: defineStep({
    title: { en: 'Switch off the exchange of {site}', ru: 'Выключить обмен на сайте {site}' },
    params: z.strictObject({
      ...on,
      settle: z.number().min(0).describe('Seconds in which no exchange may end; 0: the journal is not looked at.'),
      mayBeDead,
    }),
    uses: {},
    returns: 'Facts',
    effect: 'writes',
    leavesData: true,
    expected: 10,
    timeout: 600,
    onFailure: 'ask',
  }),
  /** Where it was off before, it stays off. */
  switchSiteExchangeOn: defineStep({
    title: { en: 'Switch on the exchange of {site}, as it was', ru: 'Включить обмен на сайте {site}, как было' },
    params: z.strictObject(on),
    uses: { before: 'SiteExchange?' },
    returns: 'Nothing',
    effect: 'writes',
    leavesData: true,
    expected: 5,
    timeout: 600,
    onFailure: 'ask',
  }),
  /** An exchange ends after `before` was read, and the site says that it went well. Of those that the schedule begins a first failure is not the last word. */
  runExchange: defineStep({
    title: {
      en: 'Run an exchange with {site} and read its result',
      ru: 'Выполнить обмен с сайтом {site} и прочитать результат',
    },
    params: z.strictObject({
      ...on,
      start: exchangeStart,
      limit: z.number().min(1).describe('Seconds until its result must be there.'),
      tables: z.array(z.string()).describe('Tables of the site that are counted.'),
    }),
    uses: { before: 'SiteExchange' },
    returns: 'ExchangeResult',
    effect: 'writes',
    expected: 120,
    timeout: 2 * hour,
    onFailure: 'restore',
  }),
};
