import { defineErrors } from './define.ts';

const nothing = { en: 'Nothing was changed on the site.', ru: 'На сайте ничего не изменено.' };

export const webErrors = defineErrors({
  WEB_UNREACHABLE: {
    what: {
      en: 'The file server of {where} does not answer at {address}',
      ru: 'Сервер файлов {where} не отвечает по адресу {address}',
    },
    todo: {
      en: `${nothing.en} Check host, port and \`security\` in the plan, and whether the worker’s machine may reach that address.`,
      ru: `${nothing.ru} Проверьте в плане host, port и \`security\`, а также доступность этого адреса с машины исполнителя.`,
    },
    passing: true,
  },
  WEB_LOGIN_REFUSED: {
    what: {
      en: 'The file server of {where} refused the log-in of {user}',
      ru: 'Сервер файлов {where} отказал пользователю {user} во входе',
    },
    todo: {
      en: `${nothing.en} Check user and password, and whether the host lets in so many connections at once (\`connections\`).`,
      ru: `${nothing.ru} Проверьте имя и пароль, а также допускает ли хостинг столько соединений сразу (\`connections\`).`,
    },
  },
  WEB_CERTIFICATE_REFUSED: {
    what: {
      en: 'The certificate of the file server of {where} is not the expected one: {problem}',
      ru: 'Сертификат сервера файлов {where} не тот, что ожидался: {problem}',
    },
    todo: {
      en: 'The connection was ended before the password was sent. Ask the host for the SHA-256 fingerprint of its certificate; only if it agrees with the one shown, put it into the plan.',
      ru: 'Соединение прервано до передачи пароля. Запросите у хостинга отпечаток SHA-256 его сертификата; только если он совпадает с показанным, внесите его в план.',
    },
  },
  WEB_CONNECTION_LOST: {
    what: {
      en: 'The connection to the file server of {where} broke: {doing}',
      ru: 'Соединение с сервером файлов {where} прервалось: {doing}',
    },
    todo: {
      en: 'The next attempt goes on where this one ended: no visitor gets half a file meanwhile. If it keeps breaking, lower `connections` in the plan or ask the host.',
      ru: 'Следующая попытка продолжит с этого места: половину файла тем временем никто не получит. Если обрывы повторяются, уменьшите `connections` в плане или обратитесь к хостингу.',
    },
    passing: true,
    effect: 'unknown',
  },
  WEB_REFUSED: {
    what: { en: 'The file server of {where} refused: {doing}', ru: 'Сервер файлов {where} отказал: {doing}' },
    todo: {
      en: 'The server’s own words stand with it: rights, room and quota of that account are the usual reasons. Each file of the site is whole, old or new; correct the reason and choose “retry”.',
      ru: 'Рядом приведены слова сервера: обычно дело в правах, месте или квоте этой учётной записи. Каждый файл сайта цел, старый или новый; устраните причину и выберите «повторить».',
    },
    effect: 'unknown',
  },
  WEB_FOLDER_MISSING: {
    what: {
      en: 'The file server of {where} has no folder {folder}',
      ru: 'На сервере файлов {where} нет папки {folder}',
    },
    todo: {
      en: `${nothing.en} Correct \`folder\` in the plan: as the server shows it after the log-in.`,
      ru: `${nothing.ru} Исправьте \`folder\` в плане: так, как её показывает сервер после входа.`,
    },
  },
  WEB_NAME_REFUSED: {
    what: {
      en: 'The file server of {where} lists a name that cannot be a file’s: {name} ({reason})',
      ru: 'Сервер файлов {where} показывает имя, которого у файла быть не может: {name} ({reason})',
    },
    todo: {
      en: 'Nothing was written. Such a name would lead out of the site’s folder, or cannot be told apart. Rename or remove that file, or name its folder under `keep` in the plan; if nobody knows it, have the site looked at.',
      ru: 'Ничего не записано. Такое имя увело бы за пределы папки сайта, или его нельзя отличить от другого. Переименуйте или удалите этот файл либо укажите его папку в `keep` плана; если он никому не знаком, проверьте сайт.',
    },
  },
  WEB_TOO_MUCH: {
    what: {
      en: 'The file server of {where} lists more than {limit} files or folders, or folders without end',
      ru: 'Сервер файлов {where} показывает больше {limit} файлов или папок либо бесконечную вложенность',
    },
    todo: {
      en: `${nothing.en} Name what belongs to the running site (\`cache\`, \`upload\`) under \`keep\` in the plan.`,
      ru: `${nothing.ru} Укажите в \`keep\` плана то, что принадлежит работающему сайту (\`cache\`, \`upload\`).`,
    },
  },
  WEB_LINK_IN_WAY: {
    what: {
      en: 'On {where}, {path} is not what the update needs there ({found})',
      ru: 'На {where} путь {path} — не то, что нужно обновлению ({found})',
    },
    todo: {
      en: 'nakat does not write through links, and replaces no folder by a file. Every file of the site is whole. Put a real folder there, or ask the vendor where the files belong; then choose “retry”.',
      ru: 'nakat не пишет сквозь ссылки и не заменяет папку файлом. Каждый файл сайта цел. Сделайте там настоящую папку или выясните у поставщика, где место этим файлам; затем выберите «повторить».',
    },
  },
  WEB_NOT_WRITABLE: {
    what: {
      en: 'The account cannot change files of {where}: {doing}',
      ru: 'Учётная запись не может менять файлы {where}: {doing}',
    },
    todo: {
      en: `${nothing.en} Give the account the right to write, rename and remove in the site’s folder.`,
      ru: `${nothing.ru} Дайте учётной записи право писать, переименовывать и удалять в папке сайта.`,
    },
  },
  WEB_CHANGED_DURING_BACKUP: {
    what: {
      en: 'Files of {where} changed while they were backed up: {files}',
      ru: 'Файлы {where} менялись во время копирования: {files}',
    },
    todo: {
      en: `${nothing.en} Close the site to visitors first, or name what it writes while it runs under \`keep\` in the plan.`,
      ru: `${nothing.ru} Сначала закройте сайт для посетителей или укажите в \`keep\` плана то, что он пишет во время работы.`,
    },
    passing: true,
  },
  WEB_FILES_DIFFER: {
    what: {
      en: 'Files of {where} are not what was sent: {files}',
      ru: 'Файлы {where} отличаются от отправленных: {files}',
    },
    todo: {
      en: 'They were read back and compared. Something else writes there, or the server changes what it gets (text mode, a virus scanner). Each file is sent again at the next attempt.',
      ru: 'Они прочитаны обратно и сравнены. Туда пишет кто-то ещё, или сервер меняет получаемое (текстовый режим, антивирус). При следующей попытке эти файлы отправляются снова.',
    },
    passing: true,
    effect: 'unknown',
  },
  WEB_TREE_DAMAGED: {
    what: {
      en: 'The files in {place} are not those that were listed there: {files}',
      ru: 'Файлы в {place} — не те, что были там учтены: {files}',
    },
    todo: {
      en: 'No file of the site was replaced by one of these. Something changed or removed them on the worker’s machine: put them back from another copy, or begin the update anew.',
      ru: 'Ни один файл сайта ими не заменён. Их изменили или удалили на машине исполнителя: верните их из другой копии или начните обновление заново.',
    },
  },
  WEB_NO_ROOM: {
    what: {
      en: 'Too little room in {place}: {free} MB free, {needed} MB needed',
      ru: 'Мало места в {place}: свободно {free} МБ, нужно {needed} МБ',
    },
    todo: {
      en: `${nothing.en} Make room there or name another folder.`,
      ru: `${nothing.ru} Освободите место или укажите другую папку.`,
    },
  },
  WEB_TREE_MANUAL: {
    what: {
      en: 'The files of {where} are put in place by a person: nakat does not reach them',
      ru: 'Файлы {where} кладёт на место человек: у nakat нет к ним доступа',
    },
    todo: {
      en: `${nothing.en} Use \`prepareArchive\`, \`askPerson\` and \`checkServed\` for it, or give SFTP or FTP access in the plan.`,
      ru: `${nothing.ru} Используйте для него \`prepareArchive\`, \`askPerson\` и \`checkServed\` или укажите в плане доступ по SFTP или FTP.`,
    },
  },
  WEB_STORE_INVALID: {
    what: {
      en: 'The folder {folder} cannot hold the files of {where}: {problem}',
      ru: 'Папка {folder} не может хранить файлы {where}: {problem}',
    },
    todo: {
      en: `${nothing.en} Name another folder in the plan.`,
      ru: `${nothing.ru} Укажите в плане другую папку.`,
    },
  },
  WEB_SERVED_DIFFERS: {
    what: {
      en: '{where} serves other files than the update has: {files}',
      ru: '{where} отдаёт не те файлы, что в обновлении: {files}',
    },
    todo: {
      en: 'The upload was not finished, went to another folder, or a cache stands before the site. Correct that and choose “retry”.',
      ru: 'Загрузка не закончена, сделана в другую папку, или перед сайтом стоит кэш. Исправьте это и выберите «повторить».',
    },
  },
  WEB_RESTORE_NOT_PROVED: {
    what: {
      en: 'The files of {where} are not those of the backup: {files}',
      ru: 'Файлы {where} отличаются от копии: {files}',
    },
    todo: {
      en: 'Something may have written there since: stop it (or name it under `keep`) and choose “retry”. If files of the backup are missing, “hand-over” and put them back from the place that the report names.',
      ru: 'Возможно, туда с тех пор что-то писало: остановите это (или укажите в `keep`) и выберите «retry». Если файлов копии не хватает, выберите «hand-over» и верните их из места, названного в отчёте.',
    },
    effect: 'unknown',
  },
});
