import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { onecExtensionSteps as steps } from '../../../activities/onec/extension-steps.ts';
import { onecSteps } from '../../../activities/onec/steps.ts';
import type { OnecBreakages } from '../../../lab/onec/breakages.ts';
import type { DataPlace } from '../../../lab/onec/data.ts';
import { changeModel, readModel, type Model } from '../../../lab/onec/model.ts';
import type { Backup } from '../../../runbook/results.ts';
import type { InfobaseTarget } from '../../../runbook/targets/index.ts';
import { codeOf, startBench, type Bench } from './bench.ts';
import { crm, releaseFiles, startModel } from './release.ts';

let bench: Bench;
let files: ReturnType<typeof releaseFiles>;
let place: DataPlace;
let fresh: Model;
const at = vi.hoisted(() => ({ machine: undefined as unknown }));
vi.mock('../../../activities/machines/pool.ts', () => ({ machineFor: async () => at.machine }));

const breakages: OnecBreakages = {};
const extension = 'CRM';
const old = { content: crm('1.0'), active: true, safeMode: false, unsafeActionProtection: true };
// Not what a new extension begins with.
const flags = { safeMode: false, unsafeActionProtection: false };

beforeAll(async () => {
  bench = await startBench('utf8', { model: startModel({ extensions: [old] }), breakages });
  at.machine = bench.machine;
  files = releaseFiles(bench.dir);
  place = { kind: 'server', database: bench.cluster.find('trade').database };
  fresh = await readModel(place);
});
afterAll(() => bench.stop());
beforeEach(async () => {
  await changeModel(place, () => [fresh, undefined]);
  bench.machine.started.length = 0;
  for (const folder of ['C:\\nakat\\onec', 'C:\\backups'])
    rmSync(bench.machine.real(folder), { recursive: true, force: true });
});
afterEach(() => {
  for (const name of Object.keys(breakages)) delete breakages[name as keyof OnecBreakages];
});

const context = (step = 'production.extension') => bench.context({ step });
const model = (): Promise<Model> => readModel(place);

describe.each([
  ['the Designer', 'designer'],
  ['ibcmd', 'ibcmd'],
] as const)('an extension by %s', (_name, backup) => {
  let infobase: InfobaseTarget;
  beforeAll(() => {
    infobase = bench.target('trade', { backup });
  });
  const save = (): Promise<Backup> => steps.backUpExtension({ infobase, extension }, {}, context('production.save'));
  const install = (version: string, before?: Backup, file = `crm-${version[0]}.cfe`) =>
    steps.installExtension(
      { infobase, extension, file: files(file), version, flags },
      { before },
      context('production.install'),
    );
  const back = (backup_: Backup) =>
    steps.restoreExtension({ infobase, extension }, { backup: backup_ }, context('restore.extension'));
  const proof = (backup_: Backup) =>
    steps.proveExtensionRestored({ infobase, extension }, { backup: backup_ }, context('restore.prove'));

  it('is read, saved, replaced with its flags kept, and put back as it was', async () => {
    const before = await steps.checkExtension({ infobase, extension, version: '1.0' }, {}, context('preflight.check'));
    expect(before).toMatchObject({
      installed: true,
      version: '1.0',
      active: true,
      safeMode: false,
      unsafeActionProtection: true,
    });
    expect(await codeOf(steps.checkExtension({ infobase, extension, version: '1.1' }, {}, context()))).toBe(
      'EXTENSION_OTHER',
    );
    const saved = await save();
    expect(await save()).toEqual(saved);
    for (let turn = 0; turn < 2; turn++)
      expect(await install('2.0', saved)).toMatchObject({
        version: '2.0',
        safeMode: false,
        unsafeActionProtection: true,
      });
    expect((await model()).extensions).toEqual([{ ...old, content: crm('2.0') }]);
    expect(
      await steps.proveExtension({ infobase, extension, version: '2.0' }, { before: saved }, context()),
    ).toMatchObject({ version: '2.0', active: true });
    await expect(proof(saved)).rejects.toMatchObject({
      code: 'EXTENSION_RESTORE_DIFFERS',
      failure: { values: { differences: expect.stringMatching(/version: 1.0 → 2.0; .* hash: /) as string } },
    });
    for (let turn = 0; turn < 2; turn++) await back(saved);
    expect((await proof(saved)).lines.map(({ equal }) => equal)).toEqual([true, true, true, true, true]);
    expect(await model()).toEqual(fresh);
  });

  it('that was not there is remembered as such, gets the flags of the plan, and is removed by the restore', async () => {
    await changeModel(place, (now) => [{ ...now, extensions: [] }, undefined]);
    expect(await steps.checkExtension({ infobase, extension, version: '' }, {}, context())).toEqual({
      installed: false,
    });
    const saved = await save();
    expect(await install('2.0', saved)).toMatchObject(flags);
    expect(await codeOf(proof(saved))).toBe('EXTENSION_RESTORE_DIFFERS');
    for (let turn = 0; turn < 2; turn++) await back(saved);
    expect((await model()).extensions).toEqual([]);
    expect((await proof(saved)).lines[0]).toMatchObject({ before: '—', after: '—', equal: true });
  });

  it('that was loaded and never applied is removed too, and is never what is saved', async () => {
    await changeModel(place, (now) => [{ ...now, extensions: [], pendingExtensions: [crm('2.0')] }, undefined]);
    const saved = await save();
    await back(saved);
    expect((await model()).pendingExtensions).toEqual([]);
    rmSync(bench.machine.real('C:\\backups'), { recursive: true, force: true });
    await changeModel(place, () => [{ ...fresh, pendingExtensions: [crm('9.9')] }, undefined]);
    await back(await save());
    expect((await model()).extensions).toEqual([old]);
  });

  it('is not taken from a file that is none, nor under another version; a damaged save is never used', async () => {
    writeFileSync(join(bench.dir, 'x.cfe'), 'epf');
    expect(await codeOf(install('2.0', undefined, 'x.cfe'))).toBe('EXTENSION_FILE_WRONG');
    expect(await codeOf(install('2.0', undefined, '3.2.0.1.cf'))).toBe('EXTENSION_FILE_WRONG');
    expect((await model()).extensions).toEqual([old]);
    expect(await codeOf(install('2.1', undefined, 'crm-2.cfe'))).toBe('EXTENSION_OTHER');
    await changeModel(place, () => [fresh, undefined]);
    const saved = await save();
    const { file } = JSON.parse(readFileSync(bench.machine.real(saved.place), 'utf8')) as { file: { place: string } };
    writeFileSync(bench.machine.real(file.place), 'damaged');
    expect(await codeOf(back(saved))).toBe('EXTENSION_BACKUP_DAMAGED');
    rmSync(bench.machine.real(saved.place));
    expect(await codeOf(back(saved))).toBe('EXTENSION_BACKUP_DAMAGED');
  });

  it('that is not active, or whose flags are others than before, is not proved', async () => {
    const saved = await save();
    await changeModel(place, (now) => [{ ...now, extensions: [{ ...old, active: false }] }, undefined]);
    expect(
      await codeOf(steps.proveExtension({ infobase, extension, version: '1.0' }, { before: saved }, context())),
    ).toBe('EXTENSION_NOT_ACTIVE');
    await changeModel(place, (now) => [{ ...now, extensions: [{ ...old, safeMode: true }] }, undefined]);
    expect(
      await codeOf(steps.proveExtension({ infobase, extension, version: '1.0' }, { before: saved }, context())),
    ).toBe('EXTENSION_NOT_ACTIVE');
    expect(
      await codeOf(steps.proveExtension({ infobase, extension, version: '1.0' }, { before: undefined }, context())),
    ).toBe('fine');
  });
});

describe('on the copy', () => {
  const applies = (file: string) =>
    codeOf(
      steps.checkExtensionApplies(
        { infobase: bench.target('trade_test'), extension, file: files(file) },
        {},
        context('rehearsal.applies'),
      ),
    );

  it('1C says whether the extension can be applied to this configuration', async () => {
    expect(await applies('crm-2.cfe')).toBe('fine');
    expect(await applies('crm-3.cfe')).toBe('EXTENSION_DOES_NOT_APPLY');
    breakages.applicability = 'trade_test';
    expect(await applies('crm-2.cfe')).toBe('EXTENSION_DOES_NOT_APPLY');
    expect(await applies('3.2.0.1.cfu')).toBe('EXTENSION_FILE_WRONG');
  });
});

it('a licence key that is not registered is told', async () => {
  const infobase = bench.target('trade');
  const question = {
    kind: 'function' as const,
    module: 'Лицензирование',
    name: 'КлючЗарегистрирован',
    arguments: ['CRM'],
  };
  const check = () => steps.checkLicenceKey({ infobase, product: 'CRM', question }, {}, context());
  expect(await check()).toEqual({ registered: true });
  breakages.licence = 'trade';
  expect(await codeOf(check())).toBe('LICENCE_KEY_MISSING');
});

describe('the announced lock', () => {
  const infobase = (): InfobaseTarget => bench.target('trade');
  const announce = (seconds: number, change: { run?: string; step?: string } = {}) =>
    steps.announceLock(
      { infobase: infobase(), message: 'Обновление в 22:00', seconds },
      {},
      bench.context({ step: 'production.announce', ...change }),
    );

  it('lets those inside work until then, and no longer; another attempt waits for the same moment', async () => {
    const session = bench.cluster.open('trade', { app: '1CV8C', user: 'Кассир' });
    const begun = Date.now();
    const first = announce(8);
    await vi.waitFor(() => expect(bench.cluster.find('trade').properties['denied-from']).not.toBe(''), 60_000);
    const properties = bench.cluster.find('trade').properties;
    expect(properties).toMatchObject({
      'sessions-deny': 'on',
      'denied-message': 'Обновление в 22:00',
      'scheduled-jobs-deny': 'off',
    });
    expect(bench.cluster.sessions('trade')).toContainEqual(session);
    bench.cluster.close(bench.cluster.open('trade', { app: 'WebClient', user: 'Поздний' }).session);
    const second = announce(3600, { step: 'production.announced-again' });
    const before = await first;
    expect(await second).toEqual(before);
    expect(before).toEqual({ sessionsDenied: false, jobsDenied: false });
    expect(Date.now() - begun).toBeGreaterThan(6500);
    expect(() => bench.cluster.open('trade', { app: 'WebClient', user: 'Поздний' })).toThrow(/запрещено/);
    expect(await codeOf(announce(0, { run: 'another1' }))).toBe('INFOBASE_LOCKED_BY_RUN');
    // The lock ends who stayed, and letting in again undoes both.
    expect(
      await onecSteps.lockInfobase({ infobase: infobase(), message: 'nakat' }, {}, context('production.lock')),
    ).toEqual(before);
    expect(bench.cluster.sessions('trade')).toEqual([]);
    await onecSteps.unlockInfobase({ infobase: infobase() }, { lock: before }, context('production.unlock'));
    expect(bench.cluster.find('trade').properties).toMatchObject({
      'sessions-deny': 'off',
      'denied-from': '',
      'denied-message': '',
    });
  });

  it('waits for nothing at a file infobase, which cannot tell anybody', async () => {
    const begun = Date.now();
    expect(
      await steps.announceLock({ infobase: bench.fileTarget('trade'), message: 'x', seconds: 3600 }, {}, context()),
    ).toEqual({ sessionsDenied: false, jobsDenied: false });
    expect(Date.now() - begun).toBeLessThan(60_000);
  });
});
