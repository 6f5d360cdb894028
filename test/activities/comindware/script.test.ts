/** The vendor's script is never interrupted, never started twice, and never believed on its word; the practice ground's database is as strict as it must be. */
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { data, migrate, readOntology, seedDatabase } from '../../../lab/comindware/product.ts';
import { readFlat } from '../../../lab/comindware/values.ts';
import { startTrial, type Trial } from './carry-out.ts';

const main = `${data}\\configs\\instance\\Portal.yml`;

describe('the vendor’s script', () => {
  let trial: Trial;
  const upgrade = 'production.run-upgrade-to-4-2-0';
  beforeEach(async () => {
    trial = await startTrial({ slowness: 1500 }, { LAB_WAY: 'script' });
    await trial.step('production.close-instance');
    await trial.step('production.stop-for-4-2-0');
    await trial.step('production.back-up-for-4-2-0');
    return () => trial.stop();
  });

  test('runs on when its step is given up, is found by the next attempt, and started once', async () => {
    const worker = new AbortController();
    const first = trial.step(upgrade, { signal: worker.signal, stopping: () => false, progress: () => worker.abort() });
    await expect(first).rejects.toMatchObject({ code: 'JOB_LEFT_RUNNING' });
    expect(await trial.step(upgrade, { attempt: 2 })).toMatchObject({ status: 'Completed', version: '4.2.0' });
    expect(await trial.step(upgrade, { attempt: 3 })).toMatchObject({ status: 'Completed' });
    expect(trial.ground.counts.get('script Portal 4.2.0')).toBe(1);
  });

  test('is waited for before anything is restored', async () => {
    const worker = new AbortController();
    const first = trial.step(upgrade, { signal: worker.signal, progress: () => worker.abort() });
    await expect(first).rejects.toMatchObject({ code: 'JOB_LEFT_RUNNING' });
    expect(readFlat(trial.ground.real(main))).toMatchObject({ version: '3.5.4' });
    await trial.step('restore.stop-instance');
    // It had done its work when the instance was stopped.
    expect(readFlat(trial.ground.real(main))).toMatchObject({ version: '4.2.0' });
    await trial.step('restore.restore-instance');
    await trial.step('restore.prove-instance-restored');
  });

  test.each([
    ['silent', 'Completed', '3.5.4'],
    ['failed', 'Failed', '4.2.0'],
  ] as const)(
    'that is %s is told: neither its words nor the version are enough alone',
    async (script, status, version) => {
      trial.ground.breakages.script = script;
      await expect(trial.step(upgrade)).rejects.toMatchObject({
        code: 'INSTANCE_SCRIPT_FAILED',
        failure: { values: { status, version } },
      });
    },
  );

  test('is tried again when a person wants it', async () => {
    const file = trial.ground.real('C:\\Distr\\CMW_Windows4.2.0\\scripts\\instance_upgrade.ps1');
    renameSync(file, `${file}.away`);
    await expect(trial.step(upgrade)).rejects.toMatchObject({
      code: 'INSTANCE_SCRIPT_FAILED',
      failure: { values: { status: '–' } },
    });
    renameSync(`${file}.away`, file);
    expect(await trial.step(upgrade)).toMatchObject({ status: 'Completed' });
  });
});

test('a skipped version really damages the database of the practice ground', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'nakat-hop-'));
  const lines: string[] = [];
  const to = (version: string) =>
    migrate({
      folder: dir,
      to: version,
      duration: 0,
      signal: new AbortController().signal,
      log: (_file, line) => void lines.push(line),
      fails: false,
    });
  const record = (): unknown => JSON.parse(readFileSync(join(dir, 'db', 'records', '0001.json'), 'utf8'));
  seedDatabase(dir, 'Portal', '3.5.4', 3);
  await to('4.7.2');
  expect(record()).toEqual({ id: 1, owner: {}, search: 'undefined' });
  expect(lines).toContain('error: ontology of 3.5.4 is not known to 4.7.2');
  seedDatabase(dir, 'Portal', '3.5.4', 3);
  await to('4.2.0');
  await to('4.7.2');
  expect(record()).toMatchObject({ name: 'Заявка 1', owner: { fullName: 'Сотрудник 1' } });
  expect(readOntology(dir).version).toBe('4.7.2');
  rmSync(dir, { recursive: true });
});
