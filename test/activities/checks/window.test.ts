import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextWindow } from '../../../activities/checks/window.ts';

const everyDay = [1, 2, 3, 4, 5, 6, 7];
const night = { from: '22:00', to: '06:00', days: everyDay };
const at = (iso: string): number => Date.parse(iso);
const window = (opens: string, closes: string) => ({ opens: at(opens), closes: at(closes) });

test.each([
  [
    'crosses midnight',
    { ...night, timeZone: 'Europe/Moscow' },
    '2026-03-10T12:00Z',
    '2026-03-10T19:00Z',
    '2026-03-11T03:00Z',
  ],
  [
    'is open now',
    { ...night, timeZone: 'Europe/Moscow' },
    '2026-03-10T23:30Z',
    '2026-03-10T19:00Z',
    '2026-03-11T03:00Z',
  ],
  [
    'opens on its days',
    { ...night, timeZone: 'UTC', days: [6] },
    '2026-03-10T12:00Z',
    '2026-03-14T22:00Z',
    '2026-03-15T06:00Z',
  ],
  [
    'is an hour shorter in the spring night',
    { ...night, timeZone: 'Europe/Berlin' },
    '2026-03-28T12:00Z',
    '2026-03-28T21:00Z',
    '2026-03-29T04:00Z',
  ],
  [
    'is an hour longer in the autumn night',
    { ...night, timeZone: 'Europe/Berlin' },
    '2026-10-24T12:00Z',
    '2026-10-24T20:00Z',
    '2026-10-25T05:00Z',
  ],
  [
    'opens after the gap',
    { from: '02:30', to: '05:00', days: everyDay, timeZone: 'Europe/Berlin' },
    '2026-03-28T22:00Z',
    '2026-03-29T01:30Z',
    '2026-03-29T03:00Z',
  ],
  [
    'opens the second time',
    { from: '02:30', to: '05:00', days: everyDay, timeZone: 'Europe/Berlin' },
    '2026-10-24T22:00Z',
    '2026-10-25T01:30Z',
    '2026-10-25T04:00Z',
  ],
  [
    'closes the first time',
    { from: '01:00', to: '02:30', days: everyDay, timeZone: 'Europe/Berlin' },
    '2026-10-24T22:00Z',
    '2026-10-24T23:00Z',
    '2026-10-25T00:30Z',
  ],
  [
    'is left out where the gap swallows it',
    { from: '02:10', to: '02:50', days: everyDay, timeZone: 'Europe/Berlin' },
    '2026-03-29T00:00Z',
    '2026-03-30T00:10Z',
    '2026-03-30T00:50Z',
  ],
  [
    'lasts a day when it ends as it begins',
    { from: '00:00', to: '00:00', days: [7], timeZone: 'UTC' },
    '2026-03-10T12:00Z',
    '2026-03-15T00:00Z',
    '2026-03-16T00:00Z',
  ],
])('a window %s', (_name, rule, now, opens, closes) => {
  expect(nextWindow(rule, at(now))).toEqual(window(opens, closes));
});

test('what does not fit any more is looked for in the next one, and a night too short is passed over', () => {
  const rule = { ...night, timeZone: 'Europe/Berlin' };
  expect(nextWindow(rule, at('2026-03-10T23:00Z'), 7 * 3600)).toEqual(window('2026-03-11T21:00Z', '2026-03-12T05:00Z'));
  expect(nextWindow(rule, at('2026-03-28T12:00Z'), 7.5 * 3600)).toEqual(
    window('2026-03-29T20:00Z', '2026-03-30T04:00Z'),
  );
  expect(nextWindow(rule, at('2026-03-10T12:00Z'), 8.1 * 3600)).toBeNull();
  expect(nextWindow({ ...rule, days: [] }, at('2026-03-10T12:00Z'))).toBeNull();
});

const minute = 60_000;
const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Europe/Moscow',
  'America/Santiago',
  'Asia/Kathmandu',
];
/** An independent word on local time: the platform's own, minute by minute. */
function clockOf(timeZone: string): (now: number) => { minutes: number; weekday: number } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  return (now) => {
    const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
    return {
      minutes: Number(parts['hour']) * 60 + Number(parts['minute']),
      weekday: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(parts['weekday'] ?? '') + 1,
    };
  };
}
const time = fc.nat(47).map((half) => `${String(Math.floor(half / 2)).padStart(2, '0')}:${half % 2 ? '30' : '00'}`);
const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

test('in any zone, at any time of year, every minute of the window is one that the plan allows, and none before it was left out', () => {
  const rules = fc.record({
    from: time,
    to: time,
    timeZone: fc.constantFrom(...zones),
    days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
  });
  // Around the changes of the clocks of 2026 and at any other time.
  const moments = fc.oneof(
    fc
      .constantFrom('2026-03-08', '2026-03-29', '2026-04-05', '2026-09-06', '2026-10-04', '2026-10-25', '2026-11-01')
      .chain((day) => fc.integer({ min: -36 * 60, max: 36 * 60 }).map((m) => at(`${day}T00:00Z`) + m * minute)),
    fc.nat(365 * 24 * 60).map((m) => at('2026-01-01T00:00Z') + m * minute),
  );
  fc.assert(
    fc.property(rules, moments, (rule, now) => {
      const clock = clockOf(rule.timeZone);
      const [from, to] = [minutesOf(rule.from), minutesOf(rule.to)];
      const allowed = (moment: number): boolean => {
        const { minutes, weekday } = clock(moment);
        const yesterday = ((weekday + 5) % 7) + 1;
        const [today, before] = [rule.days.includes(weekday), rule.days.includes(yesterday)];
        return to > from
          ? today && minutes >= from && minutes < to
          : (today && minutes >= from) || (before && minutes < to);
      };
      const found = nextWindow(rule, now);
      expect(found).not.toBeNull();
      if (found === null) return;
      expect(found.closes).toBeGreaterThan(now);
      expect(found.closes).toBeGreaterThan(found.opens);
      for (let moment = found.opens; moment < found.closes; moment += 10 * minute)
        expect(allowed(moment), new Date(moment).toISOString()).toBe(true);
      // Before it opens nothing is allowed, but for what a change of the clocks makes ambiguous: less than three hours in all.
      let leftOut = 0;
      for (let moment = now; moment < found.opens; moment += 10 * minute) if (allowed(moment)) leftOut++;
      expect(leftOut).toBeLessThan(18);
    }),
    { numRuns: 150 },
  );
});
