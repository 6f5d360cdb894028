/** The example plan on its practice ground, its steps carried out one after the other as a run does, without an engine. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createStepContext } from '../../../activities/context.ts';
import { allSteps } from '../../../activities/index.ts';
import { closeAllMachines } from '../../../activities/machines/pool.ts';
import type { StepContext } from '../../../activities/step.ts';
import { compilePlanFile } from '../../../client/compile.ts';
import { startCluster } from '../../../lab/postgres/cluster.ts';
import {
  startZetaGround,
  type ZetaBreakage,
  type ZetaGround,
  type ZetaGroundOptions,
} from '../../../lab/zeta/ground.ts';
import type { ZetaWay } from '../../../lab/zeta/reach.ts';
import { isNakatError } from '../../../runbook/errors/index.ts';
import type { Findings } from '../../../runbook/results.ts';
import type { Json, Runbook, StageName, Step } from '../../../runbook/types.ts';

const examples: Readonly<Record<ZetaWay, string>> = {
  sftp: 'zeta-web.yaml',
  ftp: 'zeta-web-ftp.yaml',
  ftps: 'zeta-web-ftp.yaml',
  manual: 'zeta-web-manual.yaml',
};
const fileOf = (way: ZetaWay): string => fileURLToPath(new URL(`../../../examples/${examples[way]}`, import.meta.url));

export interface Trial {
  readonly ground: ZetaGround;
  readonly runbook: Runbook;
  readonly results: Map<string, Json>;
  /** Questions to people with how many findings. */
  readonly asked: string[];
  /** A new run: other names of jobs and backups, and nothing of production was begun. */
  again(): void;
  /** One step, passing failures tried again; its result is there for those that follow. */
  step(id: string): Promise<Json>;
  /** All steps of a stage; of the restore, those that undo what was started. `after`: each. */
  stage(name: StageName, after?: () => Promise<unknown>): Promise<void>;
  stop(): Promise<void>;
}

/** `change`: of the plan's text. */
export async function startTrial(
  what?: ZetaBreakage,
  change: (plan: string) => string = (plan) => plan,
  { way = 'sftp', siteDatabase }: Pick<ZetaGroundOptions, 'way' | 'siteDatabase'> = {},
): Promise<Trial> {
  const dir = await mkdtemp(join(tmpdir(), 'nakat-zeta-way-'));
  // The database servers run under accounts of their own.
  await chmod(dir, 0o755);
  const cluster = await startCluster({ dir: join(dir, 'postgres') });
  const stops: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true }), () => cluster.stop()];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const ground = await startZetaGround({
      dir: join(dir, 'ground'),
      cluster,
      slowness: 100,
      break: what,
      way,
      siteDatabase,
    });
    stops.push(() => ground.stop());
    stops.push(closeAllMachines);
    Object.assign(process.env, ground.secrets);
    const plan = join(dir, 'plan.yaml');
    await writeFile(plan, change(await readFile(fileOf(way), 'utf8')));
    const variables = { ...ground.variables, LAB_SETTLE: '0s' };
    const { runbook } = await compilePlanFile(plan, variables);
    return { ground, runbook, stop, ...steps(ground, runbook) };
  } catch (error) {
    await stop();
    throw error;
  }
}

function steps(ground: ZetaGround, runbook: Runbook): Omit<Trial, 'ground' | 'runbook' | 'stop'> {
  const results = new Map<string, Json>();
  const started = new Set<string>();
  const asked: string[] = [];
  let run = 1;
  const find = (id: string): Step => {
    const found = runbook.stages.flatMap((stage) => stage.steps).find((one) => one.id === id);
    if (!found) throw new Error(`no step ${id}`);
    return found;
  };
  const once = async (step: Step, attempt: number): Promise<Json> => {
    const uses = Object.fromEntries(Object.entries(step.uses).map(([name, from]) => [name, results.get(from)]));
    if (step.activity === 'askPerson') {
      const lines = (uses['findings'] as Findings | undefined)?.lines.length;
      if (lines === 0) return null;
      asked.push(`${step.id}: ${lines ?? 'no'} findings`);
      await ground.person.does(step.id);
      return null;
    }
    const context = createStepContext({ run: String(run).padStart(8, '0'), step: step.id, attempt });
    const activity = allSteps[step.activity as keyof typeof allSteps] as (
      params: unknown,
      uses: unknown,
      context: StepContext,
    ) => Promise<Json>;
    // As it comes back from a run's history.
    const result = await activity(step.params, uses, context).finally(() => context.end());
    return JSON.parse(JSON.stringify(result)) as Json;
  };
  const carryOut = async (id: string): Promise<Json> => {
    const step = find(id);
    started.add(id);
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await once(step, attempt);
        results.set(id, result);
        return result;
      } catch (error) {
        if (!isNakatError(error) || !error.failure.passing || attempt === 5) throw error;
        await sleep(200 * attempt);
      }
    }
  };
  return {
    results,
    asked,
    again: () => {
      run++;
      for (const id of [...started]) if (!/^(preflight|rehearsal)\./.test(id)) started.delete(id);
    },
    step: carryOut,
    stage: async (name, after) => {
      for (const step of runbook.stages.find((one) => one.name === name)?.steps ?? [])
        if (name !== 'restore' || step.undoes?.some((id) => started.has(id))) {
          await carryOut(step.id);
          await after?.();
        }
    },
  };
}
