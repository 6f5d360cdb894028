/** What must be true after a run. */
import type { Scenario } from './faults.ts';
import type { Broken } from './lane.ts';
import type { FaultProduct } from './product.ts';

/** All that is wrong with how a run ended; empty: nothing is. */
export function wrongs(
  { updated }: Pick<FaultProduct, 'updated'>,
  scenario: Scenario,
  clean: Broken,
  { report, before, after, missed, trouble }: Broken,
): string[] {
  const wrong: string[] = [];
  const expect = (holds: boolean, what: string): void => void (holds || wrong.push(what));
  if (missed.length > 0) wrong.push(`the fault did not happen: ${missed.join(', ')}`);
  if (!report) return [...wrong, trouble ?? 'no report'];
  const failed = report.stages.flatMap((stage) => stage.steps).find((step) => step.outcome === 'failed');
  expect(
    report.outcome === scenario,
    `outcome ${report.outcome}, ${report.reason?.code ?? 'no reason'}: ${failed?.id ?? ''} ${failed?.failure?.message ?? ''} ${failed?.failure?.vendor ?? ''}`,
  );
  // Every effect exactly as often as in a run that nobody disturbed.
  for (const event of new Set([...Object.keys(clean.after.counts), ...Object.keys(after.counts)]))
    expect(
      clean.after.counts[event] === after.counts[event],
      `${event}: ${after.counts[event] ?? 0} times, not ${clean.after.counts[event] ?? 0}`,
    );
  const same = (what: string, is: string | undefined, was: string | undefined): void =>
    expect(is === was, `${what}: ${short(is)}, not ${short(was)}`);
  for (const [what, was] of Object.entries(before.always)) same(what, after.always[what], was);
  if (scenario === 'restored') {
    for (const [what, was] of Object.entries(before.data)) same(what, after.data[what], was);
    expect(report.restore?.proved === true, 'the restore is not proved');
  } else for (const [what, should] of Object.entries(updated)) same(what, after.updated[what], should);
  expect(after.leftovers.length === 0, `left over: ${after.leftovers.join(', ')}`);
  return wrong;
}

const short = (text: string | undefined): string => (text === undefined ? 'nothing' : text.slice(0, 120));
