import { defineErrors } from './define.ts';

export const websiteErrors = defineErrors({
  WEBSITE_UNREACHABLE: {
    what: { en: 'The web site {site} does not answer at {url}.', ru: 'Веб-сайт {site} не отвечает по адресу {url}.' },
    todo: {
      en: 'Nothing was changed by this request. Check that the site runs and that this machine reaches the address; the step is tried again.',
      ru: 'Этот запрос ничего не изменил. Проверьте, что сайт работает и что адрес доступен с этой машины; шаг повторится.',
    },
    passing: true,
  },
  WEBSITE_REFUSED: {
    what: {
      en: 'The web site {site} refused {request} (HTTP {status}).',
      ru: 'Веб-сайт {site} отклонил {request} (HTTP {status}).',
    },
    todo: {
      en: 'The site’s own message is given. Check path, user and password in the plan.',
      ru: 'Сообщение сайта приведено. Проверьте путь, пользователя и пароль в плане.',
    },
  },
  WEB_VERSION_UNREADABLE: {
    what: {
      en: 'The page {path} of {site} does not name the version as the plan says.',
      ru: 'Страница {path} сайта {site} не называет версию так, как указано в плане.',
    },
    todo: {
      en: 'Nothing was changed. Open the page and correct `version.path` or `version.pattern` in the plan; the pattern needs one group in parentheses.',
      ru: 'Ничего не изменено. Откройте страницу и исправьте `version.path` или `version.pattern` в плане; в шаблоне нужна одна группа в скобках.',
    },
  },
  WEB_VERSION_WRONG: {
    what: {
      en: 'The web site {site} has version {found}, expected was {expected}; before the update it was {before}.',
      ru: 'У веб-сайта {site} версия {found}, ожидалась {expected}; до обновления была {before}.',
    },
    todo: {
      en: 'Nothing was changed by this check. The new files are not what the site runs: a cache of the web server, another folder than the one uploaded to, or an archive of another release.',
      ru: 'Эта проверка ничего не изменила. Сайт работает не на новых файлах: кэш веб-сервера, другая папка или архив другого релиза.',
    },
  },
  WEB_VALUE_MISSING: {
    what: {
      en: 'Database {database} has no single row for {table}.{column}: {rows} rows fit.',
      ru: 'В базе {database} нет единственной строки для {table}.{column}: подходит строк — {rows}.',
    },
    todo: {
      en: 'Nothing was changed. Correct table, column or condition in the plan: exactly one row must fit.',
      ru: 'Ничего не изменено. Исправьте таблицу, колонку или условие в плане: должна подходить ровно одна строка.',
    },
  },
  WEB_SWITCH_STUCK: {
    what: {
      en: 'A switch of {site} was to be {wanted}, but reads as {found}.',
      ru: 'Переключатель сайта {site} должен быть {wanted}, но читается как {found}.',
    },
    todo: {
      en: 'The change was asked for and is not there. Look at the site’s own settings; check the values `on` and `off` in the plan.',
      ru: 'Изменение запрошено, но не действует. Посмотрите настройки сайта; проверьте значения `on` и `off` в плане.',
    },
    effect: 'unknown',
  },
  MIGRATION_FAILED: {
    what: {
      en: 'The web site {site} answers with an error after its files were replaced; the database stays at {found}.',
      ru: 'После замены файлов веб-сайт {site} отвечает ошибкой; база осталась на версии {found}.',
    },
    todo: {
      en: 'The migration of the database has most likely failed half-way. Its own message is given; database and files are restored together.',
      ru: 'Миграция базы, скорее всего, прервалась. Сообщение сайта приведено; база и файлы восстанавливаются вместе.',
    },
    effect: 'unknown',
  },
  MIGRATION_NOT_FINISHED: {
    what: {
      en: 'Database {database} did not migrate to {expected} within {seconds} s; it is at {found}.',
      ru: 'База {database} не мигрировала до {expected} за {seconds} с; сейчас {found}.',
    },
    todo: {
      en: 'The migration may be running still. Repeating the step goes on waiting; restoring puts database and files back together.',
      ru: 'Возможно, миграция ещё идёт. Повтор шага продолжит ожидание; восстановление вернёт базу и файлы вместе.',
    },
    effect: 'unknown',
  },
  DIFFERS_FROM_REHEARSAL: {
    what: {
      en: 'Production differs from the vendor’s otherwise than the copy did ({count} differences): {differences}.',
      ru: 'Рабочая система отличается от поставки не так, как копия (различий: {count}): {differences}.',
    },
    todo: {
      en: 'What a specialist accepted in the rehearsal is not what came out. Look at these differences; restore unless every one of them is understood.',
      ru: 'Получилось не то, что специалист принял на репетиции. Посмотрите эти различия; восстановите, если хоть одно непонятно.',
    },
  },
  MIGRATION_DIFFERS: {
    what: {
      en: 'Database {database} migrated to another schema than in the rehearsal: {differences}.',
      ru: 'База {database} мигрировала не в ту схему, что на репетиции: {differences}.',
    },
    todo: {
      en: 'Production’s schema was not that of the copy, or the migration stopped half-way. A specialist must look at the differences; database and files are restored together.',
      ru: 'Схема рабочей базы отличалась от копии, или миграция прервалась. Различия должен посмотреть специалист; база и файлы восстанавливаются вместе.',
    },
    effect: 'unknown',
  },
});
