import { defineErrors } from './define.ts';

export const customizationErrors = defineErrors({
  MERGE_CONFLICTS: {
    what: {
      en: 'The customer’s edits and the new version do not go together ({count}): {files}',
      ru: 'Правки заказчика и новая версия не сходятся ({count}): {files}',
    },
    todo: {
      en: 'Nothing was put in place. On {where}, open {place}/compare.html. For each file either edit it in {place}/files until no conflict marker is left, or write `ours` (the customer’s) or `theirs` (the vendor’s) beside it in {place}/choices.yaml. Write your name there, then choose “retry”. What you decide is remembered.',
      ru: 'На место ничего не положено. На {where} откройте {place}/compare.html. Для каждого файла либо правьте его в {place}/files, пока не останется меток конфликта, либо впишите рядом с ним в {place}/choices.yaml `ours` (файл заказчика) или `theirs` (файл поставщика). Укажите там своё имя и выберите «retry». Ваше решение запомнится.',
    },
  },
  MERGE_CHOICES_WRONG: {
    what: { en: 'The choices in {file} cannot be read.', ru: 'Файл решений {file} не читается.' },
    todo: {
      en: 'Nothing was put in place. Correct that file and choose “retry”; if you delete it, it is written anew.',
      ru: 'На место ничего не положено. Исправьте этот файл и выберите «retry»; если его удалить, он будет записан заново.',
    },
  },
  MERGE_CHOICES_NOBODY: {
    what: {
      en: 'All is decided in {file}, but nobody’s name stands there: `by` is empty.',
      ru: 'В {file} всё решено, но имени решившего нет: `by` не заполнено.',
    },
    todo: {
      en: 'Nothing was put in place. Write your name after `by:` and choose “retry”: the report says who decided.',
      ru: 'На место ничего не положено. Впишите своё имя после `by:` и выберите «retry»: в отчёте указано, кто решал.',
    },
  },
  MERGE_CHOICE_WITHOUT_CONFLICT: {
    what: {
      en: '{path} stands in {file}, but there is no conflict in such a file.',
      ru: 'В {file} указан {path}, но конфликта в таком файле нет.',
    },
    todo: {
      en: 'Nothing was put in place. Correct the name or remove that line, then choose “retry”. If you delete {file}, it is written anew with the right names.',
      ru: 'На место ничего не положено. Исправьте имя или удалите эту строку, затем выберите «retry». Если удалить {file}, он будет записан заново с верными именами.',
    },
  },
  MERGE_CHOICE_NO_ROOM: {
    what: {
      en: '{path} cannot be laid out as chosen in {file}: another file or folder has its place in files/.',
      ru: 'Файл {path} нельзя положить, как решено в {file}: его место в files/ занято другим файлом или папкой.',
    },
    todo: {
      en: 'Nothing was put in place. Remove what is in its place in files/, or choose otherwise; then “retry”.',
      ru: 'На место ничего не положено. Уберите из files/ то, что занимает место, или решите иначе; затем «retry».',
    },
  },
  MERGE_CHOICE_UNKNOWN: {
    what: {
      en: 'In {file}, {choice} stands beside {path}: that is none of {allowed}',
      ru: 'В {file} рядом с {path} стоит {choice}, а может стоять: {allowed}',
    },
    todo: {
      en: 'Nothing was put in place. Write `ours` (the customer’s file), `theirs` (the vendor’s new one) or `edited` (as you made it in files/) there, or leave it empty; then choose “retry”.',
      ru: 'На место ничего не положено. Впишите туда `ours` (файл заказчика), `theirs` (новый файл поставщика) или `edited` (как вы сделали в files/) либо оставьте пустым; затем выберите «retry».',
    },
  },
  MERGE_FILE_REFUSED: {
    what: {
      en: 'The file {path} of {side} cannot be merged: it {reason}',
      ru: 'Файл {path} ({side}) слить нельзя: {reason}',
    },
    todo: {
      en: 'Nothing was put in place. Rename or remove that file; in a plan its folder can be left out instead (`keep` of the site).',
      ru: 'На место ничего не положено. Переименуйте или удалите этот файл; в плане можно исключить его папку (`keep` сайта).',
    },
  },
  MERGE_SIDE_EMPTY: {
    what: { en: 'There are no files in {side} ({place})', ru: 'Нет файлов в {side} ({place})' },
    todo: {
      en: 'Nothing was put in place: an empty side would remove every page. Check the archive or the folder; in a plan also `part`.',
      ru: 'На место ничего не положено: пустая сторона удалила бы все страницы. Проверьте архив или папку, а в плане ещё и `part`.',
    },
  },
  MERGE_LOST: {
    what: {
      en: 'The prepared files lack changes of the customer that nobody decided about: {files}',
      ru: 'В подготовленных файлах нет правок заказчика, о которых никто не принимал решения: {files}',
    },
    todo: {
      en: 'Nothing was put in place. Somebody changed the prepared folder {place} after it was done: run the update again.',
      ru: 'На место ничего не положено. Подготовленную папку {place} изменили после готовности: запустите обновление заново.',
    },
  },
  MERGE_INTERRUPTED: {
    what: {
      en: 'Interrupted: nothing was written, and what had been unpacked and merged is removed',
      ru: 'Прервано: ничего не записано, распакованное и слитое удалено',
    },
    todo: { en: 'Run the command again.', ru: 'Запустите команду снова.' },
  },
  MERGE_INPUT_GONE: {
    what: {
      en: '{place} is not there, or not a list of files',
      ru: '{place} отсутствует или не является списком файлов',
    },
    todo: {
      en: 'Nothing was put in place. The steps before this one leave it on the machine of the worker: all workers must see the same folder. Run the update again.',
      ru: 'На место ничего не положено. Его оставляют предыдущие шаги на машине исполнителя: все исполнители должны видеть одну и ту же папку. Запустите обновление заново.',
    },
  },
  PAGES_EDITED_SINCE: {
    what: {
      en: 'The pages of {where} are no longer those that were merged: {files}',
      ru: 'Страницы {where} уже не те, что были слиты: {files}',
    },
    todo: {
      en: 'No page was touched. Somebody edited them after the rehearsal. Run the update again: it merges the pages as they are now, and what was decided about conflicts is remembered.',
      ru: 'Ни одна страница не тронута. Их правили после репетиции. Запустите обновление снова: сольются нынешние страницы, а принятые решения по конфликтам помнятся.',
    },
  },
});
