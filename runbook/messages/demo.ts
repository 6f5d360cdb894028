import type { Text } from '../types.ts';

/** What the demo says. ICU MessageFormat. */
export const demoTexts = {
  yesNeeded: { en: 'without a terminal nobody can be asked: give --yes', ru: 'без терминала спросить некого: укажите --yes' },
  starting: {
    en: 'Starting Temporal, PostgreSQL, a worker and the practice ground in {folder}',
    ru: 'Запускаю Temporal, PostgreSQL, обработчик и учебный полигон в {folder}',
  },
  plan: { en: 'Plan: {plan}', ru: 'План: {plan}' },
  why: { en: 'Why? (kept in the report)', ru: 'Почему? (сохраняется в отчёте)' },
  interrupted: { en: 'Ended by you. The practice ground is put away.', ru: 'Прервано вами. Учебный полигон убран.' },
} satisfies Record<string, Text>;
