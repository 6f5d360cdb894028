/** Texts for people, in their language: ICU MessageFormat, so that Russian plurals come out right. Never used in workflows. */
import { IntlMessageFormat } from 'intl-messageformat';
import type { Said, Text } from '../types.ts';
import { fill } from './fill.ts';

export type Language = 'en' | 'ru';
export type Values = Readonly<Record<string, string | number>>;

const compiled = new Map<string, IntlMessageFormat>();

/** Nothing in it but `{name}`: ICU fills it as `fill` does. */
const simple = /^[^{}<']*(\{\w+\}[^{}<']*)*$/;

/** Fills an ICU text of our own catalogue. Left to the library, the first text of a command takes 20 ms. */
export function tell(text: Text, language: Language, values: Values = {}): string {
  if (simple.test(text[language])) return fill(text, values, language);
  const key = `${language}:${text[language]}`;
  let format = compiled.get(key);
  if (!format) compiled.set(key, (format = new IntlMessageFormat(text[language], language)));
  return String(format.format(values));
}

/** Fills a text that came with a run: plain `{name}` only, since its values may hold anything. */
export const tellSaid = (said: Said, language: Language): string => fill(said, said.values ?? {}, language);

/** `LANG=ru_RU.UTF-8` and the like; anything else is English. */
export const languageOf = (env: Readonly<Record<string, string | undefined>>): Language =>
  /^ru/i.test(env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '') ? 'ru' : 'en';

/** `0:42`, `12:05`, `3:07:00`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** With the date when it is another day than `now`. `zone`: and with the name of the zone: `22:00 GMT+3`. */
export function clock(at: number, now: number, language: Language, timeZone?: string, zone?: 'zone'): string {
  const options = {
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
    ...(timeZone ? { timeZone } : {}),
    ...(zone ? { timeZoneName: 'short' as const } : {}),
  } as const;
  const day = (time: number): string => new Intl.DateTimeFormat('en-CA', timeZone ? { timeZone } : {}).format(time);
  return new Intl.DateTimeFormat(
    language,
    day(at) === day(now) ? options : { ...options, day: 'numeric', month: 'short' },
  ).format(at);
}
