import { defineErrors } from './define.ts';

/** Values: `{pages}` the site’s name in the plan, `{where}` the machine of the worker. */
export const pageErrors = defineErrors({
  BROWSER_NOT_FOUND: {
    what: {
      en: 'No browser was found on {where} for the pages: {browser}.',
      ru: 'На {where} не найден браузер для страниц: {browser}.',
    },
    todo: {
      en: 'Nothing was changed. Install Chromium, Chrome or Edge where the worker runs, or give its path in the plan (`browser`).',
      ru: 'Ничего не изменено. Установите Chromium, Chrome или Edge там, где работает исполнитель, или укажите путь в плане (`browser`).',
    },
  },
  BROWSER_FAILED: {
    what: { en: 'The browser {browser} on {where} failed.', ru: 'Сбой браузера {browser} на {where}.' },
    todo: {
      en: 'The site was not changed. The browser’s own words are given; the step takes its pictures anew when it is tried again.',
      ru: 'Сайт не изменён. Сообщение браузера приведено; при повторе шаг снимет страницы заново.',
    },
    passing: true,
  },
  PAGE_UNREACHABLE: {
    what: {
      en: 'The page {page} of {pages} could not be loaded.',
      ru: 'Не удалось загрузить страницу {page} сайта {pages}.',
    },
    todo: {
      en: 'The site was not changed by this step. Check that the site runs and that the machine of the worker reaches it; the step is tried again.',
      ru: 'Этот шаг не менял сайт. Проверьте, что сайт работает и доступен с машины исполнителя; шаг повторится.',
    },
    passing: true,
  },
  PICTURES_NOT_WRITABLE: {
    what: {
      en: 'The folder for pictures {folder} on {where} cannot be written to.',
      ru: 'В папку для снимков {folder} на {where} нельзя записать.',
    },
    todo: {
      en: 'Nothing was changed. Create the folder, give the worker’s account write permission and free some space, or name another one in the plan (`store`).',
      ru: 'Ничего не изменено. Создайте папку, дайте учётной записи исполнителя право записи и освободите место либо укажите другую в плане (`store`).',
    },
  },
  PICTURES_LOST: {
    what: {
      en: 'The pictures taken before are not as they were in {folder} on {where}: {reason}.',
      ru: 'Прежних снимков нет в {folder} на {where} в том виде, как они были сделаны: {reason}.',
    },
    todo: {
      en: 'The site was not changed by this step, but cannot be compared. Workers of one run must share that folder; look at the pages yourself and then leave the step out, or restore.',
      ru: 'Этот шаг не менял сайт, но сравнить его не с чем. Исполнителям одного запуска нужна общая папка; проверьте страницы сами и пропустите шаг либо восстановите систему.',
    },
  },
  PAGES_DIFFER: {
    what: {
      en: 'Pages of {pages} are not as before, {count} findings: {findings}',
      ru: 'Страницы {pages} не такие, как прежде, найдено отличий: {count}: {findings}',
    },
    todo: {
      en: 'Nothing was changed by the comparison. The pictures lie in {folder} and are in the report. If the new look is right, leave the step out; if it can be repaired, repair it and try again; else restore.',
      ru: 'Сравнение ничего не меняло. Снимки лежат в {folder} и есть в отчёте. Если новый вид верен, пропустите шаг; если можно исправить, исправьте и повторите; иначе восстановите систему.',
    },
  },
});
