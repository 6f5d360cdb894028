import { defineErrors } from './define.ts';

/** Values: `{database}` its name, `{where}` the server (`host:port`) or machine, `{backup}` the id of a backup. */
export const databaseErrors = defineErrors({
  DATABASE_UNREACHABLE: {
    what: { en: 'The database server {where} does not answer.', ru: 'Сервер баз данных {where} не отвечает.' },
    todo: {
      en: 'Nothing was started by this call; what the server was doing before may still be running and is looked up on the next try. Check that the server runs, that host and port are right and that no firewall stands between.',
      ru: 'Этим вызовом ничего не начато; то, что сервер делал раньше, может ещё выполняться и будет проверено при следующей попытке. Проверьте, что сервер запущен, адрес и порт верны и сеть не закрыта брандмауэром.',
    },
    passing: true,
    effect: 'unknown',
  },
  DATABASE_LOGIN_REFUSED: {
    what: {
      en: 'The database server {where} refused the login of user {user}.',
      ru: 'Сервер баз данных {where} отклонил вход пользователя {user}.',
    },
    todo: {
      en: 'Nothing was changed. Check user, password and the permission to connect (pg_hba.conf for PostgreSQL, the account’s host for MariaDB), then try the step again.',
      ru: 'Ничего не изменено. Проверьте пользователя, пароль и право на подключение (для PostgreSQL — pg_hba.conf, для MariaDB — хост учётной записи), затем повторите шаг.',
    },
  },
  DATABASE_PERMISSION_DENIED: {
    what: {
      en: 'User {user} may not do this in database {database} at {where}.',
      ru: 'Пользователю {user} это запрещено в базе {database} на {where}.',
    },
    todo: {
      en: 'The statement was refused and changed nothing. Give the user the missing right (it owns the database and may create databases), then try the step again.',
      ru: 'Команда отклонена и ничего не изменила. Выдайте пользователю недостающее право (владение базой и создание баз), затем повторите шаг.',
    },
  },
  DATABASE_NOT_FOUND: {
    what: { en: 'Database {database} does not exist at {where}.', ru: 'Базы {database} нет на {where}.' },
    todo: {
      en: 'Nothing was changed. Check the name in the plan: letter case counts in PostgreSQL.',
      ru: 'Ничего не изменено. Проверьте имя в плане: в PostgreSQL важен регистр букв.',
    },
  },
  DATABASE_EXISTS: {
    what: {
      en: 'Database {database} exists already at {where} and was not made by nakat.',
      ru: 'База {database} уже есть на {where} и создана не nakat.',
    },
    todo: {
      en: 'It was left as it is. Rename or drop it, choose another name for the copy, or allow replacing it in the plan.',
      ru: 'Она оставлена как есть. Переименуйте или удалите её, выберите другое имя для копии или разрешите замену в плане.',
    },
  },
  DATABASE_NOT_OURS: {
    what: {
      en: 'Database {database} at {where} carries no mark of nakat, so it is not dropped.',
      ru: 'База {database} на {where} не помечена nakat, поэтому не удаляется.',
    },
    todo: {
      en: 'It was left as it is. If it really is a test copy, drop it yourself.',
      ru: 'Она оставлена как есть. Если это действительно тестовая копия, удалите её сами.',
    },
  },
  DATABASE_IN_USE: {
    what: {
      en: 'Database {database} at {where} is still used by other sessions.',
      ru: 'База {database} на {where} всё ещё занята другими сеансами.',
    },
    todo: {
      en: 'Nothing was switched, and new connections are allowed as before. The sessions were ended but new ones came: stop the application that connects, or let the step try again.',
      ru: 'Ничего не переключено, новые подключения разрешены как раньше. Сеансы завершались, но появлялись новые: остановите подключающееся приложение или дождитесь повторной попытки.',
    },
    passing: true,
  },
  DATABASE_NAME_INVALID: {
    what: {
      en: '{name} cannot be the name of a database, table or backup: {reason}.',
      ru: '«{name}» не может быть именем базы, таблицы или копии: {reason}.',
    },
    todo: {
      en: 'Nothing was changed. Correct the name in the plan.',
      ru: 'Ничего не изменено. Исправьте имя в плане.',
    },
  },
  DATABASE_STATEMENT_FAILED: {
    what: {
      en: 'The server {where} refused a statement in database {database}.',
      ru: 'Сервер {where} отклонил команду в базе {database}.',
    },
    todo: {
      en: 'That statement was undone by the server. Its own words say why; the step can be tried again after the cause is removed.',
      ru: 'Эта команда отменена сервером. Причина — в его сообщении; устраните её и повторите шаг.',
    },
  },
  TABLE_NOT_FOUND: {
    what: { en: 'There is no table {table} in database {database}.', ru: 'В базе {database} нет таблицы {table}.' },
    todo: {
      en: 'Nothing was changed. Check the table in the plan (`schema.table` or `table`, letter case counts).',
      ru: 'Ничего не изменено. Проверьте таблицу в плане (`схема.таблица` или `таблица`, регистр важен).',
    },
  },
  COLUMN_NOT_FOUND: {
    what: {
      en: 'Table {table} in database {database} has no column {column}.',
      ru: 'В таблице {table} базы {database} нет колонки {column}.',
    },
    todo: {
      en: 'Nothing was changed. Check the column in the plan.',
      ru: 'Ничего не изменено. Проверьте колонку в плане.',
    },
  },
  BACKUP_FOLDER_NOT_WRITABLE: {
    what: {
      en: 'The backup folder {folder} on {where} cannot be written to.',
      ru: 'В папку копий {folder} на {where} нельзя записать.',
    },
    todo: {
      en: 'Nothing was changed. Create the folder and give write permission to the account that makes backups (the service account of SQL Server; nakat’s user for PostgreSQL and MariaDB).',
      ru: 'Ничего не изменено. Создайте папку и дайте право записи учётной записи, которая делает копии (служба SQL Server; для PostgreSQL и MariaDB — пользователь nakat).',
    },
  },
  BACKUP_FAILED: {
    what: {
      en: 'The backup {backup} of database {database} failed.',
      ru: 'Не удалось сделать копию {backup} базы {database}.',
    },
    todo: {
      en: 'The database is unchanged. What was half written is never used as a backup and is removed before the next try.',
      ru: 'База не изменена. Недописанные файлы никогда не принимаются за копию и удаляются перед следующей попыткой.',
    },
  },
  BACKUP_NOT_FOUND: {
    what: { en: 'The backup {backup} is not at {place} on {where}.', ru: 'Копии {backup} нет в {place} на {where}.' },
    todo: {
      en: 'Nothing was changed. Find out who moved or removed it and put it back; without it this database cannot be restored from here.',
      ru: 'Ничего не изменено. Выясните, кто перенёс или удалил копию, и верните её; без неё базу отсюда не восстановить.',
    },
  },
  BACKUP_DAMAGED: {
    what: {
      en: 'The backup {backup} on {where} is damaged: {reason}.',
      ru: 'Копия {backup} на {where} повреждена: {reason}.',
    },
    todo: {
      en: 'Nothing was restored from it and the database is as it was. Check the disk, and use another backup.',
      ru: 'Из неё ничего не восстанавливалось, база осталась как была. Проверьте диск и возьмите другую копию.',
    },
  },
  DISK_FULL: {
    what: {
      en: 'The disk of {folder} on {where} is full.',
      ru: 'На {where} закончилось место на диске с папкой {folder}.',
    },
    todo: {
      en: 'The half-written result was removed, the database is unchanged. Free some space, then try the step again.',
      ru: 'Недописанный результат удалён, база не изменена. Освободите место и повторите шаг.',
    },
  },
  RESTORE_FAILED: {
    what: {
      en: 'Restoring database {database} from {backup} failed.',
      ru: 'Не удалось восстановить базу {database} из {backup}.',
    },
    todo: {
      en: 'PostgreSQL, MariaDB: the database under this name is untouched, the half-made copy beside it is removed on the next try. SQL Server: an existing database may be left in state RESTORING; trying the step again restores it from the start.',
      ru: 'PostgreSQL, MariaDB: база под этим именем не тронута, недоделанная копия рядом удаляется при следующей попытке. SQL Server: существующая база может остаться в состоянии RESTORING; повтор шага восстановит её с начала.',
    },
    effect: 'unknown',
  },
  SNAPSHOT_FAILED: {
    what: {
      en: 'The fast restore point of database {database} at {where} could not be made.',
      ru: 'Не удалось создать быструю точку возврата базы {database} на {where}.',
    },
    todo: {
      en: 'The database is unchanged; the backup remains the restore point.',
      ru: 'База не изменена; точкой возврата остаётся копия.',
    },
  },
  SNAPSHOT_NOT_FOUND: {
    what: {
      en: 'The fast restore point {snapshot} of database {database} is not at {where}.',
      ru: 'Быстрой точки возврата {snapshot} базы {database} нет на {where}.',
    },
    todo: {
      en: 'The database was not changed. Restore from the backup.',
      ru: 'База не изменена. Восстановите её из копии.',
    },
  },
  SNAPSHOT_GONE: {
    what: {
      en: 'The fast restore point of database {database} was no longer at {where}: the database was restored from its backup.',
      ru: 'Быстрой точки возврата базы {database} на {where} уже не было: база восстановлена из копии.',
    },
    todo: {
      en: 'The restore went on by itself. Find out who removed {snapshot}; the proof in the report covers the database as well.',
      ru: 'Восстановление продолжилось само. Выясните, кто удалил {snapshot}; доказательство в отчёте охватывает и эту базу.',
    },
  },
  SNAPSHOT_DIFFERS: {
    what: {
      en: 'The fast restore point of database {database} did not bring the old state back ({count} differences: {differences}): the database was restored from its backup.',
      ru: 'Быстрая точка возврата не вернула базу {database} в прежнее состояние (отличий: {count}: {differences}): база восстановлена из копии.',
    },
    todo: {
      en: 'The restore went on by itself and took longer. Something wrote into the restore point, or into the database right after it came back: find out what, before the next update.',
      ru: 'Восстановление продолжилось само и заняло больше времени. Что-то изменило точку возврата либо базу сразу после возврата: выясните, что именно, до следующего обновления.',
    },
  },
  DATABASE_CORRUPT: {
    what: {
      en: 'The consistency check of database {database} at {where} found damage.',
      ru: 'Проверка целостности базы {database} на {where} нашла повреждения.',
    },
    todo: {
      en: 'The check changed nothing. If this is the restored copy, the backup or the source is damaged: do not update before the source has been checked too.',
      ru: 'Проверка ничего не меняла. Если это восстановленная копия, повреждена копия или источник: не обновляйте, пока не проверен и источник.',
    },
  },
  SCHEMA_DIFFERS: {
    what: {
      en: 'The schema of {database} differs from that of {original}.',
      ru: 'Структура базы {database} отличается от структуры {original}.',
    },
    todo: {
      en: 'Nothing was changed. Either the backup is not complete, or the original was changed after the backup: make the backup again.',
      ru: 'Ничего не изменено. Либо копия неполна, либо исходную базу изменили после копирования: сделайте копию заново.',
    },
  },
  CLIENT_TOOLS_MISSING: {
    what: { en: '{tool} was not found on {where}.', ru: 'На {where} не найдена программа {tool}.' },
    todo: {
      en: 'Nothing was changed. Install the client programs of the database there, or name their folder in `tools`.',
      ru: 'Ничего не изменено. Установите там клиентские программы СУБД или укажите их папку в `tools`.',
    },
  },
  CLIENT_TOOLS_TOO_OLD: {
    what: {
      en: '{tool} {version} on {where} is too old for the server {server}.',
      ru: '{tool} версии {version} на {where} слишком стара для сервера {server}.',
    },
    todo: {
      en: 'Nothing was changed. Install client programs of the server’s version or newer: pg_dump refuses servers newer than itself, and old clients of MariaDB and MySQL take a dump for a program.',
      ru: 'Ничего не изменено. Установите клиентские программы версии сервера или новее: pg_dump не работает с серверами новее себя, а старые клиенты MariaDB и MySQL исполняют копию как программу.',
    },
  },
  DUPLICATES_APPEARED: {
    what: { en: 'Duplicates appeared: {tables}.', ru: 'Появились дубли: {tables}.' },
    todo: {
      en: 'Nothing was removed. Look at the rows and at "use for deduplication" of these objects, then decide: restore, or go on and clean up by hand.',
      ru: 'Ничего не удалено. Посмотрите записи и признак «Использовать для дедупликации» этих объектов и решите: восстановить или продолжить и убрать дубли вручную.',
    },
  },
  SETTINGS_CHANGED: {
    what: {
      en: 'Integration settings are not as before: {changes}.',
      ru: 'Настройки интеграции не такие, как прежде: {changes}.',
    },
    todo: {
      en: 'Nothing was put back. Compare these settings with the notes on the update: either the update changes them on purpose, or they must be set again.',
      ru: 'Ничего не возвращено. Сверьте эти настройки с описанием обновления: либо оно меняет их намеренно, либо их нужно задать снова.',
    },
  },
  HARMLESS_ROW_MISSING: {
    what: {
      en: 'No row of {table} has {where_row}, so it could not be set.',
      ru: 'В таблице {table} нет записи с {where_row}, задать её нельзя.',
    },
    todo: {
      en: 'The copy is not harmless yet and was not started; everything before this row was set already, and setting it again is fine. Correct the row in the plan.',
      ru: 'Копия ещё не обезврежена и не запускалась; всё, что стоит до этой строки, уже задано, и повторить это безопасно. Исправьте строку в плане.',
    },
    effect: 'unknown',
  },
});
