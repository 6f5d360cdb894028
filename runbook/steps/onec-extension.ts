/** Extensions of a 1C configuration: looked at, saved, installed, put back; and who is in meanwhile. */
import { z } from 'zod';
import { infobase, onecFile, onecQuestion } from '../targets/index.ts';
import { defineStep } from './define.ts';

const hour = 3600;
const extension = z.string().min(1).describe('Name of the extension.');

export const onecExtensionSteps = {
  /** What is installed: version, whether it is active, its safe-mode flags. */
  checkExtension: defineStep({
    title: {
      en: 'Check extension {extension} in {infobase}',
      ru: 'Проверить расширение {extension} в базе {infobase}',
    },
    params: z.strictObject({
      infobase,
      extension,
      version: z.string().nullable().describe('The installed one; empty: not installed yet; null: any.'),
    }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 15,
    timeout: 600,
    onFailure: 'stop',
  }),
  /** The product says that its licence key is registered: any answer but empty, `Нет`, `Ложь`, `No`, `false`, `0`. */
  checkLicenceKey: defineStep({
    title: { en: 'Check the licence key of {product}', ru: 'Проверить лицензионный ключ {product}' },
    params: z.strictObject({ infobase, product: z.string().min(1), question: onecQuestion }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 10,
    timeout: 600,
    onFailure: 'ask',
    noSkip: true,
  }),
  /** On a copy: loads the file there and lets 1C say whether it can be applied to this configuration. */
  checkExtensionApplies: defineStep({
    title: {
      en: 'Check that extension {extension} applies to {infobase}',
      ru: 'Проверить применимость расширения {extension} к базе {infobase}',
    },
    params: z.strictObject({ infobase, extension, file: onecFile }),
    uses: {},
    returns: 'Facts',
    effect: 'writes',
    expected: 60,
    timeout: hour,
    onFailure: 'stop',
  }),
  /** The installed extension as a file with its flags; that there is none is remembered too. */
  backUpExtension: defineStep({
    title: { en: 'Save extension {extension} of {infobase}', ru: 'Сохранить расширение {extension} базы {infobase}' },
    params: z.strictObject({ infobase, extension }),
    uses: {},
    returns: 'Backup',
    effect: 'writes',
    leavesData: true,
    expected: 30,
    timeout: hour,
    onFailure: 'stop',
  }),
  /** Loads, updates the database, and sets the flags: as they were, else those given. */
  installExtension: defineStep({
    title: {
      en: 'Install extension {extension} {version} in {infobase}',
      ru: 'Установить расширение {extension} {version} в базу {infobase}',
    },
    params: z.strictObject({
      infobase,
      extension,
      file: onecFile,
      version: z.string().min(1),
      flags: z
        .strictObject({ safeMode: z.boolean(), unsafeActionProtection: z.boolean() })
        .describe('For an extension that was not installed before.'),
    }),
    uses: { before: 'Backup?' },
    returns: 'Facts',
    effect: 'writes',
    expected: 120,
    timeout: 2 * hour,
    onFailure: 'ask',
    noSkip: true,
  }),
  /** The saved one again, with its flags; removed where there was none. */
  restoreExtension: defineStep({
    title: { en: 'Put back extension {extension} of {infobase}', ru: 'Вернуть расширение {extension} базы {infobase}' },
    params: z.strictObject({ infobase, extension }),
    uses: { backup: 'Backup' },
    returns: 'Nothing',
    effect: 'writes',
    expected: 120,
    timeout: 2 * hour,
    onFailure: 'ask',
  }),
  /** Version, active, and safe-mode flags as the infobase itself tells them. */
  proveExtension: defineStep({
    title: {
      en: 'Prove that extension {extension} is {version}',
      ru: 'Доказать, что расширение {extension} версии {version}',
    },
    params: z.strictObject({ infobase, extension, version: z.string().min(1) }),
    uses: { before: 'Backup?' },
    returns: 'Facts',
    effect: 'reads',
    expected: 15,
    timeout: 600,
    onFailure: 'ask',
  }),
  /** Version, flags and content hash are those of the saved one. */
  proveExtensionRestored: defineStep({
    title: {
      en: 'Prove that the old extension {extension} is back',
      ru: 'Доказать, что прежнее расширение {extension} вернулось',
    },
    params: z.strictObject({ infobase, extension }),
    uses: { backup: 'Backup' },
    returns: 'Proof',
    effect: 'reads',
    expected: 15,
    timeout: 600,
    onFailure: 'ask',
  }),
  /**
   * Tells those inside when the infobase will be locked, and waits until then; `lockInfobase` ends who stayed, `unlockInfobase`
   * lets in again and undoes both. A file infobase has no cluster that could tell anybody: nothing is announced, nothing waited for.
   */
  announceLock: defineStep({
    title: { en: 'Announce the lock of {infobase}', ru: 'Предупредить о блокировке базы {infobase}' },
    params: z.strictObject({ infobase, message: z.string().min(1), seconds: z.int().min(0) }),
    uses: {},
    returns: 'LockState',
    effect: 'writes',
    leavesData: true,
    expected: 300,
    timeout: 4 * hour,
    onFailure: 'ask',
  }),
};
