/**
 * Text files as they lie on disk: encoding, byte order mark and line ends are taken apart from the lines, and put back as they were.
 * UTF-8 and UTF-16 are recognised; any other text is kept byte by byte (one character each), so that nothing is lost of what nakat cannot read.
 */
import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import type { LegacyEncoding } from '../../runbook/targets/index.ts';

export type Encoding = 'utf8' | 'utf16le' | 'utf16be' | 'legacy';
/** How the lines of a file end; `none`: it has one line at most. */
export type LineEnds = '\n' | '\r\n' | '\r' | 'mixed' | 'none';

export interface Text {
  readonly encoding: Encoding;
  readonly bom: boolean;
  /** Without their ends. A file that ends with a line end has no empty line after it. */
  readonly lines: readonly string[];
  /** As many as lines; the last is empty where the file does not end with a line end. */
  readonly ends: readonly string[];
}

/** Larger ones are not merged by lines, they are whole files to choose from. */
export const largestText = 8 * 2 ** 20;

/** Null for what is no text: zero bytes that are not UTF-16's, or too large. */
export function readText(content: Buffer): Text | null {
  if (content.length > largestText) return null;
  const found = decoded(content);
  return found && { encoding: found.encoding, bom: found.bom, ...splitLines(found.text) };
}

interface Decoded {
  readonly encoding: Encoding;
  readonly bom: boolean;
  readonly text: string;
}

function decoded(content: Buffer): Decoded | null {
  const starts = (...bytes: number[]): boolean => bytes.every((byte, at) => content[at] === byte);
  if (starts(0xef, 0xbb, 0xbf)) {
    const text = utf8(content.subarray(3));
    return text === null ? null : { encoding: 'utf8', bom: true, text };
  }
  if (starts(0xff, 0xfe)) return utf16(content.subarray(2), 'utf16le', true);
  if (starts(0xfe, 0xff)) return utf16(content.subarray(2), 'utf16be', true);
  if (content.includes(0)) {
    const order = (['utf16le', 'utf16be'] as const).find((one) => looksLikeUtf16(content, one));
    return order ? utf16(content, order, false) : null;
  }
  const text = utf8(content);
  return text === null
    ? { encoding: 'legacy', bom: false, text: content.toString('latin1') }
    : { encoding: 'utf8', bom: false, text };
}

/** The first character stays, also where it is a mark: that one was taken off before. */
const utf8 = (content: Buffer): string | null => (isUtf8(content) ? content.toString('utf8') : null);

function utf16(content: Buffer, encoding: 'utf16le' | 'utf16be', bom: boolean): Decoded | null {
  if (content.length % 2 !== 0) return null;
  const text = (encoding === 'utf16le' ? content : Buffer.from(content).swap16()).toString('utf16le');
  return text.includes('\0') ? null : { encoding, bom, text };
}

/** Every unit is of the Latin or Cyrillic script or a usual sign: high byte 00, 04, 20 to 22. */
function looksLikeUtf16(content: Buffer, order: 'utf16le' | 'utf16be'): boolean {
  if (content.length % 2 !== 0) return false;
  for (let at = order === 'utf16le' ? 1 : 0; at < content.length; at += 2) {
    const high = content[at] ?? 0;
    if (high !== 0 && high !== 4 && (high < 0x20 || high > 0x22)) return false;
  }
  return true;
}

/** A lone CR ends a line only where no line ends with LF: old files of one system, not a stray character. */
function splitLines(text: string): { lines: string[]; ends: string[] } {
  const usual = text.includes('\n') ? '\n' : '\r';
  const lines = text.split(usual);
  const ends = new Array<string>(lines.length).fill(usual);
  if (lines.at(-1) === '') ends.length = lines.length -= 1;
  else ends[lines.length - 1] = '';
  if (usual === '\r' || !text.includes('\r\n')) return { lines, ends };
  for (const [at, line] of lines.entries()) {
    if (!line.endsWith('\r') || ends[at] === '') continue;
    lines[at] = line.slice(0, -1);
    ends[at] = '\r\n';
  }
  return { lines, ends };
}

export function lineEnds({ ends }: Pick<Text, 'ends'>): LineEnds {
  const found = new Set(ends);
  found.delete('');
  if (found.size === 0) return 'none';
  return found.size === 1 ? ([...found][0] as LineEnds) : 'mixed';
}

/** Null when the encoding has no bytes for one of the characters. */
export function writeText({ encoding, bom, lines, ends }: Text): Buffer | null {
  const text = lines.map((line, at) => line + (ends[at] ?? '')).join('');
  switch (encoding) {
    case 'utf8':
      return Buffer.from((bom ? '\ufeff' : '') + text, 'utf8');
    case 'utf16le':
      return Buffer.from((bom ? '\ufeff' : '') + text, 'utf16le');
    case 'utf16be':
      return Buffer.from((bom ? '\ufeff' : '') + text, 'utf16le').swap16();
    case 'legacy':
      return [...text].some((character) => character.charCodeAt(0) > 0xff) ? null : Buffer.from(text, 'latin1');
  }
}

/** Lines of a text of unknown eight bits, read in that encoding; and back (null: a character that it does not have). */
export const fromLegacy = (line: string, encoding: LegacyEncoding): string =>
  iconv.decode(Buffer.from(line, 'latin1'), encoding);
export function toLegacy(line: string, encoding: LegacyEncoding): string | null {
  const bytes = iconv.encode(line, encoding);
  return iconv.decode(bytes, encoding) === line ? bytes.toString('latin1') : null;
}
