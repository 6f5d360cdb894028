import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scaleOf } from '../../../client/report/scale.ts';

test('a long wait is cut, work is to scale', () => {
  const hour = 3600_000;
  const scale = scaleOf(
    { from: 0, to: 10 * hour },
    [
      { from: 0, to: hour },
      { from: 9 * hour, to: 10 * hour },
    ],
    846,
  );
  expect(scale.cuts).toMatchObject([{ from: hour, to: 9 * hour, x: 400, width: 46 }]);
  expect([scale.x(hour / 2), scale.x(hour), scale.x(9 * hour), scale.x(10 * hour)]).toEqual([200, 400, 446, 846]);
});

test('time never runs backwards and never leaves the picture', () => {
  const span = fc.tuple(fc.nat(5e6), fc.nat(1e6)).map(([from, length]) => ({ from, to: from + length }));
  fc.assert(
    fc.property(fc.array(span, { maxLength: 12 }), fc.array(fc.nat(6e6), { minLength: 2 }), (busy, moments) => {
      const scale = scaleOf({ from: 0, to: 6_000_000 }, busy, 1000);
      const xs = moments.sort((a, b) => a - b).map((at) => scale.x(at));
      xs.forEach((x, index) => expect(x).toBeGreaterThanOrEqual((xs[index - 1] ?? 0) - 1e-6));
      expect(xs.at(-1)).toBeLessThanOrEqual(1000.001);
    }),
  );
});
