import { z } from 'zod';
import { instance } from '../targets/index.ts';
import { defineStep } from './define.ts';

const hour = 3600;
const version = z.string().min(1);
const links = z
  .record(z.string(), z.string())
  .nullable()
  .describe(
    'Links by their name in the configuration folder, to folders below the version’s binaries; null: those that are there, to the same folders of the new version.',
  );

/** A product version change of a Comindware instance, in the vendor's order. */
export const comindwareSteps = {
  /** Site, pools, folders and configuration are as the plan says, the version is the one that the way starts from, and all versions to come are installed. */
  checkInstance: defineStep({
    title: { en: 'Check instance {instance}', ru: 'Проверить экземпляр {instance}' },
    params: z.strictObject({
      instance,
      version,
      hops: z.array(
        z.strictObject({
          version,
          script: z.string().nullable().describe('The vendor’s script for it; null: nakat’s own file steps.'),
        }),
      ),
    }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 10,
    timeout: 600,
    onFailure: 'stop',
  }),
  /** Room for the copy and for a restore point of every hop, and once more for a restore. */
  checkInstanceRoom: defineStep({
    title: {
      en: 'Check free space for the restore points of {instance}',
      ru: 'Проверить место для точек возврата {instance}',
    },
    params: z.strictObject({ instance, points: z.int().min(1) }),
    uses: {},
    returns: 'Rooms',
    effect: 'reads',
    expected: 10,
    timeout: 600,
    onFailure: 'stop',
  }),
  /** Its files are open while it runs: it is stopped, copied and started again, in one step, so that no failure leaves it standing still. */
  backUpRunningInstance: defineStep({
    title: {
      en: 'Stop {instance} for a copy and start it again',
      ru: 'Остановить {instance} для копирования и запустить снова',
    },
    params: z.strictObject({ instance }),
    uses: {},
    returns: 'Backup',
    effect: 'writes',
    leavesData: true,
    expected: 300,
    timeout: 12 * hour,
    onFailure: 'stop',
  }),
  /** A test instance of that copy, under its own name, folders, port and pools; its configuration changed by `set`; not started. */
  createInstance: defineStep({
    title: { en: 'Create test instance {instance}', ru: 'Создать тестовый экземпляр {instance}' },
    params: z.strictObject({
      instance,
      from: instance,
      set: z
        .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
        .describe('Values of the copy’s own configuration, by key.'),
    }),
    uses: { backup: 'Backup' },
    returns: 'Facts',
    effect: 'writes',
    expected: 300,
    timeout: 12 * hour,
    onFailure: 'stop',
  }),
  /** Nothing in the copy's configuration leads to production: folders, names, queues, indices, addresses, pools. */
  proveInstanceHarmless: defineStep({
    title: { en: 'Prove that the copy {instance} is harmless', ru: 'Доказать, что копия {instance} безвредна' },
    params: z.strictObject({ instance, production: instance, forbidden: z.array(z.string().min(1)) }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 5,
    timeout: 600,
    onFailure: 'stop',
  }),
  /** Only the maintenance binding is left: nakat and those who prepare applications get in, users do not. */
  closeInstance: defineStep({
    title: { en: 'Keep users out of {instance}', ru: 'Закрыть {instance} для пользователей' },
    params: z.strictObject({ instance }),
    uses: {},
    returns: 'Nothing',
    effect: 'writes',
    leavesData: true,
    site: 'down',
    expected: 10,
    timeout: 600,
    onFailure: 'ask',
  }),
  openInstance: defineStep({
    title: { en: 'Open {instance} to users', ru: 'Открыть {instance} для пользователей' },
    params: z.strictObject({ instance }),
    uses: {},
    returns: 'Nothing',
    effect: 'writes',
    leavesData: true,
    site: 'up',
    expected: 10,
    timeout: 600,
    onFailure: 'ask',
  }),
  /** Site and pools stopped, no worker process left, no file held; says how long each log is, so that old words of success do not count. */
  stopInstance: defineStep({
    title: { en: 'Stop {instance}', ru: 'Остановить {instance}' },
    params: z.strictObject({ instance }),
    uses: {},
    returns: 'LogMarks',
    effect: 'writes',
    leavesData: true,
    site: 'down',
    expected: 20,
    timeout: 900,
    onFailure: 'ask',
    noSkip: true,
  }),
  /** Database, uploaded files, configuration folder with its links, the instance's own file and its part of IIS, as one restore point. */
  backUpInstance: defineStep({
    title: { en: 'Back up {instance}', ru: 'Сделать копию {instance}' },
    params: z.strictObject({ instance }),
    uses: {},
    returns: 'Backup',
    effect: 'writes',
    leavesData: true,
    expected: 300,
    timeout: 12 * hour,
    onFailure: 'restore',
  }),
  /** The old configuration files and the links to the old binaries; only with a whole restore point of them. */
  removeInstanceConfiguration: defineStep({
    title: {
      en: 'Delete the old configuration and links of {instance}',
      ru: 'Удалить прежние файлы конфигурации и ссылки {instance}',
    },
    params: z.strictObject({ instance }),
    uses: { backup: 'Backup' },
    returns: 'Nothing',
    effect: 'writes',
    expected: 5,
    timeout: 600,
    onFailure: 'ask',
    noSkip: true,
  }),
  /** The new version's files with the old values in them, and links to its binaries. Says which values had no place in the new files. */
  createInstanceConfiguration: defineStep({
    title: {
      en: 'Create the configuration of {instance} for {version}',
      ru: 'Создать файлы конфигурации {instance} для {version}',
    },
    params: z.strictObject({ instance, version, links }),
    uses: { backup: 'Backup' },
    returns: 'Findings',
    effect: 'writes',
    expected: 5,
    timeout: 600,
    onFailure: 'ask',
    noSkip: true,
  }),
  /** `instance_upgrade.ps1` as a job on the machine, which nothing interrupts; judged by its status line and by what it left, not by its exit code. */
  runInstanceUpgrade: defineStep({
    title: {
      en: 'Run the vendor’s upgrade of {instance} to {version}',
      ru: 'Запустить скрипт обновления {instance} до {version}',
    },
    params: z.strictObject({ instance, version, script: z.string().min(1) }),
    uses: { backup: 'Backup' },
    returns: 'Facts',
    effect: 'writes',
    expected: 300,
    timeout: 6 * hour,
    onFailure: 'restore',
  }),
  /** From here on the product changes its database. */
  startInstance: defineStep({
    title: { en: 'Start {instance}', ru: 'Запустить {instance}' },
    params: z.strictObject({ instance }),
    uses: {},
    returns: 'Nothing',
    effect: 'writes',
    expected: 20,
    timeout: 900,
    onFailure: 'ask',
    noSkip: true,
  }),
  /** The product's own words of success behind the marks, its version everywhere, and the login page. Without marks, the logs are not asked. */
  waitForInstance: defineStep({
    title: { en: 'Wait until {instance} runs {version}', ru: 'Дождаться работы {instance} версии {version}' },
    params: z.strictObject({ instance, version, seconds: z.int().min(1).describe('So long the product may take.') }),
    uses: { marks: 'LogMarks?' },
    returns: 'Facts',
    effect: 'reads',
    expected: 120,
    timeout: 12 * hour,
    onFailure: 'restore',
  }),
  /** All parts of the restore point together; the instance must be stopped. */
  restoreInstance: defineStep({
    title: { en: 'Restore {instance}', ru: 'Восстановить {instance}' },
    params: z.strictObject({ instance }),
    uses: { backup: 'Backup' },
    returns: 'Nothing',
    effect: 'writes',
    expected: 300,
    timeout: 12 * hour,
    onFailure: 'ask',
    noSkip: true,
  }),
  /** Every file, link and setting compared with the restore point, before anything is started on it. */
  proveInstanceRestored: defineStep({
    title: {
      en: 'Prove that the old state of {instance} is back',
      ru: 'Доказать, что прежнее состояние {instance} вернулось',
    },
    params: z.strictObject({ instance }),
    uses: { backup: 'Backup' },
    returns: 'Proof',
    effect: 'reads',
    expected: 60,
    timeout: 6 * hour,
    onFailure: 'ask',
  }),
};
