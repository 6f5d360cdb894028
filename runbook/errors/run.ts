import { defineErrors } from './define.ts';

export const runErrors = defineErrors({
  SECRET_MISSING: {
    what: { en: 'The secret {place} is not there or is empty', ru: 'Секрет {place} не задан или пуст' },
    todo: {
      en: 'Nothing was done with it. Set it where the worker runs, in the environment of the worker’s own account (restart the worker then) or as the first line of the file, readable for that account only. Then choose “retry”.',
      ru: 'Ничего не сделано. Задайте его там, где работает исполнитель: в окружении его учётной записи (затем перезапустите исполнителя) или первой строкой файла, доступного на чтение только ей. Затем выберите «повторить».',
    },
  },
  ROOM_MISSING: {
    what: {
      en: 'Not enough free space for backup and restore: {places}',
      ru: 'Не хватает места для копий и восстановления: {places}',
    },
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
    what: {
      en: 'Production is no longer what was approved: {differences}',
      ru: 'Рабочая система уже не та, что была одобрена: {differences}',
    },
    todo: {
      en: 'Production was not touched. Find out who changed it. If the change is to stay, approve again or rehearse anew: the rehearsal was made on the old state.',
      ru: 'Рабочая система не тронута. Выясните, кто её изменил. Если изменение остаётся, одобрите снова или повторите репетицию: она шла на прежнем состоянии.',
    },
  },
  NOT_HARMLESS: {
    what: {
      en: 'The test copy could act on production, {count} findings: {findings}',
      ru: 'Тестовая копия может повлиять на рабочую систему, найдено мест: {count}: {findings}',
    },
    todo: {
      en: 'The test site was not started with integrations, production was not touched. Add the places to “harmless” in the plan (texts to replace, rows to set) and start again.',
      ru: 'Интеграции на тестовом сайте не запускались, рабочая система не тронута. Добавьте эти места в раздел «harmless» плана (замены текста, значения строк) и запустите снова.',
    },
  },
  RESTORE_NOT_PROVED: {
    what: {
      en: 'After the restore {count} facts differ from the restore point: {differences}',
      ru: 'После восстановления отличий от точки возврата: {count}: {differences}',
    },
    todo: {
      en: 'The restore steps have run, but the old state is not proved; keep users out. All differences are in the log. Retry the restore, or put the backups named in the report back by hand and compare again.',
      ru: 'Шаги восстановления выполнены, но прежнее состояние не доказано; не впускайте пользователей. Все отличия — в журнале. Повторите восстановление или верните копии, названные в отчёте, вручную и сверьте снова.',
    },
    effect: 'unknown',
  },
  UNEXPECTED: {
    what: {
      en: 'Step {step} met an error that nakat does not know',
      ru: 'В шаге {step} произошла ошибка, которой nakat не знает',
    },
    todo: {
      en: 'It is not known whether the step had an effect: the next attempt looks before it acts. If it comes again, read the worker’s log (it has the full trace) and report it.',
      ru: 'Неизвестно, успел ли шаг подействовать: следующая попытка сначала посмотрит. Если ошибка повторяется, откройте журнал исполнителя (там полная трасса) и сообщите о ней.',
    },
    passing: true,
    effect: 'unknown',
  },
  PARAMS_INVALID: {
    what: {
      en: 'Step {step}: the parameters are not what {activity} takes: {problems}',
      ru: 'Шаг {step}: параметры не подходят для {activity}: {problems}',
    },
    todo: {
      en: 'The step did nothing. The runbook was made by another version of nakat: start a worker of the version that compiled it, or compile the plan again and start a new run.',
      ru: 'Шаг ничего не сделал. План работ составлен другой версией nakat: запустите исполнителя той же версии или составьте план заново и начните новый прогон.',
    },
  },
  TEMPORAL_MISSING: {
    what: {
      en: 'The Temporal server program was not found and could not be obtained',
      ru: 'Программа сервера Temporal не найдена, и получить её не удалось',
    },
    todo: {
      en: 'Nothing was started. Install the `temporal` command (https://docs.temporal.io/cli) or Go, name the program in NAKAT_TEMPORAL, or set TEMPORAL_ADDRESS to a server that runs already.',
      ru: 'Ничего не запущено. Установите команду `temporal` (https://docs.temporal.io/cli) или Go, укажите программу в NAKAT_TEMPORAL или задайте в TEMPORAL_ADDRESS адрес уже работающего сервера.',
    },
  },
  SERVER_IN_USE: {
    what: {
      en: 'A server already runs on the state folder {where} (started by process {pid}, address {address})',
      ru: 'На папке состояния {where} уже работает сервер (запущен процессом {pid}, адрес {address})',
    },
    todo: {
      en: 'Nothing was started or ended. Use that server, end it first, or give another folder with --state.',
      ru: 'Ничего не запущено и не остановлено. Пользуйтесь тем сервером, сначала остановите его или укажите другую папку через --state.',
    },
  },
  SERVER_NOT_STARTED: {
    what: {
      en: 'The Temporal server did not start; state folder {where}',
      ru: 'Сервер Temporal не запустился; папка состояния {where}',
    },
    todo: {
      en: 'The database in that folder was left as it is. Read temporal.log there; a full disk, a read-only folder or a taken port are the usual causes.',
      ru: 'База в этой папке осталась как была. Прочитайте там temporal.log; обычные причины — нет места, папка только для чтения, порт занят.',
    },
  },
  CANNOT_CONNECT: {
    what: { en: 'Cannot reach the Temporal server at {where}', ru: 'Нет связи с сервером Temporal {where}' },
    todo: {
      en: 'Runs that are going go on when it is back; nothing is lost. Start it with `nakat server`, or check TEMPORAL_ADDRESS, the TLS settings and the API key.',
      ru: 'Начатые прогоны продолжатся, когда он вернётся; ничего не потеряно. Запустите его командой `nakat server` или проверьте TEMPORAL_ADDRESS, настройки TLS и ключ API.',
    },
    passing: true,
  },
  CONNECTION_SETTINGS_INVALID: {
    what: { en: 'The Temporal connection settings cannot be used', ru: 'Настройки подключения к Temporal не годятся' },
    todo: {
      en: 'Nothing was done. Correct the TEMPORAL_… variables or the file temporal.toml; `temporal config list` shows what is set.',
      ru: 'Ничего не сделано. Исправьте переменные TEMPORAL_… или файл temporal.toml; что задано, покажет `temporal config list`.',
    },
  },
  KEY_INVALID: {
    what: { en: 'The encryption key from {where} cannot be used', ru: 'Ключ шифрования из {where} не годится' },
    todo: {
      en: 'Nothing was done. It must be 32 bytes, as 64 hexadecimal digits or base64; `openssl rand -hex 32` makes one. Workers and commands need the same key.',
      ru: 'Ничего не сделано. Нужны 32 байта: 64 шестнадцатеричные цифры или base64; ключ создаёт `openssl rand -hex 32`. Исполнителям и командам нужен один и тот же ключ.',
    },
  },
  KEY_WRONG: {
    what: {
      en: 'The run is encrypted with key {key}, which is not set here',
      ru: 'Прогон зашифрован ключом {key}, который здесь не задан',
    },
    todo: {
      en: 'Nothing was done. Set NAKAT_KEY or NAKAT_KEY_FILE to the key with which the run was started.',
      ru: 'Ничего не сделано. Задайте в NAKAT_KEY или NAKAT_KEY_FILE тот ключ, с которым прогон был начат.',
    },
  },
  NO_WORKER: {
    what: { en: 'No worker answers for run {run}', ru: 'Для прогона {run} не отвечает ни один исполнитель' },
    todo: {
      en: 'The run keeps its place and goes on by itself when a worker is there. Start one with `nakat worker`; whether the last message counted shows `nakat status`.',
      ru: 'Прогон сохраняет своё место и продолжится сам, когда появится исполнитель. Запустите его командой `nakat worker`; учтено ли последнее сообщение, покажет `nakat status`.',
    },
    passing: true,
  },
  RUN_ALREADY_GOING: {
    what: {
      en: 'System {system} is being updated already (run {run})',
      ru: 'Система {system} уже обновляется (прогон {run})',
    },
    todo: {
      en: 'No second run was started. Follow the first with `nakat follow {system}`, or end it with `nakat cancel {system}`.',
      ru: 'Второй прогон не начат. Следите за первым: `nakat follow {system}`, или завершите его: `nakat cancel {system}`.',
    },
  },
  RUN_NOT_FOUND: {
    what: { en: 'There is no run {run} on {where}', ru: 'Прогона {run} на {where} нет' },
    todo: {
      en: 'Nothing was done. `nakat list` shows the runs there are.',
      ru: 'Ничего не сделано. Имеющиеся прогоны покажет `nakat list`.',
    },
  },
  NOTHING_TO_DECIDE: {
    what: {
      en: 'Run {run} waits for no such decision ({waiting} waiting)',
      ru: 'Прогон {run} не ждёт такого решения (ожидают: {waiting})',
    },
    todo: {
      en: 'Nothing was decided. `nakat status {run}` shows what is waited for.',
      ru: 'Ничего не решено. Что ожидается, покажет `nakat status {run}`.',
    },
  },
  DECISION_NOT_NAMED: {
    what: {
      en: 'Run {run} waits for several decisions: {waiting}',
      ru: 'Прогон {run} ждёт нескольких решений: {waiting}',
    },
    todo: {
      en: 'Nothing was decided. Name the one that you mean with --decision.',
      ru: 'Ничего не решено. Назовите нужное через --decision.',
    },
  },
  FILE_EXISTS: {
    what: { en: 'The file {where} exists already', ru: 'Файл {where} уже существует' },
    todo: {
      en: 'It was not touched. Give another name, or remove it first.',
      ru: 'Он не изменён. Укажите другое имя или сначала удалите его.',
    },
  },
  NOT_A_TERMINAL: {
    what: { en: 'The questions of `nakat {command}` need a terminal', ru: 'Вопросам `nakat {command}` нужен терминал' },
    todo: {
      en: 'Nothing was written. Give all answers as options; --help names them.',
      ru: 'Ничего не записано. Дайте все ответы параметрами; их называет --help.',
    },
  },
  SYSTEM_REFUSED: {
    what: { en: 'The operating system refused', ru: 'Операционная система отказала' },
    todo: {
      en: 'The command ended there; runs that are going are not touched. Check that the path exists and may be written by this account, and that its disk has room.',
      ru: 'На этом команда завершена; идущие прогоны не затронуты. Проверьте, что путь существует и доступен этой учётной записи на запись, а на диске есть место.',
    },
  },
  USAGE: {
    what: { en: 'The command was not understood: {problem}', ru: 'Команда не понята: {problem}' },
    todo: {
      en: 'Nothing was done. `{command} --help` shows how it is used.',
      ru: 'Ничего не сделано. Как ею пользоваться, покажет `{command} --help`.',
    },
  },
});
