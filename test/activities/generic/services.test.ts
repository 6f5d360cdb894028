/** Services are what their system says they are, not what a command answers. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStepContext } from '../../../activities/context.ts';
import { checkService, startService, stopService } from '../../../activities/generic/services.ts';
import { closeAllMachines } from '../../../activities/machines/pool.ts';
import { makeSystemctl } from '../../../lab/linux/systemctl.ts';
import { scProgram, Services } from '../../../lab/windows/programs/sc.ts';
import type { ServiceTarget } from '../../../runbook/targets/index.ts';
import { startFixture, testPrograms, type Fixture } from '../../lab/windows/fixture.ts';

let dir: string;
const context = createStepContext();
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'nakat-services-'));
});
afterAll(async () => {
  await closeAllMachines();
  rmSync(dir, { recursive: true, force: true });
});
const machine = () => ({ via: 'local', os: 'linux', name: 'app', work: join(dir, 'work') }) as const;

describe('systemd', () => {
  let systemctl: string;
  const unit = (name: string): ServiceTarget => ({ kind: 'systemd', name, machine: machine(), systemctl, sudo: false });
  const calls = (): string[] =>
    readFileSync(join(dir, 'systemd/calls'), 'utf8')
      .split('\n')
      .filter((line) => /^(start|stop)/.test(line));
  beforeAll(() => {
    systemctl = makeSystemctl(join(dir, 'systemd'), {
      'app.service': { start: 'exec sleep 600' },
      'broken.service': { start: 'true', fails: true },
      'slow.service': { start: 'exec sleep 600', slowStop: 1 },
    });
  });

  test('started, checked and stopped once, however often it is asked for', async () => {
    const service = unit('app.service');
    await expect(checkService({ service, runs: true }, {}, context)).rejects.toMatchObject({
      code: 'SERVICE_NOT_AS_WANTED',
    });
    expect(await startService({ service }, {}, context)).toMatchObject({ state: 'active (running)', changed: true });
    expect(await startService({ service }, {}, context)).toMatchObject({ changed: false });
    expect(await checkService({ service, runs: true }, {}, context)).toMatchObject({ state: 'active (running)' });
    expect(await stopService({ service }, {}, context)).toMatchObject({ state: 'inactive (dead)', changed: true });
    expect(await stopService({ service }, {}, context)).toMatchObject({ changed: false });
    expect(calls()).toEqual(['start -- app.service', 'stop -- app.service']);
  });

  test('a stop is waited for until the process is gone, though systemctl has answered', async () => {
    const service = unit('slow.service');
    await startService({ service }, {}, context);
    const pid = Number(readFileSync(join(dir, 'systemd/slow.service.pid'), 'utf8'));
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    expect(await stopService({ service }, {}, context)).toMatchObject({ state: 'inactive (dead)' });
    expect(() => process.kill(pid, 0)).toThrow();
  });

  test('one that fails says so in its own words; an unknown one is unknown', async () => {
    await expect(startService({ service: unit('broken.service') }, {}, context)).rejects.toMatchObject({
      code: 'SERVICE_REFUSED',
      message: expect.stringContaining('control process exited') as string,
    });
    await expect(stopService({ service: unit('none.service') }, {}, context)).rejects.toMatchObject({
      code: 'SERVICE_UNKNOWN',
    });
  });
});

describe('an init script', () => {
  const script = (text: string): ServiceTarget => {
    const file = join(dir, 'init');
    writeFileSync(file, `#!/bin/sh\n${text}`);
    chmodSync(file, 0o755);
    return { kind: 'script', name: 'init', machine: machine(), script: file, sudo: false };
  };
  const state = (): string => join(dir, 'state');

  test('is told by the code of its status', async () => {
    const service = script(
      `case $1 in start) touch '${state()}';; stop) rm -f '${state()}';; status) [ -e '${state()}' ] || exit 3;; esac`,
    );
    expect(await startService({ service }, {}, context)).toMatchObject({ changed: true });
    expect(await checkService({ service, runs: true }, {}, context)).toMatchObject({ service: 'init' });
    expect(await stopService({ service }, {}, context)).toMatchObject({ changed: true, state: 'status 3' });
  });

  test('that says yes and does nothing is no success; one whose status is unknown is none', async () => {
    const lying = script('case $1 in start) echo no luck >&2; exit 1;; status) exit 3;; esac');
    await expect(startService({ service: lying }, {}, context)).rejects.toMatchObject({
      code: 'SERVICE_REFUSED',
      message: expect.stringContaining('no luck') as string,
    });
    await expect(checkService({ service: script('exit 4'), runs: false }, {}, context)).rejects.toMatchObject({
      code: 'SERVICE_REFUSED',
    });
  });
});

describe('Windows', () => {
  let fixture: Fixture;
  const services = new Services();
  const service = (name: string): ServiceTarget => ({
    kind: 'windows',
    name,
    machine: fixture.target(),
    sc: 'C:\\Windows\\System32\\sc.exe',
  });
  beforeAll(async () => {
    services.add('App', { slow: 400 });
    services.add('Broken', { fails: true });
    fixture = await startFixture({
      programs: { ...testPrograms, 'C:\\Windows\\System32\\sc.exe': scProgram(services) },
    });
  });
  afterAll(() => fixture.stop());

  test('is waited for while it is pending, and not asked twice', async () => {
    expect(await startService({ service: service('App') }, {}, context)).toMatchObject({
      state: 'RUNNING',
      changed: true,
    });
    expect(await startService({ service: service('app') }, {}, context)).toMatchObject({ changed: false });
    expect(await stopService({ service: service('App') }, {}, context)).toMatchObject({
      state: 'STOPPED',
      changed: true,
    });
  });

  test('one that goes back to stopped is not waited for', async () => {
    await expect(startService({ service: service('Broken') }, {}, context)).rejects.toMatchObject({
      code: 'SERVICE_NOT_AS_WANTED',
      message: expect.stringContaining('STOPPED') as string,
    });
  });

  test('unknown', async () => {
    await expect(checkService({ service: service('Nobody'), runs: true }, {}, context)).rejects.toMatchObject({
      code: 'SERVICE_UNKNOWN',
    });
  });
});
