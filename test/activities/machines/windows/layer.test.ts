import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Machine } from '../../../../activities/machines/machine.ts';
import { startFixture, tool, type Fixture } from '../../../lab/windows/fixture.ts';

let fixture: Fixture;
let machine: Machine;
beforeEach(async () => {
  fixture = await startFixture();
  machine = await fixture.connect();
});
afterEach(() => fixture.stop());

const go = (code: number): void => writeFileSync(fixture.host.real('C:\\go'), String(code));
const running = (): boolean => fixture.host.processes().some(({ image }) => image === 'wait-for.exe');
const waiting = [tool('wait-for'), 'C:\\go', 'C:\\starts'];
const starts = (): number => readFileSync(fixture.host.real('C:\\starts'), 'utf8').length;

test('a job goes on when the connection breaks, and its result is found', async () => {
  const job = machine.job('long', waiting);
  await vi.waitFor(() => expect(running()).toBe(true), 60_000);
  fixture.host.faults.dropConnections();
  go(7);
  expect(await job).toMatchObject({ code: 7, stdout: 'ready\r\nпривет\r\n' });
  expect(await machine.job('long', waiting)).toMatchObject({ code: 7 });
  expect(starts()).toBe(1);
});

test('what was started without a job dies with the connection', async () => {
  const run = machine.run(waiting).catch((error: unknown) => error);
  await vi.waitFor(() => expect(running()).toBe(true), 60_000);
  fixture.host.faults.dropConnections();
  await run;
  await vi.waitFor(() => expect(running()).toBe(false), 60_000);
});

test('two workers that start one job at the same time start it once', async () => {
  const other = await fixture.connect();
  const both = Promise.all([machine.job('one', waiting), other.job('one', waiting)]);
  await vi.waitFor(() => expect(running()).toBe(true), 60_000);
  go(0);
  expect((await both).map(({ code }) => code)).toEqual([0, 0]);
  expect(starts()).toBe(1);
  // A starter that slept through all of it wakes up: its task finds the claim.
  expect((await machine.run(['schtasks', '/run', '/tn', '\\nakat\\one'])).code).toBe(0);
  const query = ['schtasks', '/query', '/tn', '\\nakat\\one', '/fo', 'csv', '/nh'];
  await expect.poll(async () => (await machine.run(query)).stdout, { timeout: 60_000 }).toContain('"Ready"');
  expect(starts()).toBe(1);
});

test('a power cut makes a job lost; it is not started again until it is forgotten', async () => {
  const stop = new AbortController();
  const first = machine.job('cut', waiting, { signal: stop.signal, leaveRunning: () => true });
  await vi.waitFor(() => expect(running()).toBe(true), 60_000);
  stop.abort();
  await expect(first).rejects.toMatchObject({ code: 'JOB_LEFT_RUNNING' });
  await machine.close();
  await fixture.restart();
  const again = await fixture.connect();
  expect(await again.jobStatus('cut')).toEqual({ state: 'lost', code: null });
  await expect(again.job('cut', waiting)).rejects.toMatchObject({ code: 'JOB_LOST' });
  await again.forgetJob('cut');
  expect(await again.jobStatus('cut')).toEqual({ state: 'absent', code: null });
  go(3);
  expect(await again.job('cut', waiting)).toMatchObject({ code: 3 });
  expect(starts()).toBe(2);
});

test('a cancelled job is ended with its processes and forgotten', async () => {
  const abort = new AbortController();
  const job = machine.job('cancel', waiting, { signal: abort.signal });
  await vi.waitFor(() => expect(running()).toBe(true), 60_000);
  abort.abort();
  await expect(job).rejects.toMatchObject({ code: 'JOB_CANCELLED' });
  expect(running()).toBe(false);
  expect(existsSync(fixture.host.real('C:\\nakat\\jobs\\cancel'))).toBe(false);
});

test('secrets of a job are in no task, no command line, and gone from the disk', async () => {
  const { stdout } = await machine.job('secret', [tool('print-env'), 'TOKEN'], { env: { TOKEN: 's3cr%et"&' } });
  expect(stdout).toBe('s3cr%et"&');
  expect(readFileSync(`${fixture.disk}/tasks.json`, 'utf8')).not.toContain('s3cr');
  const folder = fixture.host.real('C:\\nakat\\jobs\\secret');
  expect(readdirSync(folder).sort()).toEqual(['exit', 'run.cmd', 'started', 'stderr', 'stdout']);
  expect(readFileSync(`${folder}/run.cmd`, 'utf8')).not.toContain('s3cr');
});

test('a folder is copied as a whole or not at all', async () => {
  fixture.write('C:\\site\\Web.config', 'a');
  fixture.write('C:\\site\\bin\\Приложение 100%.dll', 'bb');
  fixture.host.faults.setFreeSpace(0);
  await expect(machine.copyFolder('C:\\site', 'C:\\copy', 'copy')).rejects.toThrow();
  expect(existsSync(fixture.host.real('C:\\copy'))).toBe(false);
  fixture.host.faults.setFreeSpace(null);
  await machine.copyFolder('C:\\site', 'C:\\copy', 'copy');
  await machine.copyFolder('C:\\site', 'C:\\copy', 'copy');
  expect(existsSync(fixture.host.real('C:\\copy.partial'))).toBe(false);
  expect(await machine.hash('C:\\copy')).toEqual(await machine.hash('C:\\site'));
  await expect(machine.copyFolder('C:\\site', 'C:\\copy', 'other')).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
});

test('hashes are those of the bytes, for empty, large and oddly named files', async () => {
  const contents: Record<string, string> = {
    empty: '',
    "it's & 50% ^(1).txt": 'x',
    'sub/Отчёт.txt': 'y',
    'sub/deep/big': 'z'.repeat(300_000),
  };
  for (const [name, content] of Object.entries(contents))
    fixture.write(`C:\\h\\${name.replaceAll('/', '\\')}`, content);
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
  const hashes = await machine.hash('C:\\h');
  expect(Object.fromEntries([...hashes].map(([name, { sha256 }]) => [name, sha256]))).toEqual(
    Object.fromEntries(Object.entries(contents).map(([name, content]) => [name, digest(content)])),
  );
  expect((await machine.hash('C:\\h\\sub\\Отчёт.txt')).get('')).toEqual({ size: 1, sha256: digest('y') });
});

test('free space, removal, and refusals', async () => {
  fixture.host.faults.setFreeSpace(123_456_789_012);
  expect(await machine.freeSpace('C:\\nakat')).toBe(123_456_789_012);
  fixture.host.faults.setFreeSpace(null);
  fixture.write('C:\\Tree 1\\a\\b.txt', 'x');
  await machine.remove('c:\\tree 1');
  await machine.remove('c:\\tree 1');
  expect(await machine.stat('C:\\Tree 1')).toBeNull();
  for (const path of ['C:\\', 'C:', 'relative', '\\\\server\\share']) {
    await expect(machine.remove(path)).rejects.toMatchObject({ code: 'PATH_REFUSED' });
  }
});

test('files of a running site can neither be removed nor renamed, and the error says so', async () => {
  fixture.write('C:\\live\\bin\\a.dll', 'x');
  await fixture.host.addSite({ name: 'live', pool: 'live', binding: 'http/*:8080:', folder: 'C:\\live' });
  await expect(machine.remove('C:\\live')).rejects.toMatchObject({ code: 'FILE_FAILED' });
  await expect(machine.rename('C:\\live', 'C:\\moved')).rejects.toMatchObject({ code: 'FILE_FAILED' });
  expect(existsSync(fixture.host.real('C:\\live\\bin\\a.dll'))).toBe(true);
});

test('the console of a Russian Windows is read in its code page', async () => {
  const russian = await startFixture({ codePage: 866 });
  try {
    const there = await russian.connect({ encoding: 'cp866', work: 'C:\\Работа' });
    expect((await there.run(['argv-echo', 'Привет'])).stdout).toBe('["Привет"]');
    expect((await there.job('r', ['argv-echo', 'Накат №'.replace('№', 'N')])).stdout).toBe('["Накат N"]');
    expect((await there.run([tool('stdin-echo')], { stdin: 'Да\r\n' })).stdout).toBe('Да\r\n');
    await expect(there.job('bad', ['argv-echo', '日本'])).rejects.toMatchObject({ code: 'COMMAND_INVALID' });
  } finally {
    await russian.stop();
  }
});
