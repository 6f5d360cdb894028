import type { Text } from '../types.ts';

/** What the demo says. ICU MessageFormat. */
export const demoTexts = {
  yesNeeded: {
    en: 'without a terminal nobody can be asked: give --yes',
    ru: 'без терминала спросить некого: укажите --yes',
  },
  elsewhere: {
    en: 'In another terminal: nakat status demo --state {folder}',
    ru: 'В другом терминале: nakat status demo --state {folder}',
  },
  starting: {
    en: 'Starting Temporal, PostgreSQL, a worker and the practice ground in {folder}',
    ru: 'Запускаю Temporal, PostgreSQL, исполнителя и учебный полигон в {folder}',
  },
  postgresFound: {
    en: 'BPMSoft’s database: PostgreSQL {major}, because pg_dump and pg_restore are in {bin}',
    ru: 'База BPMSoft: PostgreSQL {major}, потому что pg_dump и pg_restore есть в {bin}',
  },
  postgresAsked: {
    en: 'BPMSoft’s database: PostgreSQL {major}, because of --database',
    ru: 'База BPMSoft: PostgreSQL {major}, так задано в --database',
  },
  sqlserverInstead: {
    en: 'BPMSoft’s database: the SQL Server stand-in, because PostgreSQL’s pg_dump and pg_restore were not found',
    ru: 'База BPMSoft: имитация SQL Server, потому что программы PostgreSQL pg_dump и pg_restore не найдены',
  },
  sqlserverAsked: {
    en: 'BPMSoft’s database: the SQL Server stand-in, because of --database',
    ru: 'База BPMSoft: имитация SQL Server, так задано в --database',
  },
  postgresImpossible: {
    en: 'PostgreSQL’s pg_dump and pg_restore were not found: install its client programs, or leave --database out',
    ru: 'программы PostgreSQL pg_dump и pg_restore не найдены: установите клиентские программы или не задавайте --database',
  },
  noChoice: { en: '{system} has no choice of databases', ru: 'для {system} выбора базы нет' },
  plan: { en: 'Plan: {plan}', ru: 'План: {plan}' },
  watch: {
    en: 'Watched: {plan}. Looking for updates now.',
    ru: 'Под наблюдением: {plan}. Идёт поиск обновлений.',
  },
  why: { en: 'Why? (kept in the report)', ru: 'Почему? (сохраняется в отчёте)' },
  interrupted: { en: 'Ended by you. The practice ground is put away.', ru: 'Прервано вами. Учебный полигон убран.' },
} satisfies Record<string, Text>;
