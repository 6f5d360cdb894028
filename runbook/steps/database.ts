import { z } from 'zod';
import { connector, database } from '../targets/index.ts';
import { defineStep } from './define.ts';

const hour = 3600;
const row = z.record(z.string(), z.string().nullable());
const rows = z.array(z.strictObject({ table: z.string().min(1), set: row, where: row }));

export const databaseSteps = {
  /** Logs in; reads versions of the server and of the client programs that will be used; the named tables exist. */
  checkDatabaseServer: defineStep({
    title: { en: 'Check database server of {database}', ru: 'Проверить сервер базы {database}' },
    params: z.strictObject({ database, tables: z.array(z.string()) }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 2,
    timeout: 60,
    onFailure: 'stop',
  }),
  /** The account that will write backups can write there; the probe file is removed. */
  checkBackupFolder: defineStep({
    title: { en: 'Check backup folder of {database}', ru: 'Проверить папку копий базы {database}' },
    params: z.strictObject({ database }),
    uses: {},
    returns: 'Nothing',
    effect: 'reads',
    expected: 2,
    timeout: 120,
    onFailure: 'stop',
  }),
  /** Full, copy-only, checksummed and verified; half-made files are never taken for a backup. */
  backUpDatabase: defineStep({
    title: { en: 'Back up database {database}', ru: 'Сделать копию базы {database}' },
    params: z.strictObject({ database }),
    uses: {},
    returns: 'Backup',
    effect: 'writes',
    leavesData: true,
    expected: 600,
    timeout: 6 * hour,
    onFailure: 'stop',
  }),
  /** Makes the database equal to the backup. */
  restoreDatabase: defineStep({
    title: { en: 'Restore the backup as database {database}', ru: 'Развернуть резервную копию как базу {database}' },
    params: z.strictObject({ database, replace: z.boolean() }),
    uses: { backup: 'Backup' },
    returns: 'Nothing',
    effect: 'writes',
    expected: 900,
    timeout: 6 * hour,
    onFailure: 'stop',
  }),
  /** The restored copy is whole: the server's own consistency check, and the schema of the original. */
  checkRestoredCopy: defineStep({
    title: {
      en: 'Prove that the backup is restorable ({database})',
      ru: 'Доказать, что копия восстановима ({database})',
    },
    params: z.strictObject({ database, original: database }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    evidence: true,
    expected: 300,
    timeout: 3 * hour,
    onFailure: 'stop',
  }),
  /** Null where the server or its edition has none: then the backup alone is the restore point. */
  snapshotDatabase: defineStep({
    title: { en: 'Take a fast restore point of {database}', ru: 'Создать быструю точку возврата базы {database}' },
    params: z.strictObject({ database }),
    uses: {},
    returns: 'Snapshot',
    effect: 'writes',
    leavesData: true,
    expected: 60,
    timeout: 2 * hour,
    onFailure: 'restore',
  }),
  /** From the fast restore point where it is still there and brings back what was fingerprinted with it (`before`), else from the backup. */
  revertDatabase: defineStep({
    title: { en: 'Restore database {database}', ru: 'Восстановить базу {database}' },
    params: z.strictObject({ database }),
    uses: { snapshot: 'Snapshot?', backup: 'Backup', before: 'Fingerprint?' },
    returns: 'Reverted',
    effect: 'writes',
    expected: 900,
    timeout: 6 * hour,
    onFailure: 'ask',
  }),
  dropSnapshot: defineStep({
    title: { en: 'Remove the fast restore point of {database}', ru: 'Удалить быструю точку возврата базы {database}' },
    params: z.strictObject({ database }),
    uses: { snapshot: 'Snapshot?' },
    returns: 'Nothing',
    effect: 'writes',
    leavesData: true,
    expected: 5,
    timeout: 600,
    onFailure: 'ask',
  }),
  clearTable: defineStep({
    title: { en: 'Clear table {table}', ru: 'Очистить таблицу {table}' },
    params: z.strictObject({ database, table: z.string().min(1) }),
    uses: {},
    returns: 'Cleared',
    effect: 'writes',
    evidence: true,
    expected: 10,
    timeout: hour,
    onFailure: 'ask',
  }),
  countDuplicates: defineStep({
    title: { en: 'Count duplicates', ru: 'Посчитать дубли' },
    params: z.strictObject({ database, tables: connector.shape.duplicates }),
    uses: {},
    returns: 'DuplicateCounts',
    effect: 'reads',
    expected: 20,
    timeout: hour,
    onFailure: 'ask',
  }),
  /** Fails when a table holds more duplicates than before. */
  checkDuplicates: defineStep({
    title: { en: 'Check that no duplicates appeared', ru: 'Проверить, что дубли не появились' },
    params: z.strictObject({ database, tables: connector.shape.duplicates }),
    uses: { before: 'DuplicateCounts' },
    returns: 'DuplicateCounts',
    effect: 'reads',
    evidence: true,
    expected: 20,
    timeout: hour,
    onFailure: 'ask',
  }),
  /** Rewrites production's addresses and switches off what acts by itself, before the copy is started. */
  makeHarmless: defineStep({
    title: { en: 'Make the copy {database} harmless', ru: 'Обезвредить копию {database}' },
    params: z.strictObject({
      database,
      replace: z.array(z.strictObject({ from: z.string().min(1), to: z.string() })),
      rows,
    }),
    uses: {},
    returns: 'Facts',
    effect: 'writes',
    expected: 30,
    timeout: hour,
    onFailure: 'stop',
  }),
  /** Sets the rows that say which 1C the site talks to. */
  pointAtInfobase: defineStep({
    title: { en: 'Point {database} at the test 1C', ru: 'Направить {database} на тестовую 1С' },
    params: z.strictObject({ database, rows }),
    uses: {},
    returns: 'Facts',
    effect: 'writes',
    expected: 5,
    timeout: 600,
    onFailure: 'stop',
  }),
  /** Every row of the settings tables as a hash, columns that may change left out. */
  readSettings: defineStep({
    title: { en: 'Record integration settings', ru: 'Запомнить настройки интеграции' },
    params: z.strictObject({ database, settings: connector.shape.settings }),
    uses: {},
    returns: 'SettingsState',
    effect: 'reads',
    expected: 5,
    timeout: 600,
    onFailure: 'stop',
  }),
  /** Fails with the tables and keys of settings that changed, appeared or went. */
  compareSettings: defineStep({
    title: { en: 'Compare integration settings with those before', ru: 'Сравнить настройки интеграции с прежними' },
    params: z.strictObject({ database, settings: connector.shape.settings }),
    uses: { before: 'SettingsState' },
    returns: 'Facts',
    effect: 'reads',
    expected: 5,
    timeout: 600,
    onFailure: 'ask',
  }),
};
