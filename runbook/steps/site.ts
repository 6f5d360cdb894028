import { z } from 'zod';
import { database, site } from '../targets/index.ts';
import { defineStep } from './define.ts';

const hour = 3600;

export const siteSteps = {
  /** The web server knows the site and its pool, and they run. */
  checkWebServer: defineStep({
    title: { en: 'Check web server of {site}', ru: 'Проверить веб-сервер сайта {site}' },
    params: z.strictObject({ site }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 3,
    timeout: 120,
    onFailure: 'stop',
  }),
  /** Files copied from another site, own connection strings (database, Redis), own pool and IIS site; not started. */
  createSite: defineStep({
    title: { en: 'Create site {site} in IIS', ru: 'Создать сайт {site} в IIS' },
    params: z.strictObject({ site, from: site, database }),
    uses: {},
    returns: 'Facts',
    effect: 'writes',
    expected: 300,
    timeout: 4 * hour,
    onFailure: 'stop',
  }),
  startSite: defineStep({
    title: { en: 'Start site {site}', ru: 'Запустить сайт {site}' },
    params: z.strictObject({ site }),
    uses: {},
    returns: 'Nothing',
    effect: 'writes',
    leavesData: true,
    expected: 15,
    timeout: 600,
    onFailure: 'ask',
  }),
  /** Stops site and pool and proves that no worker process is left. */
  stopSite: defineStep({
    title: { en: 'Stop site {site}', ru: 'Остановить сайт {site}' },
    params: z.strictObject({ site }),
    uses: {},
    returns: 'Nothing',
    effect: 'writes',
    leavesData: true,
    site: 'down',
    expected: 15,
    timeout: 600,
    onFailure: 'ask',
  }),
  /** Only the maintenance binding is left: nakat gets in, users do not. */
  keepUsersOut: defineStep({
    title: { en: 'Keep users out of {site}', ru: 'Закрыть {site} для пользователей' },
    params: z.strictObject({ site }),
    uses: {},
    returns: 'Nothing',
    effect: 'writes',
    leavesData: true,
    site: 'down',
    expected: 10,
    timeout: 600,
    onFailure: 'ask',
  }),
  letUsersIn: defineStep({
    title: { en: 'Open {site} to users', ru: 'Открыть {site} для пользователей' },
    params: z.strictObject({ site }),
    uses: {},
    returns: 'Nothing',
    effect: 'writes',
    leavesData: true,
    site: 'up',
    expected: 10,
    timeout: 600,
    onFailure: 'ask',
  }),
  /** The site’s folder beside itself, with a manifest of every file. */
  backUpFiles: defineStep({
    title: { en: 'Back up files of {site}', ru: 'Сделать копию файлов {site}' },
    params: z.strictObject({ site }),
    uses: {},
    returns: 'Backup',
    effect: 'writes',
    leavesData: true,
    expected: 120,
    timeout: 4 * hour,
    onFailure: 'restore',
  }),
  /** The site must be stopped. The old tree is put in place by one switch. */
  restoreFiles: defineStep({
    title: { en: 'Restore files of {site}', ru: 'Восстановить файлы {site}' },
    params: z.strictObject({ site }),
    uses: { backup: 'Backup' },
    returns: 'Nothing',
    effect: 'writes',
    expected: 120,
    timeout: 4 * hour,
    onFailure: 'ask',
  }),
};
