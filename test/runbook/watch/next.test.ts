import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byPreference, candidates, mayBeOffered, nextRelease, seenAfter, toTell } from '../../../runbook/watch/next.ts';
import type { Offer, OfferEnd, Release } from '../../../runbook/watch/state.ts';
import { NakatError } from '../../../runbook/errors/index.ts';
import { compareVersions } from '../../../runbook/versions.ts';

const release = (version: string, from: readonly string[] = [], algorithm?: 'sha256' | 'md5'): Release => ({
  version,
  changes: '',
  file: 'x',
  size: null,
  checksum: algorithm ? { algorithm, value: 'a' } : null,
  from,
});
const offer = (version: string, end: OfferEnd, times = 1): Offer => ({
  version,
  end,
  times,
  sha256: '',
  workflowRun: '',
  at: 0,
});

describe('the next release', () => {
  test('is the newest where it may be installed over what is there', () => {
    expect(nextRelease([release('2'), release('3'), release('1')], '1.5')?.version).toBe('3');
    expect(nextRelease([release('3', ['2'])], '')?.version).toBe('3');
  });
  test('is the first hop where it may not', () => {
    expect(nextRelease([release('2', ['1']), release('3', ['2']), release('4', ['3', '2'])], '1')?.version).toBe('2');
  });
  test('is the best that can be had where nothing leads to the newest', () => {
    expect(nextRelease([release('2', ['1']), release('9', ['8'])], '1')?.version).toBe('2');
  });
  test('is nothing where nothing is newer, and an error where nothing leads up', () => {
    expect(nextRelease([release('1'), release('0.9')], '1.0')).toBeNull();
    expect(() => nextRelease([release('9', ['8'])], '1')).toThrowError(/NO_WAY|no supported way/);
  });
  test('is the one for what is installed where a version is offered twice', () => {
    const [other, own] = [release('2', ['0']), release('2', ['1'])];
    expect(nextRelease([other, own], '1')).toBe(own);
    expect(nextRelease([own, other], '1')).toBe(own);
  });
  test('is never older than what is installed', () => {
    const version = fc.array(fc.nat(9), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(version, fc.array(version, { maxLength: 3 })), { maxLength: 8 }),
        version,
        (list, installed) => {
          const releases = list.map(([one, from]) => release(one, from));
          let next: Release | null;
          try {
            next = nextRelease(releases, installed);
          } catch (error) {
            expect((error as NakatError).code).toBe('NO_WAY_TO_VERSION');
            return;
          }
          if (next) expect(compareVersions(next.version, installed)).toBeGreaterThan(0);
          // Over what is installed, or over anything.
          if (next && next.from.length > 0)
            expect(next.from.some((from) => compareVersions(from, installed) === 0)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

test('of the same version, the better checksum is preferred', () => {
  const all = [release('2'), release('2', [], 'sha256'), release('3', [], 'md5'), release('2', [], 'md5')];
  expect(all.toSorted(byPreference).map((one) => one.checksum?.algorithm)).toEqual(['md5', 'sha256', 'md5', undefined]);
});

test.each<[string, Offer | null, boolean]>([
  ['2.0', null, true],
  ['2.0', offer('2.0', 'refused'), false],
  ['1.9', offer('2.0', 'refused'), false],
  ['2.0.1', offer('2.0', 'refused'), true],
  ['2.1', offer('2.0', 'going'), false],
  ['2.0', offer('2.0', 'updated'), false],
  ['2.0', offer('2.0', 'failed'), false],
  ['2.1', offer('2.0', 'failed'), true],
  ['2.0', offer('2.0', 'stopped', 2), true],
  ['2.0', offer('2.0', 'stopped', 3), false],
])('%s after %j: offered %s', (version, before, offered) => {
  expect(mayBeOffered(version, before)).toBe(offered);
});

test('services that failed are no candidates, and nothing that they said is kept', () => {
  const { failure } = new NakatError('SERVICE_DENIED', { values: { service: 'b', status: 401 } });
  const looks = [
    { service: 'a', newest: release('2'), next: release('2'), failure: null },
    { service: 'b', newest: release('3'), next: release('3'), failure },
    { service: 'c', newest: release('4'), next: null, failure: null },
  ];
  expect(candidates(looks, null).map((one) => one.service)).toEqual(['a']);
  expect(Object.keys(seenAfter({ b: { version: '1', checksum: null } }, looks))).toEqual(['b', 'a', 'c']);
  expect(seenAfter({ b: { version: '1', checksum: null } }, looks)['b']?.version).toBe('1');
});

test('a failure is told once, and again when it comes back', () => {
  const { failure } = new NakatError('SERVICE_DENIED', { values: { service: 'b', status: 401 } });
  const first = toTell([], [{ service: 'b', failure }]);
  expect(first.fresh).toHaveLength(1);
  const second = toTell(first.told, [{ service: 'b', failure }]);
  expect(second.fresh).toEqual([]);
  const gone = toTell(second.told, []);
  expect(toTell(gone.told, [{ service: 'b', failure }]).fresh).toHaveLength(1);
});
