import { expect, test } from 'vitest';
import { wrapped } from '../../client/wrap.ts';

test('lines are broken at blanks, further in, and keep their colours', () => {
  expect(wrapped('  short', 10)).toEqual(['  short']);
  expect(wrapped('  one two three', 9)).toEqual(['  one two', '    three']);
  expect(wrapped('\x1b[2m  one two three\x1b[22m', 9)).toEqual(['\x1b[2m  one two', '    three\x1b[22m']);
  expect(wrapped('abcdefghij', 6)).toEqual(['abcdef', '  ghij']);
});
