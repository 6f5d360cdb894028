/** What is said of 1C must be what is done: every command line that the activities start is among those that were told. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { onecExtensionSteps } from '../../../activities/onec/extension-steps.ts';
import { onecUpdateSteps } from '../../../activities/onec/update-steps.ts';
import type { StepContext } from '../../../activities/step.ts';
import { does } from '../../../runbook/does/index.ts';
import { on } from '../../../runbook/does/define.ts';
import type { Backup } from '../../../runbook/results.ts';
import { secrets, startBench, type Bench } from '../../activities/onec/bench.ts';
import { crm, exchangeJob, releaseFiles, startModel } from '../../activities/onec/release.ts';

let bench: Bench;
const at = vi.hoisted(() => ({ machine: undefined as unknown }));
vi.mock('../../../activities/machines/pool.ts', () => ({ machineFor: async () => at.machine }));
beforeAll(async () => {
  bench = await startBench('utf8', {
    model: startModel({
      extensions: [{ content: crm('1.0'), active: true, safeMode: true, unsafeActionProtection: true }],
    }),
  });
  at.machine = bench.machine;
});
afterAll(() => bench.stop());

it.each(['designer', 'ibcmd'] as const)(
  'with backup: %s',
  async (backup) => {
    const infobase = bench.target('trade', { backup });
    const files = releaseFiles(bench.dir);
    const machine = infobase.machine;
    const extension = { infobase, extension: 'CRM' };
    const question = { kind: 'constant', name: 'ВерсияНачальныхДанных' } as const;
    const steps: [string, object, Record<string, unknown>?][] = [
    ['checkConfiguration', { infobase, name: 'Торговля', version: '3.1.0.1' }],
    ['compareConfiguration', { infobase, vendor: 'Торговля' }],
    ['checkUpdateFile', { infobase, file: files('3.2.0.1.cfu'), kind: 'cfu', name: 'Торговля', from: '3.1.0.1', to: '3.2.0.1' }],
    ['switchOffExchangeJobs', { infobase, jobs: [exchangeJob] }],
    ['backUpExtension', extension],
    ['installExtension', { ...extension, file: files('crm-2.cfe'), version: '2.0', flags: { safeMode: true, unsafeActionProtection: true } }],
    ['restoreExtension', extension, { backup: 'backUpExtension' }],
    ['proveExtensionRestored', extension, { backup: 'backUpExtension' }],
    ['checkExtensionApplies', { ...extension, file: files('crm-2.cfe') }],
    ['updateConfiguration', { infobase, file: files(backup === 'ibcmd' ? '3.2.0.1.cf' : '3.2.0.1.cfu'), from: '3.1.0.1', to: '3.2.0.1', way: backup === 'ibcmd' ? 'load' : 'update', settings: null }],
    ['updateDatabaseConfiguration', { infobase, to: '3.2.0.1', warnings: 'refuse' }],
    ['runUpdateHandlers', { infobase, version: '3.2.0.1', command: 'ВыполнитьОбновлениеИЗавершитьРаботу', deferred: 'now' }],
    ['refreshInitialData', { infobase, action: { kind: 'client', execute: '', command: 'ОбновитьНачальныеДанные;ЗавершитьРаботуСистемы' }, question, version: '3.2.0.1' }],
    ['checkConfigurationVersion', { infobase, version: '3.2.0.1', initialData: { question, version: '3.2.0.1' } }],
    ['switchOnExchangeJobs', { infobase, jobs: [exchangeJob] }],
  ]; // prettier-ignore
    const activities = { ...onecUpdateSteps, ...onecExtensionSteps } as unknown as Record<
      string,
      (params: object, uses: object, context: StepContext) => Promise<unknown>
    >;
    const told = does as unknown as Record<string, (params: object, step: object) => string[]>;
    const results: Record<string, unknown> = {};
    for (const [name, params, uses = {}] of steps) {
      bench.machine.started.length = 0;
      const id = `production.${name.toLowerCase()}`;
      const given = Object.fromEntries(Object.entries(uses).map(([key, from]) => [key, results[String(from)]]));
      results[name] = await activities[name]!(params, given, bench.context({ step: id }));
      const saved = (results['backUpExtension'] as Backup | undefined)?.place.replace(/\.json$/, '.cfe') ?? '';
      const lines = told[name]!(params, { id, uses }).map((line) =>
        line
          .replaceAll('<run>', 'run00001')
          .replaceAll('<attempt>', '1')
          .replace(/"?<backup of backUpExtension>"?/, saved),
      );
      for (const argv of bench.machine.started) {
        const line = on(
          machine,
          ...argv.map((word) =>
            word === secrets.ONEC ? '<secret>' : word.endsWith(`=${secrets.ONEC!}`) ? '--password=<secret>' : word,
          ),
        );
        // What comes back as it was is told without its value.
        expect(lines.map((one) => one.replace(/"?(--[\w-]+-(?:mode|protection))=<as before>"?/g, '$1=yes'))).toContain(
          line,
        );
      }
      expect(bench.machine.started.length).toBeGreaterThan(0);
    }
    rmSync(bench.machine.real('C:\\backups'), { recursive: true, force: true });
    await reset();
  },
  60_000,
);

async function reset(): Promise<void> {
  const { changeModel, readModel } = await import('../../../lab/onec/model.ts');
  const place = { kind: 'server', database: bench.cluster.find('trade').database } as const;
  const { extensions } = await readModel(place);
  await changeModel(place, () => [startModel({ extensions }), undefined]);
  for (const name of [...bench.machine.jobs.keys()]) await bench.machine.forgetJob(name);
  rmSync(bench.machine.real('C:\\nakat\\onec'), { recursive: true, force: true });
}
