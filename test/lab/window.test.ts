import { expect, test } from 'vitest';
import { openWindow } from '../../lab/window.ts';

test.each([
  ['2026-12-01T20:59:59Z', '11:00'], // 23:59 in Moscow
  ['2026-12-01T21:00:00Z', '12:00'],
  ['2026-12-01T08:30:00Z', '23:00'],
  ['2026-12-01T09:00:00Z', '00:00'],
])('at %s the window of a day begins at %s', (now, from) => {
  expect(openWindow(new Date(now))).toEqual({ LAB_WINDOW_FROM: from, LAB_WINDOW_TO: from });
});
