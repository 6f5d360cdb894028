/** What can be done to a run, and at which of its steps: made from the runbook, so that new steps join by themselves. */
import type { Runbook } from '../../runbook/types.ts';

export const faultKinds = [
  /** `kill -9` of the worker at the step's boundary, before its code begins. */
  'worker-before',
  /** `kill -9` of the worker at a seeded moment inside the step. */
  'worker-inside',
  /** `kill -9` of the Temporal server at the boundary. */
  'server-before',
  /** `kill -9` of the Temporal server while the step works. */
  'server-inside',
  /** The step's effect happens and its answer is lost. */
  'answer-lost',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  readonly step: string;
  readonly kind: FaultKind;
  /** Milliseconds after the step's begin, for what happens inside it. */
  readonly after: number;
}

export type Scenario = 'updated' | 'restored';

export interface Cell {
  readonly scenario: Scenario;
  readonly fault: Fault;
}

/**
 * Cells that are struck in the same run, far from each other: a run with eight deaths proves more than eight runs with one, and
 * takes a fraction of their time. A step is struck once in a run: where there are several cells of it, the first of every step
 * share runs, then the second. When such a run is wrong, it is halved.
 */
export function groupsOf(cells: readonly Cell[], size: number): Cell[][] {
  const rounds = new Map<string, Cell[]>();
  const met = new Map<string, number>();
  for (const cell of cells) {
    const { step } = cell.fault;
    const nth = met.get(step) ?? 0;
    met.set(step, nth + 1);
    const key = `${cell.scenario} ${nth}`;
    rounds.set(key, [...(rounds.get(key) ?? []), cell]);
  }
  return [...rounds.values()].flatMap((round) => {
    const groups = Math.ceil(round.length / size);
    return Array.from({ length: groups }, (_, at) => round.filter((_cell, index) => index % groups === at));
  });
}

/** What is chosen of a product's steps: which kinds at which of them. */
export type Sample = Readonly<Record<string, readonly FaultKind[]>>;

export const everyKindAt = (...steps: readonly string[]): Sample =>
  Object.fromEntries(steps.map((step) => [step, faultKinds]));

/** In the order of the sample's kinds, so that the first of each step share a run. */
export const sampleOf = (cells: readonly Cell[], sample: Sample): Cell[] =>
  Object.entries(sample).flatMap(([step, kinds]) =>
    kinds.flatMap((kind) => cells.filter(({ fault }) => fault.step === step && fault.kind === kind)),
  );

/** Every step in the scenario that really runs it: restore steps where production fails, all others where it does not. */
export function cellsOf(
  runbook: Runbook,
  measured: Readonly<Record<Scenario, ReadonlyMap<string, number>>>,
  seed: number,
): Cell[] {
  let state = seed >>> 0;
  const chance = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return runbook.stages.flatMap((stage) =>
    // What the run does by itself needs no worker that could die of it.
    stage.steps
      .filter((step) => step.activity !== 'askPerson')
      .flatMap((step) => {
        const scenario: Scenario = stage.name === 'restore' ? 'restored' : 'updated';
        const seconds = measured[scenario].get(step.id);
        if (seconds === undefined) throw new Error(`${step.id} was not run in the clean run of "${scenario}"`);
        return faultKinds.map((kind) => ({
          scenario,
          fault: { step: step.id, kind, after: seconds * 1000 * (0.1 + 0.8 * chance()) },
        }));
      }),
  );
}
