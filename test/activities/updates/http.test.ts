import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ask } from '../../../activities/updates/http.ts';
import { updateService, type WebService } from '../../../runbook/plan/watch.ts';
import { redirects, sends, startHostile, type Hostile } from './server.ts';

let [home, other] = [undefined, undefined] as unknown as [Hostile, Hostile];
beforeAll(async () => {
  [home, other] = [await startHostile(), await startHostile()];
});
afterAll(async () => {
  await home.stop();
  await other.stop();
});
beforeEach(() => {
  home.asked.length = 0;
  other.asked.length = 0;
  other.answer = sends('from elsewhere');
});

const service = (more: object = {}): WebService =>
  updateService.parse({
    kind: 'manifest',
    name: 'vendor',
    url: `${home.url}/list`,
    product: 'p',
    plain: true,
    timeout: '60s',
    authentication: { kind: 'basic', user: 'nakat', password: { env: 'X' } },
    ...more,
  }) as WebService;
const asking = (of: WebService, more: object = {}, limit = 1000): Promise<string> =>
  ask(of, { url: new URL(of.url), ...more }, limit, async () => 'geheim', new AbortController().signal);
const authorization = `Basic ${Buffer.from('nakat:geheim').toString('base64')}`;

test('a plain answer, with the log-in for the service', async () => {
  home.answer = sends('\uFEFFда');
  expect(await asking(service())).toBe('да');
  expect(home.asked[0]?.headers.authorization).toBe(authorization);
});

test('a host that the plan does not name is not asked at all', async () => {
  home.answer = redirects(`${other.url}/list`);
  await expect(asking(service())).rejects.toMatchObject({ code: 'SERVICE_LEADS_AWAY' });
  expect(other.asked).toEqual([]);
});

test('a named host is asked without the log-in, and without what was posted', async () => {
  home.answer = redirects(`${other.url}/list`, 307);
  const posted = { method: 'POST', body: 'KEY=1', type: 'text/plain' };
  expect(await asking(service({ hosts: [other.host] }), posted)).toBe('from elsewhere');
  expect(other.asked).toMatchObject([{ method: 'GET', body: '' }]);
  expect(other.asked[0]?.headers.authorization).toBeUndefined();
});

test('the place that the plan names for files may be asked too', async () => {
  const api = (files: string): WebService =>
    updateService.parse({
      kind: 'update-api',
      name: 'vendor',
      url: home.url,
      files,
      program: 'Accounting',
      platform: '8.3.25.1560',
      login: 'its',
      password: { env: 'X' },
      plain: true,
    }) as WebService;
  const file = { url: new URL(`${other.url}/file`) };
  expect(await asking(api(other.url), file)).toBe('from elsewhere');
  await expect(asking(api(home.url), file)).rejects.toMatchObject({ code: 'SERVICE_LEADS_AWAY' });
});

test.each(['file:///etc/passwd', 'ftp://127.0.0.1/', 'data:text/plain,x', 'http://169.254.169.254/latest'])(
  'a redirect to %s is not followed',
  async (to) => {
    home.answer = redirects(to);
    await expect(asking(service({ plain: true }))).rejects.toMatchObject({ code: 'SERVICE_LEADS_AWAY' });
  },
);

test('a name and password in the address are not followed either', async () => {
  home.answer = redirects(`http://root:root@${home.host}/list`);
  await expect(asking(service())).rejects.toMatchObject({ code: 'SERVICE_LEADS_AWAY' });
});

test('without TLS nothing is asked unless the plan says so', async () => {
  await expect(asking(service({ plain: false }))).rejects.toMatchObject({ code: 'SERVICE_LEADS_AWAY' });
  expect(home.asked).toEqual([]);
});

test('redirects in a circle end', async () => {
  home.answer = redirects(`${home.url}/list`);
  await expect(asking(service())).rejects.toMatchObject({ code: 'SERVICE_FAILED' });
  expect(home.asked.length).toBe(6);
});

test('an answer without end is cut at the limit', async () => {
  let sent = 0;
  home.answer = (_request, response) => {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024))) sent += 64 * 1024;
    };
    response.on('drain', more).on('error', () => undefined);
    more();
  };
  await expect(asking(service(), {}, 100_000)).rejects.toMatchObject({
    code: 'SERVICE_TOO_BIG',
    failure: { values: { limit: 100_000 } },
  });
  expect(sent).toBeLessThan(50_000_000);
});

test('a small answer that unpacks into a large one is cut at the limit', async () => {
  home.answer = sends(gzipSync(Buffer.alloc(50_000_000)), { 'content-encoding': 'gzip' });
  await expect(asking(service(), {}, 100_000)).rejects.toMatchObject({ code: 'SERVICE_TOO_BIG' });
});

test('an answer that never comes, and one that comes by drops, is given up in time', async () => {
  home.answer = () => undefined;
  const hasty = service({ timeout: '2s' });
  await expect(asking(hasty)).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE', failure: { passing: true } });
  home.answer = (_request, response) => {
    response.writeHead(200);
    const drops = setInterval(() => response.write('.'), 100);
    response.on('close', () => clearInterval(drops)).on('error', () => undefined);
  };
  await expect(asking(hasty)).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE' });
});

test('a connection that is cut is no answer', async () => {
  home.answer = (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('half');
    setImmediate(() => response.destroy());
  };
  await expect(asking(service())).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE' });
});

test.each([
  [401, 'SERVICE_DENIED', false],
  [403, 'SERVICE_DENIED', false],
  [404, 'SERVICE_FAILED', false],
  [429, 'SERVICE_FAILED', true],
  [503, 'SERVICE_FAILED', true],
])('HTTP %i is %s; passing: %s', async (status, code, passing) => {
  home.answer = (_request, response) => void response.writeHead(status).end('{"error":"\u001b[31mKEY\u0007"}');
  await expect(asking(service())).rejects.toMatchObject({
    code,
    failure: { passing, vendor: '{"error":" [31mKEY "}', values: { status } },
  });
});

test('nobody there', async () => {
  await expect(asking(service({ url: 'http://127.0.0.1:1/' }))).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE' });
});

test('other log-ins', async () => {
  home.answer = sends('ok');
  await asking(service({ authentication: { kind: 'bearer', token: { env: 'X' } } }));
  await asking(service({ authentication: { kind: 'header', header: 'X-Key', value: { env: 'X' } } }));
  await asking(service({ authentication: { kind: 'none' } }));
  expect(home.asked.map(({ headers }) => [headers.authorization, headers['x-key']])).toEqual([
    ['Bearer geheim', undefined],
    [undefined, 'geheim'],
    [undefined, undefined],
  ]);
});
