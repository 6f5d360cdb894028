import type { Text } from '../types.ts';

export const customizationsTexts = {
  title: {
    en: '{name} {version} with the customer’s edits on {system}',
    ru: '{name} {version} с правками заказчика на {system}',
  },
  approval: {
    en: 'Approve production: {name} {version} with the customer’s edits on {system}',
    ru: 'Одобрить установку в рабочую систему: {name} {version} с правками заказчика на {system}',
  },
  acceptance: { en: 'Accept {name} {version} on {system}', ru: 'Принять {name} {version} на {system}' },
  review: {
    en: 'Look at what was merged and decided, before the test copy gets it',
    ru: 'Посмотреть, что слито и решено, прежде чем это попадёт на тестовую копию',
  },
  unpackPrevious: { en: 'Unpack the vendor’s old version', ru: 'Распаковать старую версию поставщика' },
  captureTest: { en: 'Save the pages of the test copy {tree}', ru: 'Сохранить страницы тестовой копии {tree}' },
  checkPage: { en: 'Check page {url}', ru: 'Проверить страницу {url}' },
} satisfies Record<string, Text>;
