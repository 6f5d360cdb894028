/** Texts that 1C programs leave: their encoding, and what they say. */
import iconv from 'iconv-lite';

/** The `/Out` file: by its BOM, else UTF-8 when it is valid (8.3), else cp1251 (old platforms write the ANSI code page). */
export function decodeLog(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return iconv.decode(bytes, 'utf16le');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return iconv.decode(bytes, 'cp1251');
  }
}

/**
 * Whether a log tells of an error although the exit code is 0. «Ошибок не обнаружено» is good news and is not meant:
 * only words that open a verdict count.
 */
export const speaksOfError = (log: string): boolean =>
  log
    .split(/\r?\n/)
    .some((line) =>
      /^\s*(?:\[?(?:ОШИБКА|ERROR)\]?|Ошибка|Error|Не удалось|Failed|Невозможно|Cannot)(?![\p{L}])/iu.test(line),
    );

/** Records of `rac`: `key : value` lines, an empty line between records; texts may be quoted, quotes inside doubled. */
export function parseRecords(text: string): Record<string, string>[] {
  const records: Record<string, string>[] = [];
  for (const block of text.replaceAll('\r', '').split(/\n\s*\n/)) {
    const record: Record<string, string> = {};
    for (const line of block.split('\n')) {
      const match = /^\s*([a-z][a-z0-9-]*)\s*:\s?(.*)$/i.exec(line);
      if (match) record[match[1]!] = unquote(match[2]!.trim());
    }
    if (Object.keys(record).length > 0) records.push(record);
  }
  return records;
}

const unquote = (text: string): string => (/^".*"$/s.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text);
