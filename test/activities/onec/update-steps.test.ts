import { describe, expect, it, vi } from 'vitest';
import { awaitDeferred } from '../../../activities/onec/handlers.ts';
import type { Onec } from '../../../activities/onec/onec.ts';
import { onecSteps } from '../../../activities/onec/steps.ts';
import { onecUpdateSteps as steps } from '../../../activities/onec/update-steps.ts';
import { startDeferredHandlers } from '../../../lab/onec/jobs.ts';
import { readModel } from '../../../lab/onec/model.ts';
import { codeOf, secrets } from './bench.ts';
import { exchangeJob } from './release.ts';
import {
  apply,
  bench,
  breakages,
  context,
  edit,
  files,
  fresh,
  handlers,
  marks,
  place,
  startsAnew,
  trade,
  update,
} from './updates.ts';

const at = vi.hoisted(() => ({ machine: undefined as unknown }));
vi.mock('../../../activities/machines/pool.ts', () => ({ machineFor: async () => at.machine }));
startsAnew(at);

const initial = { kind: 'function', module: 'НачальныеДанные', name: 'Версия', arguments: [] as string[] } as const;

describe('an update from file to initial data', () => {
  it('goes step by step, each of which may be repeated and acts once', async () => {
    const checked = await steps.checkConfiguration(
      { infobase: trade, name: 'Торговля', version: '3.1.0.1' },
      {},
      context('preflight.check'),
    );
    expect(checked).toEqual({
      name: 'Торговля',
      vendor: 'Поставщик',
      version: '3.1.0.1',
      data: '3.1.0.1',
      deferred: '',
    });
    const file = await steps.checkUpdateFile(
      { infobase: trade, file: files('3.2.0.1.cfu'), kind: 'cfu', name: 'Торговля', from: '3.1.0.1', to: '3.2.0.1' },
      {},
      context('preflight.file'),
    );
    expect(file).toMatchObject({ version: '3.2.0.1', from: '3.1.0.1, 3.1.0.9' });
    expect(
      await steps.compareConfiguration({ infobase: trade, vendor: 'Торговля' }, {}, context('preflight.compare')),
    ).toEqual({ lines: [] });
    for (const found of ['now', 'already']) expect(await update()).toEqual({ version: '3.2.0.1', found });
    expect((await readModel(place)).database.version).toBe('3.1.0.1');
    for (let turn = 0; turn < 2; turn++) expect(await apply()).toMatchObject({ version: '3.2.0.1' });
    expect(bench.machine.started.filter((argv) => argv.includes('/UpdateDBCfg'))).toHaveLength(1);
    expect(await update()).toEqual({ version: '3.2.0.1', found: 'already' });
    for (let turn = 0; turn < 2; turn++)
      expect(await handlers()).toMatchObject({ version: '3.2.0.1', data: '3.2.0.1', deferred: '' });
    expect(await marks()).toBe('[3.2.0.1-контакты] [3.2.0.1-заказы] [3.2.0.1-отложенный]');
    const versions = { infobase: trade, version: '3.2.0.1', initialData: { question: initial, version: '3.2.0.1' } };
    expect(await codeOf(steps.checkConfigurationVersion(versions, {}, context('production.stuck')))).toBe(
      'CONFIGURATION_VERSION_STUCK',
    );
    const refresh = {
      infobase: trade,
      action: { ...initial, name: 'Обновить' },
      question: initial,
      version: '3.2.0.1',
    };
    for (let turn = 0; turn < 2; turn++)
      expect(await steps.refreshInitialData(refresh, {}, context('production.initial'))).toEqual({
        version: '3.2.0.1',
      });
    expect(await steps.checkConfigurationVersion(versions, {}, context('production.versions'))).toEqual({
      configuration: '3.2.0.1',
      data: '3.2.0.1',
      initialData: '3.2.0.1',
      deferred: '',
    });
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
    expect(
      await codeOf(
        steps.checkConfiguration(
          { infobase: trade, name: 'Торговля', version: '3.2.0.1' },
          {},
          context('preflight.check'),
        ),
      ),
    ).toBe('CONFIGURATION_HANDLERS_PENDING');
    // Whoever paused them is asleep.
    for (const state of ['СтатусПриостановлен', 'СтатусОшибка']) {
      await edit({ constants: { ...fresh.constants, СостояниеОтложенных: state } });
      expect(
        await codeOf(awaitDeferred({ target: trade, machine: bench.machine, context: context() } satisfies Onec, 100)),
      ).toBe('UPDATE_HANDLERS_FAILED');
    }
    await edit({ constants: fresh.constants });
    const jobs = startDeferredHandlers(bench.cluster, 'trade', 50);
    expect(
      (await awaitDeferred({ target: trade, machine: bench.machine, context: context() } satisfies Onec, 100)).data
        .deferred,
    ).toBe('');
    await jobs.stop();
    expect(await marks()).toContain('[3.2.0.1-отложенный]');
  });

  it('works on a file infobase, and refreshes initial data by a client', async () => {
    const target = bench.fileTarget('trade');
    expect(
      await steps.checkConfiguration(
        { infobase: target, name: 'Торговля', version: '3.1.0.1' },
        {},
        context('preflight.file-base'),
      ),
    ).toMatchObject({ version: '3.1.0.1' });
    await update('3.2.0.1.cfu', { infobase: target }, context('production.file-base'));
    await apply({ infobase: target }, context('production.file-database'));
    expect(bench.machine.started.find((argv) => argv.includes('/UpdateDBCfg'))).not.toContain('-Server');
    await handlers({ infobase: target }, context('production.file-handlers'));
    const action = { kind: 'client', execute: '', command: 'ОбновитьНачальныеДанные;ЗавершитьРаботуСистемы' } as const;
    const question = { kind: 'query', text: 'ВЫБРАТЬ Константы.ВерсияНачальныхДанных КАК В ИЗ Константы' } as const;
    expect(
      await steps.refreshInitialData(
        { infobase: target, action, question, version: '3.2.0.1' },
        {},
        context('production.file-initial'),
      ),
    ).toEqual({ version: '3.2.0.1' });
  });
});

describe('questions to the product', () => {
  it('a subscription that ended stops the run', async () => {
    const question = { kind: 'function', module: 'Подписка', name: 'Действует', arguments: [] } as {
      kind: 'function';
      module: string;
      name: string;
      arguments: string[];
    };
    expect(await steps.checkSubscription({ infobase: trade, question }, {}, context())).toEqual({ answer: 'true' });
    breakages.subscription = 'trade';
    expect(await codeOf(steps.checkSubscription({ infobase: trade, question }, {}, context()))).toBe(
      'SUBSCRIPTION_MISSING',
    );
    const constant = { kind: 'constant', name: 'ЛицензионныйКлюч' } as const;
    expect(await steps.checkSubscription({ infobase: trade, question: constant }, {}, context())).toEqual({
      answer: 'MIKO-1',
    });
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
  await steps.switchOnExchangeJobs(
    { infobase: trade, jobs: [exchangeJob] },
    { before: undefined },
    context('restore.on'),
  );
  expect((await readModel(place)).jobs.every(({ use }) => use)).toBe(true);
  expect(await marks()).toBe('');
});
