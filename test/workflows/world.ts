/**
 * A simulated world for the engine: virtual time, steps that fail, hang and take effect although they failed, people who
 * answer or do not. Everything follows from one seed.
 */
import { give } from '../../workflows/waiting.ts';
import { openRun, type Run } from '../../workflows/run.ts';
import { update } from '../../workflows/update.ts';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Performed, Ports } from '../../workflows/ports.ts';
import type { Notice } from '../../runbook/notice.ts';
import type { Json, Runbook, Step } from '../../runbook/types.ts';

/** mulberry32 */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface Chances {
  /** Of a step to fail, to drift, of a person to answer before the deadline, to choose the first choice, to cancel at a wait or in a step. */
  readonly fail: number;
  readonly drift: number;
  readonly answers: number;
  readonly agrees: number;
  readonly cancels: number;
  readonly restoreFails: number;
}

export interface Event {
  readonly at: number;
  readonly what: 'begin' | 'done' | 'failed' | 'cancelled' | 'notice' | 'show';
  readonly id: string;
}

export interface Simulated {
  readonly run: Run;
  readonly events: Event[];
  /** Steps whose effect is there. */
  readonly effects: Map<string, number>;
  /** Databases that came back by another way than the one that was meant. */
  readonly detours: number;
}

export const hour = 3_600_000;

export async function simulate(runbook: Runbook, seed: number, chances: Chances): Promise<Simulated> {
  const chance = random(seed);
  const events: Event[] = [];
  const effects = new Map<string, number>();
  let now = Date.UTC(2026, 0, 5, 12);
  let detours = 0;
  const log = (what: Event['what'], id: string): void => void events.push({ at: now, what, id });
  const cancel = (): void => {
    if (run.status.phase !== 'restore' && run.status.phase !== 'closing')
      run.status.cancelledBy ??= { who: 'somebody', why: '' };
  };

  const ports: Ports = {
    now: () => now,
    until: async (holds, time) => {
      for (let tries = 0; !holds(); tries++) {
        const open = run.status.decisions.findLast((one) => one.choice === null);
        const acts = open ? chance() < chances.answers : false;
        if (chance() < chances.cancels) cancel();
        if (!acts && time !== null) {
          if (holds()) return true;
          now = Math.max(now, time);
          return holds();
        }
        if (!acts && tries < 50) continue;
        const left = time === null ? hour : Math.max(0, time - now);
        now += Math.floor(chance() * left * 0.9);
        if (open) answer(open.id, open.choices, open.by, tries);
        else if (tries >= 50) cancel();
      }
      return true;
    },
    perform: async (step, _uses, callOff, callOffAt): Promise<Performed> => {
      log('begin', step.id);
      if (step.id === 'window.find')
        return { kind: 'done', attempts: 1, result: nextWindow(now, Number(step.params['seconds'])) };
      const inRestore = step.id.startsWith('restore.');
      const took = step.expected * 1000 * (0.2 + chance() * 2);
      if (chance() < chances.cancels) cancel();
      const ends = now + took;
      if (callOff() || (callOffAt !== null && ends > callOffAt && now < callOffAt)) {
        now = callOff() ? now : Math.max(now, callOffAt ?? now);
        if (chance() < 0.5) effects.set(step.id, (effects.get(step.id) ?? 0) + 1);
        log('cancelled', step.id);
        return { kind: 'cancelled' };
      }
      now = ends;
      if (chance() < (inRestore ? chances.restoreFails : chances.fail)) {
        // A failed step may have had its effect all the same.
        if (chance() < 0.5) effects.set(step.id, (effects.get(step.id) ?? 0) + 1);
        log('failed', step.id);
        const code = step.activity === 'checkDrift' && chance() < chances.drift ? 'DRIFT' : 'BACKUP_FAILED';
        return { kind: 'failed', attempts: 1, failure: new NakatError(code).failure };
      }
      effects.set(step.id, (effects.get(step.id) ?? 0) + 1);
      log('done', step.id);
      if (step.returns !== 'Reverted') return { kind: 'done', attempts: 1, result: null };
      const instead = chance() < 0.5 ? ({ ...new NakatError('SNAPSHOT_DIFFERS').failure } as unknown as Json) : null;
      if (instead) detours++;
      return { kind: 'done', attempts: 1, result: { from: instead ? 'backup' : 'snapshot', instead } };
    },
    tell: (notice: Notice) => log('notice', notice.event),
    show: (phase) => log('show', phase),
  };

  function answer(id: string, choices: readonly string[], by: readonly string[], tries: number): void {
    const choice =
      chance() < chances.agrees ? (choices[0] ?? '') : (choices[Math.floor(chance() * choices.length)] ?? '');
    const who =
      by.length > 0
        ? (by[(Math.floor(chance() * by.length) + tries) % by.length] ?? '')
        : chance() < 0.2
          ? 'starter'
          : `person-${tries}`;
    give(run, { decision: id, choice, who, why: '', digest: run.status.digest }, 'update');
  }

  const run: Run = openRun(
    { runbook, digest: 'd'.repeat(64), initiator: 'starter', nakat: 'test' },
    'simulated',
    ports,
  );
  await update(run, false);
  return { run, events, effects, detours };
}

/** Every night from 22:00 to 06:00 UTC. */
function nextWindow(now: number, seconds: number): { opens: number; closes: number } {
  const day = Math.floor(now / (24 * hour)) * 24 * hour;
  for (let offset = -1; ; offset++) {
    const opens = day + offset * 24 * hour + 22 * hour;
    const closes = opens + 8 * hour;
    if (closes - Math.max(now, opens) >= Math.min(seconds * 1000, 7 * hour)) return { opens, closes };
  }
}

/** A runbook of random length: every production write is covered by restore steps, as the rules demand. */
export function randomRunbook(seed: number): Runbook {
  const chance = random(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)] as T;
  const make = (id: string, more: Partial<Step>): Step => ({
    id,
    activity: 'simulated',
    title: { en: id, ru: id },
    params: {},
    uses: {},
    effect: 'reads',
    expected: 60 + Math.floor(chance() * (chance() < 0.3 ? 6000 : 600)),
    timeout: 3600,
    onFailure: 'stop',
    ...more,
  });
  const some = (stage: string, atMost: number, more: () => Partial<Step>): Step[] =>
    Array.from({ length: 1 + Math.floor(chance() * atMost) }, (_, i) => make(`${stage}.step-${i}`, more()));
  const production = [
    ...(chance() < 0.7
      ? [make('production.drift', { activity: 'checkDrift', uses: { before: 'rehearsal.state' }, expected: 5 })]
      : []),
    ...some('production', 6, () => ({
      effect: pick(['reads', 'writes'] as const),
      onFailure: pick(['ask', 'restore', 'stop'] as const),
    })),
  ];
  const writes = production.filter((step) => step.effect === 'writes').map((step) => step.id);
  const restore = writes.map((id, i) =>
    make(`restore.step-${i}`, {
      effect: 'writes',
      undoes: [id],
      onFailure: 'ask',
      ...(i % 2 === 0 ? { returns: 'Reverted' } : {}),
    }),
  );
  return {
    format: 1,
    product: 'simulated',
    recipe: { name: 'simulated', version: 1 },
    system: 'simulated',
    title: { en: 'simulated', ru: 'simulated' },
    update: { file: 'x', sha256: '0'.repeat(64), name: 'x', version: '1' },
    stages: [
      { name: 'preflight', steps: some('preflight', 3, () => ({ onFailure: pick(['ask', 'stop'] as const) })) },
      {
        name: 'rehearsal',
        steps: [
          ...some('rehearsal', 4, () => ({ effect: 'writes', onFailure: pick(['ask', 'stop'] as const) })),
          make('rehearsal.state', {}),
        ],
      },
      { name: 'production', steps: production },
      { name: 'acceptance', steps: some('acceptance', 2, () => ({ onFailure: pick(['ask', 'restore'] as const) })) },
      { name: 'closing', steps: some('closing', 1, () => ({ onFailure: 'ask' })) },
      { name: 'restore', steps: restore },
    ],
    decisions: [
      {
        id: 'approval',
        before: 'production',
        kind: 'approval',
        title: { en: 'a', ru: 'a' },
        choices: ['approve', 'reject'],
        deadline: pick([3600, 86_400]),
        atDeadline: pick(['reject', 'approve']),
        by: pick([[], ['anna', 'boris', 'vera']]),
        needed: pick([1, 2]),
        excludeInitiator: true,
      },
      ...(chance() < 0.5
        ? [
            {
              id: 'acceptance',
              before: 'closing' as const,
              kind: 'acceptance' as const,
              title: { en: 'a', ru: 'a' },
              choices: ['accept', 'restore'],
              deadline: pick([null, 600]),
              atDeadline: pick(['accept', 'restore']),
              by: [],
              needed: 1,
              excludeInitiator: false,
            },
          ]
        : []),
    ],
    window:
      chance() < 0.6
        ? {
            from: '22:00',
            to: '06:00',
            timeZone: 'UTC',
            days: [1, 2, 3, 4, 5, 6, 7],
            margin: 1.2,
            atPointOfNoReturn: pick(['restore', 'restore', 'go-on'] as const),
          }
        : null,
    notify: [],
    engine: { heartbeat: 30, tries: 3, retryDelay: 1, failureDeadline: 900, restoreRetry: 60 },
  };
}
