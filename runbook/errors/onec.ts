import { defineErrors } from './define.ts';

export const onecErrors = defineErrors({
  ONEC_PROGRAM_MISSING: {
    what: { en: 'The 1C program {program} is not there on {where}.', ru: 'На {where} нет программы 1С {program}.' },
    todo: {
      en: 'Nothing was changed. Put the folder of the installed platform version into `platform` (it differs after every platform update), or install the missing component: the administration utilities `rac` and `ibcmd` are separate choices in the 1C installer.',
      ru: 'Ничего не изменено. Укажите в `platform` папку установленной версии платформы (после каждого обновления платформы она другая) или доустановите компонент: утилиты администрирования `rac` и `ibcmd` выбираются в установщике 1С отдельно.',
    },
  },
  ONEC_FAILED: {
    what: {
      en: '1C ({program}) failed on infobase {infobase}.',
      ru: '1С ({program}) завершилась с ошибкой на базе {infobase}.',
    },
    todo: {
      en: 'Read the words of 1C in this message. An unfinished dump was removed; after a failed restore the infobase may be half loaded, and is loaded again from the start when the step is tried again.',
      ru: 'Прочитайте слова 1С в этом сообщении. Недоделанная выгрузка удалена; после неудачной загрузки база может быть загружена наполовину, при повторе шага она загружается заново с начала.',
    },
    effect: 'unknown',
  },
  INFOBASE_NOT_FOUND: {
    what: { en: 'Infobase {infobase} was not found.', ru: 'База 1С {infobase} не найдена.' },
    todo: {
      en: 'Nothing was changed. Compare `at` in the plan with the cluster’s list of infobases (`rac infobase summary list`) or with the folder that holds 1Cv8.1CD. nakat does not register infobases in a cluster: create the test infobase there first.',
      ru: 'Ничего не изменено. Сверьте `at` в плане со списком баз кластера (`rac infobase summary list`) или с папкой, где лежит 1Cv8.1CD. В кластере nakat базы не регистрирует: тестовую базу сначала создайте там сами.',
    },
  },
  INFOBASE_LOGIN: {
    what: {
      en: '1C does not let user {user} into infobase {infobase}.',
      ru: '1С не пускает пользователя {user} в базу {infobase}.',
    },
    todo: {
      en: 'Check user and password in the plan; the user needs administration rights. After a copy has been loaded, the users and passwords are those of the original. Nothing was changed by this call.',
      ru: 'Проверьте пользователя и пароль в плане; ему нужны права администрирования. После загрузки копии действуют пользователи и пароли исходной базы. Этот вызов ничего не изменил.',
    },
  },
  INFOBASE_DENIED: {
    what: {
      en: 'Sessions of infobase {infobase} are denied and the permission code does not fit.',
      ru: 'Начало сеансов с базой {infobase} запрещено, код разрешения не подходит.',
    },
    todo: {
      en: 'Somebody else has locked the infobase. Wait until that work ends, or put its permission code into `permissionCode`.',
      ru: 'Базу заблокировал кто-то другой. Дождитесь окончания его работ или укажите его код в `permissionCode`.',
    },
    passing: true,
  },
  INFOBASE_BUSY: {
    what: {
      en: 'Infobase {infobase} is in use; it must be free for this.',
      ru: 'База {infobase} занята, а для этого действия она должна быть свободна.',
    },
    todo: {
      en: 'nakat tries again by itself. The users, or the Designer, named by 1C must leave. In the folder of a file infobase 1Cv8.1CL says so; on Windows nakat has asked Windows too, so that a leftover of a crash is none. On another system, if nobody works, delete it.',
      ru: 'nakat повторит попытку сам. Названные 1С пользователи или Конфигуратор должны выйти. У файловой базы об этом говорит 1Cv8.1CL в её папке; в Windows nakat проверил и у самой системы, оставшийся после сбоя файл не мешает. В другой системе, если никто не работает, удалите его.',
    },
    passing: true,
  },
  INFOBASE_SESSIONS_LEFT: {
    what: {
      en: '{count} sessions of infobase {infobase} do not end: {sessions}.',
      ru: 'Сеансы базы {infobase} не завершаются ({count}): {sessions}.',
    },
    todo: {
      en: 'The infobase is locked: new sessions and scheduled jobs are denied. nakat tries again by itself; end the named sessions in the cluster’s console if they stay.',
      ru: 'База заблокирована: новые сеансы и регламентные задания запрещены. nakat повторит попытку сам; если сеансы остаются, завершите их в консоли кластера.',
    },
    passing: true,
    effect: 'unknown',
  },
  INFOBASE_LOCKED_BY_RUN: {
    what: {
      en: 'Infobase {infobase} is locked by another run of nakat ({run}).',
      ru: 'База {infobase} заблокирована другим запуском nakat ({run}).',
    },
    todo: {
      en: 'Nothing was changed. Let the other run end: it unlocks the infobase. If that run no longer exists, clear the lock in the cluster’s console together with the field “Parameter” of the lock, then try again.',
      ru: 'Ничего не изменено. Дождитесь конца другого запуска: он снимет блокировку. Если его больше нет, снимите блокировку в консоли кластера, очистив и поле «Параметр блокировки», затем повторите.',
    },
  },
  INFOBASE_NOT_AS_SET: {
    what: {
      en: 'The cluster accepted the change of infobase {infobase}, but {setting} is {value}.',
      ru: 'Кластер принял изменение базы {infobase}, но {setting} = {value}.',
    },
    todo: {
      en: 'Somebody may be changing the same infobase in the cluster’s console, or the version of rac differs from the server’s. Look at the infobase’s properties, then try again.',
      ru: 'Возможно, кто-то меняет ту же базу в консоли кластера, или версия rac отличается от версии сервера. Посмотрите свойства базы и повторите.',
    },
    passing: true,
    effect: 'unknown',
  },
  CLUSTER_UNREACHABLE: {
    what: { en: 'The administration server {ras} does not answer.', ru: 'Сервер администрирования {ras} не отвечает.' },
    todo: {
      en: 'Check that the service `ras` runs (it is not installed as a service by default: `ras cluster --service …`), that address and port are right and that the versions of rac and ras agree.',
      ru: 'Проверьте, что служба `ras` запущена (по умолчанию она службой не ставится: `ras cluster --service …`), что адрес и порт верны и версии rac и ras совпадают.',
    },
    passing: true,
  },
  CLUSTER_LOGIN: {
    what: { en: 'The cluster refuses its administrator {user}.', ru: 'Кластер не принимает администратора {user}.' },
    todo: {
      en: 'Check `clusterUser` and `clusterPassword`. Nothing was changed.',
      ru: 'Проверьте `clusterUser` и `clusterPassword`. Ничего не изменено.',
    },
  },
  ONEC_LICENSE: {
    what: {
      en: '1C found no free licence for infobase {infobase}.',
      ru: '1С не нашла свободной лицензии для базы {infobase}.',
    },
    todo: {
      en: 'nakat tries again by itself. Free a licence (end sessions) or see to it that the account nakat logs in with can see the licence file or key.',
      ru: 'nakat повторит попытку сам. Освободите лицензию (завершите сеансы) или сделайте так, чтобы учётная запись nakat видела файл или ключ лицензии.',
    },
    passing: true,
  },
  INFOBASE_NEEDS_DATABASE: {
    what: {
      en: 'The plan does not name the DBMS database of infobase {infobase}.',
      ru: 'В плане не указана база данных СУБД для базы 1С {infobase}.',
    },
    todo: {
      en: 'Add `database` to the infobase, or choose `backup: designer`. Nothing was changed.',
      ru: 'Добавьте `database` к базе 1С или выберите `backup: designer`. Ничего не изменено.',
    },
  },
  INFOBASE_BACKUP_DAMAGED: {
    what: { en: 'The backup {place} is damaged: {reason}.', ru: 'Копия {place} повреждена: {reason}.' },
    todo: {
      en: 'It was not used, and the infobase was not touched. Find out what changed the file (disk, antivirus, somebody’s clean-up); take a new backup, or restore from an older one by hand.',
      ru: 'Она не использована, база не тронута. Выясните, что изменило файл (диск, антивирус, чья-то уборка); снимите новую копию или восстановите базу из более старой вручную.',
    },
  },
  INFOBASE_BACKUP_ELSEWHERE: {
    what: {
      en: 'The backup lies on machine {machine}, the infobase {infobase} is served from {where}.',
      ru: 'Копия лежит на машине {machine}, а база {infobase} обслуживается с {where}.',
    },
    todo: {
      en: 'Let both infobases name the same machine, the one on which the 1C programs run. Nothing was changed.',
      ru: 'Укажите у обеих баз одну и ту же машину, на которой работают программы 1С. Ничего не изменено.',
    },
  },
  INFOBASE_IS_SOURCE: {
    what: {
      en: 'Infobase {infobase} is the one the backup was taken from: it is not overwritten.',
      ru: 'База {infobase} и есть та, с которой снята копия: она не перезаписывается.',
    },
    todo: {
      en: 'Nothing was changed. The test infobase in the plan must be another one than production’s.',
      ru: 'Ничего не изменено. Тестовая база в плане должна отличаться от рабочей.',
    },
  },
  INFOBASE_EXISTS: {
    what: {
      en: 'Infobase {infobase} may hold data that nakat did not put there.',
      ru: 'В базе {infobase} могут быть данные, которые положил туда не nakat.',
    },
    todo: {
      en: 'Nothing was changed. Name an empty test infobase; for one in a cluster its `database` must be in the plan, or nobody can see that it is empty. If this infobase may be overwritten, say so once: create the file {mark} on {where} with the single character 1 in it, and try again.',
      ru: 'Ничего не изменено. Укажите пустую тестовую базу; для базы в кластере в плане нужна её `database`, иначе не увидеть, что она пуста. Если эту базу можно перезаписать, скажите об этом один раз: создайте на {where} файл {mark} с единственным символом 1 и повторите.',
    },
  },
  INFOBASE_RESTORE_DIFFERS: {
    what: {
      en: 'Infobase {infobase} was loaded, but its configuration is {after} instead of {before}.',
      ru: 'База {infobase} загружена, но её конфигурация {after} вместо {before}.',
    },
    todo: {
      en: 'The infobase holds the loaded data, but is not proved equal to the backup. Look whether somebody changed the configuration meanwhile; try the step again to load it once more.',
      ru: 'В базе загруженные данные, но её равенство копии не доказано. Посмотрите, не менял ли кто-то конфигурацию в это время; повтор шага загрузит её ещё раз.',
    },
    effect: 'unknown',
  },
});
