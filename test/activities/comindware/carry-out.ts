/** The example plan on its practice ground, its steps carried out one after the other as a run does, without an engine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createStepContext } from '../../../activities/context.ts';
import { allSteps } from '../../../activities/index.ts';
import { closeAllMachines } from '../../../activities/machines/pool.ts';
import type { StepContext } from '../../../activities/step.ts';
import { compilePlanFile } from '../../../client/compile.ts';
import {
  startComindwareGround,
  type ComindwareGround,
  type ComindwareGroundOptions,
} from '../../../lab/comindware/ground.ts';
import type { Findings } from '../../../runbook/results.ts';
import type { Json, Runbook, StageName, Step } from '../../../runbook/types.ts';

export const example = fileURLToPath(new URL('../../../examples/comindware-instance.yaml', import.meta.url));

export interface Trial {
  readonly ground: ComindwareGround;
  readonly runbook: Runbook;
  readonly results: Map<string, Json>;
  readonly started: Set<string>;
  /** Questions to people with their findings, in order. */
  readonly asked: string[];
  /** One step; its result is there for those that follow. */
  step(id: string, context?: Partial<StepContext>): Promise<Json>;
  /** All steps of a stage, up to and without `until`; of the restore, those that undo what was started. */
  stage(name: StageName, until?: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startTrial(
  options: Partial<ComindwareGroundOptions> = {},
  variables: Record<string, string> = {},
): Promise<Trial> {
  const dir = mkdtempSync(join(tmpdir(), 'nakat-comindware-'));
  const ground = await startComindwareGround({ dir, slowness: 60, records: 12, ...options });
  Object.assign(process.env, ground.secrets);
  const stop = async (): Promise<void> => {
    await closeAllMachines();
    await ground.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  const trial = compilePlanFile(example, { ...ground.variables, LAB_PATIENCE: '30s', ...variables }).then(
    ({ runbook }): Trial => {
      const results = new Map<string, Json>();
      const started = new Set<string>();
      const asked: string[] = [];
      const find = (id: string): Step => {
        const found = runbook.stages.flatMap(({ steps }) => steps).find((one) => one.id === id);
        if (!found) throw new Error(`no step ${id}`);
        return found;
      };
      const run = async (id: string, more: Partial<StepContext> = {}): Promise<Json> => {
        const step = find(id);
        started.add(id);
        const uses = Object.fromEntries(Object.entries(step.uses).map(([name, from]) => [name, results.get(from)]));
        if (step.activity === 'askPerson') {
          const findings = uses['findings'] as Findings | undefined;
          if (findings?.lines.length !== 0)
            asked.push(
              `${id}: ${(findings?.lines ?? []).map(({ en, values = {} }) => en.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name]))).join('; ')}`,
            );
          return null;
        }
        const context = createStepContext({ run: '1a2b3c4d', step: id, ...more });
        const activity = allSteps[step.activity as keyof typeof allSteps] as (
          params: unknown,
          uses: unknown,
          context: StepContext,
        ) => Promise<Json>;
        try {
          const result = await activity(step.params, uses, context);
          // As it comes back from a run's history.
          results.set(id, JSON.parse(JSON.stringify(result)) as Json);
          return result;
        } finally {
          await context.end();
        }
      };
      const stage = async (name: StageName, until?: string): Promise<void> => {
        for (const step of runbook.stages.find((one) => one.name === name)?.steps ?? []) {
          if (step.id === until) return;
          if (name === 'restore' && !step.undoes?.some((id) => started.has(id))) continue;
          await run(step.id);
        }
      };
      return { ground, runbook, results, started, asked, step: run, stage, stop };
    },
  );
  return trial.catch(async (error: unknown) => {
    await stop();
    throw error;
  });
}
