import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportOf } from '../../workflows/report.ts';
import { randomRunbook, simulate, type Simulated } from './world.ts';

/** What must hold whatever fails, hangs, or is answered. Throws with the first thing that does not. */
function check({ run, events, effects, detours }: Simulated): void {
  const { status, runbook } = run;
  const begun = (stage: string): string[] =>
    events.filter((one) => one.what === 'begin' && one.id.startsWith(`${stage}.`)).map((one) => one.id);
  const steps = new Map(runbook.stages.flatMap((stage) => stage.steps).map((step) => [step.id, step]));
  expect(status.outcome).not.toBeNull();
  expect(status.phase).toBe('ended');
  expect(status.decisions.every((one) => one.choice !== null || status.cancelledBy !== null)).toBe(true);

  // Stages never interleave: once a later one has begun, an earlier one never comes back (drift looks again before production writes).
  const order = events
    .filter((one) => one.what === 'show')
    .map((one) => one.id)
    .filter((id) => id !== 'decision' && id !== 'window');
  const rank = ['preflight', 'rehearsal', 'production', 'acceptance', 'closing', 'restore', 'ended'];
  expect(order.map((id) => rank.indexOf(id))).toEqual([...order.map((id) => rank.indexOf(id))].sort((a, b) => a - b));

  // Production is never entered without approval.
  if (begun('production').some((id) => steps.get(id)?.activity !== 'checkDrift')) {
    const approval = status.decisions.findLast((one) => one.id.startsWith('approval'));
    expect(approval?.choice).toBe('approve');
    const people = new Set(approval?.answers.filter((one) => one.channel !== 'deadline').map((one) => one.who));
    const atDeadline = approval?.answers.some((one) => one.channel === 'deadline') ?? false;
    expect(atDeadline || people.size >= (approval?.needed ?? 1)).toBe(true);
    expect(people.has('starter')).toBe(false);
  }
  // It begins inside the window, early enough to finish and to restore.
  const first = events.find(
    (one) => one.what === 'begin' && one.id.startsWith('production.') && steps.get(one.id)?.activity !== 'checkDrift',
  );
  if (first && status.window && status.lastStart !== null) {
    expect(first.at).toBeGreaterThanOrEqual(status.window.opens);
    // The drift check itself has taken a little of the time.
    expect(first.at).toBeLessThanOrEqual(status.lastStart + 30_000);
  }
  // No step of production begins after the point of no return.
  if (runbook.window?.atPointOfNoReturn === 'restore' && status.pointOfNoReturn !== null) {
    const limit = status.pointOfNoReturn;
    for (const one of events)
      if (
        one.what === 'begin' &&
        /^(production|acceptance)\./.test(one.id) &&
        steps.get(one.id)?.activity !== 'checkDrift'
      )
        expect(one.at).toBeLessThan(limit);
  }
  const touched = [...effects.keys()].filter(
    (id) => id.startsWith('production.') && steps.get(id)?.effect === 'writes',
  );
  switch (status.outcome) {
    case 'updated':
      expect(
        status.stages
          .filter((one) => one.name === 'production' || one.name === 'acceptance')
          .flatMap((one) => one.steps)
          .every((one) => one.state === 'done' || one.state === 'skipped'),
      ).toBe(true);
      expect(begun('restore')).toEqual([]);
      break;
    case 'restored':
      for (const id of touched) {
        const undo = runbook.stages.flatMap((one) => one.steps).find((one) => one.undoes?.includes(id));
        expect(effects.get(undo?.id ?? '')).toBeGreaterThanOrEqual(1);
      }
      break;
    case 'stopped':
      expect(touched).toEqual([]);
      expect(status.reason).not.toBeNull();
      break;
    case 'handed-over':
      expect(status.decisions.at(-1)).toMatchObject({ kind: 'restore-failing', choice: 'hand-over' });
      break;
    case null:
  }
  // Whatever was put back otherwise than it was meant, is said; and nothing else is said of it.
  expect(status.warnings.filter((one) => one.code === 'SNAPSHOT_DIFFERS')).toHaveLength(detours);
  expect(reportOf(run, 'test', []).warnings).toHaveLength(status.warnings.length);
  // A step that is done is not carried out again (a drift check and the state it compares with are only looked at).
  for (const [id, times] of effects) {
    if (/drift|state/.test(id) || id === 'window.find') continue;
    const failures = events.filter(
      (one) => one.id === id && (one.what === 'failed' || one.what === 'cancelled'),
    ).length;
    expect(times).toBeLessThanOrEqual(failures + 1);
  }
}

describe('the life of a run', () => {
  it('keeps its promises in random worlds', async () => {
    const outcomes = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 2 ** 31 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (seed, fail, restoreFails) => {
          const chances = {
            fail: fail * 0.5,
            drift: 0.5,
            answers: 0.8,
            agrees: 0.85,
            cancels: 0.02,
            restoreFails: restoreFails * 0.6,
          };
          const simulated = await simulate(randomRunbook(seed), seed, chances);
          outcomes.set(
            String(simulated.run.status.outcome),
            (outcomes.get(String(simulated.run.status.outcome)) ?? 0) + 1,
          );
          check(simulated);
        },
      ),
      { numRuns: 4000 },
    );
    // Every way to end was really met.
    expect([...outcomes.keys()].sort()).toEqual(['handed-over', 'restored', 'stopped', 'updated']);
  });

  it('is a function of its seed', async () => {
    const chances = { fail: 0.1, drift: 0.5, answers: 0.8, agrees: 0.9, cancels: 0.02, restoreFails: 0.3 };
    for (let seed = 0; seed < 50; seed++) {
      const [one, other] = [
        await simulate(randomRunbook(seed), seed, chances),
        await simulate(randomRunbook(seed), seed, chances),
      ];
      expect(other.events).toEqual(one.events);
    }
  });
});
