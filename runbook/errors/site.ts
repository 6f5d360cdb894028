import { defineErrors } from './define.ts';

export const siteErrors = defineErrors({
  WEB_SERVER_REFUSED: {
    what: { en: 'The web server on {where} refused: {command}', ru: 'Веб-сервер на {where} отказал: {command}' },
    todo: {
      en: 'The web server is as it was before this command. Check that the account of nakat is an administrator there and that the names of site and pool in the plan are right.',
      ru: 'Веб-сервер остался таким, каким был до этой команды. Проверьте, что учётная запись nakat — администратор на этой машине и что имена сайта и пула в плане верны.',
    },
  },
  SITE_NOT_IN_IIS: {
    what: { en: 'The web server on {where} has no site "{site}"', ru: 'На веб-сервере {where} нет сайта «{site}»' },
    todo: {
      en: 'Nothing was changed. Correct `site.name` in the plan; `appcmd list site` shows the names.',
      ru: 'Ничего не изменено. Исправьте `site.name` в плане; имена показывает `appcmd list site`.',
    },
  },
  POOL_NOT_IN_IIS: {
    what: {
      en: 'The web server on {where} has no application pool "{pool}"',
      ru: 'На веб-сервере {where} нет пула приложений «{pool}»',
    },
    todo: {
      en: 'Nothing was changed. Correct `site.pool` in the plan; `appcmd list apppool` shows the names.',
      ru: 'Ничего не изменено. Исправьте `site.pool` в плане; имена показывает `appcmd list apppool`.',
    },
  },
  SITE_NOT_RUNNING: {
    what: {
      en: 'Site "{site}" or its pool is not started on {where}: {state}',
      ru: 'Сайт «{site}» или его пул не запущен на {where}: {state}',
    },
    todo: {
      en: 'Nothing was changed. Start it and see that it works before it is updated.',
      ru: 'Ничего не изменено. Запустите сайт и убедитесь, что он работает, прежде чем обновлять.',
    },
  },
  SITE_FOLDER_DIFFERS: {
    what: {
      en: 'Site "{site}" lies in {actual}, the plan says {planned}',
      ru: 'Сайт «{site}» лежит в {actual}, а в плане указано {planned}',
    },
    todo: {
      en: 'Nothing was changed. Correct `site.folder` in the plan: it is what will be backed up and restored.',
      ru: 'Ничего не изменено. Исправьте `site.folder` в плане: именно эта папка копируется и восстанавливается.',
    },
  },
  SITE_BINDING_DIFFERS: {
    what: {
      en: 'Site "{site}" has the bindings {actual}, the plan says {planned}',
      ru: 'У сайта «{site}» привязки {actual}, а в плане указано {planned}',
    },
    todo: {
      en: 'Nothing was changed. Correct `site.binding` in the plan: the site is opened again with what stands there.',
      ru: 'Ничего не изменено. Исправьте `site.binding` в плане: с этими привязками сайт будет открыт снова.',
    },
  },
  SITE_NOT_OURS: {
    what: {
      en: '"{site}" on {where} exists and was not made by nakat: {found}',
      ru: '«{site}» на {where} существует и создан не nakat: {found}',
    },
    todo: {
      en: 'It was not touched. Name another test site in the plan, or remove this one yourself.',
      ru: 'Он не тронут. Укажите в плане другой тестовый сайт или удалите этот сами.',
    },
  },
  SITE_STUCK: {
    what: {
      en: 'Site "{site}" on {where} did not become {wanted}: {state}',
      ru: 'Сайт «{site}» на {where} не перешёл в состояние {wanted}: {state}',
    },
    todo: {
      en: 'The command was given; look at the worker processes and the event log of that machine.',
      ru: 'Команда отдана; посмотрите рабочие процессы и журнал событий этой машины.',
    },
    passing: true,
    effect: 'unknown',
  },
  SITE_RUNNING: {
    what: {
      en: 'Site "{site}" on {where} still runs, its files cannot be replaced',
      ru: 'Сайт «{site}» на {where} ещё работает, его файлы нельзя заменить',
    },
    todo: {
      en: 'No file was touched. Stop the site; the step is tried again.',
      ru: 'Файлы не тронуты. Остановите сайт; шаг будет повторён.',
    },
    passing: true,
  },
  CONNECTION_STRINGS_UNREADABLE: {
    what: {
      en: 'No usable ConnectionStrings.config in {folder} on {where}: {problem}',
      ru: 'В {folder} на {where} нет пригодного ConnectionStrings.config: {problem}',
    },
    todo: {
      en: 'The test site was not put in place. Look at the file of the production site.',
      ru: 'Тестовый сайт не создан. Посмотрите этот файл у рабочего сайта.',
    },
  },
  FILES_CHANGED_DURING_BACKUP: {
    what: {
      en: 'Files of {folder} changed while they were backed up: {files}',
      ru: 'Файлы в {folder} менялись во время копирования: {files}',
    },
    todo: {
      en: 'The copy was removed, nothing else was touched. Find out what writes there while the site is stopped.',
      ru: 'Копия удалена, остальное не тронуто. Выясните, что пишет в эту папку при остановленном сайте.',
    },
    passing: true,
  },
  FILES_BACKUP_DAMAGED: {
    what: {
      en: 'The backup of files {place} on {where} is not what was backed up: {files}',
      ru: 'Копия файлов {place} на {where} отличается от сделанной: {files}',
    },
    todo: {
      en: 'The site’s files were not touched. Restore them by hand from another copy, then let the step be tried again.',
      ru: 'Файлы сайта не тронуты. Восстановите их вручную из другой копии, затем повторите шаг.',
    },
  },
});
