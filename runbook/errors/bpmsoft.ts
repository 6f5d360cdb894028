import { defineErrors } from './define.ts';

export const bpmsoftErrors = defineErrors({
  SITE_UNREACHABLE: {
    what: { en: 'The site {site} does not answer at {url}.', ru: 'Сайт {site} не отвечает по адресу {url}.' },
    todo: {
      en: 'Nothing was sent. Check that the site and its application pool run, and that this machine reaches the address.',
      ru: 'Ничего не отправлено. Проверьте, что сайт и его пул приложений запущены и что адрес доступен с этой машины.',
    },
    passing: true,
  },
  SITE_LOGIN_REFUSED: {
    what: {
      en: 'The site {site} refused the log-in of user {user}.',
      ru: 'Сайт {site} отклонил вход пользователя {user}.',
    },
    todo: {
      en: 'Nothing was changed. Correct the user or the password in the place that the plan refers to. No further try was made, so that the account is not locked.',
      ru: 'Ничего не изменено. Исправьте имя или пароль там, куда ссылается план. Повторных попыток не было, чтобы не заблокировать учётную запись.',
    },
  },
  SITE_PASSWORD_EXPIRED: {
    what: {
      en: 'The site {site} wants user {user} to change the password first.',
      ru: 'Сайт {site} требует, чтобы пользователь {user} сначала сменил пароль.',
    },
    todo: {
      en: 'Nothing was changed. Log in once in a browser, set a new password, and put it in the place that the plan refers to.',
      ru: 'Ничего не изменено. Войдите один раз через браузер, задайте новый пароль и запишите его там, куда ссылается план.',
    },
  },
  SITE_SESSION_LOST: {
    what: {
      en: 'The site {site} ended the session during {operation}.',
      ru: 'Сайт {site} завершил сеанс во время операции {operation}.',
    },
    todo: {
      en: 'The step is tried again and looks first at what is there. If it repeats, check that no second site shares the Redis database.',
      ru: 'Шаг повторится и сначала посмотрит, что уже сделано. Если ошибка повторяется, проверьте, не использует ли ту же базу Redis другой сайт.',
    },
    passing: true,
  },
  SITE_CSRF_MISSING: {
    what: {
      en: 'The site {site} gave no BPMCSRF cookie, so it would refuse every change.',
      ru: 'Сайт {site} не выдал cookie BPMCSRF, поэтому отклонит любое изменение.',
    },
    todo: {
      en: 'Nothing was changed. Over plain http set CookiesSameSiteMode to Lax, and check that no proxy removes cookies.',
      ru: 'Ничего не изменено. При работе по http задайте CookiesSameSiteMode = Lax и проверьте, что прокси не удаляет cookie.',
    },
  },
  SITE_NOT_BPMSOFT: {
    what: {
      en: 'The address {url} does not answer as BPMSoft does ({operation}).',
      ru: 'Адрес {url} отвечает не так, как BPMSoft ({operation}).',
    },
    todo: {
      en: 'Nothing was changed. Check the address and the layout in the plan (framework: services under /0; core: at the root).',
      ru: 'Ничего не изменено. Проверьте адрес и layout в плане (framework: службы под /0; core: в корне).',
    },
  },
  SITE_CALL_FAILED: {
    what: {
      en: 'The site {site} refused {operation} (HTTP {status}).',
      ru: 'Сайт {site} отклонил операцию {operation} (HTTP {status}).',
    },
    todo: {
      en: 'The site’s own message is given. Check the rights of the user and the site’s log, then try the step again.',
      ru: 'Сообщение сайта приведено. Проверьте права пользователя и журнал сайта, затем повторите шаг.',
    },
  },
  SITE_BUSY: {
    what: {
      en: 'The site {site} was busy during {operation}.',
      ru: 'Сайт {site} был занят во время операции {operation}.',
    },
    todo: { en: 'The step is tried again by itself.', ru: 'Шаг повторится сам.' },
    passing: true,
  },
  SITE_TOO_OLD: {
    what: {
      en: 'The site {site} runs BPMSoft {version}; at least {minimum} is needed.',
      ru: 'На сайте {site} BPMSoft {version}; нужна не ниже {minimum}.',
    },
    todo: { en: 'Nothing was changed. Update BPMSoft first.', ru: 'Ничего не изменено. Сначала обновите BPMSoft.' },
  },
  SITE_NOT_READY: {
    what: { en: 'The site {site} was not ready after {seconds} s.', ru: 'Сайт {site} не готов спустя {seconds} с.' },
    todo: {
      en: 'The site was left running. Look at its log and at the last answer given here; then try the step again.',
      ru: 'Сайт оставлен запущенным. Посмотрите его журнал и последний ответ, приведённый здесь, затем повторите шаг.',
    },
  },
  SITE_START_PAGE_WRONG: {
    what: {
      en: 'The start page of {site} at {url} is not its log-in page (HTTP {status}).',
      ru: 'Стартовая страница {site} по адресу {url} не страница входа (HTTP {status}).',
    },
    todo: {
      en: 'Users would see this too. Open the address in a browser, look at the site’s log, and repeat the step or restore.',
      ru: 'То же увидят пользователи. Откройте адрес в браузере, посмотрите журнал сайта и повторите шаг или восстановите систему.',
    },
  },
  COMPILE_ERRORS: {
    what: {
      en: 'Compiling on {site} ended with errors in {count} places: {schemas}.',
      ru: 'Компиляция на {site} завершилась с ошибками в {count} местах: {schemas}.',
    },
    todo: {
      en: 'Nothing but derived files was changed. Correct the schemas named here, compile all in the Configuration section, and start again.',
      ru: 'Изменены только производные файлы. Исправьте названные схемы, выполните «Компилировать все» в разделе «Конфигурация» и начните снова.',
    },
  },
  COMPILE_NO_REPLY: {
    what: {
      en: 'The site {site} closed the connection during {operation}, and no result appeared.',
      ru: 'Сайт {site} закрыл соединение во время операции {operation}, результат не появился.',
    },
    todo: {
      en: 'It is not known whether it ended; doing it again is harmless. If a proxy stands before the site, raise its time-out or give the plan the inner address.',
      ru: 'Неизвестно, завершилась ли операция; повторить её безопасно. Если перед сайтом стоит прокси, увеличьте его время ожидания или укажите внутренний адрес.',
    },
    passing: true,
    effect: 'unknown',
  },
  UPDATE_INSTALLED_ALREADY: {
    what: {
      en: 'The site {site} has {package} {version} already.',
      ru: 'На сайте {site} уже установлен {package} {version}.',
    },
    todo: { en: 'Nothing is to be done, and nothing was changed.', ru: 'Делать ничего не нужно, ничего не изменено.' },
  },
  UPDATE_OLDER_THAN_INSTALLED: {
    what: {
      en: 'The site {site} has {package} {installed}, newer than {version}.',
      ru: 'На сайте {site} установлен {package} {installed}, он новее, чем {version}.',
    },
    todo: {
      en: 'Nothing was changed. Check that the plan names the right archive.',
      ru: 'Ничего не изменено. Проверьте, тот ли архив указан в плане.',
    },
  },
  UPLOAD_REFUSED: {
    what: { en: 'The site {site} did not take the file {file}.', ru: 'Сайт {site} не принял файл {file}.' },
    todo: {
      en: 'Nothing was installed. Check the free space and the upload limit of the site (maxAllowedContentLength).',
      ru: 'Ничего не установлено. Проверьте свободное место и предел размера загрузки на сайте (maxAllowedContentLength).',
    },
  },
  INSTALL_OTHER_RUNNING: {
    what: { en: 'Another installation is running on {site}.', ru: 'На сайте {site} идёт другая установка.' },
    todo: {
      en: 'Nothing was sent. The step is tried again; find out who installs there.',
      ru: 'Ничего не отправлено. Шаг повторится; выясните, кто там устанавливает.',
    },
    passing: true,
  },
  INSTALL_FAILED: {
    what: {
      en: 'Installing {package} {version} on {site} failed.',
      ru: 'Установка {package} {version} на {site} не удалась.',
    },
    todo: {
      en: 'Schema and data may be changed in part. In production restore all that belongs together; on the test copy correct the cause and start again from the copy.',
      ru: 'Структура и данные могли измениться частично. В рабочей системе восстановите всё связанное; на тестовой копии устраните причину и начните снова с копии.',
    },
    effect: 'unknown',
  },
  INSTALL_NOT_EFFECTIVE: {
    what: {
      en: 'The site {site} reported success, but {package} is still {installed}, not {version}.',
      ru: 'Сайт {site} сообщил об успехе, но {package} всё ещё {installed}, а не {version}.',
    },
    todo: {
      en: 'The installation cannot be trusted. Restore, and send the installation log to the package’s vendor.',
      ru: 'Такой установке верить нельзя. Восстановите систему и отправьте журнал установки поставщику пакета.',
    },
    effect: 'unknown',
  },
  INSTALL_UNKNOWN: {
    what: {
      en: 'The installation log of {site} ended without a verdict on {package} {version}.',
      ru: 'Журнал установки {site} закончился без итога по {package} {version}.',
    },
    todo: {
      en: 'It is not known what was installed. Look at the log and at the installed version ({installed}); when in doubt, restore.',
      ru: 'Неизвестно, что установлено. Посмотрите журнал и установленную версию ({installed}); при сомнении восстановите систему.',
    },
    effect: 'unknown',
  },
  VERSIONS_DIFFER: {
    what: {
      en: 'Versions on {site} are not as expected: {differences}.',
      ru: 'Версии на {site} не те, что ожидались: {differences}.',
    },
    todo: {
      en: 'Nothing was changed by this check. Find out who installed what, or restore.',
      ru: 'Эта проверка ничего не изменила. Выясните, кто что установил, или восстановите систему.',
    },
  },
  DEDUPLICATION_NOT_SET: {
    what: {
      en: '"Use for deduplication" is not set on {site} for: {objects}.',
      ru: 'На {site} признак «Использовать для дедупликации» не установлен для: {objects}.',
    },
    todo: {
      en: 'Start no integration: every record would come in a second time. Set the flag on these objects and repeat the step.',
      ru: 'Не запускайте интеграции: каждая запись придёт второй раз. Установите признак на этих объектах и повторите шаг.',
    },
  },
  INTEGRATION_OBJECTS_NOT_FOUND: {
    what: { en: 'The site {site} has no rows in {entity}.', ru: 'На сайте {site} нет строк в {entity}.' },
    todo: {
      en: 'Nothing was changed. Check the connector’s names in the plan: a connector without integration objects does nothing.',
      ru: 'Ничего не изменено. Проверьте имена коннектора в плане: без объектов интеграции коннектор ничего не делает.',
    },
  },
  INTEGRATION_FAILED: {
    what: {
      en: 'The integration {integration} on {site} ended with an error.',
      ru: 'Интеграция {integration} на {site} завершилась с ошибкой.',
    },
    todo: {
      en: 'Records may have been moved in part. Its message is given; in production the linked systems are restored together.',
      ru: 'Записи могли быть перенесены частично. Сообщение приведено; в рабочей среде связанные системы восстанавливаются вместе.',
    },
    effect: 'unknown',
  },
  INTEGRATION_NOT_STARTED: {
    what: {
      en: 'The site {site} did not start the process {process} of integration {integration}.',
      ru: 'Сайт {site} не запустил процесс {process} интеграции {integration}.',
    },
    todo: {
      en: 'No record was moved. Check the process and its parameters in the plan.',
      ru: 'Ни одна запись не перенесена. Проверьте процесс и его параметры в плане.',
    },
  },
  INTEGRATION_NO_RESULT: {
    what: {
      en: 'The integration {integration} on {site} left no result within {seconds} s.',
      ru: 'Интеграция {integration} на {site} не дала результата за {seconds} с.',
    },
    todo: {
      en: 'It may be running still. It is not started a second time: repeating the step goes on waiting for the same run.',
      ru: 'Возможно, она ещё идёт. Второй раз она не запускается: повтор шага продолжит ждать тот же запуск.',
    },
    effect: 'unknown',
  },
});
