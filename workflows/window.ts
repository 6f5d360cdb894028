/** The wait for the maintenance window. Pure. */
import type { WindowTimes } from '../runbook/results.ts';
import type { Step } from '../runbook/types.ts';
import { lastSafeStart, pointOfNoReturn } from './budget.ts';
import { budget, reckon, type Run } from './run.ts';
import { carryOut } from './steps.ts';

/** Waits until production may start and still fits, restore included. False: cancelled, or no window is long enough (the failure is in `status.reason`). */
export async function awaitWindow(run: Run): Promise<boolean> {
  const { status, ports } = run;
  const rule = run.runbook.window;
  if (!rule) return !run.cancelled();
  status.phase = 'window';
  ports.show('window');
  for (;;) {
    reckon(run);
    const needed = budget(run);
    const found = await carryOut(run, windowStep(run, needed.update + needed.restore));
    if (found === null) return false;
    const times = found as unknown as WindowTimes;
    status.window = times;
    status.lastStart = lastSafeStart(times, needed);
    status.pointOfNoReturn = pointOfNoReturn(times, needed);
    await ports.until(run.cancelled, times.opens, 'window opens');
    if (run.cancelled()) return false;
    if (ports.now() <= status.lastStart) return true;
  }
}

/** Not part of the runbook's list: the same activity as the preflight's check, with what is known by now. */
function windowStep(run: Run, seconds: number): Step {
  const { from, to, timeZone, days } = run.runbook.window ?? { from: '', to: '', timeZone: '', days: [] };
  return {
    id: 'window.find',
    activity: 'checkWindow',
    title: { en: 'Find the next window', ru: 'Найти ближайшее окно' },
    params: { from, to, timeZone, days: [...days], seconds: Math.ceil(seconds) },
    uses: {},
    effect: 'reads',
    expected: 1,
    timeout: 60,
    onFailure: 'stop',
  };
}
