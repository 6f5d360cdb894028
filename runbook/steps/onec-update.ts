/** Bringing an infobase's configuration to a new release, and what belongs to it. */
import { z } from 'zod';
import { infobase, onecAction, onecFile, onecQuestion } from '../targets/index.ts';
import { defineStep } from './define.ts';

const hour = 3600;
const version = z.string().min(1);
const jobs = z.array(z.string().min(1)).min(1).describe('Names of scheduled jobs as in the configuration.');

export const onecUpdateSteps = {
  /** Name and version are those of the plan, nothing lies unapplied in the Designer, no handlers of an earlier update are pending. */
  checkConfiguration: defineStep({
    title: {
      en: 'Check configuration {name} {version} of {infobase}',
      ru: 'Проверить конфигурацию {name} {version} базы {infobase}',
    },
    params: z.strictObject({ infobase, name: z.string().min(1), version }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 20,
    timeout: hour,
    onFailure: 'stop',
  }),
  /** Every object in which the configuration differs from the vendor's, for a specialist; one line too where support is off. */
  compareConfiguration: defineStep({
    title: {
      en: 'Compare the configuration of {infobase} with the vendor’s',
      ru: 'Сравнить конфигурацию базы {infobase} с конфигурацией поставщика',
    },
    params: z.strictObject({
      infobase,
      vendor: z.string().min(1).describe('Name of the vendor configuration, as “Support” in the Designer shows it.'),
    }),
    uses: {},
    returns: 'Findings',
    effect: 'reads',
    expected: 120,
    timeout: 2 * hour,
    onFailure: 'stop',
  }),
  /** The file is whole, is of this configuration and version, and leads there from the installed version; the platform is not too old for it (`1cv8.mft` beside it). */
  checkUpdateFile: defineStep({
    title: { en: 'Check update file {to}', ru: 'Проверить файл обновления {to}' },
    params: z.strictObject({
      infobase,
      file: onecFile,
      kind: z.enum(['cf', 'cfu']),
      name: z.string().min(1),
      from: version,
      to: version,
    }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 20,
    timeout: hour,
    onFailure: 'stop',
  }),
  /** The product says that the right to updates is in force: any answer but empty, `Нет`, `Ложь`, `No`, `false`, `0`. */
  checkSubscription: defineStep({
    title: {
      en: 'Check the update subscription in {infobase}',
      ru: 'Проверить подписку на обновления в базе {infobase}',
    },
    params: z.strictObject({ infobase, question: onecQuestion }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 10,
    timeout: 600,
    onFailure: 'stop',
  }),
  /** The main configuration only; the database follows with `updateDatabaseConfiguration`. */
  updateConfiguration: defineStep({
    title: {
      en: 'Update the configuration of {infobase} to {to}',
      ru: 'Обновить конфигурацию базы {infobase} до {to}',
    },
    params: z.strictObject({
      infobase,
      file: onecFile,
      from: version,
      to: version,
      way: z
        .enum(['update', 'load'])
        .describe(
          '`update`: /UpdateCfg, keeps support and the customer’s changes; `load`: the whole .cf replaces the configuration.',
        ),
      settings: z
        .string()
        .nullable()
        .describe('File of merge rules on the machine (-Settings), made by a specialist for a changed configuration.'),
    }),
    uses: {},
    returns: 'Facts',
    effect: 'writes',
    expected: 300,
    timeout: 4 * hour,
    onFailure: 'ask',
    noSkip: true,
  }),
  /** The database follows the main configuration; nobody may be in it. Never dynamically. */
  updateDatabaseConfiguration: defineStep({
    title: {
      en: 'Update the database configuration of {infobase}',
      ru: 'Обновить конфигурацию базы данных {infobase}',
    },
    params: z.strictObject({
      infobase,
      to: version,
      warnings: z
        .enum(['accept', 'refuse'])
        .describe('Of the restructuring: `refuse` fails the step before anything is changed.'),
    }),
    uses: {},
    returns: 'Facts',
    effect: 'writes',
    expected: 600,
    timeout: 8 * hour,
    onFailure: 'ask',
    noSkip: true,
  }),
  /** In user mode, as a job; proved by the data's version, by nothing pending, and by the state of the deferred handlers. */
  runUpdateHandlers: defineStep({
    title: { en: 'Run the update handlers of {infobase}', ru: 'Выполнить обработчики обновления базы {infobase}' },
    params: z.strictObject({
      infobase,
      version,
      command: z.string().min(1).describe('Start parameter /C.'),
      deferred: z
        .enum(['now', 'later'])
        .describe(
          '`now`: deferred handlers run too and are proved done; `later`: they run as background jobs once jobs are allowed.',
        ),
    }),
    uses: {},
    returns: 'Facts',
    effect: 'writes',
    expected: 900,
    timeout: 12 * hour,
    onFailure: 'ask',
    noSkip: true,
  }),
  /** Waits until the deferred handlers have run in the background. */
  awaitDeferredHandlers: defineStep({
    title: {
      en: 'Wait for the deferred handlers of {infobase}',
      ru: 'Дождаться отложенных обработчиков базы {infobase}',
    },
    params: z.strictObject({ infobase }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 600,
    timeout: 24 * hour,
    onFailure: 'ask',
  }),
  /** By the product's own mechanism; proved by the version that the product then tells. */
  refreshInitialData: defineStep({
    title: { en: 'Refresh the initial data of {infobase}', ru: 'Обновить начальные данные базы {infobase}' },
    params: z.strictObject({ infobase, action: onecAction, question: onecQuestion, version }),
    uses: {},
    returns: 'Facts',
    effect: 'writes',
    expected: 300,
    timeout: 4 * hour,
    onFailure: 'ask',
    noSkip: true,
  }),
  /** Version of the configuration, of the data, and of the initial data where the product has one. */
  checkConfigurationVersion: defineStep({
    title: { en: 'Check that {infobase} is at {version}', ru: 'Проверить, что база {infobase} перешла на {version}' },
    params: z.strictObject({
      infobase,
      version,
      initialData: z.strictObject({ question: onecQuestion, version }).nullable(),
    }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 20,
    timeout: hour,
    onFailure: 'ask',
  }),
  /** The scheduled jobs of the exchange are there, at least one is in use, and the cluster lets jobs run. Before anything is touched. */
  checkExchangeJobs: defineStep({
    title: { en: 'Check that the exchange of {infobase} is on', ru: 'Проверить, что обмен базы {infobase} включён' },
    params: z.strictObject({ infobase, jobs }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 10,
    timeout: 600,
    onFailure: 'stop',
    noSkip: true,
  }),
  /** The scheduled jobs of the exchange are off, and none of them runs any more; how they were is remembered. */
  switchOffExchangeJobs: defineStep({
    title: { en: 'Switch off the exchange of {infobase}', ru: 'Выключить обмен базы {infobase}' },
    params: z.strictObject({ infobase, jobs }),
    uses: {},
    returns: 'ExchangeJobs',
    effect: 'writes',
    leavesData: true,
    expected: 30,
    timeout: 2 * hour,
    onFailure: 'ask',
    noSkip: true,
  }),
  /** As they were before `switchOffExchangeJobs` of this run. */
  switchOnExchangeJobs: defineStep({
    title: { en: 'Switch on the exchange of {infobase}', ru: 'Включить обмен базы {infobase}' },
    params: z.strictObject({ infobase, jobs }),
    uses: { before: 'ExchangeJobs?' },
    returns: 'Nothing',
    effect: 'writes',
    leavesData: true,
    expected: 30,
    timeout: hour,
    onFailure: 'ask',
  }),
};
