import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { onecUpdateSteps as steps } from '../../../activities/onec/update-steps.ts';
import { readModel } from '../../../lab/onec/model.ts';
import type { InfobaseTarget } from '../../../runbook/targets/index.ts';
import { codeOf } from './bench.ts';
import { installed } from './release.ts';
import { apply, bench, breakages, context, edit, files, place, startsAnew, trade, update } from './updates.ts';

const at = vi.hoisted(() => ({ machine: undefined as unknown }));
vi.mock('../../../activities/machines/pool.ts', () => ({ machineFor: async () => at.machine }));
startsAnew(at);

describe('what does not fit', () => {
  const check = (change: object) =>
    codeOf(
      steps.checkUpdateFile(
        {
          infobase: trade,
          file: files('3.2.0.1.cfu'),
          kind: 'cfu',
          name: 'Торговля',
          from: '3.1.0.1',
          to: '3.2.0.1',
          ...change,
        },
        {},
        context('preflight.file'),
      ),
    );

  it('is refused before anything is touched', async () => {
    expect(
      await codeOf(steps.checkConfiguration({ infobase: trade, name: 'Торговля', version: '3.1.0.2' }, {}, context())),
    ).toBe('CONFIGURATION_OTHER');
    expect(
      await codeOf(
        steps.checkConfiguration({ infobase: trade, name: 'Бухгалтерия', version: '3.1.0.1' }, {}, context()),
      ),
    ).toBe('CONFIGURATION_OTHER');
    await edit({ pending: { ...installed, version: '3.1.0.5' } });
    expect(
      await codeOf(steps.checkConfiguration({ infobase: trade, name: 'Торговля', version: '3.1.0.1' }, {}, context())),
    ).toBe('CONFIGURATION_UNAPPLIED');
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

  it('the manifest beside a release names its version, and a platform that is not above the installed one', async () => {
    const folder = mkdtempSync(join(bench.dir, 'template-'));
    copyFileSync(files('3.2.0.1.cfu').path, join(folder, '1cv8.cfu'));
    const file = { at: 'worker' as const, path: join(folder, '1cv8.cfu'), sha256: null };
    const says = async (change: Record<string, string>): Promise<string> => {
      const entries = {
        Vendor: 'Поставщик',
        Name: 'Торговля',
        Version: '3.2.0.1',
        AppVersion: '8.3.25.1560',
        ...change,
      };
      const lines = Object.entries(entries).map(([key, value]) => `${key}=${value}`);
      writeFileSync(join(folder, '1cv8.mft'), `\uFEFF${[...lines, '[Config1]', 'Version=0.0.0.1'].join('\r\n')}\r\n`);
      return check({ file });
    };
    expect(await says({})).toBe('fine');
    expect(await says({ AppVersion: '8.3' })).toBe('fine');
    expect(await says({ AppVersion: '8.3.25.1561' })).toBe('PLATFORM_TOO_OLD');
    expect(await says({ Version: '3.3.0.1' })).toBe('UPDATE_FILE_WRONG');
    expect(await says({ Name: 'Бухгалтерия' })).toBe('UPDATE_FILE_WRONG');
  });

  it('a file that 1C does not take leaves the configuration as it was', async () => {
    for (const name of ['plain.cf', 'other.cf', 'crm-2.cfe', '3.3.0.1.cfu'])
      expect(await codeOf(update(name, {}, context(`production.wrong-${name}`)))).toBe('UPDATE_FILE_WRONG');
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
    const found = await steps.compareConfiguration(
      { infobase: trade, vendor: 'Торговля' },
      {},
      context('preflight.compare'),
    );
    expect(found.lines.map(({ en, values }) => [en.split(':')[0], values!['object']])).toEqual([
      ['changed', 'ОбщийМодуль.Обмен'],
      ['only here', 'Справочник.Наш'],
    ]);
    expect(await codeOf(update())).toBe('CONFIGURATION_NEEDS_MERGE');
    writeFileSync(bench.machine.real('C:\\rules.xml'), '<Settings><MergeRule>DoNotMerge</MergeRule></Settings>');
    expect(await codeOf(update('3.2.0.1.cfu', { settings: 'C:\\rules.xml' }))).toBe('CONFIGURATION_NOT_UPDATED');
    writeFileSync(
      bench.machine.real('C:\\rules.xml'),
      '<Settings><MergeRule>MergePrioritizingMainConfiguration</MergeRule></Settings>',
    );
    expect(await update('3.2.0.1.cfu', { settings: 'C:\\rules.xml' })).toMatchObject({ found: 'now' });
    const after = await steps.compareConfiguration(
      { infobase: trade, vendor: 'Торговля' },
      {},
      context('production.compare'),
    );
    expect(after.lines.map(({ values }) => values!['object'])).toEqual(['ОбщийМодуль.Обмен', 'Справочник.Наш']);
  });

  it('off support is a finding, and a busy infobase is not one', async () => {
    await edit({ database: { ...own, support: null } });
    const { lines } = await steps.compareConfiguration({ infobase: trade, vendor: 'Торговля' }, {}, context());
    expect(lines).toHaveLength(1);
    expect(lines[0]!.en).toContain('off support');
    expect(await codeOf(update())).toBe('UPDATE_FILE_WRONG');
    bench.cluster.open('trade', { app: 'Designer', exclusive: true, user: 'Разработчик', host: 'PC' });
    expect(await codeOf(steps.compareConfiguration({ infobase: trade, vendor: 'Торговля' }, {}, context()))).toBe(
      'INFOBASE_BUSY',
    );
  });
});

describe('the database', () => {
  it('is not updated while somebody is in it, and never dynamically', async () => {
    await update();
    const session = bench.cluster.open('trade', { app: '1CV8C', user: 'Кассир' });
    expect(await codeOf(apply())).toBe('INFOBASE_BUSY');
    bench.cluster.close(session.session);
    await apply();
    expect(
      bench.machine.started
        .filter((argv) => argv.includes('/UpdateDBCfg'))
        .every((argv) => argv.includes('-Dynamic-') && argv.includes('-Server')),
    ).toBe(true);
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

describe('the main configuration after a crash', () => {
  it('that the step itself had left is rolled back and made anew', async () => {
    const leaving = new AbortController();
    const first = update(
      '3.2.0.1.cfu',
      {},
      context('production.update', { signal: leaving.signal, stopping: () => true }),
    ).catch(() => 'left');
    await vi.waitFor(() => expect(bench.machine.jobs.size).toBe(1), { timeout: 60_000 });
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
