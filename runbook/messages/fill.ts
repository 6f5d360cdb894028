import type { Said, Text } from '../types.ts';

/** Fills `{name}` in a text that has no plurals: it needs no ICU library and can be used anywhere, workflows included. */
export const fill = (text: Text, values: Readonly<Record<string, string | number>>, language: 'en' | 'ru'): string =>
  text[language].replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );

/** The names in a text, of either language, for which it has no value: people would read them in braces. */
export const placeholdersLeft = ({ en, ru, values = {} }: Said): string[] => [
  ...new Set(
    [...`${en}\n${ru}`.matchAll(/\{(\w+)\}/g)]
      .map((match) => match[1] ?? '')
      .filter((name) => !Object.hasOwn(values, name)),
  ),
];
