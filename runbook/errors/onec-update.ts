import { defineErrors } from './define.ts';

export const onecUpdateErrors = defineErrors({
  ONEC_INSIDE_FAILED: {
    what: {
      en: 'Infobase {infobase} could not be asked from inside.',
      ru: 'Не удалось обратиться внутрь базы {infobase}.',
    },
    todo: {
      en: 'Read the words of 1C in this message. On that machine the COM connector of the same platform version must be registered (`regsvr32 comcntr.dll` in the platform’s folder), and the user of the plan must be allowed an external connection. Names of constants, modules and functions come from the plan.',
      ru: 'Прочитайте слова 1С в этом сообщении. На этой машине должен быть зарегистрирован COM-коннектор той же версии платформы (`regsvr32 comcntr.dll` в папке платформы), а пользователю плана разрешено внешнее соединение. Имена констант, модулей и функций берутся из плана.',
    },
  },
  ONEC_INSIDE_WINDOWS: {
    what: {
      en: 'Infobase {infobase} is served from {where}, which is no Windows machine: there it cannot be asked from inside.',
      ru: 'База {infobase} обслуживается с {where}, а это не Windows: обратиться внутрь базы там нельзя.',
    },
    todo: {
      en: 'Name a Windows machine with the same platform version in the infobase’s `machine`: the COM connector exists only there. Nothing was changed.',
      ru: 'Укажите в `machine` базы машину Windows с той же версией платформы: COM-коннектор есть только там. Ничего не изменено.',
    },
  },
  CONFIGURATION_OTHER: {
    what: {
      en: 'Infobase {infobase} has configuration {name} {version}, the plan says {wanted}.',
      ru: 'В базе {infobase} конфигурация {name} {version}, а в плане {wanted}.',
    },
    todo: {
      en: 'Nothing was changed. Put the installed name and version into the plan: the update path is worked out from it.',
      ru: 'Ничего не изменено. Укажите в плане установленные имя и версию: по ним строится путь обновления.',
    },
  },
  CONFIGURATION_UNAPPLIED: {
    what: {
      en: 'The main configuration of {infobase} differs from the database’s: somebody’s changes were never applied.',
      ru: 'Основная конфигурация базы {infobase} отличается от конфигурации базы данных: чьи-то изменения не применены.',
    },
    todo: {
      en: 'Nothing was changed. Let the specialist who works in the Designer apply these changes or go back to the database configuration, then start again.',
      ru: 'Ничего не изменено. Пусть специалист, работающий в Конфигураторе, применит эти изменения или вернётся к конфигурации базы данных; затем запустите снова.',
    },
  },
  CONFIGURATION_HANDLERS_PENDING: {
    what: {
      en: 'Update handlers of an earlier update of {infobase} have not run to the end: {state}.',
      ru: 'Обработчики прежнего обновления базы {infobase} не выполнены до конца: {state}.',
    },
    todo: {
      en: 'The next update is allowed only then. Open “Results of the application update” in 1C, repair what failed and let the handlers finish.',
      ru: 'Следующее обновление разрешено только после этого. Откройте в 1С «Результаты обновления программы», исправьте ошибки и дождитесь окончания обработчиков.',
    },
  },
  UPDATE_FILE_WRONG: {
    what: { en: 'The file {file} does not fit: {reason}.', ru: 'Файл {file} не подходит: {reason}.' },
    todo: {
      en: 'Nothing was changed. Take the file of the right configuration, from the vendor’s template folder of that version; see `FromVersions` in its UpdInfo.txt.',
      ru: 'Ничего не изменено. Возьмите файл нужной конфигурации из папки шаблонов поставщика этой версии; см. `FromVersions` в её UpdInfo.txt.',
    },
  },
  PLATFORM_TOO_OLD: {
    what: {
      en: 'Release {version} needs platform {needed}; infobase {infobase} is worked on with {installed}.',
      ru: 'Для выпуска {version} нужна платформа {needed}, а с базой {infobase} работает {installed}.',
    },
    todo: {
      en: 'Nothing was changed. The release’s own 1cv8.mft says so. Install that platform first, on the servers and for the users too, and put its folder into `platform`; then start again.',
      ru: 'Ничего не изменено. Так указано в файле 1cv8.mft выпуска. Сначала установите эту платформу, также на серверах и у пользователей, и укажите её папку в `platform`; затем начните заново.',
    },
  },
  UPDATE_FILE_CHANGED: {
    what: {
      en: 'The file {file} is not the one that was approved: its digest differs.',
      ru: 'Файл {file} не тот, что одобрен: отпечаток другой.',
    },
    todo: {
      en: 'Nothing was changed by it. Put the approved file back, or start again with the new one.',
      ru: 'Им ничего не изменено. Верните одобренный файл или начните заново с новым.',
    },
  },
  SUBSCRIPTION_MISSING: {
    what: {
      en: 'The update subscription is not in force: infobase {infobase} answers “{answer}”.',
      ru: 'Подписка на обновления не действует: база {infobase} отвечает «{answer}».',
    },
    todo: {
      en: 'Nothing was changed. Renew the subscription, or correct the question in the plan.',
      ru: 'Ничего не изменено. Продлите подписку или исправьте вопрос в плане.',
    },
  },
  CONFIGURATION_NEEDS_MERGE: {
    what: {
      en: 'The configuration of {infobase} was changed by the customer: 1C does not update it unattended.',
      ru: 'Конфигурация базы {infobase} изменена: без человека 1С её не обновляет.',
    },
    todo: {
      en: 'The configuration is as it was. A specialist decides object by object and saves the merge rules to a file (in the Designer’s comparison window); name it in `settings` and start again. Or restore and update by hand.',
      ru: 'Конфигурация прежняя. Специалист решает по каждому объекту и сохраняет правила объединения в файл (окно сравнения в Конфигураторе); укажите его в `settings` и начните заново. Или восстановите и обновите вручную.',
    },
  },
  CONFIGURATION_NOT_UPDATED: {
    what: {
      en: '1C reported success, but the configuration of {infobase} is {version} instead of {wanted}.',
      ru: '1С сообщила об успехе, но конфигурация базы {infobase} — {version} вместо {wanted}.',
    },
    todo: {
      en: 'Read the log of 1C in this message. Merge rules that say “do not merge” leave the old configuration with exit code 0. Compare, correct the rules, try again.',
      ru: 'Прочитайте журнал 1С в этом сообщении. Правила «не объединять» оставляют старую конфигурацию с кодом 0. Сравните, исправьте правила, повторите.',
    },
    effect: 'unknown',
  },
  RESTRUCTURE_WARNINGS: {
    what: {
      en: 'The update of the database of {infobase} gives warnings.',
      ru: 'При обновлении базы данных {infobase} есть предупреждения.',
    },
    todo: {
      en: 'The database was not changed. Let a specialist read the warnings (data may be lost); to go on, set `warnings: accept` and start again.',
      ru: 'База данных не изменена. Пусть специалист прочитает предупреждения (возможна потеря данных); чтобы продолжить, укажите `warnings: accept` и начните заново.',
    },
  },
  UPDATE_HANDLERS_FAILED: {
    what: {
      en: 'The update handlers of {infobase} did not finish: {state}.',
      ru: 'Обработчики обновления базы {infobase} не выполнены: {state}.',
    },
    todo: {
      en: 'The configuration is new, the data are partly old. What the infobase’s event log calls errors since then is shown with this message, where nakat’s user may read that log; else look there for the failed handler. Try again (finished handlers do not run twice), or restore.',
      ru: 'Конфигурация новая, данные частично старые. Ошибки из журнала регистрации базы за это время приведены в этом сообщении, если пользователю nakat разрешено его читать; иначе найдите сбойный обработчик там. Повторите (выполненные второй раз не запускаются) или восстановите.',
    },
    effect: 'unknown',
  },
  INITIAL_DATA_NOT_REFRESHED: {
    what: {
      en: 'The initial data of {infobase} are at “{version}” instead of {wanted}.',
      ru: 'Начальные данные базы {infobase} — «{version}» вместо {wanted}.',
    },
    todo: {
      en: 'Look what the product’s refresh says when it is started by hand; check its name and parameters in the plan. Then try again or restore.',
      ru: 'Посмотрите, что сообщает обновление начальных данных при ручном запуске; проверьте его имя и параметры в плане. Затем повторите или восстановите.',
    },
    effect: 'unknown',
  },
  CONFIGURATION_VERSION_STUCK: {
    what: {
      en: 'Infobase {infobase}: {what} is {version} instead of {wanted}.',
      ru: 'База {infobase}: {what} — {version} вместо {wanted}.',
    },
    todo: {
      en: 'The update did not take effect. Read the reports of the steps before; try them again or restore.',
      ru: 'Обновление не подействовало. Прочитайте отчёты предыдущих шагов; повторите их или восстановите.',
    },
  },
  EXCHANGE_JOB_UNKNOWN: {
    what: {
      en: 'Infobase {infobase} has no scheduled job {job}.',
      ru: 'В базе {infobase} нет регламентного задания {job}.',
    },
    todo: {
      en: 'Nothing was changed. Take the name from the configuration (branch “Scheduled jobs”); names differ between configurations. There are: {known}.',
      ru: 'Ничего не изменено. Возьмите имя из конфигурации (ветка «Регламентные задания»); в разных конфигурациях они разные. Есть: {known}.',
    },
  },
  EXCHANGE_JOBS_OFF: {
    what: {
      en: 'None of the exchange’s scheduled jobs in {infobase} is in use: {jobs}.',
      ru: 'Ни одно регламентное задание обмена базы {infobase} не включено: {jobs}.',
    },
    todo: {
      en: 'Nothing was changed. The update has to end with an exchange that succeeds, and what was off stays off: so switch the job on in 1C, see that an exchange succeeds, and start again (while production runs: repeat the step). If another job runs the exchange, name it under `jobs` in the plan.',
      ru: 'Ничего не изменено. Обновление должно завершиться успешным обменом, а что было выключено, остаётся выключенным. Включите задание в 1С, убедитесь, что обмен проходит, и запустите заново (во время работ — повторите шаг). Если обмен выполняет другое задание, укажите его в `jobs` плана.',
    },
  },
  EXCHANGE_JOBS_DENIED: {
    what: {
      en: 'Scheduled jobs are denied in infobase {infobase}, so no exchange runs.',
      ru: 'В базе {infobase} регламентные задания запрещены, обмен не выполняется.',
    },
    todo: {
      en: 'Nothing was changed. The cluster denies them to the whole infobase (its properties, `scheduled-jobs-deny`); nakat leaves that as it was, so the exchange at the end could not run. Allow them, see that an exchange succeeds, and start again (while production runs: repeat the step).',
      ru: 'Ничего не изменено. Запрет стоит на всей базе (свойства базы в кластере, `scheduled-jobs-deny`); nakat оставит его как было, и обмен в конце не выполнится. Снимите запрет, убедитесь, что обмен проходит, и запустите заново (во время работ — повторите шаг).',
    },
  },
  EXCHANGE_JOB_NOT_SET: {
    what: {
      en: '1C took the change of scheduled job {job} in {infobase}, but it reads otherwise.',
      ru: '1С приняла изменение регламентного задания {job} базы {infobase}, но читается оно иначе.',
    },
    todo: {
      en: 'Somebody or something else sets the job too (the product’s own settings of the exchange may). Set it by hand there, then try again.',
      ru: 'Задание меняет кто-то ещё (например, собственные настройки обмена). Установите его там вручную и повторите.',
    },
    passing: true,
    effect: 'unknown',
  },
  EXCHANGE_STILL_RUNS: {
    what: {
      en: 'The exchange of {infobase} is switched off, but {job} still runs.',
      ru: 'Обмен базы {infobase} выключен, но {job} ещё выполняется.',
    },
    todo: {
      en: 'nakat tries again by itself and does not end a running exchange. If it hangs, end it in the infobase (background jobs) and try again.',
      ru: 'nakat повторит попытку сам и идущий обмен не обрывает. Если он завис, завершите его в базе (фоновые задания) и повторите.',
    },
    passing: true,
    effect: 'unknown',
  },
});
