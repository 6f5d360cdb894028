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
  /** A run with several faults went wrong; its cells are now run alone. */
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
    const [lane] = lanes;
    if (!lane) return [];
    const clean: Record<Scenario, Broken> = {
      updated: await lane.run('updated', []),
      restored: await lane.run('restored', []),
    };
    for (const [scenario, one] of Object.entries(clean)) {
      const wrong = wrongs(of, scenario as Scenario, one, one);
      if (wrong.length > 0) throw new Error(`the clean run "${scenario}" is already wrong: ${wrong.join('; ')}`);
    }
    const all = cellsOf(
      clean.updated.runbook,
      { updated: durations(clean.updated), restored: durations(clean.restored) },
      options.seed,
    );
    const cells = [...(options.choose?.(all) ?? all)];
    const results: CellResult[] = [];
    const report = (result: CellResult): void => {
      results.push(result);
      options.onResult?.(result, results.length, cells.length);
    };
    const queue = groupsOf(cells, options.together);
    const work = async (one: Lane): Promise<void> => {
      for (let group = queue.shift(); group; group = queue.shift()) {
        const [first] = group;
        if (!first) continue;
        const broken = await one.run(
          first.scenario,
          group.map((cell) => cell.fault),
        );
        const wrong = wrongs(of, first.scenario, clean[first.scenario], broken);
        // Which of them it was shows when each is alone.
        if (wrong.length > 0 && group.length > 1) {
          options.onTrouble?.(group, wrong);
          queue.push(...group.map((cell) => [cell]));
        } else for (const cell of group) report({ cell, wrong, seconds: broken.seconds / group.length });
      }
    };
    await Promise.all(lanes.map(work));
    return results;
  } finally {
    for (const lane of lanes) await lane.stop();
    await cluster.stop();
    if (!process.env['NAKAT_KEEP']) await rm(dir, { recursive: true, force: true });
  }
}

const durations = ({ report }: Broken): Map<string, number> =>
  new Map(
    report?.stages
      .flatMap((stage) => stage.steps)
      .filter((step) => step.startedAt !== null)
      .map((step) => [step.id, step.seconds]),
  );
