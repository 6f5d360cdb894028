import { defineErrors } from './define.ts';

export const comindwareErrors = defineErrors({
  INSTANCE_NOT_AS_PLANNED: {
    what: {
      en: 'Instance {instance} on {where} is not as the plan says: {what} is {actual}, planned {planned}',
      ru: 'Экземпляр {instance} на {where} не соответствует плану: {what} — {actual}, в плане {planned}',
    },
    todo: {
      en: 'Nothing was changed. Correct the plan: what it names is what is backed up, changed and restored.',
      ru: 'Ничего не изменено. Исправьте план: именно то, что в нём названо, копируется, меняется и восстанавливается.',
    },
  },
  INSTANCE_VERSION_DIFFERS: {
    what: {
      en: 'Instance {instance} is {version}, expected {expected}',
      ru: 'Версия экземпляра {instance} — {version}, ожидалась {expected}',
    },
    todo: {
      en: 'This check changed nothing. If the plan’s `update.from` is not what is installed, correct it: the way to the new version starts there.',
      ru: 'Эта проверка ничего не изменила. Если `update.from` в плане не совпадает с установленной версией, исправьте план: от неё строится путь обновления.',
    },
  },
  INSTANCE_VERSION_MISSING: {
    what: {
      en: 'Version {version} of the product is not installed on {where}: {path} is missing',
      ru: 'Версия продукта {version} не установлена на {where}: нет {path}',
    },
    todo: {
      en: 'Nothing was changed. Install the version beside the others (`version_install.ps1`), then start again. Every version on the way is needed.',
      ru: 'Ничего не изменено. Установите эту версию рядом с остальными (`version_install.ps1`) и запустите снова. Нужны все версии пути.',
    },
  },
  INSTANCE_CONFIG_UNREADABLE: {
    what: {
      en: 'The configuration file {file} on {where} cannot be used: {problem}',
      ru: 'Файл конфигурации {file} на {where} непригоден: {problem}',
    },
    todo: {
      en: 'This step wrote nothing. Look at the file: it must be YAML with one value per key, as the product writes it.',
      ru: 'Этот шаг ничего не записал. Посмотрите файл: это должен быть YAML с одним значением на ключ, как его пишет продукт.',
    },
  },
  INSTANCE_FILES_HELD: {
    what: {
      en: 'Site and pools of {instance} are stopped, but files of {folder} on {where} are still open',
      ru: 'Сайт и пулы {instance} остановлены, но файлы в {folder} на {where} ещё открыты',
    },
    todo: {
      en: 'Nothing was copied or deleted. Find out which process holds them (Resource Monitor, `openfiles`): a virus scanner, a console, a leftover worker. The step is tried again.',
      ru: 'Ничего не скопировано и не удалено. Выясните, какой процесс их держит (монитор ресурсов, `openfiles`): антивирус, консоль, оставшийся рабочий процесс. Шаг будет повторён.',
    },
    passing: true,
  },
  INSTANCE_NOT_OURS: {
    what: {
      en: 'Test instance {instance} on {where} was not made by nakat: {found}',
      ru: 'Тестовый экземпляр {instance} на {where} создан не nakat: {found}',
    },
    todo: {
      en: 'It was not touched. Name another test instance in the plan, or remove this one yourself.',
      ru: 'Он не тронут. Укажите в плане другой тестовый экземпляр или удалите этот сами.',
    },
  },
  INSTANCE_NOT_HARMLESS: {
    what: {
      en: 'Test instance {instance} could act on production: {findings}',
      ru: 'Тестовый экземпляр {instance} может повлиять на рабочую систему: {findings}',
    },
    todo: {
      en: 'It was not started, production was not touched. Give these keys values of their own in `test.set`, or leave the pool out by `test.idle`, and start again.',
      ru: 'Он не запущен, рабочая система не тронута. Задайте этим ключам собственные значения в `test.set` или исключите пул в `test.idle` и запустите снова.',
    },
  },
  INSTANCE_UPGRADE_FAILED: {
    what: {
      en: 'The upgrade of {instance} to {version} failed: {file} says so',
      ru: 'Обновление {instance} до {version} не удалось: об этом пишет {file}',
    },
    todo: {
      en: 'The database may have been changed in part: do not let users in. It goes back with the restore point. Send the log to the vendor.',
      ru: 'База могла измениться частично: не впускайте пользователей. Она вернётся из точки возврата. Отправьте журнал поставщику.',
    },
    effect: 'unknown',
  },
  INSTANCE_NOT_READY: {
    what: {
      en: 'Instance {instance} was not ready with {version} after {seconds} s: {missing}',
      ru: 'Экземпляр {instance} не готов в версии {version} спустя {seconds} с: {missing}',
    },
    todo: {
      en: 'It was left as it is; the product may still be working. Look at its logs; give it more time (`update.patience`), or restore.',
      ru: 'Он оставлен как есть; продукт может ещё работать. Посмотрите его журналы; дайте больше времени (`update.patience`) или восстановите.',
    },
    effect: 'unknown',
  },
  INSTANCE_LOGIN_MISSING: {
    what: {
      en: 'The login page of {instance} does not come up at {url}: {problem}',
      ru: 'Страница входа {instance} по адресу {url} не открывается: {problem}',
    },
    todo: {
      en: 'The instance runs, but nobody could log in. Look at its site and pools in IIS and at its logs; then try again, or restore.',
      ru: 'Экземпляр запущен, но войти никто не сможет. Посмотрите его сайт и пулы в IIS и его журналы, затем повторите или восстановите.',
    },
    effect: 'unknown',
  },
  INSTANCE_SCRIPT_FAILED: {
    what: {
      en: 'The vendor’s script for {instance} did not complete: its status is {status}, the instance is at {version}',
      ru: 'Скрипт поставщика для {instance} не завершился успешно: статус {status}, версия экземпляра {version}',
    },
    todo: {
      en: 'Nothing interrupted it. Its output stands here; the instance may be between two versions and goes back with the restore point.',
      ru: 'Его ничто не прерывало. Его вывод приведён здесь; экземпляр может быть между двумя версиями и вернётся из точки возврата.',
    },
    effect: 'unknown',
  },
});
