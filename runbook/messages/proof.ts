/** What a line of a proof is about. The names carry the units, so that `before` and `after` need no words. */
import type { ProofLine } from '../results.ts';
import type { Text } from '../types.ts';
import { fill } from './fill.ts';

export const proofTexts = {
  version: { en: 'version', ru: 'версия' },
  packageVersion: { en: 'version of {name}', ru: 'версия {name}' },
  schema: { en: 'schema', ru: 'схема' },
  table: { en: 'table {name}: rows, checksum', ru: 'таблица {name}: строк, контрольная сумма' },
  infobase: { en: 'infobase: generation', ru: 'база 1С: поколение данных' },
  infobaseTable: {
    en: 'infobase table {name}: rows, checksum',
    ru: 'таблица базы 1С {name}: строк, контрольная сумма',
  },
  files: { en: 'files: number, bytes, SHA-256', ru: 'файлы: количество, байт, SHA-256' },
  filesOf: { en: 'files of {name}: number, bytes, SHA-256', ru: 'файлы {name}: количество, байт, SHA-256' },
  databaseFiles: { en: 'database files: number, bytes, SHA-256', ru: 'файлы базы данных: количество, байт, SHA-256' },
  uploadedFiles: { en: 'uploaded files: number, bytes, SHA-256', ru: 'загруженные файлы: количество, байт, SHA-256' },
  configurationFiles: {
    en: 'configuration files: number, bytes, SHA-256',
    ru: 'файлы настроек: количество, байт, SHA-256',
  },
  instanceFile: { en: 'instance file: SHA-256', ru: 'файл экземпляра: SHA-256' },
  links: { en: 'links', ru: 'ссылки' },
  bindings: { en: 'IIS: bindings', ru: 'IIS: привязки' },
  pools: { en: 'IIS: application pools', ru: 'IIS: пулы приложений' },
  applications: { en: 'IIS: applications', ru: 'IIS: приложения' },
  extensionVersion: { en: 'extension {name}: version', ru: 'расширение {name}: версия' },
  extensionActive: { en: 'extension {name}: active', ru: 'расширение {name}: активно' },
  extensionSafeMode: { en: 'extension {name}: safe mode', ru: 'расширение {name}: безопасный режим' },
  extensionProtection: {
    en: 'extension {name}: protection from unsafe actions',
    ru: 'расширение {name}: защита от опасных действий',
  },
  extensionHash: { en: 'extension {name}: hash', ru: 'расширение {name}: хэш' },
} satisfies Record<string, Text>;
export type ProofKind = keyof typeof proofTexts;

export interface ProofSubject {
  readonly kind: ProofKind;
  /** What of that kind: a table, a package. */
  readonly name?: string;
  /** Whose: a database, a machine. Left out where there is only one. */
  readonly of?: string;
}

/** In the fields of a line; `what` in English, for programs. */
export const proofSubject = (subject: ProofSubject): ProofSubject & { readonly what: string } => ({
  ...subject,
  what: sayProof({ ...subject, what: '' }, 'en'),
});

const absent = '—';

/** A line of a proof; undefined: it is not there. */
export const proofLine = (subject: ProofSubject, before: string = absent, after: string = absent): ProofLine => ({
  ...proofSubject(subject),
  before,
  after,
  equal: before === after,
});

/** The name of a line; one that is of no kind (an address, a command) stands for itself. */
export function sayProof(line: Pick<ProofLine, 'what' | 'kind' | 'name' | 'of'>, language: 'en' | 'ru'): string {
  if (line.kind === undefined || !Object.hasOwn(proofTexts, line.kind)) return line.what;
  const text = fill(proofTexts[line.kind], { name: line.name ?? '' }, language);
  return line.of === undefined ? text : `${line.of}: ${text}`;
}

/** The first five differences, in one line. */
export const differencesOf = (lines: readonly ProofLine[], language: 'en' | 'ru'): string =>
  lines
    .filter((line) => !line.equal)
    .slice(0, 5)
    .map((line) => `${sayProof(line, language)}: ${line.before} → ${line.after}`)
    .join('; ');
