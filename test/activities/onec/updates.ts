/** Production on the bench, its updates, and short names for their steps; every test begins with the same infobase. */
import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { onecUpdateSteps as steps } from '../../../activities/onec/update-steps.ts';
import type { StepContext } from '../../../activities/step.ts';
import type { OnecBreakages } from '../../../lab/onec/breakages.ts';
import type { DataPlace } from '../../../lab/onec/data.ts';
import { changeModel, readModel, type Model } from '../../../lab/onec/model.ts';
import type { InfobaseTarget } from '../../../runbook/targets/index.ts';
import { startBench, type Bench } from './bench.ts';
import { releaseFiles, startModel } from './release.ts';

export let bench: Bench;
export let files: ReturnType<typeof releaseFiles>;
export let place: DataPlace;
export let trade: InfobaseTarget;
export let fresh: Model;
export const breakages: OnecBreakages = {};

/** `at`: what the mocked pool gives to every step. */
export function startsAnew(at: { machine: unknown }): void {
  beforeAll(async () => {
    bench = await startBench('utf8-bom', { model: startModel(), breakages });
    at.machine = bench.machine;
    files = releaseFiles(bench.dir);
    place = { kind: 'server', database: bench.cluster.find('trade').database };
    trade = bench.target('trade');
    fresh = await readModel(place);
  });
  afterAll(() => bench.stop());
  beforeEach(async () => {
    await changeModel(place, () => [fresh, undefined]);
    bench.machine.started.length = 0;
    for (const name of [...bench.machine.jobs.keys()]) await bench.machine.forgetJob(name);
    rmSync(bench.machine.real('C:\\nakat\\onec'), { recursive: true, force: true });
    await bench.query('trade', "UPDATE _reference10 SET _description = split_part(_description, ' [', 1)");
  });
  afterEach(() => {
    for (const name of Object.keys(breakages)) delete breakages[name as keyof OnecBreakages];
    for (const { session } of bench.cluster.sessions('trade')) bench.cluster.close(session);
  });
}

const legal = 'ВыполнитьОбновлениеИЗавершитьРаботу;РегламентныеЗаданияОтключены';
export const edit = (change: Partial<Model>): Promise<void> =>
  changeModel(place, (model) => [{ ...model, ...change }, undefined]);
export const context = (step = 'production.update', change: Partial<StepContext> = {}): StepContext =>
  bench.context({ step, ...change });
const toDatabase = { infobase: undefined as unknown as InfobaseTarget, to: '3.2.0.1', warnings: 'accept' as const };
export const update = (
  name = '3.2.0.1.cfu',
  change: Partial<Parameters<typeof steps.updateConfiguration>[0]> = {},
  where = context(),
) =>
  steps.updateConfiguration(
    { infobase: trade, file: files(name), from: '3.1.0.1', to: '3.2.0.1', way: 'update', settings: null, ...change },
    {},
    where,
  );
export const apply = (
  change: Partial<typeof toDatabase> | { warnings: 'refuse' } = {},
  where = context('production.database'),
) => steps.updateDatabaseConfiguration({ ...toDatabase, infobase: trade, ...change }, {}, where);
export const handlers = (
  change: Partial<Parameters<typeof steps.runUpdateHandlers>[0]> = {},
  where = context('production.handlers'),
) =>
  steps.runUpdateHandlers(
    { infobase: trade, version: '3.2.0.1', command: legal, deferred: 'now', ...change },
    {},
    where,
  );
/** What the handlers have left in the data of users, in the order in which they ran. */
export const marks = async (): Promise<string> =>
  String(
    (await bench.query('trade', "SELECT _description AS d FROM _reference10 WHERE _code = '000000001'"))[0]!.d,
  ).replace(/^[^[]*/, '');
