import { z } from 'zod';
import { archive, connector, integration, site } from '../targets/index.ts';
import { defineStep } from './define.ts';

const hour = 3600;

export const bpmsoftSteps = {
  /** Logs in and reads the versions of BPMSoft and of its packages; refuses one older than `minimum`. */
  checkSite: defineStep({
    title: { en: 'Check site {site}', ru: 'Проверить сайт {site}' },
    params: z.strictObject({ site, minimum: z.string() }),
    uses: {},
    returns: 'SiteVersions',
    effect: 'reads',
    expected: 5,
    timeout: 300,
    onFailure: 'stop',
  }),
  /** Refuses when the update is installed already or the installed version is newer. */
  checkInstalledPackage: defineStep({
    title: { en: 'Check the installed version of {package}', ru: 'Проверить установленную версию {package}' },
    params: z.strictObject({ site, archive }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 3,
    timeout: 300,
    onFailure: 'stop',
  }),
  /** The vendor’s "generate source code for all schemas": derived files only. */
  generateSources: defineStep({
    title: {
      en: 'Generate source code for all schemas on {site}',
      ru: 'Сгенерировать исходный код для всех элементов на {site}',
    },
    params: z.strictObject({ site }),
    uses: {},
    returns: 'Nothing',
    effect: 'reads',
    expected: 300,
    timeout: hour,
    onFailure: 'stop',
  }),
  /** The vendor’s "compile all". Errors fail the step, listed by schema. */
  compileAll: defineStep({
    title: { en: 'Compile all on {site}', ru: 'Компилировать все на {site}' },
    params: z.strictObject({ site }),
    uses: {},
    returns: 'CompileResult',
    effect: 'reads',
    expected: 600,
    timeout: 2 * hour,
    onFailure: 'stop',
  }),
  /** Acts once: the log and the installed version are read before a second upload is even thought of. */
  installPackage: defineStep({
    title: { en: 'Install {package} {version} on {site}', ru: 'Установить {package} {version} на {site}' },
    params: z.strictObject({ site, archive }),
    uses: {},
    returns: 'InstallResult',
    effect: 'writes',
    evidence: true,
    expected: 600,
    timeout: 2 * hour,
    onFailure: 'restore',
  }),
  /** The packages have the versions recorded before. */
  checkVersions: defineStep({
    title: { en: 'Check versions on {site}', ru: 'Проверить версии на {site}' },
    params: z.strictObject({ site, expected: z.record(z.string(), z.string()) }),
    uses: { before: 'SiteVersions?' },
    returns: 'SiteVersions',
    effect: 'reads',
    expected: 3,
    timeout: 300,
    onFailure: 'ask',
  }),
  /** The site’s health page and one query behind the log-in answer. */
  waitUntilReady: defineStep({
    title: { en: 'Wait until {site} is ready', ru: 'Дождаться готовности {site}' },
    params: z.strictObject({ site }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 60,
    timeout: 1200,
    onFailure: 'ask',
  }),
  restartApplication: defineStep({
    title: { en: 'Restart the application {site}', ru: 'Перезапустить приложение {site}' },
    params: z.strictObject({ site }),
    uses: {},
    returns: 'Nothing',
    effect: 'writes',
    expected: 60,
    timeout: 1200,
    onFailure: 'ask',
  }),
  /** As a visitor sees it, at its public address. */
  checkStartPage: defineStep({
    title: { en: 'Open the start page of {site}', ru: 'Открыть стартовую страницу {site}' },
    params: z.strictObject({ site }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 5,
    timeout: 600,
    onFailure: 'ask',
  }),
  /** Sets "use for deduplication" on every integration object, and reads back that it is set on every one. */
  setDeduplication: defineStep({
    title: {
      en: 'Set "use for deduplication" on every integration object',
      ru: 'Установить «Использовать для дедупликации» на каждом объекте интеграции',
    },
    params: z.strictObject({ site, objects: connector.shape.objects }),
    uses: {},
    returns: 'Facts',
    effect: 'writes',
    expected: 10,
    timeout: 600,
    onFailure: 'ask',
  }),
  checkDeduplication: defineStep({
    title: {
      en: 'Check "use for deduplication" on every integration object',
      ru: 'Проверить «Использовать для дедупликации» на каждом объекте интеграции',
    },
    params: z.strictObject({ site, objects: connector.shape.objects }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 5,
    timeout: 600,
    onFailure: 'ask',
  }),
  /** Started once under a token of this step; its result row is awaited. */
  runIntegration: defineStep({
    title: { en: 'Run integration {integration}', ru: 'Запустить интеграцию {integration}' },
    params: z.strictObject({ site, integration, results: connector.shape.results }),
    uses: {},
    returns: 'IntegrationResult',
    effect: 'writes',
    evidence: true,
    expected: 120,
    timeout: 2 * hour,
    onFailure: 'restore',
  }),
};
