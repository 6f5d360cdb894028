/** Single steps on the practice ground: what they refuse, and what a second attempt does. */
import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createStepContext } from '../../../activities/context.ts';
import { comindwareSteps } from '../../../activities/comindware/steps.ts';
import { data } from '../../../lab/comindware/product.ts';
import type { Backup, LogMarks } from '../../../runbook/results.ts';
import type { InstanceTarget } from '../../../runbook/targets/index.ts';
import { startTrial, type Trial } from './carry-out.ts';

const folder = `${data}\\Instances\\Portal`;
const main = `${data}\\configs\\instance\\Portal.yml`;

/** One ground for steps that leave production as it was. */
describe('on an instance that runs', () => {
  let trial: Trial;
  let instance: InstanceTarget;
  const real = (path: string): string => trial.ground.real(path);
  const context = () => createStepContext({ run: '1a2b3c4d', step: 'preflight.look' });
  beforeAll(async () => {
    trial = await startTrial();
    const check = trial.runbook.stages[0]?.steps.find(({ activity }) => activity === 'checkInstance');
    instance = check?.params['instance'] as unknown as InstanceTarget;
  });
  afterAll(() => trial.stop());
  const check = (
    change: Partial<InstanceTarget> = {},
    version = '3.5.4',
    hops: { version: string; script: string | null }[] = [],
  ) => comindwareSteps.checkInstance({ instance: { ...instance, ...change }, version, hops }, {}, context());

  test('is as planned', async () => {
    expect(await check()).toEqual({ version: '3.5.4', links: 4, site: 'Portal', pools: 3 });
  });

  test.each([
    ['another version', {}, '3.5.5', [], 'INSTANCE_VERSION_DIFFERS'],
    ['no such site', { site: 'Portals' }, '3.5.4', [], 'SITE_NOT_IN_IIS'],
    [
      'no such pool',
      { pools: ['Comindware Portal', 'Comindware Portal_apigateway', 'nobody'] },
      '3.5.4',
      [],
      'POOL_NOT_IN_IIS',
    ],
    [
      'a pool that the plan leaves out',
      { pools: ['Comindware Portal', 'Comindware Portal_apigateway'] },
      '3.5.4',
      [],
      'INSTANCE_NOT_AS_PLANNED',
    ],
    ['another binding', { binding: 'http/*:81:' }, '3.5.4', [], 'INSTANCE_NOT_AS_PLANNED'],
    ['another database folder', { database: 'D:\\Database' }, '3.5.4', [], 'INSTANCE_NOT_AS_PLANNED'],
    [
      'files of users that would be in no restore point',
      { streams: undefined },
      '3.5.4',
      [],
      'INSTANCE_NOT_AS_PLANNED',
    ],
    ['no such file', { main: 'C:\\nowhere.yml' }, '3.5.4', [], 'INSTANCE_CONFIG_UNREADABLE'],
    ['a version that is not installed', {}, '3.5.4', [{ version: '4.8.1', script: null }], 'INSTANCE_VERSION_MISSING'],
    [
      'a script that is not there',
      {},
      '3.5.4',
      [{ version: '4.7.2', script: 'C:\\none\\instance_upgrade.ps1' }],
      'INSTANCE_VERSION_MISSING',
    ],
  ])('%s is refused', async (_what, change, version, hops, code) => {
    await expect(check(change as Partial<InstanceTarget>, version, hops)).rejects.toMatchObject({ code });
  });

  test('a link to other binaries than the version’s is refused', async () => {
    writeFileSync(real(main), readFileSync(real(main), 'utf8').replace('version: 3.5.4', 'version: 4.2.0'));
    await expect(check({}, '4.2.0')).rejects.toMatchObject({
      code: 'INSTANCE_NOT_AS_PLANNED',
      failure: { values: { what: 'link Web' } },
    });
    writeFileSync(real(main), readFileSync(real(main), 'utf8').replace('version: 4.2.0', 'version: 3.5.4'));
  });

  test('room for every restore point is looked for', async () => {
    const rooms = (points: number) => comindwareSteps.checkInstanceRoom({ instance, points }, {}, context());
    const [one, six] = [await rooms(1), await rooms(6)];
    expect((six.places[0]?.needed ?? 0) / (one.places[0]?.needed ?? 1)).toBeGreaterThan(2.5);
    await expect(rooms(1e9)).rejects.toMatchObject({ code: 'ROOM_MISSING' });
  });

  test('neither backup nor change nor restore touches it while it runs', async () => {
    const backup = { id: 'x', place: 'C:\\nakat\\backups\\x' } as Backup;
    const running = { code: 'SITE_RUNNING' };
    await expect(comindwareSteps.backUpInstance({ instance }, {}, context())).rejects.toMatchObject(running);
    await expect(
      comindwareSteps.removeInstanceConfiguration({ instance }, { backup }, context()),
    ).rejects.toMatchObject(running);
    await expect(
      comindwareSteps.createInstanceConfiguration({ instance, version: '4.2.0', links: null }, { backup }, context()),
    ).rejects.toMatchObject(running);
    await expect(comindwareSteps.restoreInstance({ instance }, { backup }, context())).rejects.toMatchObject(running);
  });

  test('a copy that fails leaves it running', async () => {
    const failing = { ...instance, backups: `${folder}\\Database\\db\\ontology.json\\no folder` };
    await expect(comindwareSteps.backUpRunningInstance({ instance: failing }, {}, context())).rejects.toThrow();
    expect(await (await fetch(`${instance.url}/login`)).text()).toContain('login-form');
  });

  test('words of success from before do not count', async () => {
    const wait = (marks: LogMarks) =>
      comindwareSteps.waitForInstance({ instance, version: '3.5.4', seconds: 1 }, { marks }, context());
    const sizes = Object.fromEntries(
      readdirSync(real(instance.logs)).map((name) => [name, readFileSync(join(real(instance.logs), name)).length]),
    );
    await expect(wait({ logs: sizes })).rejects.toMatchObject({ code: 'INSTANCE_NOT_READY' });
    // The logs of that day already had them.
    expect(await wait({ logs: {} })).toMatchObject({ version: '3.5.4' });
    const log = join(real(instance.logs), Object.keys(sizes).find((name) => name.startsWith('upgrade')) ?? '');
    appendFileSync(log, 'Error: index is broken\nUpgrade completed\n');
    await expect(wait({ logs: sizes })).rejects.toMatchObject({
      code: 'INSTANCE_UPGRADE_FAILED',
      failure: { vendor: expect.stringContaining('index is broken') as string },
    });
  });

  test('another version than the wanted one is told', async () => {
    const wait = comindwareSteps.waitForInstance(
      { instance, version: '4.2.0', seconds: 1 },
      { marks: undefined },
      context(),
    );
    await expect(wait).rejects.toMatchObject({
      code: 'INSTANCE_NOT_READY',
      failure: { values: { missing: expect.stringMatching(/version 3\.5\.4 in .*; link Web → /) as string } },
    });
  });

  test.each([
    ['another login page', { login: 'no such text' }, 'no “no such text” at /login'],
    ['a health page that is not there', { health: '/health' }, 'status 404 at /health'],
    ['nobody there', { url: 'http://127.0.0.1:9' }, 'ECONNREFUSED'],
  ])('%s is told', async (_what, change, problem) => {
    const wait = comindwareSteps.waitForInstance(
      { instance: { ...instance, ...change }, version: '3.5.4', seconds: 1 },
      { marks: undefined },
      context(),
    );
    await expect(wait).rejects.toMatchObject({
      code: 'INSTANCE_LOGIN_MISSING',
      failure: { values: { problem: expect.stringContaining(problem) as string } },
    });
  });
});

describe('on an instance that stands still', () => {
  let trial: Trial;
  const real = (path: string): string => trial.ground.real(path);
  const [stop, backUp] = ['production.stop-for-4-2-0', 'production.back-up-for-4-2-0'];
  beforeEach(async () => {
    trial = await startTrial();
    await trial.step('production.close-instance');
    await trial.step(stop);
    return () => trial.stop();
  });

  test('every step may run twice', async () => {
    // But for the time that it took.
    const twice = async (id: string): Promise<void> => {
      const first = await trial.step(id);
      const again = await trial.step(id);
      const untimed = (result: unknown): string =>
        JSON.stringify(result, (key, value: unknown) => (key === 'seconds' ? 0 : value));
      expect([id, untimed(again)]).toEqual([id, untimed(first)]);
    };
    await twice(backUp);
    for (const id of [
      'production.remove-configuration-for-4-2-0',
      'production.create-configuration-for-4-2-0',
      'production.start-with-4-2-0',
      'production.wait-for-4-2-0',
    ])
      await twice(id);
    for (const id of [
      'restore.close-instance',
      'restore.stop-instance',
      'restore.restore-instance',
      'restore.prove-instance-restored',
      'restore.start-instance',
      'restore.wait-for-instance',
      'restore.open-instance',
    ])
      await twice(id);
    expect(trial.ground.counts.get('upgrade Portal 4.2.0')).toBe(1);
  });

  test('old configuration files and links go, what they lead to and all else stays', async () => {
    await trial.step(backUp);
    await trial.step('production.remove-configuration-for-4-2-0');
    expect(readdirSync(real(`${folder}\\Config`))).toEqual(['theme']);
    expect(existsSync(real('C:\\Program Files\\Comindware\\CBAP\\3.5.4\\Web\\Web.dll'))).toBe(true);
  });

  test('a damaged restore point is never used', async () => {
    const { place } = (await trial.step(backUp)) as unknown as Backup;
    writeFileSync(real(`${place}\\database\\db\\records\\0001.json`), '{}');
    await expect(trial.step(backUp)).rejects.toMatchObject({ code: 'FILES_BACKUP_DAMAGED' });
    rmSync(real(`${folder}\\Database\\db\\records\\0001.json`));
    await expect(trial.step('restore.restore-instance')).rejects.toMatchObject({ code: 'FILES_BACKUP_DAMAGED' });
    appendFileSync(real(`${place}\\main.yml`), 'x: 1\n');
    await expect(trial.step('production.remove-configuration-for-4-2-0')).rejects.toMatchObject({
      code: 'FILES_BACKUP_DAMAGED',
    });
    writeFileSync(real(`${place}\\point.json`), '{}');
    await expect(trial.step('restore.prove-instance-restored')).rejects.toMatchObject({ code: 'FILES_BACKUP_DAMAGED' });
    expect(existsSync(real(`${folder}\\Config\\adapterhost.json`))).toBe(true);
  });

  test('a half-made restore point is made anew', async () => {
    const { place } = (await trial.step(backUp)) as unknown as Backup;
    rmSync(real(`${place}\\point.json`));
    writeFileSync(real(`${place}\\streams\\stray`), '');
    await trial.step(backUp);
    expect(readdirSync(real(`${place}\\streams`))).not.toContain('stray');
  });

  test('whatever differs from the restore point is seen', async () => {
    await trial.step(backUp);
    const prove = 'restore.prove-instance-restored';
    const differing = async (): Promise<string[]> => {
      const error: unknown = await trial.step(prove).catch((cause: unknown) => cause);
      const { failure } = error as { failure: { code: string; proof: { kind: string; equal: boolean }[] } };
      expect(failure.code).toBe('RESTORE_NOT_PROVED');
      return failure.proof.filter(({ equal }) => !equal).map(({ kind }) => kind);
    };
    await trial.step(prove);
    appendFileSync(real(`${folder}\\Database\\db\\ontology.json`), ' ');
    appendFileSync(real(`${folder}\\Streams\\new.pdf`), 'x');
    appendFileSync(real(`${folder}\\Config\\logs.config`), ' ');
    expect(await differing()).toEqual(['databaseFiles', 'uploadedFiles', 'configurationFiles']);
    rmSync(real(`${folder}\\Config\\Web`));
    appendFileSync(real(main), 'a: b\n');
    expect(await differing()).toEqual([
      'databaseFiles',
      'uploadedFiles',
      'configurationFiles',
      'instanceFile',
      'links',
    ]);
    await trial.step('restore.restore-instance');
    await trial.step(prove);
    await trial.step('production.open-instance');
    expect(await differing()).toEqual(['bindings']);
  });

  test('a file that another program holds is told, and tried again', async () => {
    const close = trial.ground.hold(`${folder}\\Streams\\договор.docx`);
    await expect(trial.step(stop)).rejects.toMatchObject({
      code: 'INSTANCE_FILES_HELD',
      failure: { passing: true, values: { folder: `${folder}\\Streams` } },
    });
    close();
    await trial.step(stop);
  });

  test('a folder that a killed look for open files left aside comes back', async () => {
    renameSync(real(`${folder}\\Database`), `${real(folder)}/Database.nakat-free`);
    await trial.step(stop);
    expect(existsSync(real(`${folder}\\Database\\db\\ontology.json`))).toBe(true);
  });
});

describe('the test copy', () => {
  let trial: Trial;
  const real = (path: string): string => trial.ground.real(path);
  const backUp = 'rehearsal.back-up-running-instance';
  beforeAll(async () => {
    trial = await startTrial();
    await trial.step(backUp);
  });
  afterAll(() => trial.stop());

  test('is nobody else’s instance', async () => {
    writeFileSync(real(`${data}\\configs\\instance\\PortalTest.yml`), 'version: 1\n');
    await expect(trial.step('rehearsal.create-instance')).rejects.toMatchObject({ code: 'INSTANCE_NOT_OURS' });
    rmSync(real(`${data}\\configs\\instance\\PortalTest.yml`));
    await trial.step('rehearsal.create-instance');
    await trial.step('rehearsal.create-instance');
    await trial.step('rehearsal.prove-instance-harmless');
  });

  test.each([
    ['a queue of production', 'mq.group: PortalTest', 'mq.group: Portal', 'main: mq.group'],
    ['a server of production', 'kafka-test.example.com', 'kafka.production.example', 'main: production.example'],
    ['a folder of production', 'Instances\\PortalTest\\Streams', 'Instances\\Portal\\Streams', 'streams'],
  ])('%s in its configuration is found', async (_what, own, other, finding) => {
    const file = real(`${data}\\configs\\instance\\PortalTest.yml`);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(own, other));
    expect(readFileSync(file, 'utf8')).not.toBe(text);
    await expect(trial.step('rehearsal.prove-instance-harmless')).rejects.toMatchObject({
      code: 'INSTANCE_NOT_HARMLESS',
      failure: { values: { findings: expect.stringContaining(finding) as string } },
    });
    writeFileSync(file, text);
  });

  test('production is bound to what was rehearsed', async () => {
    await trial.step('rehearsal.read-state');
    await trial.step('production.check-drift');
    appendFileSync(real(`${folder}\\Config\\logs.config`), ' ');
    await expect(trial.step('production.check-drift')).rejects.toMatchObject({
      code: 'DRIFT',
      failure: { values: { differences: 'Portal: configuration' } },
    });
  });
});
