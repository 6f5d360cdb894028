import { z } from 'zod';
import { archive, connector, database, infobase, instance, site, webSite } from '../targets/index.ts';
import { defineStep } from './define.ts';

/** All that belongs together, of every kind as many as there are. Web trees have their own steps. */
const together = z.strictObject({
  databases: z
    .array(
      z.strictObject({ database, tables: z.array(z.string()).default([]).describe('Counted and summed; empty: all.') }),
    )
    .default([]),
  infobases: z.array(infobase).default([]),
  sites: z.array(site).default([]),
});
/** What an approval is bound to; of every kind as many as there are. */
const approved = z.strictObject({
  sites: z.array(site).default([]).describe('BPMSoft: versions of the core and of every package.'),
  webSites: z.array(webSite).default([]).describe('The version that the site’s page names.'),
  infobases: z.array(infobase).default([]).describe('The generation of the configuration.'),
  databases: z
    .array(z.strictObject({ database, settings: connector.shape.settings.default([]) }))
    .default([])
    .describe('The schema, and rows of settings.'),
  instances: z.array(instance).optional().describe('Comindware: version, configuration, links, web server.'),
  files: z.array(z.string().min(1)).default([]).describe('Of the update, on the worker.'),
});
const hour = 3600;

export const checkSteps = {
  /** The archive is there, whole, with the approved digest, and is a package of that name and version. */
  checkPackage: defineStep({
    title: { en: 'Check package archive {file}', ru: 'Проверить архив пакета {file}' },
    params: z.strictObject({ archive }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 2,
    timeout: 300,
    onFailure: 'stop',
  }),
  /** Room for backup and restore at every place that will be written to; factor 1.2 over what is there now. */
  checkRoom: defineStep({
    title: { en: 'Check free space for backup and restore', ru: 'Проверить место для копий и восстановления' },
    params: z.strictObject({
      databases: z.array(database).default([]),
      infobases: z.array(infobase).default([]),
      sites: z.array(site).default([]),
    }),
    uses: {},
    returns: 'Rooms',
    effect: 'reads',
    expected: 10,
    timeout: 600,
    onFailure: 'stop',
  }),
  /** The window is long enough for update and restore; when it opens next. */
  checkWindow: defineStep({
    title: { en: 'Check that the window is long enough', ru: 'Проверить, что окна хватает' },
    params: z.strictObject({
      from: z.string(),
      to: z.string(),
      timeZone: z.string(),
      days: z.array(z.number()),
      seconds: z.number(),
    }),
    uses: {},
    returns: 'WindowTimes',
    effect: 'reads',
    expected: 1,
    timeout: 60,
    onFailure: 'stop',
  }),
  /** What production looks like now: what the approval is bound to. */
  readState: defineStep({
    title: { en: 'Record the state of production', ru: 'Запомнить состояние рабочей системы' },
    params: approved,
    uses: {},
    returns: 'DriftState',
    effect: 'reads',
    expected: 10,
    timeout: 1200,
    onFailure: 'stop',
  }),
  /** Fails with DRIFT when production is no longer what was approved. */
  checkDrift: defineStep({
    title: {
      en: 'Check that production is still as approved',
      ru: 'Проверить, что рабочая система не изменилась с одобрения',
    },
    params: approved,
    uses: { before: 'DriftState' },
    returns: 'DriftState',
    effect: 'reads',
    expected: 10,
    timeout: 1200,
    onFailure: 'stop',
  }),
  /** Proves that the copy points at test systems only: no forbidden text in any column or connection string, own Redis, jobs off. */
  proveHarmless: defineStep({
    title: { en: 'Prove that the copy is harmless', ru: 'Доказать, что копия безвредна' },
    params: z.strictObject({
      database,
      site,
      infobase,
      production: z.strictObject({ site, database }),
      forbidden: z.array(z.string().min(1)),
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
    expected: 60,
    timeout: hour,
    onFailure: 'stop',
  }),
  /** Taken together with the backups, while nobody works. */
  takeFingerprint: defineStep({
    title: { en: 'Take the fingerprint of the restore point', ru: 'Снять отпечаток точки возврата' },
    params: together,
    uses: {},
    returns: 'Fingerprint',
    effect: 'reads',
    expected: 60,
    timeout: 3 * hour,
    onFailure: 'restore',
  }),
  /** Compares all of it again; a difference fails the step and is listed. */
  proveRestored: defineStep({
    title: { en: 'Prove that the old state is back', ru: 'Доказать, что прежнее состояние вернулось' },
    params: together,
    uses: { before: 'Fingerprint' },
    returns: 'Proof',
    effect: 'reads',
    expected: 60,
    timeout: 3 * hour,
    onFailure: 'ask',
  }),
};
