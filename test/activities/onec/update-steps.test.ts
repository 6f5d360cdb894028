import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { switchOff } from '../../../activities/onec/exchange-jobs.ts';
import { awaitDeferred } from '../../../activities/onec/handlers.ts';
import type { Onec } from '../../../activities/onec/onec.ts';
import { onecSteps } from '../../../activities/onec/steps.ts';
import { onecUpdateSteps as steps } from '../../../activities/onec/update-steps.ts';
import type { StepContext } from '../../../activities/step.ts';
import type { OnecBreakages } from '../../../lab/onec/breakages.ts';
import type { DataPlace } from '../../../lab/onec/data.ts';
import { startDeferredHandlers, startScheduledJob } from '../../../lab/onec/jobs.ts';
import { changeModel, readModel, type Model } from '../../../lab/onec/model.ts';
import type { InfobaseTarget } from '../../../runbook/targets/index.ts';
import { codeOf, secrets, startBench, type Bench } from './bench.ts';
import { exchangeJob, installed, release, releaseFiles, startModel } from './release.ts';

let bench: Bench;
let files: ReturnType<typeof releaseFiles>;
let place: DataPlace;
let trade: InfobaseTarget;
const at = vi.hoisted(() => ({ machine: undefined as unknown }));
vi.mock('../../../activities/machines/pool.ts', () => ({ machineFor: async () => at.machine }));

const breakages: OnecBreakages = {};
const legal = 'ВыполнитьОбновлениеИЗавершитьРаботу;РегламентныеЗаданияОтключены';
const initial = { kind: 'function', module: 'НачальныеДанные', name: 'Версия', arguments: [] as string[] } as const;

beforeAll(async () => {
  bench = await startBench('utf8-bom', { model: startModel(), breakages });
  at.machine = bench.machine;
  files = releaseFiles(bench.dir);
  place = { kind: 'server', database: bench.cluster.find('trade').database };
  trade = bench.target('trade');
});
afterAll(() => bench.stop());
let fresh: Model;
beforeEach(async () => {
  fresh ??= await readModel(place);
  await set(fresh);
  bench.machine.started.length = 0;
  for (const name of [...bench.machine.jobs.keys()]) await bench.machine.forgetJob(name);
  rmSync(bench.machine.real('C:\\nakat\\onec'), { recursive: true, force: true });
  await bench.query('trade', "UPDATE _reference10 SET _description = split_part(_description, ' [', 1)");
});
afterEach(() => {
  for (const name of Object.keys(breakages)) delete breakages[name as keyof OnecBreakages];
  for (const { session } of bench.cluster.sessions('trade')) bench.cluster.close(session);
});

const set = (model: Model): Promise<void> => changeModel(place, () => [model, undefined]);
const edit = (change: Partial<Model>): Promise<void> => changeModel(place, (model) => [{ ...model, ...change }, undefined]);
const context = (step = 'production.update', change: Partial<StepContext> = {}): StepContext => bench.context({ step, ...change });
const toDatabase = { infobase: undefined as unknown as InfobaseTarget, to: '3.2.0.1', warnings: 'accept' as const };
const update = (name = '3.2.0.1.cfu', change: Partial<Parameters<typeof steps.updateConfiguration>[0]> = {}, where = context()) =>
  steps.updateConfiguration({ infobase: trade, file: files(name), from: '3.1.0.1', to: '3.2.0.1', way: 'update', settings: null, ...change }, {}, where);
const apply = (change: Partial<typeof toDatabase> | { warnings: 'refuse' } = {}, where = context('production.database')) =>
  steps.updateDatabaseConfiguration({ ...toDatabase, infobase: trade, ...change }, {}, where);
const handlers = (change: Partial<Parameters<typeof steps.runUpdateHandlers>[0]> = {}, where = context('production.handlers')) =>
  steps.runUpdateHandlers({ infobase: trade, version: '3.2.0.1', command: legal, deferred: 'now', ...change }, {}, where);
const marks = async (): Promise<string> => String((await bench.query('trade', "SELECT _description AS d FROM _reference10 WHERE _code = '000000001'"))[0]!.d).replace(/^[^[]*/, '');

describe('an update from file to initial data', () => {
  it('goes step by step, each of which may be repeated and acts once', async () => {
    const checked = await steps.checkConfiguration({ infobase: trade, name: 'Торговля', version: '3.1.0.1' }, {}, context('preflight.check'));
    expect(checked).toEqual({ name: 'Торговля', vendor: 'Поставщик', version: '3.1.0.1', data: '3.1.0.1', deferred: '' });
    const file = await steps.checkUpdateFile({ infobase: trade, file: files('3.2.0.1.cfu'), kind: 'cfu', name: 'Торговля', from: '3.1.0.1', to: '3.2.0.1' }, {}, context('preflight.file'));
    expect(file).toMatchObject({ version: '3.2.0.1', from: '3.1.0.1, 3.1.0.9' });
    expect(await steps.compareConfiguration({ infobase: trade, vendor: 'Торговля' }, {}, context('preflight.compare'))).toEqual({ lines: [] });
    for (const found of ['now', 'already']) expect(await update()).toEqual({ version: '3.2.0.1', found });
    expect((await readModel(place)).database.version).toBe('3.1.0.1');
    for (let turn = 0; turn < 2; turn++) expect(await apply()).toMatchObject({ version: '3.2.0.1' });
    expect(bench.machine.started.filter((argv) => argv.includes('/UpdateDBCfg'))).toHaveLength(1);
    expect(await update()).toEqual({ version: '3.2.0.1', found: 'already' });
    for (let turn = 0; turn < 2; turn++) expect(await handlers()).toMatchObject({ version: '3.2.0.1', data: '3.2.0.1', deferred: '' });
    expect(await marks()).toBe('[3.2.0.1-контакты] [3.2.0.1-заказы] [3.2.0.1-отложенный]');
    const versions = { infobase: trade, version: '3.2.0.1', initialData: { question: initial, version: '3.2.0.1' } };
    expect(await codeOf(steps.checkConfigurationVersion(versions, {}, context('production.stuck')))).toBe('CONFIGURATION_VERSION_STUCK');
    const refresh = { infobase: trade, action: { ...initial, name: 'Обновить' }, question: initial, version: '3.2.0.1' };
    for (let turn = 0; turn < 2; turn++) expect(await steps.refreshInitialData(refresh, {}, context('production.initial'))).toEqual({ version: '3.2.0.1' });
    expect(await steps.checkConfigurationVersion(versions, {}, context('production.versions'))).toEqual({ configuration: '3.2.0.1', data: '3.2.0.1', initialData: '3.2.0.1', deferred: '' });
    expect(bench.cluster.sessions('trade')).toEqual([]);
    const command = bench.machine.started.map((argv) => argv.join(' '));
    expect(command.filter((line) => line.includes('ENTERPRISE'))).toHaveLength(1);
    expect(command.find((line) => line.includes('ENTERPRISE'))).toContain('/AllowExecuteScheduledJobs -Off');
    // The script gets the password by its environment; 1cv8 has no other way than its arguments.
    expect(command.filter((line) => line.includes('cscript') && line.includes(secrets.ONEC!))).toEqual([]);
  });

  it('takes a whole .cf, with ibcmd where that makes the backups, and runs deferred handlers in the background', async () => {
    const infobase = bench.target('trade', { backup: 'ibcmd' });
    expect(await update('3.2.0.1.cf', { infobase, way: 'load' })).toMatchObject({ found: 'now' });
    expect(bench.machine.started.some((argv) => argv.join(' ').includes('ibcmd.exe infobase config load'))).toBe(true);
    await apply({ infobase });
    expect(await handlers({ deferred: 'later' })).toMatchObject({ data: '3.2.0.1', deferred: 'СтатусНеВыполнено' });
    expect(await codeOf(steps.checkConfiguration({ infobase: trade, name: 'Торговля', version: '3.2.0.1' }, {}, context('preflight.check')))).toBe('CONFIGURATION_HANDLERS_PENDING');
    const jobs = startDeferredHandlers(bench.cluster, 'trade', 50);
    expect((await awaitDeferred({ target: trade, machine: bench.machine, context: context() } satisfies Onec, 100)).data.deferred).toBe('');
    await jobs.stop();
    expect(await marks()).toContain('[3.2.0.1-отложенный]');
  });

  it('works on a file infobase, and refreshes initial data by a client', async () => {
    const target = bench.fileTarget('trade');
    expect(await steps.checkConfiguration({ infobase: target, name: 'Торговля', version: '3.1.0.1' }, {}, context('preflight.file-base'))).toMatchObject({ version: '3.1.0.1' });
    await update('3.2.0.1.cfu', { infobase: target }, context('production.file-base'));
    await apply({ infobase: target }, context('production.file-database'));
    expect(bench.machine.started.find((argv) => argv.includes('/UpdateDBCfg'))).not.toContain('-Server');
    await handlers({ infobase: target }, context('production.file-handlers'));
    const action = { kind: 'client', execute: '', command: 'ОбновитьНачальныеДанные;ЗавершитьРаботуСистемы' } as const;
    const question = { kind: 'query', text: 'ВЫБРАТЬ Константы.ВерсияНачальныхДанных КАК В ИЗ Константы' } as const;
    expect(await steps.refreshInitialData({ infobase: target, action, question, version: '3.2.0.1' }, {}, context('production.file-initial'))).toEqual({ version: '3.2.0.1' });
  });
});

describe('what does not fit', () => {
  const check = (change: object) => codeOf(steps.checkUpdateFile({ infobase: trade, file: files('3.2.0.1.cfu'), kind: 'cfu', name: 'Торговля', from: '3.1.0.1', to: '3.2.0.1', ...change }, {}, context('preflight.file')));

  it('is refused before anything is touched', async () => {
    expect(await codeOf(steps.checkConfiguration({ infobase: trade, name: 'Торговля', version: '3.1.0.2' }, {}, context()))).toBe('CONFIGURATION_OTHER');
    expect(await codeOf(steps.checkConfiguration({ infobase: trade, name: 'Бухгалтерия', version: '3.1.0.1' }, {}, context()))).toBe('CONFIGURATION_OTHER');
    await edit({ pending: { ...installed, version: '3.1.0.5' } });
    expect(await codeOf(steps.checkConfiguration({ infobase: trade, name: 'Торговля', version: '3.1.0.1' }, {}, context()))).toBe('CONFIGURATION_UNAPPLIED');
    expect(await codeOf(update())).toBe('CONFIGURATION_UNAPPLIED');
    expect((await readModel(place)).pending?.version).toBe('3.1.0.5');
    expect(await check({})).toBe('fine');
    expect(await check({ from: '3.0.0.1' })).toBe('UPDATE_FILE_WRONG');
    expect(await check({ to: '3.2.0.2' })).toBe('UPDATE_FILE_WRONG');
    expect(await check({ file: files('other.cf'), kind: 'cf' })).toBe('UPDATE_FILE_WRONG');
    expect(await check({ file: files('crm-2.cfe') })).toBe('UPDATE_FILE_WRONG');
    expect(await check({ file: { ...files('3.2.0.1.cfu'), sha256: 'a'.repeat(64) } })).toBe('UPDATE_FILE_CHANGED');
    expect(await check({ file: files('not-there.cfu') })).toBe('FILE_NOT_FOUND');
    expect(await check({ file: { at: 'machine', path: 'C:\\none.cfu', sha256: null } })).toBe('FILE_NOT_FOUND');
  });

  it('a file that 1C does not take leaves the configuration as it was', async () => {
    for (const name of ['plain.cf', 'other.cf', 'crm-2.cfe', '3.3.0.1.cfu']) expect(await codeOf(update(name, {}, context(`production.wrong-${name}`)))).toBe('UPDATE_FILE_WRONG');
    expect(await codeOf(update('3.2.0.1.cfu', { from: '3.1.0.9' }))).toBe('CONFIGURATION_OTHER');
    writeFileSync(join(bench.dir, 'text.cf'), 'no container');
    expect(await codeOf(update('text.cf', { way: 'load' }))).toBe('UPDATE_FILE_WRONG');
    expect((await readModel(place)).pending).toBeNull();
  });

  it('success in words only is no success', async () => {
    breakages.stuck = 'trade';
    expect(await codeOf(update())).toBe('CONFIGURATION_NOT_UPDATED');
  });

  it('is told when the infobase cannot be entered, or is asked for what it has not', async () => {
    const question = { kind: 'constant', name: 'НетТакой' } as const;
    const ask = (infobase: InfobaseTarget) => codeOf(steps.checkSubscription({ infobase, question }, {}, context()));
    expect(await ask(trade)).toBe('ONEC_INSIDE_FAILED');
    expect(await ask(bench.target('trade', { password: { env: 'WRONG' } }))).toBe('INFOBASE_LOGIN');
    bench.cluster.open('trade', { app: 'Designer', exclusive: true, user: 'Разработчик', host: 'PC' });
    expect(await ask(trade)).toBe('INFOBASE_BUSY');
    at.machine = { ...bench.machine, os: 'linux' };
    expect(await ask(trade)).toBe('ONEC_INSIDE_WINDOWS');
    at.machine = bench.machine;
  });
});

describe('a configuration that the customer changed', () => {
  const own = { ...installed, objects: { ...installed.objects, 'ОбщийМодуль.Обмен': 'наш', 'Справочник.Наш': 'наш' } };

  it('is shown to a specialist, is not updated by guess, and with rules keeps its changes', async () => {
    await edit({ database: own });
    const found = await steps.compareConfiguration({ infobase: trade, vendor: 'Торговля' }, {}, context('preflight.compare'));
    expect(found.lines.map(({ en, values }) => [en.split(':')[0], values!['object']])).toEqual([['changed', 'ОбщийМодуль.Обмен'], ['only here', 'Справочник.Наш']]);
    expect(await codeOf(update())).toBe('CONFIGURATION_NEEDS_MERGE');
    writeFileSync(bench.machine.real('C:\\rules.xml'), '<Settings><MergeRule>DoNotMerge</MergeRule></Settings>');
    expect(await codeOf(update('3.2.0.1.cfu', { settings: 'C:\\rules.xml' }))).toBe('CONFIGURATION_NOT_UPDATED');
    writeFileSync(bench.machine.real('C:\\rules.xml'), '<Settings><MergeRule>MergePrioritizingMainConfiguration</MergeRule></Settings>');
    expect(await update('3.2.0.1.cfu', { settings: 'C:\\rules.xml' })).toMatchObject({ found: 'now' });
    const after = await steps.compareConfiguration({ infobase: trade, vendor: 'Торговля' }, {}, context('production.compare'));
    expect(after.lines.map(({ values }) => values!['object'])).toEqual(['ОбщийМодуль.Обмен', 'Справочник.Наш']);
  });

  it('off support is a finding, and a busy infobase is not one', async () => {
    await edit({ database: { ...own, support: null } });
    const { lines } = await steps.compareConfiguration({ infobase: trade, vendor: 'Торговля' }, {}, context());
    expect(lines).toHaveLength(1);
    expect(lines[0]!.en).toContain('off support');
    expect(await codeOf(update())).toBe('UPDATE_FILE_WRONG');
    bench.cluster.open('trade', { app: 'Designer', exclusive: true, user: 'Разработчик', host: 'PC' });
    expect(await codeOf(steps.compareConfiguration({ infobase: trade, vendor: 'Торговля' }, {}, context()))).toBe('INFOBASE_BUSY');
  });
});

describe('the database', () => {
  it('is not updated while somebody is in it, and never dynamically', async () => {
    await update();
    const session = bench.cluster.open('trade', { app: '1CV8C', user: 'Кассир' });
    expect(await codeOf(apply())).toBe('INFOBASE_BUSY');
    bench.cluster.close(session.session);
    await apply();
    expect(bench.machine.started.filter((argv) => argv.includes('/UpdateDBCfg')).every((argv) => argv.includes('-Dynamic-') && argv.includes('-Server'))).toBe(true);
  });

  it('with warnings waits for a person unless they were accepted; what was said is in the result', async () => {
    breakages.warnings = 'trade';
    await update();
    expect(await codeOf(apply({ warnings: 'refuse' }))).toBe('RESTRUCTURE_WARNINGS');
    expect((await readModel(place)).database.version).toBe('3.1.0.1');
    expect((await apply())['log']).toContain('возможна потеря данных');
  });

  it('without the update before it is no success', async () => {
    expect(await codeOf(apply())).toBe('CONFIGURATION_NOT_UPDATED');
  });
});

describe('update handlers', () => {
  beforeEach(() => edit({ database: { ...installed, ...release('3.2.0.1') } }));

  it('that fail are found although the client ends with 0, and run on from where they were', async () => {
    breakages.handlers = 'trade';
    expect(await codeOf(handlers())).toBe('UPDATE_HANDLERS_FAILED');
    expect(await marks()).toBe('[3.2.0.1-контакты]');
    delete breakages.handlers;
    await handlers({ deferred: 'later' });
    expect(await marks()).toBe('[3.2.0.1-контакты] [3.2.0.1-заказы]');
  });

  it('that hang are ended with the step, and a client whose keyword nobody knows does nothing', async () => {
    breakages.hang = 'trade';
    const cancel = new AbortController();
    const hanging = codeOf(handlers({}, context('production.handlers', { signal: cancel.signal })));
    await vi.waitFor(async () => expect(await marks()).toBe('[3.2.0.1-контакты]'), { timeout: 10_000 });
    cancel.abort();
    expect(await hanging).not.toBe('fine');
    await vi.waitFor(() => expect(bench.cluster.sessions('trade')).toEqual([]));
    delete breakages.hang;
    expect(await codeOf(handlers({ command: 'ЗавершитьРаботуСистемы' }))).toBe('UPDATE_HANDLERS_FAILED');
  });

  it('of a client whose machine lost power run on; a worker that only went away is followed', async () => {
    const leaving = new AbortController();
    const first = handlers({}, context('production.handlers', { signal: leaving.signal, stopping: () => true })).catch(() => 'left');
    await vi.waitFor(() => expect(bench.machine.jobs.size).toBe(1), { timeout: 10_000 });
    leaving.abort();
    await first;
    await handlers();
    expect(bench.machine.started.filter((argv) => argv.includes('ENTERPRISE'))).toHaveLength(1);
    expect(await marks()).toBe('[3.2.0.1-контакты] [3.2.0.1-заказы] [3.2.0.1-отложенный]');
  });
});

describe('the main configuration after a crash', () => {
  it('that the step itself had left is rolled back and made anew', async () => {
    const leaving = new AbortController();
    const first = update('3.2.0.1.cfu', {}, context('production.update', { signal: leaving.signal, stopping: () => true })).catch(() => 'left');
    await vi.waitFor(() => expect(bench.machine.jobs.size).toBe(1), { timeout: 10_000 });
    const [name] = bench.machine.jobs.keys();
    leaving.abort();
    await first;
    await bench.machine.jobs.get(name!)!.ended;
    expect((await readModel(place)).pending?.version).toBe('3.2.0.1');
    await bench.machine.forgetJob(name!);
    expect(await update()).toMatchObject({ found: 'now' });
    expect(bench.machine.started.some((argv) => argv.includes('/RollbackCfg'))).toBe(true);
  });
});

describe('questions to the product', () => {
  it('a subscription that ended stops the run', async () => {
    const question = { kind: 'function', module: 'Подписка', name: 'Действует', arguments: [] } as { kind: 'function'; module: string; name: string; arguments: string[] };
    expect(await steps.checkSubscription({ infobase: trade, question }, {}, context())).toEqual({ answer: 'true' });
    breakages.subscription = 'trade';
    expect(await codeOf(steps.checkSubscription({ infobase: trade, question }, {}, context()))).toBe('SUBSCRIPTION_MISSING');
    const constant = { kind: 'constant', name: 'ЛицензионныйКлюч' } as const;
    expect(await steps.checkSubscription({ infobase: trade, question: constant }, {}, context())).toEqual({ answer: 'MIKO-1' });
  });
});

describe('the exchange', () => {
  const jobs = [exchangeJob];
  const uses = async () => Object.fromEntries((await readModel(place)).jobs.map(({ name, use }) => [name, use]));

  it('is off when nothing of it runs any more, and comes back as it was', async () => {
    let runs = 0;
    const job = startScheduledJob(bench.cluster, 'trade', 30, { name: exchangeJob, act: async () => void runs++ });
    await vi.waitFor(() => expect(runs).toBeGreaterThan(0));
    const before = await steps.switchOffExchangeJobs({ infobase: trade, jobs }, {}, context('production.off'));
    const then = runs;
    expect(await uses()).toEqual({ [exchangeJob]: false, ЗагрузкаКурсов: true });
    // A second attempt remembers what the first found, not what it made.
    expect(await steps.switchOffExchangeJobs({ infobase: trade, jobs }, {}, context('production.off'))).toEqual(before);
    expect(runs).toBe(then);
    await steps.switchOnExchangeJobs({ infobase: trade, jobs }, { before: undefined }, context('restore.on'));
    expect(await uses()).toEqual({ [exchangeJob]: true, ЗагрузкаКурсов: true });
    await vi.waitFor(() => expect(runs).toBeGreaterThan(then));
    await job.stop();
  });

  it('that was off stays off, what this run never touched stays as it is, and a wrong name is told with the right ones', async () => {
    await edit({ jobs: fresh.jobs.map((job) => ({ ...job, use: false })) });
    const before = await steps.switchOffExchangeJobs({ infobase: trade, jobs }, {}, context('production.off'));
    await steps.switchOnExchangeJobs({ infobase: trade, jobs }, { before }, context('restore.on'));
    expect(await uses()).toEqual({ [exchangeJob]: false, ЗагрузкаКурсов: false });
    await steps.switchOnExchangeJobs({ infobase: trade, jobs }, { before: undefined }, context('restore.on'));
    const wrong = steps.switchOffExchangeJobs({ infobase: trade, jobs: ['Обмен'] }, {}, context('production.off'));
    await expect(wrong).rejects.toMatchObject({ code: 'EXCHANGE_JOB_UNKNOWN', failure: { values: { known: expect.stringContaining(exchangeJob) as string } } });
  });

  it('that still runs is waited for, not broken off', async () => {
    const session = bench.cluster.open('trade', { app: 'BackgroundJob', job: exchangeJob });
    const onec = { target: trade, machine: bench.machine, context: context('production.off') };
    expect(await codeOf(switchOff(onec, jobs, { milliseconds: 100, every: 20 }))).toBe('EXCHANGE_STILL_RUNS');
    expect(bench.cluster.sessions('trade')).toHaveLength(1);
    const waiting = switchOff(onec, jobs, { milliseconds: 10_000, every: 20 });
    bench.cluster.close(session.session);
    expect((await waiting).jobs[0]).toMatchObject({ name: exchangeJob, use: true });
  });
});

it('a restore of the infobase brings configuration, versions, jobs and initial data back', async () => {
  await steps.switchOffExchangeJobs({ infobase: trade, jobs: [exchangeJob] }, {}, context('production.off'));
  const backup = await onecSteps.backUpInfobase({ infobase: trade }, {}, context('production.back-up'));
  const before = await readModel(place);
  await update();
  await apply();
  await handlers();
  expect(await readModel(place)).not.toEqual(before);
  await onecSteps.restoreInfobase({ infobase: trade, replace: true }, { backup }, context('restore.infobase'));
  expect(await readModel(place)).toEqual(before);
  await steps.switchOnExchangeJobs({ infobase: trade, jobs: [exchangeJob] }, { before: undefined }, context('restore.on'));
  expect((await readModel(place)).jobs.every(({ use }) => use)).toBe(true);
  expect(await marks()).toBe('');
});
