/** Words of strangers, made fit to be shown. */
import { NakatError } from '../../runbook/errors/index.ts';
import { changesLimit, type Checksum } from '../../runbook/watch/state.ts';
import { isVersion, ruleMistake } from '../../runbook/versions.ts';

/** Plain text: no markup, no control characters (a terminal obeys them), no text that turns the writing direction. */
export function plain(text: unknown, limit = changesLimit): string {
  if (typeof text !== 'string') return '';
  const clean = text
    .slice(0, limit * 4)
    .replace(/<\s*(br|\/p|\/li|\/div)\b[^<>]{0,200}>/gi, '\n')
    .replace(/<[^<>]{0,500}>/g, '')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, ' ')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return clean.length > limit ? `${clean.slice(0, limit - 1)}…` : clean;
}

export const unreadable = (service: string, problem: string): NakatError =>
  new NakatError('SERVICE_UNREADABLE', { values: { service, problem: plain(problem, 200) } });

/** 1C writes `3.0.195.36/2` in places: the first is the version. Throws SERVICE_UNREADABLE. */
export function versionOf(text: unknown, service: string): string {
  const version = typeof text === 'string' ? (text.split('/')[0] ?? '').trim() : '';
  if (!isVersion(version)) throw unreadable(service, `"${plain(String(text), 40)}" is no version`);
  return version;
}

/** Throws SERVICE_UNREADABLE. */
export function rulesOf(rules: readonly string[], service: string): string[] {
  if (rules.length > 5000) throw unreadable(service, 'more than 5000 versions to come from');
  for (const rule of rules) {
    const mistake = ruleMistake(rule);
    if (mistake !== null) throw unreadable(service, mistake);
  }
  return [...rules];
}

const lengths = { 16: 'md5', 20: 'sha1', 32: 'sha256' } as const;

/** Hexadecimal or base64; the length tells the algorithm. Null: there is none. Throws SERVICE_UNREADABLE for anything else. */
export function checksumOf(
  text: string | undefined | null,
  service: string,
  wanted?: Checksum['algorithm'],
): Checksum | null {
  if (text === undefined || text === null || text.trim() === '') return null;
  const value = text.trim();
  const bytes = /^([0-9a-f]{2})+$/i.test(value) ? Buffer.from(value, 'hex') : Buffer.from(value, 'base64');
  const algorithm = lengths[bytes.length as keyof typeof lengths];
  if (algorithm === undefined || (wanted !== undefined && algorithm !== wanted))
    throw unreadable(service, `"${plain(value, 80)}" is no ${wanted ?? 'checksum'}`);
  return { algorithm, value: bytes.toString('hex') };
}

/** Bytes; null: not told. Throws SERVICE_UNREADABLE. */
export function sizeOf(size: unknown, service: string): number | null {
  if (size === undefined || size === null || size === '') return null;
  const bytes = Number(size);
  if (!Number.isSafeInteger(bytes) || bytes <= 0) throw unreadable(service, 'a size that is none');
  return bytes;
}
