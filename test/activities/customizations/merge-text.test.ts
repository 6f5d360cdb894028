import iconv from 'iconv-lite';
import { expect, test } from 'vitest';
import { markers, mergeText, resolutionsOf, stillMarked } from '../../../activities/customizations/merge-text.ts';
import { readText, writeText } from '../../../activities/customizations/text.ts';

const legacy = { legacy: 'windows-1251' } as const;
const merge = (base: Buffer, ours: Buffer, theirs: Buffer) => mergeText({ base, ours, theirs }, legacy);
const clean = (base: Buffer, ours: Buffer, theirs: Buffer): Buffer => {
  const merged = merge(base, ours, theirs);
  if (merged.kind !== 'clean') throw new Error(merged.kind);
  return merged.content;
};

const base = 'шапка\nодин\nдва\nтри\nподвал\n';
const ours = 'шапка заказчика\nодин\nдва\nтри\nподвал\n';
const theirs = 'шапка\nодин\nдва\nтри\nновый подвал\n';
const both = 'шапка заказчика\nодин\nдва\nтри\nновый подвал\n';

const encodings: Record<string, (text: string) => Buffer> = {
  'UTF-8': (text) => Buffer.from(text),
  'UTF-8 with BOM': (text) => Buffer.from(`\ufeff${text}`),
  'UTF-16LE with BOM': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'UTF-16BE with BOM': (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
  'UTF-16LE': (text) => Buffer.from(text, 'utf16le'),
  'UTF-16BE': (text) => Buffer.from(text, 'utf16le').swap16(),
  'Windows-1251': (text) => iconv.encode(text, 'windows-1251'),
  'KOI8-R, although another is configured': (text) => iconv.encode(text, 'koi8-r'),
};

test.each(Object.entries(encodings))('%s stays what it is', (_name, encode) => {
  expect(clean(encode(base), encode(ours), encode(theirs))).toEqual(encode(both));
});

test.each(Object.entries(encodings))('%s is read and written without a changed byte', (_name, encode) => {
  for (const text of [base, 'без конца\r\nстроки', '', '\n', 'a\rb\r', '\r\n\n'])
    if (text !== '' && !/^[\r\n]/.test(text)) {
      const read = readText(encode(text));
      expect(read && writeText(read)).toEqual(encode(text));
    }
});

const windows = (text: string): Buffer => iconv.encode(text, 'windows-1251');
const utf8 = (text: string): Buffer => Buffer.from(text);
const bom = (text: string): Buffer => Buffer.from(`\ufeff${text}`);

test.each([
  ['the vendor went over to UTF-8', windows(base), windows(ours), utf8(theirs), utf8(both)],
  ['the customer saved as UTF-8 with a mark', windows(base), bom(ours), windows(theirs), bom(both)],
  ['the customer’s editor put a mark in', utf8(base), bom(ours), utf8(theirs), bom(both)],
  ['the vendor took the mark out', bom(base), bom(ours), utf8(theirs), utf8(both)],
  ['both went over to UTF-8', windows(base), utf8(ours), utf8(theirs), utf8(both)],
])('who changed the encoding has it: %s', (_name, b, o, t, wanted) => {
  expect(clean(b, o, t)).toEqual(wanted);
});

test('a character that the wanted encoding lacks is not lost: the file becomes UTF-8', () => {
  const result = clean(utf8(base), utf8(ours.replace('заказчика', 'заказчика ☎')), windows(theirs));
  expect(result.toString()).toBe(both.replace('заказчика', 'заказчика ☎'));
});

const crlf = (text: string): string => text.replaceAll('\n', '\r\n');
test.each([
  ['CRLF in all', crlf(base), crlf(ours), crlf(theirs), crlf(both)],
  ['the customer’s editor made CRLF of LF', base, crlf(ours), theirs, crlf(both)],
  ['the vendor went over to LF', crlf(base), crlf(ours), theirs, both],
  [
    'lone CR',
    base.replaceAll('\n', '\r'),
    ours.replaceAll('\n', '\r'),
    theirs.replaceAll('\n', '\r'),
    both.replaceAll('\n', '\r'),
  ],
  ['mixed, kept line by line', 'a\r\nb\nc\r\nd\n', 'A\r\nb\nc\r\nd\n', 'a\r\nb\nc\r\nD\n', 'A\r\nb\nc\r\nD\n'],
  ['the customer took the last line end away', 'a\nb\nc\n', 'a\nb\nc', 'A\nb\nc\n', 'A\nb\nc'],
  ['the vendor goes on after a last line without end', 'a\nb\nc', 'A\nb\nc', 'a\nb\nc\nd\n', 'A\nb\nc\nd\n'],
  ['only line ends of one line differ', 'a\nb\nc\n', 'a\r\nb\nc\n', 'a\nb\nC\n', 'a\r\nb\nC\n'],
])('line ends: %s', (_name, b, o, t, wanted) => {
  expect(clean(utf8(b), utf8(o), utf8(t)).toString()).toBe(wanted);
});

test('a conflict has markers in the file’s own line ends, with all three sides', () => {
  const merged = merge(utf8(crlf('a\nb\nc\n')), utf8(crlf('a\nours\nc\n')), utf8(crlf('a\ntheirs\nc\n')));
  if (merged.kind !== 'conflict') throw new Error(merged.kind);
  expect(merged.content.toString()).toBe(
    crlf(`a\n${markers.ours}\nours\n${markers.base}\nb\n${markers.middle}\ntheirs\n${markers.theirs}\nc\n`),
  );
  expect(merged.hunks).toHaveLength(1);
});

test('without an old version every difference is a conflict, and equal lines are not', () => {
  const merged = mergeText({ base: null, ours: utf8('a\nb\nc\n'), theirs: utf8('a\nB\nc\nd\n') }, legacy);
  if (merged.kind !== 'conflict') throw new Error(merged.kind);
  expect(merged.content.toString()).toBe(
    `a\n${markers.ours}\nb\n${markers.middle}\nB\n${markers.theirs}\nc\n${markers.ours}\n${markers.middle}\nd\n${markers.theirs}\n`,
  );
});

test('what is no text is not merged by lines', () => {
  const picture = Buffer.from([0x89, 0x50, 0, 1, 2, 3, 0xff]);
  expect(merge(utf8(base), picture, utf8(theirs)).kind).toBe('binary');
  expect(merge(utf8(base), utf8(ours), Buffer.alloc(9 * 2 ** 20, 97)).kind).toBe('binary');
});

test('each place that a person decided is found again, and taken where the same comes back', () => {
  const three = ['1\na\n2\nb\n3\n', '1\nA\n2\nB\n3\n', '1\nX\n2\nY\n3\n'].map(utf8) as [Buffer, Buffer, Buffer];
  const marked = merge(...three);
  if (marked.kind !== 'conflict') throw new Error(marked.kind);
  const edited = utf8('1\nA and X\n2\nB\nbetween\nY\n3\n');
  const found = resolutionsOf(marked.content, edited, marked.hunks);
  expect([...found.values()]).toEqual([['A and X'], ['B', 'between', 'Y']]);
  // In another file, further down.
  const [b, o, t] = three.map((side) => utf8(`new head\n${side.toString()}`)) as [Buffer, Buffer, Buffer];
  const again = mergeText({ base: b, ours: o, theirs: t }, { ...legacy, recall: (key) => found.get(key) });
  expect(again.kind === 'clean' && again.content.toString()).toBe(`new head\n${edited.toString()}`);
});

test('a place whose surroundings were edited too is not remembered by itself', () => {
  const marked = merge(utf8('1\na\n2\n'), utf8('1\nA\n2\n'), utf8('1\nX\n2\n'));
  if (marked.kind !== 'conflict') throw new Error(marked.kind);
  expect(resolutionsOf(marked.content, utf8('one and A\ntwo\n'), marked.hunks).size).toBe(0);
});

test('markers that are left are seen; a line that a side has itself is none', () => {
  const sides = [utf8('Title\n=======\n'), utf8('Title\n=======\nmore\n')];
  expect(stillMarked(utf8('Title\n=======\nall\n'), sides)).toBe(false);
  expect(stillMarked(utf8(`Title\n${markers.theirs}\n`), sides)).toBe(true);
  expect(stillMarked(utf8('a\n=======\nb\n'), [utf8('a\n'), utf8('b\n')])).toBe(true);
});
