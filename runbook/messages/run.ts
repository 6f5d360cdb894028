/** What a run says by itself: decisions, evidence, notices, next steps. Kept in histories as text in both languages. */
import type { Text } from '../types.ts';

export const runTexts = {
  failedStep: { en: 'Step failed: {step}. {failure}', ru: 'Шаг не удался: {step}. {failure}' },
  restoreFailing: {
    en: 'A restore step keeps failing: {step}. {failure}',
    ru: 'Шаг восстановления не удаётся: {step}. {failure}',
  },
  restoreFailingNote: {
    en: 'It is tried again at the deadline. "hand-over" ends the run: the system is then yours to restore by hand.',
    ru: 'По истечении срока шаг будет повторён. «hand-over» завершает прогон: дальше систему восстанавливаете вы сами.',
  },
  rehearsed: {
    en: 'Rehearsal: {done} steps done in {minutes} min, {skipped} skipped.',
    ru: 'Репетиция: шагов выполнено {done} за {minutes} мин, пропущено {skipped}.',
  },
  planned: {
    en: 'Production will take about {update} min, a restore {restore} min (margin included).',
    ru: 'Обновление займёт около {update} мин, восстановление {restore} мин (с запасом).',
  },
  willInstall: {
    en: 'Will be installed: {name} {version} (archive {sha256}).',
    ru: 'Будет установлено: {name} {version} (архив {sha256}).',
  },
  willInstallVersion: {
    en: 'Will be installed: {name} {version}.',
    ru: 'Будет установлено: {name} {version}.',
  },
  stepResult: { en: '{step}: {result}', ru: '{step}: {result}' },
  skippedStep: {
    en: 'Left out of the rehearsal ({who}): {step}. {failure}',
    ru: 'В репетиции пропущено ({who}): {step}. {failure}',
  },
  picturesIn: {
    en: 'The pictures of the pages: nakat report {run} --html FILE.',
    ru: 'Снимки страниц: nakat report {run} --html FILE.',
  },
  drifted: {
    en: 'Production is no longer as it was approved: {failure}',
    ru: 'Рабочая система уже не та, что была одобрена: {failure}',
  },
  decisionWaits: { en: 'A decision waits: {title}', ru: 'Ожидается решение: {title}' },
  deadlineNear: { en: 'Deadline near: {title}', ru: 'Срок решения подходит: {title}' },
  atDeadline: { en: 'Unanswered, at the deadline: {choice}.', ru: 'Без ответа к сроку будет выбрано: {choice}.' },
  choices: { en: 'Choices: {choices}.', ru: 'Варианты: {choices}.' },
  ended: { en: '{title}: {outcome}', ru: '{title}: {outcome}' },
  updated: { en: 'updated and verified', ru: 'обновлено и проверено' },
  restored: { en: 'restored and verified', ru: 'восстановлено и проверено' },
  stopped: { en: 'stopped, production’s data untouched', ru: 'остановлено, данные рабочей системы не тронуты' },
  'handed-over': { en: 'handed over to an operator, NOT verified', ru: 'передано оператору, НЕ проверено' },
  going: { en: 'still going: this is how it stands', ru: 'ещё идёт: так обстоят дела сейчас' },
  because: { en: 'Because: {failure}', ru: 'Причина: {failure}' },
  nextBackup: {
    en: 'Backup ({system}): {place} on {machine}. Keep it until you trust the new version, then remove it.',
    ru: 'Резервная копия ({system}): {place}, машина {machine}. Храните её, пока не убедитесь в новой версии, затем удалите.',
  },
  nextBackupOld: {
    en: 'Backup ({system}): {place} on {machine}. Remove it after the next update that went well.',
    ru: 'Резервная копия ({system}): {place}, машина {machine}. Удалите её после следующего удачного обновления.',
  },
  nextFix: {
    en: 'Mend the cause, then start the run again: {failure}',
    ru: 'Устраните причину и запустите прогон снова: {failure}',
  },
  nextRehearsalBackups: {
    en: 'Made for the rehearsal and needed no more, may be removed: {places}.',
    ru: 'Сделано для репетиции и больше не нужно, можно удалить: {places}.',
  },
  nextTestCopy: {
    en: 'The test copy stays for a look; the next rehearsal replaces it.',
    ru: 'Тестовая копия остаётся для просмотра; следующая репетиция её заменит.',
  },
  nextHandedOver: {
    en: 'Restore by hand from the backups listed here; the site may be closed to users.',
    ru: 'Восстановите систему вручную из перечисленных копий; сайт может быть закрыт для пользователей.',
  },
  nothingToRestore: { en: 'Nothing had been written in production.', ru: 'В рабочей системе ничего не было изменено.' },
  closingFailed: { en: 'Tidying up failed at: {step}. {failure}', ru: 'Уборка не удалась на шаге: {step}. {failure}' },
} satisfies Record<string, Text>;
