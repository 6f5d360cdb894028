/** Carries the cells out, several lanes side by side, and says what came of each. */
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from '../../lab/postgres/cluster.ts';
import { cellsOf, groupsOf, type Cell, type Scenario } from './faults.ts';
import { Lane, type Broken } from './lane.ts';
import { wrongs } from './oracle.ts';
import type { FaultProduct } from './product.ts';

export interface MatrixOptions {
  readonly of: FaultProduct;
  readonly seed: number;
  readonly lanes: number;
  /** Which cells; default: all. */
  readonly choose?: (cells: readonly Cell[]) => readonly Cell[];
  /** Folder of the build under test; default: the project’s own. */
  readonly product?: string;
  /** How many cells share a run. */
  readonly together: number;
  /** A run with several faults went wrong; it is now run in halves. */
  readonly onTrouble?: (cells: readonly Cell[], wrong: readonly string[]) => void;
  readonly onResult?: (result: CellResult, done: number, total: number) => void;
}

export interface CellResult {
  readonly cell: Cell;
  readonly wrong: readonly string[];
  readonly seconds: number;
}

export async function runMatrix(options: MatrixOptions): Promise<CellResult[]> {
  const { of } = options;
  const dir = await mkdtemp(join(tmpdir(), 'nakat-faults-'));
  // The database server runs under its own account.
  await chmod(dir, 0o755);
  const cluster = await startCluster({ dir: join(dir, 'postgres') });
  const lanes = Array.from(
    { length: options.lanes },
    (_, at) =>
      new Lane({
        name: `lane${at}`,
        dir: join(dir, `lane${at}`),
        cluster,
        of,
        ...(options.product ? { product: options.product } : {}),
      }),
  );
  try {
    const clean = new Map<Scenario, Broken>();
    await share(lanes, ['updated', 'restored'], async (lane, scenario: Scenario) => {
      clean.set(scenario, await lane.run(scenario, []));
    });
    const cleanOf = (scenario: Scenario): Broken => {
      const one = clean.get(scenario);
      if (!one) throw new Error(`no clean run "${scenario}"`);
      return one;
    };
    for (const scenario of ['updated', 'restored'] as const) {
      const one = cleanOf(scenario);
      const wrong = wrongs(of, scenario, one, one);
      if (wrong.length > 0) throw new Error(`the clean run "${scenario}" is already wrong: ${wrong.join('; ')}`);
    }
    const all = cellsOf(
      cleanOf('updated').runbook,
      { updated: durations(cleanOf('updated')), restored: durations(cleanOf('restored')) },
      options.seed,
    );
    const cells = [...(options.choose?.(all) ?? all)];
    const results: CellResult[] = [];
    const report = (result: CellResult): void => {
      results.push(result);
      options.onResult?.(result, results.length, cells.length);
    };
    const queue = groupsOf(cells, options.together);
    await share(lanes, queue, async (lane, group) => {
      const [first] = group;
      if (!first) return;
      const faults = group.map((cell) => cell.fault);
      const broken = await lane.run(first.scenario, faults);
      const wrong = wrongs(of, first.scenario, cleanOf(first.scenario), broken);
      // Which of them it was shows when they are halved until it is alone.
      if (wrong.length > 0 && group.length > 1) {
        options.onTrouble?.(group, wrong);
        queue.push(...[0, 1].map((half) => group.filter((_cell, at) => at % 2 === half)));
      } else for (const cell of group) report({ cell, wrong, seconds: broken.seconds / group.length });
    });
    return results;
  } finally {
    for (const lane of lanes) await lane.stop();
    await cluster.stop();
    if (!process.env['NAKAT_KEEP']) await rm(dir, { recursive: true, force: true });
  }
}

/** Each lane takes the next of the queue, which may grow meanwhile. After a failure nothing more is begun, and what runs is awaited. */
async function share<T>(lanes: readonly Lane[], queue: T[], act: (lane: Lane, one: T) => Promise<void>): Promise<void> {
  const work = async (lane: Lane): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) await act(lane, one);
  };
  const ended = await Promise.allSettled(
    lanes.map((lane) =>
      work(lane).catch((error: unknown) => {
        queue.length = 0;
        throw error;
      }),
    ),
  );
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

const durations = ({ report }: Broken): Map<string, number> =>
  new Map(
    report?.stages
      .flatMap((stage) => stage.steps)
      .filter((step) => step.startedAt !== null)
      .map((step) => [step.id, step.seconds]),
  );
