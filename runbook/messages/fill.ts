import type { Text } from '../types.ts';

/** Fills `{name}` in a text that has no plurals: it needs no ICU library and can be used anywhere, workflows included. */
export const fill = (text: Text, values: Readonly<Record<string, string | number>>, language: 'en' | 'ru'): string =>
  text[language].replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
