import { fill } from '../../runbook/errors/index.ts';
import { sayBytes } from '../../runbook/messages/facts.ts';
import type { Said, Text } from '../../runbook/types.ts';

/** How one reader is spoken to: language and time zone. */
export interface Reader {
  readonly language: 'en' | 'ru';
  readonly timeZone: string;
  say(text: Said | Text, values?: Readonly<Record<string, string | number>>): string;
  /** `21 Nov, 22:04:15`. */
  time(at: number): string;
  /** `22:04:15`. */
  clock(at: number): string;
  /** `1 h 04 min`, `4 min 05 s`, `0.8 s`. */
  duration(seconds: number): string;
  bytes(bytes: number): string;
}

const unbroken = '\u00a0';
const units = {
  en: { h: 'h', min: 'min', s: 's' },
  ru: { h: 'ч', min: 'мин', s: 'с' },
};

export function readerOf(language: 'en' | 'ru', timeZone: string): Reader {
  const unit = units[language];
  const locale = language === 'ru' ? 'ru-RU' : 'en-GB';
  const hours = { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone } as const;
  const clock = new Intl.DateTimeFormat(locale, hours);
  const time = new Intl.DateTimeFormat(locale, { ...hours, day: 'numeric', month: 'short', year: 'numeric' });
  const number = (value: number, digits: number): string =>
    value.toLocaleString(locale, { maximumFractionDigits: digits });
  const two = (value: number): string => String(value).padStart(2, '0');
  return {
    language,
    timeZone,
    say: (text, values) => fill(text, { ...('values' in text ? text.values : {}), ...values }, language),
    time: (at) => time.format(at),
    clock: (at) => clock.format(at),
    duration(seconds) {
      const whole = Math.round(seconds);
      const hours = Math.floor(whole / 3600);
      const minutes = Math.floor((whole % 3600) / 60);
      const parts: [string | number, string][] =
        hours > 0
          ? [
              [number(hours, 0), unit.h],
              [two(minutes), unit.min],
            ]
          : minutes > 0
            ? [
                [minutes, unit.min],
                [two(whole % 60), unit.s],
              ]
            : [[number(seconds, seconds < 1 ? 2 : seconds < 10 ? 1 : 0), unit.s]];
      return parts.flat().join(unbroken);
    },
    bytes: (bytes) => sayBytes(bytes, language),
  };
}
