/** In a restore the site is perhaps dead: doors and switches are tried, told, and stand in nobody's way; in production they do. */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createStepContext, type OpenStepContext } from '../../../activities/context.ts';
import { exchangeSteps } from '../../../activities/exchange/steps.ts';
import { evenIfDead } from '../../../activities/website/dead.ts';
import { websiteSteps } from '../../../activities/website/steps.ts';
import { sayFacts } from '../../../runbook/messages/facts.ts';
import type { WebSite } from '../../../runbook/targets/index.ts';
import { startTestCluster, startZetaFixture, type ZetaFixture } from '../../lab/zeta/fixture.ts';

let server: Awaited<ReturnType<typeof startTestCluster>>;
let zeta: ZetaFixture;
let context: OpenStepContext;
let broken: Server;
/** What the broken site answers. */
let status = 500;

beforeAll(async () => {
  server = await startTestCluster();
  broken = createServer((_request, response) => {
    response.writeHead(status).end('Fatal error: Uncaught Error');
  }).listen(0, '127.0.0.1');
  await once(broken, 'listening');
});
afterAll(async () => {
  broken.closeAllConnections();
  broken.close();
  await server.stop();
});
beforeEach(async () => {
  status = 500;
  zeta = await startZetaFixture(server.cluster);
  const { secrets } = zeta;
  context = createStepContext({ secret: (ref) => Promise.resolve('env' in ref ? (secrets[ref.env] ?? '') : '') });
});
afterEach(async () => {
  await context.end();
  await zeta.stop();
});

const at = (url: string): WebSite => ({ ...zeta.target.site, url });
const answersBadly = (): WebSite => at(`http://127.0.0.1:${(broken.address() as AddressInfo).port}`);
const gone = (): WebSite => at('http://127.0.0.1:9');
const request = (body: string) => ({ method: 'POST' as const, path: '/admin', type: 'text/plain', body });
const byRequest = {
  by: 'request' as const,
  on: request('1'),
  off: request('0'),
  state: { path: '/admin', on: 'is on', off: 'is off' },
};
const close = (site: WebSite, mayBeDead?: true) =>
  websiteSteps.closeWebSite({ site, database: zeta.target.database, door: byRequest, ...(mayBeDead ? { mayBeDead } : {}) }, {}, context); // prettier-ignore
const off = (change: object, mayBeDead?: true) =>
  exchangeSteps.switchSiteExchangeOff({ ...zeta.target, settle: 0, ...change, ...(mayBeDead ? { mayBeDead } : {}) }, {}, context); // prettier-ignore
const settingOf = async (name: string) =>
  (await zeta.query(`SELECT value FROM settings WHERE name = '${name}'`))[0]?.['value'];

describe('a door', () => {
  test.each([
    ['of a site that answers 500', answersBadly, 'WEBSITE_REFUSED'],
    ['of a site that does not answer', gone, 'WEBSITE_UNREACHABLE'],
  ])('%s stops production, and no restore', async (_name, site, code) => {
    await expect(close(site())).rejects.toMatchObject({ code });
    const facts = await close(site(), true);
    expect(facts).toEqual({ found: 'went-on', message: expect.stringContaining(code) as string });
    expect(sayFacts(facts, 'ru')).toContain('восстановление продолжено');
  });

  test('of a site whose page of errors is a page like any other', async () => {
    status = 200;
    await expect(close(answersBadly())).rejects.toMatchObject({ code: 'WEB_SWITCH_STUCK' });
    expect(await close(answersBadly(), true)).toMatchObject({ found: 'went-on' });
  });
});

describe('the exchange', () => {
  test('is switched off all the same where only the site is dead', async () => {
    await expect(off({ site: gone() })).rejects.toMatchObject({ code: 'WEBSITE_UNREACHABLE' });
    await zeta.query(`UPDATE settings SET value = '1' WHERE name = 'exchange'`);
    expect(await off({ site: gone() }, true)).toMatchObject({ found: 'went-on' });
    expect(await settingOf('exchange')).toBe('0');
  });

  test('whose endpoint answers 500 lets nobody in: that is off', async () => {
    expect(await off({ site: answersBadly() }, true)).toEqual({});
    expect(await settingOf('exchange')).toBe('0');
  });

  test('whose tables a migration has left half made', async () => {
    await zeta.query('DROP TABLE exchange_log');
    expect(await off({})).toEqual({});
    await zeta.query('ALTER TABLE settings RENAME TO settings_old');
    await expect(off({})).rejects.toThrow();
    expect(await off({}, true)).toMatchObject({ found: 'went-on' });
  });

  test('is off, and that is all there is to say, where the site lives', async () => {
    expect(await off({}, true)).toEqual({});
    expect(await settingOf('exchange')).toBe('0');
  });
});

describe('what takes for ever', () => {
  test('is waited for a while only, and nothing is changed afterwards', async () => {
    let signal: AbortSignal | undefined;
    const facts = await evenIfDead(
      context,
      (within) => {
        signal = within.signal;
        return new Promise(() => undefined);
      },
      50,
    );
    expect(facts).toEqual({ found: 'went-on', message: 'no answer in 0.05 s' });
    expect(signal?.aborted).toBe(true);
  });

  test('a step that is called off is not one that was done', async () => {
    const cancelled = new AbortController();
    const { signal } = cancelled;
    const waiting = evenIfDead({ ...context, signal }, () => new Promise(() => undefined), 60_000);
    cancelled.abort(new Error('called off'));
    await expect(waiting).rejects.toThrow('called off');
  });
});
