import { Temporal } from 'temporal-polyfill';
import { NakatError } from '../../runbook/errors/index.ts';
import type { WindowTimes } from '../../runbook/results.ts';
import type { WindowRule } from '../../runbook/types.ts';
import type { StepActivity } from '../step.ts';

type Rule = Pick<WindowRule, 'from' | 'to' | 'timeZone' | 'days'>;

/** Two weeks hold every weekday both with and without a change of the clocks. */
const daysAhead = 15;

/**
 * The window that is open at `now` or opens next, and in which `seconds` still fit; null when none of the next two weeks has them.
 * Where the clocks change inside it, the window is the narrower of what it may mean: a time that comes twice opens it the
 * second time and closes it the first time, a time that is left out opens it after the gap and closes it before.
 * `to` equal to or before `from` is on the next day.
 */
export function nextWindow(rule: Rule, now: number, seconds = 0): WindowTimes | null {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(rule.timeZone).toPlainDate();
  for (let offset = -1; offset <= daysAhead; offset++) {
    const day = today.add({ days: offset });
    if (!rule.days.includes(day.dayOfWeek)) continue;
    const times = windowOf(rule, day);
    if (times.closes > now && times.closes - Math.max(times.opens, now) >= Math.max(seconds * 1000, 1)) return times;
  }
  return null;
}

function windowOf(rule: Rule, day: Temporal.PlainDate): WindowTimes {
  const from = Temporal.PlainTime.from(rule.from);
  const to = Temporal.PlainTime.from(rule.to);
  const lastDay = Temporal.PlainTime.compare(to, from) > 0 ? day : day.add({ days: 1 });
  const at = (date: Temporal.PlainDate, time: Temporal.PlainTime, disambiguation: 'earlier' | 'later') =>
    date.toPlainDateTime(time).toZonedDateTime(rule.timeZone, { disambiguation }).epochMilliseconds;
  return { opens: at(day, from, 'later'), closes: at(lastDay, to, 'earlier') };
}

export const checkWindow: StepActivity<'checkWindow'> = async ({ seconds, ...rule }) => {
  const now = Date.now();
  const times = nextWindow(rule, now, seconds);
  if (times !== null) return times;
  const next = nextWindow(rule, now);
  throw new NakatError('WINDOW_TOO_SHORT', {
    values: {
      window: `${rule.from}–${rule.to} ${rule.timeZone}`,
      minutes: next === null ? 0 : Math.floor((next.closes - next.opens) / 60_000),
      needed: Math.ceil(seconds / 60),
    },
  });
};
