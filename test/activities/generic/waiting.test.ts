/** Waiting for logs and addresses, versions, and states that are compared. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStepContext } from '../../../activities/context.ts';
import { markLog, waitForLogLine } from '../../../activities/generic/log.ts';
import { checkState, proveState, recordState } from '../../../activities/generic/state.ts';
import { waitForUrl } from '../../../activities/generic/url.ts';
import { checkVersion } from '../../../activities/generic/version.ts';
import { closeAllMachines } from '../../../activities/machines/pool.ts';
import { genericSteps } from '../../../runbook/steps/generic.ts';

let dir: string;
let server: Server;
let url: string;
let answer = { status: 503, body: 'starting', location: '' };
let asked: string[] = [];
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'nakat-waiting-'));
  server = createServer((request, response) => {
    asked.push(request.headers.authorization ?? '');
    response.writeHead(answer.status, answer.location ? { location: answer.location } : {}).end(answer.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  server.close();
  await closeAllMachines();
  rmSync(dir, { recursive: true, force: true });
});
const context = createStepContext();
const machine = () => ({ via: 'local', os: 'linux', name: 'app', work: join(dir, 'work') }) as const;

describe('a log', () => {
  const wait = (file: string, more: Record<string, unknown> = {}) =>
    genericSteps.waitForLogLine.params.parse({
      machine: machine(),
      file,
      line: 'started',
      every: 1,
      within: 1,
      ...more,
    });

  test('only what is new counts', async () => {
    const file = join(dir, 'app.log');
    writeFileSync(file, 'yesterday: started\n');
    const since = await markLog({ machine: machine(), file }, {}, context);
    await expect(waitForLogLine(wait(file), { since }, context)).rejects.toMatchObject({ code: 'LOG_LINE_MISSING' });
    appendFileSync(file, 'noise\ntoday: started\n');
    expect(await waitForLogLine(wait(file), { since }, context)).toEqual({ line: 'today: started' });
  });

  test('one begun anew is read from its beginning, also when it has grown longer than the old one', async () => {
    const file = join(dir, 'rotated.log');
    writeFileSync(file, 'old old old\n');
    const since = await markLog({ machine: machine(), file }, {}, context);
    writeFileSync(file, 'started\nand more lines than before\n');
    expect(await waitForLogLine(wait(file), { since }, context)).toEqual({ line: 'started' });
    writeFileSync(file, 'started\n');
    expect(await waitForLogLine(wait(file), { since }, context)).toEqual({ line: 'started' });
  });

  test('a failure ends the wait; a missing log is an empty one; other alphabets', async () => {
    const file = join(dir, 'later.log');
    const since = await markLog({ machine: machine(), file }, {}, context);
    expect(since.bytes).toBe(0);
    writeFileSync(file, Buffer.from('Сервис запущен\r\n', 'utf16le'));
    expect(await waitForLogLine(wait(file, { line: 'запущен$', encoding: 'utf16le' }), { since }, context)).toEqual({
      line: 'Сервис запущен',
    });
    writeFileSync(file, 'FATAL: no licence\nstarted\n');
    await expect(waitForLogLine(wait(file, { failure: '^FATAL' }), { since }, context)).rejects.toMatchObject({
      code: 'LOG_SAYS_FAILURE',
      message: expect.stringContaining('no licence') as string,
    });
  });
});

describe('an address', () => {
  const wait = (more: Record<string, unknown> = {}) =>
    genericSteps.waitForUrl.params.parse({ url, every: 1, within: 1, ...more });

  test('is waited for until status and text are right', async () => {
    answer = { status: 503, body: 'starting', location: '' };
    setTimeout(() => (answer = { status: 200, body: 'ready', location: '' }), 500);
    expect(await waitForUrl(wait({ text: '^ready$', within: 20 }), {}, context)).toMatchObject({ url });
    await expect(waitForUrl(wait({ text: 'steady' }), {}, context)).rejects.toMatchObject({
      code: 'URL_NOT_AS_WANTED',
      message: expect.stringMatching(/body without \/steady\/ — ready/) as string,
    });
  });

  test('a redirection to a log-in page is none; nobody there is said so', async () => {
    answer = { status: 302, body: '', location: '/login' };
    await expect(waitForUrl(wait(), {}, context)).rejects.toMatchObject({
      message: expect.stringContaining('status 302 → /login') as string,
    });
    await expect(waitForUrl(wait({ url: 'http://127.0.0.1:9/' }), {}, context)).rejects.toMatchObject({
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
  });

  test('basic authentication', async () => {
    process.env['NAKAT_TEST_URL'] = 'pässword';
    answer = { status: 200, body: '', location: '' };
    asked = [];
    await waitForUrl(wait({ user: 'anna', password: { env: 'NAKAT_TEST_URL' } }), {}, context);
    expect(Buffer.from(asked[0]?.slice(6) ?? '', 'base64').toString()).toBe('anna:pässword');
  });
});

describe('a version', () => {
  const check = (from: object, is: string, more: object = {}) =>
    checkVersion(genericSteps.checkVersion.params.parse({ from, is, ...more }), {}, context);

  test('by command, file and address, held against a rule', async () => {
    const command = { of: 'command', machine: machine(), argv: ['echo', 'app 4.7.12 (x64)'] };
    expect(await check(command, '4.7.*')).toEqual({ version: '4.7.12' });
    await expect(check(command, '>=4.8')).rejects.toMatchObject({
      code: 'VERSION_NOT_WANTED',
      message: expect.stringContaining('4.7.12') as string,
    });
    writeFileSync(join(dir, 'VERSION'), 'v=10');
    expect(
      await check({ of: 'file', machine: machine(), file: join(dir, 'VERSION') }, '10', { pattern: 'v=(.*)' }),
    ).toEqual({ version: '10' });
    answer = { status: 200, body: '{"version":"2.0"}', location: '' };
    expect(await check({ of: 'url', url }, '>=2 <3')).toEqual({ version: '2.0' });
    answer = { status: 200, body: 'hello', location: '' };
    await expect(check({ of: 'url', url }, '2')).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' });
  });

  test('a rule that is none does not compile', () => {
    expect(genericSteps.checkVersion.params.safeParse({ from: { of: 'url', url }, is: 'newest' }).success).toBe(false);
  });
});

test('a state is compared line by line', async () => {
  mkdirSync(join(dir, 'watched'));
  writeFileSync(join(dir, 'watched/a'), '1');
  answer = { status: 200, body: 'same', location: '' };
  const params = genericSteps.recordState.params.parse({
    folders: [{ machine: machine(), folder: join(dir, 'watched') }],
    urls: [url],
    commands: [{ machine: machine(), argv: ['echo', 'one'] }],
  });
  const before = await recordState(params, {}, context);
  expect(before.lines.map((line) => line.value)).toEqual([expect.stringMatching(/^1, 1, /), '200 same', '0 one']);
  expect(await proveState(params, { before }, context)).toMatchObject({
    lines: [{ equal: true }, { equal: true }, { equal: true }],
  });
  writeFileSync(join(dir, 'watched/a'), '2');
  await expect(checkState(params, { before }, context)).rejects.toMatchObject({
    code: 'STATE_CHANGED',
    message: expect.stringContaining('watched') as string,
  });
  await expect(proveState(params, { before }, context)).rejects.toMatchObject({
    code: 'RESTORE_NOT_PROVED',
    failure: { proof: [{ equal: false }, { equal: true }, { equal: true }] },
  });
});
