import { z } from 'zod';
import {
  database,
  infobase,
  rowValue,
  schemaReference,
  siteExchange,
  webSite,
  webSwitch,
  webTree,
} from '../targets/index.ts';
import { defineStep } from './define.ts';

const hour = 3600;

/** Of doors and switches. */
export const mayBeDead = z
  .boolean()
  .optional()
  .describe('In a restore: what cannot be done within two minutes is said in the result and stops nothing.');

/** Web sites whose database migrates by itself when its files are new. */
export const websiteSteps = {
  /** The site answers, and its page names the version of its files. */
  checkWebSite: defineStep({
    title: { en: 'Check web site {site}', ru: 'Проверить веб-сайт {site}' },
    params: z.strictObject({ site: webSite }),
    uses: {},
    returns: 'WebVersion',
    effect: 'reads',
    expected: 3,
    timeout: 300,
    onFailure: 'stop',
  }),
  /** The version of the files is the expected one, and not the one before. */
  checkWebVersion: defineStep({
    title: {
      en: 'Check that web site {site} has version {expected}',
      ru: 'Проверить, что версия веб-сайта {site} — {expected}',
    },
    params: z.strictObject({ site: webSite, expected: z.string().min(1) }),
    uses: { before: 'WebVersion?' },
    returns: 'WebVersion',
    effect: 'reads',
    expected: 5,
    timeout: 300,
    onFailure: 'ask',
  }),
  /** Version and columns of the site's database. */
  readSchema: defineStep({
    title: { en: 'Record the schema of {database}', ru: 'Запомнить схему базы {database}' },
    params: z.strictObject({ database, version: rowValue }),
    uses: {},
    returns: 'SchemaState',
    effect: 'reads',
    expected: 5,
    timeout: 600,
    onFailure: 'stop',
  }),
  /** Where the schema is not what the vendor ships with that release: what a specialist has to look at. */
  compareSchema: defineStep({
    title: {
      en: 'Compare the schema of {database} with the vendor’s of {release}',
      ru: 'Сравнить схему базы {database} со схемой поставщика для {release}',
    },
    params: z.strictObject({ database, release: z.string().min(1), reference: schemaReference }),
    uses: {},
    returns: 'Findings',
    effect: 'reads',
    expected: 5,
    timeout: 600,
    onFailure: 'stop',
  }),
  /**
   * Opens the site, which begins its migration, and waits for the end: the version in the database is the expected one and the
   * schema has not changed for `settle` seconds. Fails when it ends elsewhere than the rehearsal did.
   */
  awaitMigration: defineStep({
    title: {
      en: 'Wait until {database} has migrated to {expected}',
      ru: 'Дождаться миграции базы {database} до {expected}',
    },
    params: z.strictObject({
      site: webSite,
      database,
      version: rowValue,
      expected: z.string().min(1),
      settle: z.number().min(0).describe('Seconds without a change of the schema.'),
      limit: z.number().min(1).describe('Seconds.'),
    }),
    uses: { before: 'SchemaState', rehearsed: 'Migration?' },
    returns: 'Migration',
    effect: 'writes',
    expected: 300,
    timeout: 4 * hour,
    onFailure: 'restore',
  }),
  /** What a specialist accepted in the rehearsal is what production has: no difference from the vendor's more, none less. */
  checkAsRehearsed: defineStep({
    title: {
      en: 'Check that production differs from the vendor’s only as the copy did',
      ru: 'Проверить, что рабочая система отличается от поставки только так же, как копия',
    },
    params: z.strictObject({ where: z.string().min(1) }),
    uses: { rehearsed: 'Findings', now: 'Findings' },
    returns: 'Nothing',
    effect: 'reads',
    expected: 1,
    timeout: 60,
    onFailure: 'ask',
  }),
  /** The copy is a site of its own: its database and files name nothing of production's, its exchange is off, 1C runs no jobs. */
  proveWebHarmless: defineStep({
    title: { en: 'Prove that the copy of {site} is harmless', ru: 'Доказать, что копия сайта {site} безвредна' },
    params: z.strictObject({
      site: webSite,
      database,
      infobase,
      tree: webTree,
      exchange: siteExchange.shape.switch,
      production: z.strictObject({ site: webSite, database, infobase, tree: webTree }),
      forbidden: z.array(z.string().min(1)).describe('Texts that must be nowhere in the copy.'),
      files: z.array(z.string().min(1)).describe('Files of the copy that say whom it talks to, below its folder.'),
      rows: z.array(
        z.strictObject({
          table: z.string(),
          set: z.record(z.string(), z.string().nullable()),
          where: z.record(z.string(), z.string().nullable()),
        }),
      ),
    }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 30,
    timeout: hour,
    onFailure: 'stop',
  }),
  /** Visitors see the site's own page of maintenance; proved by reading the switch. */
  closeWebSite: defineStep({
    title: { en: 'Close web site {site} to visitors', ru: 'Закрыть веб-сайт {site} для посетителей' },
    params: z.strictObject({ site: webSite, database, door: webSwitch, mayBeDead }),
    uses: {},
    returns: 'Facts',
    effect: 'writes',
    leavesData: true,
    site: 'down',
    expected: 5,
    timeout: 600,
    onFailure: 'ask',
  }),
  openWebSite: defineStep({
    title: { en: 'Open web site {site} to visitors', ru: 'Открыть веб-сайт {site} для посетителей' },
    params: z.strictObject({ site: webSite, database, door: webSwitch }),
    uses: {},
    returns: 'Nothing',
    effect: 'writes',
    leavesData: true,
    site: 'up',
    expected: 5,
    timeout: 600,
    onFailure: 'ask',
  }),
};
