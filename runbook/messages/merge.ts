/** What `nakat merge` says. ICU MessageFormat. */
import type { Text } from '../types.ts';

export const mergeTexts = {
  does: {
    en: 'Merge a customer’s edits with a vendor’s new version; folders or archives',
    ru: 'Слить правки заказчика с новой версией поставщика; папки или архивы',
  },
  sides: {
    en: 'BASE OURS THEIRS: the vendor’s old version, the customer’s, the vendor’s new one; or OURS THEIRS, and every file that differs is a conflict',
    ru: 'BASE OURS THEIRS: старая версия поставщика, версия заказчика, новая версия поставщика; либо OURS THEIRS, тогда каждый отличающийся файл — конфликт',
  },
  out: { en: 'folder for the result; it must not be there yet', ru: 'папка для результата; её ещё не должно быть' },
  html: {
    en: 'write a page that compares the files with conflicts',
    ru: 'записать страницу со сравнением файлов с конфликтами',
  },
  encoding: {
    en: 'of texts that are neither UTF-8 nor UTF-16: {choices}',
    ru: 'кодировка текстов, которые не UTF-8 и не UTF-16: {choices}',
  },
  count: { en: 'give two or three sides', ru: 'укажите две или три стороны' },
  outWithin: {
    en: '--out must not lie in a side: {side}',
    ru: '--out не может лежать внутри стороны: {side}',
  },
  htmlWithin: {
    en: '--html must lie neither in a side nor in the result: {folder}',
    ru: '--html не может лежать ни внутри стороны, ни внутри результата: {folder}',
  },
  htmlFolder: { en: '--html: there is no folder {folder}', ru: '--html: нет папки {folder}' },
  htmlNone: {
    en: 'Nothing to compare: {file} was not written',
    ru: 'Сравнивать нечего: {file} не записан',
  },
  outMissing: { en: '--out is missing', ru: 'не хватает --out' },
  notFound: { en: '{path} cannot be read', ru: '{path} не читается' },
  conflicts: {
    en: '{count, plural, one {# conflict} other {# conflicts}}: the texts among them hold markers, of the others the customer’s file was taken',
    ru: '{count, plural, one {# конфликт} few {# конфликта} other {# конфликтов}}: в текстах стоят метки, из прочих взят файл заказчика',
  },
  top: {
    en: 'Taken for the top of {side}: the folder {folder}/ in its archive',
    ru: 'За верх стороны {side} взята папка {folder}/ в её архиве',
  },
  moved: {
    en: 'Moved by one side, and what the other changed went along:',
    ru: 'Перемещено одной стороной вместе с тем, что изменила другая:',
  },
  clean: { en: 'No conflicts.', ru: 'Конфликтов нет.' },
  unchanged: { en: 'untouched', ru: 'не тронуто' },
  'new-version': { en: 'from the new version', ru: 'из новой версии' },
  'added-by-vendor': { en: 'added by the vendor', ru: 'добавлено поставщиком' },
  'removed-by-vendor': { en: 'removed by the vendor', ru: 'удалено поставщиком' },
  'edit-kept': { en: 'the customer’s edit kept', ru: 'правка заказчика сохранена' },
  'added-by-customer': { en: 'added by the customer', ru: 'добавлено заказчиком' },
  'removed-by-customer': { en: 'removed by the customer', ru: 'удалено заказчиком' },
  'same-in-both': { en: 'changed alike by both', ru: 'изменено одинаково обоими' },
  merged: { en: 'merged by lines', ru: 'слито по строкам' },
} satisfies Record<string, Text>;
