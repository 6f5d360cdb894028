import { defineErrors } from './define.ts';

export const genericErrors = defineErrors({
  COMMAND_NOT_SUCCESSFUL: {
    what: {
      en: '{program} on {where} did not succeed: {problem}',
      ru: '{program} на {where} завершилась без успеха: {problem}',
    },
    todo: {
      en: 'It has ended, and may have done a part of its work. Read what it said, mend the cause, then let it be tried again.',
      ru: 'Она завершилась и могла выполнить часть работы. Прочитайте её сообщение, устраните причину и повторите шаг.',
    },
    effect: 'unknown',
  },
  VERSION_NOT_FOUND: {
    what: { en: 'No version in what {place} says', ru: 'В ответе {place} нет версии' },
    todo: {
      en: 'Nothing was changed. Correct `pattern` in the plan: its first group must match the version.',
      ru: 'Ничего не изменено. Исправьте `pattern` в плане: его первая группа должна совпадать с версией.',
    },
  },
  VERSION_NOT_WANTED: {
    what: {
      en: 'Version {version} was found by {place}, wanted was {is}',
      ru: 'Найдена версия {version} ({place}), нужна {is}',
    },
    todo: {
      en: 'The step only looked. Before the update: update from a supported version. After it: the update did not do what it was meant to.',
      ru: 'Шаг только читал. До обновления: обновляйте с поддерживаемой версии. После: обновление не сделало того, что должно было.',
    },
  },
  FOLDER_TO_COPY_MISSING: {
    what: { en: 'There is nothing to copy at {path} on {where}', ru: 'Нечего копировать: на {where} нет {path}' },
    todo: {
      en: 'Nothing was changed. Correct the path in the plan, or put the files there.',
      ru: 'Ничего не изменено. Исправьте путь в плане или положите файлы на место.',
    },
  },
  FILES_DIFFER: {
    what: {
      en: '{path} on {where} is not what it should be: {files}',
      ru: '{path} на {where} — не то, что должно быть: {files}',
    },
    todo: {
      en: 'Something else writes there, or the disk is damaged. Find out what, then let the step be tried again.',
      ru: 'Туда пишет что-то ещё, или диск повреждён. Выясните, что именно, затем повторите шаг.',
    },
    effect: 'unknown',
  },
  FILE_DIGEST_CHANGED: {
    what: { en: 'The file {path} is not the one that was approved', ru: 'Файл {path} — не тот, который был одобрен' },
    todo: {
      en: 'Nothing was uploaded. Put the approved file back, or start a new run with the new one.',
      ru: 'Ничего не загружено. Верните одобренный файл или начните новый запуск с новым.',
    },
  },
  SERVICE_UNKNOWN: {
    what: { en: 'There is no service "{service}" on {where}', ru: 'На {where} нет службы «{service}»' },
    todo: {
      en: 'Nothing was changed. Correct its name in the plan: `systemctl list-units` or `sc query` show the names.',
      ru: 'Ничего не изменено. Исправьте имя в плане: имена показывают `systemctl list-units` или `sc query`.',
    },
  },
  SERVICE_REFUSED: {
    what: {
      en: 'Service "{service}" on {where} refused: {command}',
      ru: 'Служба «{service}» на {where} отказала: {command}',
    },
    todo: {
      en: 'Look at its log. Where rights are missing: the account of nakat must be allowed to start and stop services there.',
      ru: 'Посмотрите её журнал. Если не хватает прав: учётной записи nakat должно быть разрешено запускать и останавливать службы.',
    },
    effect: 'unknown',
  },
  SERVICE_NOT_AS_WANTED: {
    what: {
      en: 'Service "{service}" on {where} is {state}, it should be {wanted}',
      ru: 'Служба «{service}» на {where}: {state}, а должна быть: {wanted}',
    },
    todo: {
      en: 'The command was given, but the system itself says otherwise. Look at the log of the service.',
      ru: 'Команда отдана, но сама система говорит иное. Посмотрите журнал службы.',
    },
    effect: 'unknown',
  },
  URL_NOT_AS_WANTED: {
    what: {
      en: '{url} did not become what was waited for within {seconds} s: {problem}',
      ru: '{url} не ответил как нужно за {seconds} с: {problem}',
    },
    todo: {
      en: 'The step only looked. See whether the application runs and what its log says.',
      ru: 'Шаг только читал. Проверьте, работает ли приложение и что в его журнале.',
    },
  },
  LOG_LINE_MISSING: {
    what: {
      en: 'No line in {file} on {where} was what was waited for within {seconds} s',
      ru: 'За {seconds} с в {file} на {where} не появилось нужной строки',
    },
    todo: {
      en: 'The step only looked. The last new lines are shown; see whether the program runs.',
      ru: 'Шаг только читал. Показаны последние новые строки; проверьте, работает ли программа.',
    },
  },
  LOG_SAYS_FAILURE: {
    what: { en: 'The log {file} on {where} reports a failure', ru: 'Журнал {file} на {where} сообщает об ошибке' },
    todo: {
      en: 'The step only looked. The line is shown; what it means is in the documentation of that program.',
      ru: 'Шаг только читал. Строка показана; что она значит, сказано в документации программы.',
    },
  },
  SQL_NOT_AS_WANTED: {
    what: {
      en: 'The data in {database} are not as wanted: "{value}" does not match {is}',
      ru: 'Данные в {database} не такие: «{value}» не подходит под {is}',
    },
    todo: {
      en: 'The step only looked. Compare the statement in the plan with what the update was meant to do.',
      ru: 'Шаг только читал. Сравните запрос в плане с тем, что должно было сделать обновление.',
    },
  },
  SQL_ENDED_TRANSACTION: {
    what: {
      en: 'The statements for {database} end their transaction themselves (COMMIT, ROLLBACK)',
      ru: 'Команды для {database} сами завершают свою транзакцию (COMMIT, ROLLBACK)',
    },
    todo: {
      en: 'What they did before that stays. Take COMMIT and ROLLBACK out of the statements in the plan: all of them are one transaction already.',
      ru: 'Сделанное до этого остаётся. Уберите COMMIT и ROLLBACK из команд в плане: все они и так одна транзакция.',
    },
    effect: 'unknown',
  },
  SQL_LEFT_HALF_WAY: {
    what: {
      en: 'The statements for {database} on {where} were begun and not ended: this server kept a part of what they did',
      ru: 'Команды для {database} на {where} начаты и не закончены: часть сделанного сервер сохранил',
    },
    todo: {
      en: 'MariaDB and MySQL keep at once what changes tables, and all that came before it. Look how far they came and take that back by hand; `retry` carries all of them out from the beginning. A restore puts the whole database back.',
      ru: 'MariaDB и MySQL сразу сохраняют изменения таблиц и всё, что было до них. Посмотрите, докуда дошло, и отмените это вручную; «повторить» выполнит все команды с начала. Восстановление вернёт базу целиком.',
    },
    effect: 'unknown',
  },
  STATE_CHANGED: {
    what: {
      en: 'Something changed that should not have ({count}): {differences}',
      ru: 'Изменилось то, что не должно было ({count}): {differences}',
    },
    todo: {
      en: 'The step only looked. Either the update did too much, or people went on working: keep them out before the state is recorded.',
      ru: 'Шаг только читал. Либо обновление сделало лишнее, либо люди продолжали работать: закройте доступ до записи состояния.',
    },
  },
});
