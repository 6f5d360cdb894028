/** What a watch says: kept in histories and notices as text in both languages. */
import type { Text } from '../types.ts';

export const watchTexts = {
  install: {
    en: 'Install {name} {version} on {system}?',
    ru: 'Установить {name} {version} в системе {system}?',
  },
  offered: {
    en: '{service} offers {name} {version} ({checked}).',
    ru: '{service} предлагает {name} {version} ({checked}).',
  },
  changes: {
    en: '{offered}\n\nWhat is new, in the vendor’s words:\n{changes}',
    ru: '{offered}\n\nЧто нового, словами поставщика:\n{changes}',
  },
  checkedStrong: { en: '{algorithm} as the vendor names it', ru: '{algorithm} совпал с названным поставщиком' },
  checkedWeak: {
    en: 'only {algorithm} is published, and it agrees',
    ru: 'опубликован только {algorithm}, он совпал',
  },
  unchecked: {
    en: 'NOT checked: the vendor publishes no checksum',
    ru: 'НЕ проверено: поставщик не публикует контрольной суммы',
  },
  found: { en: '{name} {version} is there', ru: 'Вышла {name} {version}' },
  failed: { en: 'Looking for updates failed', ru: 'Проверка обновлений не удалась' },
} satisfies Record<string, Text>;
