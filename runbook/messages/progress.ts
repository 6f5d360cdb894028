/** What a running step says of itself, where it is more than a name. Filled without ICU. */
import type { Said, Text } from '../types.ts';

export const progressTexts = {
  uploading: { en: 'uploading', ru: 'передача' },
  readingBack: { en: 'reading back', ru: 'проверка чтением' },
  loading: { en: 'loading {name}', ru: 'загрузка {name}' },
  waitingFor: { en: 'waiting for {name}, {seconds} s', ru: 'ожидание {name}, {seconds} с' },
  integration: { en: '{name}: {status}, {seconds} s', ru: '{name}: {status}, {seconds} с' },
  integrationStarted: { en: '{name}: started, {seconds} s', ru: '{name}: запущена, {seconds} с' },
  waited: { en: '{seconds} s', ru: '{seconds} с' },
  minutesLeft: { en: '{name}: {minutes} min left', ru: '{name}: осталось {minutes} мин' },
  sessions: { en: 'sessions in {name}: {count}', ru: 'сеансов в {name}: {count}' },
  written: { en: 'written: {size} MB', ru: 'записано: {size} МБ' },
  onTheWay: { en: '{name}: in progress', ru: '{name}: выполняется' },
  migrating: { en: '{from} → {to}, HTTP {status}, {seconds} s', ru: '{from} → {to}, HTTP {status}, {seconds} с' },
} satisfies Record<string, Text>;

/** A note for `context.progress`. */
export const note = (text: keyof typeof progressTexts, values: Said['values'] = {}): Said => ({
  ...progressTexts[text],
  values,
});
