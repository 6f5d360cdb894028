import type { Text } from '../types.ts';

export const customTexts = {
  title: { en: '{name} {version} on {system}', ru: '{name} {version} на {system}' },
  approval: {
    en: 'Approve production: {name} {version} on {system}',
    ru: 'Одобрить изменение рабочей системы: {name} {version} на {system}',
  },
  acceptance: { en: 'Accept {name} {version} on {system}', ru: 'Принять {name} {version} на {system}' },
} satisfies Record<string, Text>;
