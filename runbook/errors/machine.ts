import { defineErrors } from './define.ts';

export const machineErrors = defineErrors({
  MACHINE_UNREACHABLE: {
    what: { en: 'Machine {where} does not answer at {address}', ru: 'Машина {where} не отвечает по адресу {address}' },
    todo: {
      en: 'Nothing was done there; jobs that were started earlier go on. Check that it is on, that its SSH service runs, and that the worker’s machine may reach this address and port.',
      ru: 'Там ничего не сделано; ранее запущенные задания продолжаются. Проверьте, что машина включена, служба SSH работает, а этот адрес и порт доступны с машины исполнителя.',
    },
    passing: true,
  },
  HOST_KEY_CHANGED: {
    what: {
      en: 'Machine {where} showed the host key {offered}, the plan has {pinned}',
      ru: 'Машина {where} предъявила ключ {offered}, а в плане указан {pinned}',
    },
    todo: {
      en: 'The connection was refused before any password or key was used. Either the machine was set up anew, or something stands between. Ask its administrator for the output of `ssh-keygen -lf` on the machine itself; only if it agrees, put the new fingerprint into the plan, and plan and approve again.',
      ru: 'Соединение прервано до передачи пароля или ключа. Либо машину переустановили, либо соединение перехвачено. Запросите у её администратора вывод `ssh-keygen -lf` с самой машины; только если он совпал, внесите новый отпечаток в план, затем снова спланируйте и одобрите.',
    },
  },
  LOGIN_REFUSED: {
    what: {
      en: 'Machine {where} refused the log-in of {user} by {method}',
      ru: 'Машина {where} отказала пользователю {user} во входе ({method})',
    },
    todo: {
      en: 'Nothing was done there. Check user and key or password, whether the account is locked, and what the SSH service’s log on the machine says. On Windows, keys of administrators belong into administrators_authorized_keys.',
      ru: 'Там ничего не сделано. Проверьте имя, ключ или пароль, не заблокирована ли учётная запись и что пишет журнал службы SSH на машине. В Windows ключи администраторов хранятся в administrators_authorized_keys.',
    },
  },
  LOGIN_KEY_UNREADABLE: {
    what: {
      en: 'The private key for machine {where} cannot be used',
      ru: 'Закрытый ключ для машины {where} не годится',
    },
    todo: {
      en: 'No connection was made. The key must be a whole private key in OpenSSH or PEM form without a pass phrase; for a key with one, use the agent.',
      ru: 'Соединение не устанавливалось. Нужен закрытый ключ целиком, в формате OpenSSH или PEM, без парольной фразы; ключ с фразой загрузите в агент.',
    },
  },
  LOGIN_AGENT_MISSING: {
    what: {
      en: 'There is no SSH agent for the log-in on machine {where}',
      ru: 'Для входа на машину {where} нет агента SSH',
    },
    todo: {
      en: 'No connection was made. Start the worker with SSH_AUTH_SOCK set, or give a key in the plan.',
      ru: 'Соединение не устанавливалось. Запустите исполнителя с заданным SSH_AUTH_SOCK или укажите ключ в плане.',
    },
  },
  MACHINE_INCOMPATIBLE: {
    what: {
      en: 'Machine {where} and nakat have no common way to talk',
      ru: 'Машина {where} и nakat не смогли договориться о соединении',
    },
    todo: {
      en: 'Nothing was done there. nakat uses AES-GCM or AES-CTR and current key exchanges only (no chacha20-poly1305, no CBC: CVE-2023-48795). Bring the SSH service up to date or allow one of these, and allow at least 10 sessions for each connection (MaxSessions).',
      ru: 'Там ничего не сделано. nakat использует только AES-GCM или AES-CTR и современный обмен ключами (без chacha20-poly1305 и CBC: CVE-2023-48795). Обновите службу SSH или разрешите один из этих шифров и не менее 10 сеансов на соединение (MaxSessions).',
    },
  },
  CONNECTION_LOST: {
    what: {
      en: 'The connection to machine {where} broke while {doing}',
      ru: 'Соединение с машиной {where} прервалось: {doing}',
    },
    todo: {
      en: 'It is not known whether that took effect; the next attempt looks before it acts. Jobs on the machine go on without the connection. If it keeps breaking, check the network and the machine.',
      ru: 'Подействовало ли это, неизвестно; следующая попытка сначала посмотрит. Задания на машине продолжаются и без соединения. Если обрывы повторяются, проверьте сеть и машину.',
    },
    passing: true,
    effect: 'unknown',
  },
  COMMAND_TIMEOUT: {
    what: {
      en: 'The command {command} on {where} gave no result within {seconds} s',
      ru: 'Команда {command} на {where} не дала результата за {seconds} с',
    },
    todo: {
      en: 'It was told to end; whether it took effect is not known. Look at the machine’s load and whether something asks for input there.',
      ru: 'Команде послан сигнал завершения; подействовала ли она, неизвестно. Проверьте загрузку машины и не ждёт ли там что-то ввода.',
    },
    passing: true,
    effect: 'unknown',
  },
  COMMAND_CANCELLED: {
    what: { en: 'The command {command} on {where} was cancelled', ru: 'Команда {command} на {where} отменена' },
    todo: {
      en: 'It was told to end; whether it took effect is not known. The next attempt looks before it acts.',
      ru: 'Команде послан сигнал завершения; подействовала ли она, неизвестно. Следующая попытка сначала посмотрит.',
    },
    effect: 'unknown',
  },
  COMMAND_FAILED: {
    what: {
      en: '{command} on {where} ended with code {code}',
      ru: 'Команда {command} на {where} завершилась с кодом {code}',
    },
    todo: {
      en: 'The machine’s own words stand with it. Correct what they name and choose “retry”.',
      ru: 'Рядом приведены слова самой машины. Исправьте названное и выберите «повторить».',
    },
    effect: 'unknown',
  },
  COMMAND_INVALID: {
    what: {
      en: 'A command for {where} cannot be written down: {problem}',
      ru: 'Команду для {where} невозможно записать: {problem}',
    },
    todo: {
      en: 'Nothing was started. Change the name or value in the plan that holds it.',
      ru: 'Ничего не запущено. Измените в плане имя или значение, где это встречается.',
    },
  },
  JOB_LOST: {
    what: {
      en: 'Job {job} on {where} was started, is no longer running, and left no result',
      ru: 'Задание {job} на {where} было запущено, больше не работает и не оставило результата',
    },
    todo: {
      en: 'The machine was switched off or the job was killed; its work may be half done. It was not started again. Its output lies in {folder}. When what it did is checked or undone, remove that folder and choose “retry”.',
      ru: 'Машину выключили или задание убили; работа могла остаться наполовину сделанной. Повторно оно не запускалось. Его вывод — в {folder}. Проверив или отменив сделанное, удалите эту папку и выберите «повторить».',
    },
    effect: 'unknown',
  },
  JOB_TIMEOUT: {
    what: {
      en: 'Job {job} on {where} was ended after {seconds} s',
      ru: 'Задание {job} на {where} остановлено через {seconds} с',
    },
    todo: {
      en: 'All its processes are gone; its work may be half done. Allow more time in the plan, or find out why it is slow, then choose “retry”.',
      ru: 'Все его процессы завершены; работа могла остаться наполовину сделанной. Увеличьте время в плане или выясните, почему оно идёт медленно, и выберите «повторить».',
    },
    effect: 'unknown',
  },
  JOB_CANCELLED: {
    what: { en: 'Job {job} on {where} was cancelled', ru: 'Задание {job} на {where} отменено' },
    todo: {
      en: 'All its processes are gone; its work may be half done.',
      ru: 'Все его процессы завершены; работа могла остаться наполовину сделанной.',
    },
    effect: 'unknown',
  },
  JOB_LEFT_RUNNING: {
    what: {
      en: 'Job {job} on {where} goes on without this worker',
      ru: 'Задание {job} на {where} продолжается без этого исполнителя',
    },
    todo: {
      en: 'The next attempt follows it. Nothing to do.',
      ru: 'Следующая попытка продолжит за ним следить. Делать ничего не нужно.',
    },
    passing: true,
    effect: 'unknown',
  },
  JOB_NOT_STARTED: {
    what: { en: 'Job {job} could not be started on {where}', ru: 'Не удалось запустить задание {job} на {where}' },
    todo: {
      en: 'It did nothing. Check that nakat’s user may write to {folder} and that the disk has room.',
      ru: 'Оно ничего не сделало. Проверьте, что пользователь nakat может писать в {folder} и что на диске есть место.',
    },
  },
  FILE_NOT_FOUND: {
    what: { en: '{path} is not there on {where}', ru: '{path} на {where} не найден' },
    todo: {
      en: 'Nothing was changed. Check the path, in the plan or in the command.',
      ru: 'Ничего не изменено. Проверьте путь в плане или в команде.',
    },
  },
  FILE_DENIED: {
    what: { en: 'nakat’s user may not use {path} on {where}', ru: 'Пользователю nakat на {where} недоступен {path}' },
    todo: {
      en: 'Nothing was changed at that path. Give the user the right to read it, or to write where a folder of work or of backups is meant.',
      ru: 'По этому пути ничего не изменено. Дайте пользователю право чтения, а для рабочей папки и папки копий — право записи.',
    },
  },
  FILE_FAILED: {
    what: { en: '{path} on {where}: {doing} failed', ru: '{path} на {where}: не удалось ({doing})' },
    todo: {
      en: 'A file in the making was not put in the place of the old one. Look at the disk’s room and health, and whether another program holds the file.',
      ru: 'Недописанный файл не занял место прежнего. Проверьте место на диске и его исправность и не занят ли файл другой программой.',
    },
    effect: 'unknown',
  },
  TARGET_EXISTS: {
    what: { en: '{path} exists already on {where}', ru: '{path} уже существует на {where}' },
    todo: {
      en: 'It was not touched. If it is left from earlier and nobody needs it, remove or rename it, then choose “retry”.',
      ru: 'Он не тронут. Если он остался от прежнего и не нужен, удалите или переименуйте его и выберите «повторить».',
    },
  },
  NOT_A_LINK: {
    what: { en: '{path} on {where} is no link', ru: '{path} на {where} — не ссылка' },
    todo: {
      en: 'It was not touched: nakat removes links only. Look at what lies there and move it away, then choose “retry”.',
      ru: 'Это не тронуто: nakat удаляет только ссылки. Посмотрите, что там лежит, уберите это и выберите «повторить».',
    },
  },
  LINK_NOT_MADE: {
    what: {
      en: 'The link {path} → {target} was not made on {where}',
      ru: 'Ссылка {path} → {target} на {where} не создана',
    },
    todo: {
      en: 'Junctions need a local folder and an account that may write there; symbolic links on Windows need an administrator or Developer Mode. Then choose “retry”.',
      ru: 'Точкам соединения нужны локальная папка и право записи; символическим ссылкам в Windows — права администратора или режим разработчика. Затем выберите «повторить».',
    },
  },
  PATH_REFUSED: {
    what: { en: 'nakat does not remove {path} on {where}', ru: 'nakat не удаляет {path} на {where}' },
    todo: {
      en: 'Nothing was removed: the path is a whole disk, or not complete from its root. Correct it in the plan.',
      ru: 'Ничего не удалено: это целый диск или неполный путь. Исправьте путь в плане.',
    },
  },
  COPY_INCOMPLETE: {
    what: {
      en: 'Copying {from} to {to} on {where} ended with code {code}',
      ru: 'Копирование {from} в {to} на {where} завершилось с кодом {code}',
    },
    todo: {
      en: 'The folder of the new name was not made; what was copied lies beside it with “.partial” and is removed by the next attempt.',
      ru: 'Папка с новым именем не создана; скопированное лежит рядом с окончанием «.partial» и будет удалено следующей попыткой.',
    },
  },
});
