/** Carries the cells out, several lanes side by side, and says what came of each. */
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from '../../lab/postgres/cluster.ts';
import { cellsOf, type Cell, type Scenario } from './faults.ts';
import { Lane, type Broken } from './lane.ts';
import { wrongs } from './oracle.ts';

export interface MatrixOptions {
  readonly seed: number;
  readonly lanes: number;
  /** Which cells; default: all. */
  readonly choose?: (cells: readonly Cell[]) => readonly Cell[];
  readonly product?: string;
  readonly onResult?: (result: CellResult, done: number, total: number) => void;
}

export interface CellResult {
  readonly cell: Cell;
  readonly wrong: readonly string[];
  readonly seconds: number;
}

export async function runMatrix(options: MatrixOptions): Promise<CellResult[]> {
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
        ...(options.product ? { product: options.product } : {}),
      }),
  );
  try {
    const [lane] = lanes;
    if (!lane) return [];
    const clean: Record<Scenario, Broken> = {
      updated: await lane.run('updated', null),
      restored: await lane.run('restored', null),
    };
    for (const [scenario, one] of Object.entries(clean)) {
      const wrong = wrongs(scenario as Scenario, one, one);
      if (wrong.length > 0) throw new Error(`the clean run "${scenario}" is already wrong: ${wrong.join('; ')}`);
    }
    const all = cellsOf(
      clean.updated.runbook,
      { updated: durations(clean.updated), restored: durations(clean.restored) },
      options.seed,
    );
    const cells = [...(options.choose?.(all) ?? all)];
    const results: CellResult[] = [];
    const queue = [...cells];
    await Promise.all(
      lanes.map(async (one) => {
        for (let cell = queue.shift(); cell; cell = queue.shift()) {
          const broken = await one.run(cell.scenario, cell.fault);
          const result = { cell, wrong: wrongs(cell.scenario, clean[cell.scenario], broken), seconds: broken.seconds };
          results.push(result);
          options.onResult?.(result, results.length, cells.length);
        }
      }),
    );
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
