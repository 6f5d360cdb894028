import type { Text } from '../types.ts';

export const zetaTexts = {
  title: { en: '{name} {version} on {system}', ru: '{name} {version} на {system}' },
  approval: {
    en: 'Approve production: {name} {version} on {system}',
    ru: 'Одобрить обновление рабочей системы: {name} {version} на {system}',
  },
  acceptance: { en: 'Accept {name} {version} on {system}', ru: 'Принять {name} {version} на {system}' },
  configurationChanged: {
    en: 'The configuration was changed by the customer: may it be updated unattended?',
    ru: 'Конфигурация изменена заказчиком: можно ли обновлять её без присмотра?',
  },
  configurationMerged: {
    en: 'The merged configuration still differs from the vendor’s: is it as it should be?',
    ru: 'Объединённая конфигурация отличается от поставки: всё ли верно?',
  },
  configurationWord: {
    en: 'A specialist’s word, if the configuration is not the vendor’s',
    ru: 'Решение специалиста, если конфигурация отличается от поставки',
  },
  schemaWord: {
    en: 'A specialist’s word, if the schema of the site’s database is not the vendor’s',
    ru: 'Решение специалиста, если схема базы сайта отличается от поставки',
  },
  schemaChanged: {
    en: 'The schema of the site’s database is not the vendor’s: may it migrate unattended?',
    ru: 'Схема базы сайта отличается от поставки: можно ли мигрировать её без присмотра?',
  },
  schemaMigrated: {
    en: 'After the migration the schema is not the vendor’s: is it as it should be?',
    ru: 'После миграции схема отличается от поставки: всё ли верно?',
  },
  uploadedPages: { en: 'Save the uploaded pages of {tree}', ru: 'Сохранить загруженные страницы {tree}' },
  lastExchange: { en: 'Note the last exchange of the site', ru: 'Запомнить последний обмен сайта' },
  saveByHand: { en: 'Save the files of {tree}', ru: 'Сохраните файлы {tree}' },
  saveByHandText: {
    en: 'nakat does not reach the files of {tree}. Save all of them, so that they can be put back as they are now; then answer “done”.',
    ru: 'nakat не имеет доступа к файлам {tree}. Сохраните их все, чтобы можно было вернуть как есть; затем ответьте «done».',
  },
  uploadByHand: { en: 'Put the new files of {tree} in place', ru: 'Разместите новые файлы {tree}' },
  uploadByHandText: {
    en: 'nakat does not reach the files of {tree}. Do all that is listed here on the site; then answer “done”. Whether the new files are in place is then looked at from outside.',
    ru: 'nakat не имеет доступа к файлам {tree}. Выполните на сайте всё перечисленное здесь; затем ответьте «done». После этого снаружи проверяется, что новые файлы на месте.',
  },
  restoreByHand: { en: 'Put the old files of {tree} back', ru: 'Верните прежние файлы {tree}' },
  restoreByHandText: {
    en: 'The update is undone. Put the files of {tree} back as you saved them, all of them, and remove those that are new; then answer “done”.',
    ru: 'Обновление отменяется. Верните файлы {tree} из сохранённой копии, все, и удалите появившиеся; затем ответьте «done».',
  },
} satisfies Record<string, Text>;
