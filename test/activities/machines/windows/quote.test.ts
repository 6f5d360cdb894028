import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Machine } from '../../../../activities/machines/machine.ts';
import { startFixture, tool, type Fixture } from '../../../lab/windows/fixture.ts';

let fixture: Fixture;
let machine: Machine;
beforeAll(async () => {
  fixture = await startFixture();
  machine = await fixture.connect();
});
afterAll(() => fixture.stop());

/** What is hard: everything that one of the two readers treats in a special way, and whole variables. */
const piece = fc.oneof(
  fc.constantFrom(
    '"',
    '\\',
    '\\\\',
    '%',
    '%%',
    '^',
    '&',
    '&&',
    '|',
    '<',
    '>',
    '>>',
    '2>&1',
    '(',
    ')',
    '!',
    "'",
    '`',
    ' ',
    '\t',
    ';',
    ',',
    '=',
    '/',
    '@',
    '~',
    '*',
  ),
  fc.constantFrom(
    '%PATH%',
    '%OS%',
    '%OS:N=x%',
    '%OS:~0,2%',
    '%cd%',
    '%errorlevel%',
    '%1',
    '%~dp0',
    '%*',
    'C:\\a b\\',
    'naïve',
    'Привет',
    '日本',
    '🙂',
  ),
  fc.string({ maxLength: 4, unit: 'grapheme' }).filter((text) => !/[\0\r\n]/.test(text)),
);
const argument = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));

test('arguments arrive byte for byte through SSH and cmd', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(argument, { maxLength: 5 }), async (args) => {
      const { code, stdout } = await machine.run(['argv-echo', ...args]);
      expect([code, JSON.parse(stdout)]).toEqual([0, args]);
    }),
    { numRuns: 300 },
  );
});

test('arguments of a job arrive byte for byte through its batch file', async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(argument, { maxLength: 5 }), async (args) => {
      const { code, stdout } = await machine.job(`quote-${count++}`, ['argv-echo', ...args]);
      expect([code, JSON.parse(stdout)]).toEqual([0, args]);
    }),
    { numRuns: 25 },
  );
});

test('values of the environment arrive byte for byte and leave no file', async () => {
  await fc.assert(
    fc.asyncProperty(
      argument.filter((text) => text !== ''),
      async (value) => {
        const { stdout } = await machine.run([tool('print-env'), 'SECRET'], { env: { SECRET: value } });
        expect(stdout).toBe(value);
      },
    ),
    { numRuns: 60 },
  );
  expect((await machine.list('C:\\nakat')).filter(({ name }) => name.startsWith('env-'))).toEqual([]);
});

test('they lie where the caller says, so that he can remove what a killed worker left', async () => {
  const missing = machine.run([tool('print-env'), 'SECRET'], { env: { SECRET: 'x' }, scratch: 'C:\\nakat\\mine' });
  await expect(missing).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  await machine.makeFolder('C:\\nakat\\mine');
  const there = machine.run([tool('print-env'), 'SECRET'], { env: { SECRET: 'x' }, scratch: 'C:\\nakat\\mine' });
  expect(await there).toMatchObject({ stdout: 'x' });
  expect(await machine.list('C:\\nakat\\mine')).toEqual([]);
});

test.each([['a\nb'], ['a\0b'], ['a\r']])('what no quoting can carry is refused: %j', async (word) => {
  await expect(machine.run(['argv-echo', word])).rejects.toMatchObject({ code: 'COMMAND_INVALID' });
});

test('a batch file as a program is refused', async () => {
  await expect(machine.run(['C:\\x.cmd', '"&calc'])).rejects.toMatchObject({ code: 'COMMAND_INVALID' });
});
