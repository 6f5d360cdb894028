/** Versions, rules for versions, and ways over releases. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  compareVersions,
  explainNoPath,
  fromVersions,
  hopPath,
  isVersion,
  matchesRule,
  ruleMistake,
  sameVersion,
  VersionMistake,
  type NoPath,
  type Release,
} from '../../runbook/versions.ts';

const shuffled = <T>(list: readonly T[], order: readonly number[]): T[] =>
  list
    .map((one, at) => ({ one, key: order[at % order.length]! }))
    .sort((a, b) => a.key - b.key)
    .map(({ one }) => one);

test('parts are numbers, and missing ones are zero', () => {
  expect(compareVersions('8.3.9.1', '8.3.24.1439')).toBeLessThan(0);
  expect(compareVersions('4.10', '4.9.9')).toBeGreaterThan(0);
  expect(compareVersions('1.9', '1.9.0')).toBe(0);
  expect(compareVersions('5.0.13334.0', '5.0.13334.0')).toBe(0);
});

test('what is no version is said', () => {
  for (const text of [
    '',
    ' 4.2',
    '4.2 ',
    '4..2',
    '4.2.',
    '.4',
    'v4',
    '4.2-beta',
    '4,2',
    '4.x',
    '1.2.3.4.5.6.7.8.9',
    '9999999999',
  ])
    expect(() => compareVersions('1', text), text).toThrow(VersionMistake);
  expect(() => compareVersions('4.2-beta', '1')).toThrow('"4.2-beta" is no version: expected numbers between dots');
  expect([isVersion('4.2'), isVersion('4.2.*')]).toEqual([true, false]);
});

test('texts that are no versions are the same only as texts', () => {
  expect([sameVersion('', ''), sameVersion('1.9', '1.9.0'), sameVersion('', '0'), sameVersion('beta', 'Beta')]).toEqual(
    [true, true, false, false],
  );
});

test('rules mean one version, a line, or what lies between bounds', () => {
  const rows: [string, string, boolean][] = [
    ['4.2.1', '4.2.1.0', true],
    ['4.2.1', '4.2.1.1', false],
    ['4.2.*', '4.2', true],
    ['4.2.*', '4.2.99.5', true],
    ['4.2.*', '4.3', false],
    ['4.2.*', '4.20', false],
    ['>=4.2 <4.7', '4.2', true],
    ['>=4.2 <4.7', '4.7.0', false],
    ['>4.2 <=4.7', '4.2.0', false],
    ['>4.2 <=4.7', '4.7', true],
    ['<5', '0.1', true],
  ];
  for (const [rule, version, meant] of rows)
    expect([rule, version, matchesRule(version, rule)]).toEqual([rule, version, meant]);
  for (const rule of ['', '*', '4.2.', '4.*.1', '>=', '>=4 >=5', '<4 <5', '4.2 4.3', '=4', '~4.2'])
    expect(ruleMistake(rule), rule).toContain('is no rule for versions');
  expect(ruleMistake('4.7.*')).toBeNull();
});

test('1C’s list of versions may begin and end with a semicolon', () => {
  expect(fromVersions(';3.0.1.1; 3.0.2.5;')).toEqual(['3.0.1.1', '3.0.2.5']);
  expect(fromVersions('')).toEqual([]);
});

const vendor: Release[] = [
  { version: '4.7.2', from: ['4.2.*', '4.5.*'] },
  { version: '4.2.0', from: ['3.5.*'] },
  { version: '4.5.1', from: ['4.2.*'] },
  { version: '5.0.13334.0', from: ['>=4.7 <5'] },
  { version: '3.6', from: ['3.5.*'] },
];
const versions = (from: string, to: string): readonly string[] | NoPath => {
  const path = hopPath(vendor, from, to);
  return path.found ? path.hops.map((hop) => hop.version) : path;
};

test('the shortest way is taken, whatever the order of the list', () => {
  expect(versions('3.5.4', '4.7.2')).toEqual(['4.2.0', '4.7.2']);
  expect(versions('3.5', '5.0.13334')).toEqual(['4.2.0', '4.7.2', '5.0.13334.0']);
  expect(versions('4.7.2', '4.7.2.0')).toEqual([]);
  expect(versions('4.8', '5.0.13334.0')).toEqual(['5.0.13334.0']);
});

test('of equally short ways the one with the newer release is taken', () => {
  const two = [
    { version: '2', from: ['1'] },
    { version: '3', from: ['1'] },
    { version: '4', from: ['2', '3'] },
  ];
  const path = hopPath(two, '1', '4');
  expect(path.found && path.hops.map((hop) => hop.version)).toEqual(['3', '4']);
});

test('no way is said, with what is reachable and what is missing', () => {
  expect(versions('3.6', '4.7.2')).toEqual({
    found: false,
    why: 'unsupported',
    reachable: [],
    needed: [
      { version: '4.2.0', from: ['3.5.*'] },
      { version: '4.5.1', from: ['4.2.*'] },
      { version: '4.7.2', from: ['4.2.*', '4.5.*'] },
    ],
  });
  expect(versions('3.5.1', '4.6')).toEqual({
    found: false,
    why: 'unknown',
    reachable: ['3.6', '4.2.0', '4.5.1', '4.7.2', '5.0.13334.0'],
    needed: [],
  });
  expect(versions('4.7.2', '4.5.1')).toEqual({ found: false, why: 'older', reachable: ['5.0.13334.0'], needed: [] });
  expect(explainNoPath('3.6', '4.7.2', versions('3.6', '4.7.2') as NoPath)).toBe(
    'no supported way leads from 3.6 to 4.7.2; from 3.6 can be reached: nothing; 4.2.0 is installed over 3.5.*; 4.5.1 is installed over 4.2.*; 4.7.2 is installed over 4.2.*, 4.5.*',
  );
  expect(explainNoPath('3.5.1', '4.6', versions('3.5.1', '4.6') as NoPath)).toContain(
    '4.6 is not in the list of releases; from 3.5.1 can be reached: 3.6, 4.2.0',
  );
  expect(explainNoPath('4.7.2', '4.5.1', versions('4.7.2', '4.5.1') as NoPath)).toContain(
    'older than what is installed (4.7.2)',
  );
});

test('a list that cannot be read is refused', () => {
  expect(() => hopPath([{ version: 'new', from: [] }], '1', '2')).toThrow('"new" is no version');
  expect(() => hopPath([{ version: '2', from: ['any'] }], '1', '2')).toThrow('"any" is no rule');
});

/** Few versions, so that ways are found often; rules of every shape. */
const small = fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
const rule = fc.oneof(
  small,
  small.map((one) => `${one}.*`),
  fc
    .tuple(fc.constantFrom('>=', '>'), small, fc.constantFrom('<=', '<'), small)
    .map(([a, b, c, d]) => `${a}${b} ${c}${d}`),
  small.map((one) => `<=${one}`),
);
const catalogue = fc.array(fc.record({ version: small, from: fc.array(rule, { maxLength: 2 }) }), { maxLength: 12 });

/** Number of hops of a shortest way by looking at every pair, or null. */
function distance(releases: readonly Release[], from: string, to: string): number | null {
  let level = [from];
  const seen = new Set<string>(level);
  for (let hops = 0; level.length > 0; hops++) {
    if (level.some((one) => compareVersions(one, to) === 0)) return hops;
    const onward = releases.filter((release) =>
      level.some((at) => compareVersions(at, release.version) < 0 && release.from.some((one) => matchesRule(at, one))),
    );
    level = onward.map((release) => release.version).filter((one) => !seen.has(one));
    for (const one of level) seen.add(one);
  }
  return null;
}

test('every hop is allowed, no way is shorter, and none is said where there is none', () => {
  fc.assert(
    fc.property(catalogue, small, small, (releases, from, to) => {
      const path = hopPath(releases, from, to);
      const known = distance(releases, from, to);
      if (!path.found) {
        expect(known).toBeNull();
        const reachable = releases
          .map((one) => one.version)
          .filter((one) => compareVersions(one, from) > 0 && distance(releases, from, one) !== null);
        const unique = reachable.filter((one, at) => reachable.findIndex((other) => sameVersion(one, other)) === at);
        expect(path.reachable.length).toBe(unique.length);
        for (const one of path.reachable) expect(unique.some((other) => sameVersion(one, other))).toBe(true);
        return;
      }
      expect(path.hops.length).toBe(known);
      let at = from;
      for (const hop of path.hops) {
        expect(releases).toContain(hop);
        expect(compareVersions(at, hop.version)).toBeLessThan(0);
        expect(hop.from.some((one) => matchesRule(at, one))).toBe(true);
        at = hop.version;
      }
      expect(compareVersions(at, to)).toBe(0);
    }),
    { numRuns: 3000 },
  );
});

test('the order of the list does not matter', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.record({ version: small, from: fc.array(rule, { maxLength: 2 }) }), {
        selector: (one) => one.version.replace(/(\.0)+$/, ''),
        maxLength: 12,
      }),
      fc.array(fc.double({ noNaN: true }), { minLength: 1 }),
      small,
      small,
      (releases, order, from, to) => {
        expect(hopPath(shuffled(releases, order), from, to)).toEqual(hopPath(releases, from, to));
      },
    ),
  );
});
