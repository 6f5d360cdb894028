import { defineErrors } from './define.ts';

export const runErrors = defineErrors({
  ROOM_MISSING: {
    what: { en: 'Not enough free space for backup and restore: {places}', ru: 'Не хватает места для копий и восстановления: {places}' },
    todo: {
      en: 'Nothing was changed. Free space at these places, or name other backup folders in the plan, then start again. The need is what lies there now, times 1.2.',
      ru: 'Ничего не изменено. Освободите место или укажите в плане другие папки для копий и запустите снова. Требуется нынешний объём, умноженный на 1,2.',
    },
  },
  WINDOW_TOO_SHORT: {
    what: {
      en: 'The window {window} has {minutes} minutes, update and restore may need {needed}',
      ru: 'Окно {window} длится {minutes} мин, а обновление вместе с восстановлением может занять {needed} мин',
    },
    todo: {
      en: 'Nothing was changed. Widen the window in the plan, or lower its margin if the rehearsal has shown that less is enough.',
      ru: 'Ничего не изменено. Расширьте окно в плане или уменьшите запас, если репетиция показала, что хватит меньшего.',
    },
  },
  DRIFT: {
    what: { en: 'Production is no longer what was approved: {differences}', ru: 'Рабочая система уже не та, что была одобрена: {differences}' },
    todo: {
      en: 'Production was not touched. Find out who changed it. If the change is to stay, approve again or rehearse anew: the rehearsal was made on the old state.',
      ru: 'Рабочая система не тронута. Выясните, кто её изменил. Если изменение остаётся, одобрите снова или повторите репетицию: она шла на прежнем состоянии.',
    },
  },
  NOT_HARMLESS: {
    what: { en: 'The test copy could act on production, {count} findings: {findings}', ru: 'Тестовая копия может повлиять на рабочую систему, найдено мест: {count}: {findings}' },
    todo: {
      en: 'The test site was not started with integrations, production was not touched. Add the places to “harmless” in the plan (texts to replace, rows to set) and start again.',
      ru: 'Интеграции на тестовом сайте не запускались, рабочая система не тронута. Добавьте эти места в раздел «harmless» плана (замены текста, значения строк) и запустите снова.',
    },
  },
  RESTORE_NOT_PROVED: {
    what: { en: 'After the restore {count} facts differ from the restore point: {differences}', ru: 'После восстановления отличий от точки возврата: {count}: {differences}' },
    todo: {
      en: 'The restore steps have run, but the old state is not proved; keep users out. All differences are in the log. Retry the restore, or put the backups named in the report back by hand and compare again.',
      ru: 'Шаги восстановления выполнены, но прежнее состояние не доказано; не впускайте пользователей. Все отличия — в журнале. Повторите восстановление или верните копии, названные в отчёте, вручную и сверьте снова.',
    },
    effect: 'unknown',
  },
});
