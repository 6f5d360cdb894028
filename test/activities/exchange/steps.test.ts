/** The site's side of the exchange: against the practice ground's site, which speaks CommerceML and really imports. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createStepContext, type OpenStepContext } from '../../../activities/context.ts';
import { exchangeSteps } from '../../../activities/exchange/steps.ts';
import type { StepContext } from '../../../activities/step.ts';
import { importXml, offersXml } from '../../../lab/zeta/commerceml.ts';
import { pushCatalogue } from '../../../lab/zeta/push.ts';
import { catalogue } from '../../../lab/zeta/seed.ts';
import type { ExchangeStart } from '../../../runbook/targets/index.ts';
import { startTestCluster, startZetaFixture, type ZetaFixture } from '../../lab/zeta/fixture.ts';

let server: Awaited<ReturnType<typeof startTestCluster>>;
let zeta: ZetaFixture;
let context: OpenStepContext;
let files: string[];

beforeAll(async () => {
  server = await startTestCluster();
});
afterAll(() => server.stop());
beforeEach(async () => {
  entries = 0;
  zeta = await startZetaFixture(server.cluster);
  const { secrets } = zeta;
  context = createStepContext({ secret: (ref) => Promise.resolve('env' in ref ? (secrets[ref.env] ?? '') : '') });
  await mkdir(join(zeta.dir, 'send'));
  files = ['import.xml', 'offers.xml'].map((name) => join(zeta.dir, 'send', name));
  await writeFile(files[0] ?? '', importXml(catalogue(40)));
  await writeFile(files[1] ?? '', offersXml(catalogue(40)));
});
afterEach(async () => {
  await context.end();
  await zeta.stop();
});

const look = () => exchangeSteps.readSiteExchange(zeta.target, {}, context);
const off = () => exchangeSteps.switchSiteExchangeOff({ ...zeta.target, settle: 0.1 }, {}, context);
const run = (start: ExchangeStart, last: string, limit = 60, where: StepContext = context) =>
  exchangeSteps.runExchange({ ...zeta.target, start, limit, tables: ['goods'] }, { before: { on: true, last } }, where);
/** An attempt that has looked once and waits; `looksAgain`: what was written before is seen. */
const waits = async (last: string): Promise<{ result: ReturnType<typeof run>; looksAgain: () => Promise<unknown> }> => {
  let looks = 0;
  const result = run({ by: 'schedule' }, last, 3600, { ...context, progress: () => void looks++ });
  const after = (more: number) => {
    const from = looks;
    return Promise.race([result, vi.waitFor(() => expect(looks).toBeGreaterThanOrEqual(from + more), 20_000)]);
  };
  await after(1);
  return { result, looksAgain: () => after(2) };
};
const push = (signal = new AbortController().signal) =>
  pushCatalogue(
    { url: `${zeta.site.url}/exchange/1c.php`, user: '1c', password: 'exchange-password' },
    catalogue(40),
    signal,
  );
const priceOf = async (article: string) =>
  Number((await zeta.query(`SELECT price FROM goods WHERE article = '${article}'`))[0]?.['price']);

let entries = 0;
/** What the site writes down when an exchange has ended. */
const newest = (status: 'success' | 'error') =>
  zeta.query(
    `INSERT INTO exchange_log (id, started, status, message, goods) VALUES (${++entries}, 'now', '${status}', 'words of ${entries}', 0)`,
  );

describe('the switch', () => {
  test('off is proved, and on again as it was', async () => {
    const before = await look();
    expect(before).toEqual({ on: true, last: '' });
    await off();
    expect((await look()).on).toBe(false);
    await expect(push()).rejects.toThrow('Обмен с 1С выключен');
    await off();
    await exchangeSteps.switchSiteExchangeOn(zeta.target, { before }, context);
    expect((await look()).on).toBe(true);
  });

  test('one that was off before stays off', async () => {
    await off();
    await exchangeSteps.switchSiteExchangeOn(zeta.target, { before: { on: false, last: '' } }, context);
    expect((await look()).on).toBe(false);
  });

  test('one that is off is told before anything is touched', async () => {
    const check = () => exchangeSteps.checkSiteExchange(zeta.target, {}, context);
    await push();
    expect(await check()).toEqual({ on: true, last: '1' });
    await off();
    await expect(check()).rejects.toMatchObject({ code: 'SITE_EXCHANGE_OFF' });
  });

  test('“it refuses” is no proof with an account, path or type that is never let in: told while the exchange is on', async () => {
    const check = (change: object, secret = 'ZETA_EXCHANGE') => {
      const endpoint = { path: '/exchange/1c.php', type: 'catalog', user: '1c', password: { env: secret }, ...change };
      const on = { ...zeta.target, exchange: { ...zeta.target.exchange, endpoint } };
      return exchangeSteps.checkSiteExchange(on, {}, context);
    };
    expect(await check({})).toMatchObject({ on: true });
    await expect(check({}, 'ZETA_ADMIN')).rejects.toMatchObject({ code: 'EXCHANGE_LOGIN_REFUSED' });
    await expect(check({ user: 'nobody' })).rejects.toMatchObject({ code: 'EXCHANGE_LOGIN_REFUSED' });
    await expect(check({ type: 'katalog' })).rejects.toMatchObject({ code: 'EXCHANGE_LOGIN_REFUSED' });
    await expect(check({ path: '/exchange.php' })).rejects.toMatchObject({ code: 'EXCHANGE_NOT_UNDERSTOOD' });
    // Without an account there is nothing to try.
    const { endpoint: _, ...deaf } = zeta.target.exchange;
    expect(await exchangeSteps.checkSiteExchange({ ...zeta.target, exchange: deaf }, {}, context)).toMatchObject({
      on: true,
    });
  });

  test('by requests to the administration', async () => {
    const request = (enabled: string) => ({
      method: 'POST' as const,
      path: '/admin/exchange',
      type: 'application/x-www-form-urlencoded',
      body: `enabled=${enabled}`,
    });
    const exchange = {
      ...zeta.target.exchange,
      switch: {
        by: 'request' as const,
        on: request('1'),
        off: request('0'),
        state: { path: '/admin/exchange', on: 'Обмен включён', off: 'Обмен выключен' },
      },
    };
    await exchangeSteps.switchSiteExchangeOff({ ...zeta.target, exchange, settle: 0 }, {}, context);
    expect((await look()).on).toBe(false);
    const site = { ...zeta.target.site, password: { env: 'ZETA_DB' } };
    await expect(
      exchangeSteps.switchSiteExchangeOn({ ...zeta.target, site, exchange }, { before: undefined }, context),
    ).rejects.toMatchObject({ code: 'WEBSITE_REFUSED' });
  });

  test('a switch that does not hold, an endpoint that still lets in, an exchange that still ends', async () => {
    const other = {
      ...zeta.target.exchange,
      switch: {
        by: 'row' as const,
        at: { table: 'settings', column: 'value', where: { name: 'maintenance' } },
        on: '1',
        off: '0',
      },
    };
    // The wrong row is "off" and the site goes on.
    await expect(
      exchangeSteps.switchSiteExchangeOff({ ...zeta.target, exchange: other, settle: 0 }, {}, context),
    ).rejects.toMatchObject({ code: 'SITE_EXCHANGE_STILL_RUNS' });
    const { endpoint: _, ...deaf } = other;
    let over = false;
    const running = exchangeSteps
      .switchSiteExchangeOff({ ...zeta.target, exchange: deaf, settle: 1.5 }, {}, context)
      .finally(() => (over = true));
    const others = async (): Promise<void> => {
      for (; !over; await delay(50)) await newest('success');
    };
    await Promise.all([
      expect(running).rejects.toMatchObject({ code: 'SITE_EXCHANGE_STILL_RUNS', failure: { passing: true } }),
      others(),
    ]);
    const nothing = {
      ...other,
      switch: { ...other.switch, at: { ...other.switch.at, where: { name: 'no such setting' } } },
    };
    await expect(
      exchangeSteps.readSiteExchange({ ...zeta.target, exchange: nothing }, {}, context),
    ).rejects.toMatchObject({ code: 'WEB_VALUE_MISSING' });
    const neither = { ...other, switch: { ...other.switch, on: 'yes', off: 'no' } };
    await expect(
      exchangeSteps.readSiteExchange({ ...zeta.target, exchange: neither }, {}, context),
    ).rejects.toMatchObject({ code: 'WEB_SWITCH_STUCK' });
  });
});

describe.each([{ zip: false }, { zip: true }])('an exchange over the protocol, zip: $zip', ({ zip }) => {
  test('all records are in, cut by the site’s limit, imported bit by bit', async () => {
    await zeta.stop();
    zeta = await startZetaFixture(server.cluster, { zip });
    await mkdir(join(zeta.dir, 'send'));
    await writeFile(join(zeta.dir, 'send/import.xml'), importXml(catalogue(40)));
    await writeFile(join(zeta.dir, 'send/offers.xml'), offersXml(catalogue(40)));
    const result = await run(
      { by: 'protocol', files: ['import.xml', 'offers.xml'].map((name) => join(zeta.dir, 'send', name)) },
      '',
    );
    expect(result).toMatchObject({ status: 'success', message: 'Загружено товаров: 40', rows: { goods: 40 } });
    expect(await priceOf('A-0001')).toBe(100);
  });
});

describe('the result', () => {
  test('of an exchange that the schedule starts; an old one does not count', async () => {
    await push();
    const { last } = await look();
    const waiting = run({ by: 'schedule' }, last);
    await push();
    expect(await waiting).toMatchObject({ status: 'success', rows: { goods: 40 } });
    await expect(run({ by: 'schedule' }, '2', 0.3)).rejects.toMatchObject({ code: 'EXCHANGE_NO_RESULT' });
  });

  test('a second attempt takes the first one’s result', async () => {
    await run({ by: 'protocol', files }, '');
    await run({ by: 'protocol', files }, '');
    expect(zeta.counts.get('exchange')).toBe(1);
  });

  test('an exchange that failed, in the site’s words', async () => {
    zeta.broken.add('exchange');
    await writeFile(join(zeta.folder, 'core/version.json'), '{"version":"4.3.0"}');
    const words = { code: 'EXCHANGE_FAILED', failure: { vendor: 'Неизвестный тип цены: Розничная' } };
    await expect(run({ by: 'protocol', files }, '')).rejects.toMatchObject(words);
    await expect(run({ by: 'schedule' }, '0')).rejects.toMatchObject(words);
  });

  test('one failure of the schedule is not the last word: the next exchange counts', async () => {
    const { result, looksAgain } = await waits('0');
    await newest('error');
    await looksAgain();
    await newest('success');
    expect(await result).toMatchObject({ status: 'success' });
  });

  test('a second failure is, without waiting for the limit; a new attempt waits for new ones', async () => {
    const { result } = await waits('0');
    const words = { code: 'EXCHANGE_FAILED', failure: { vendor: 'words of 2' } };
    await Promise.all([expect(result).rejects.toMatchObject(words), newest('error').then(() => newest('error'))]);
    const again = await waits('0');
    await newest('success');
    expect(await again.result).toMatchObject({ status: 'success' });
  });

  test('a failure without another exchange within the limit', async () => {
    await newest('error');
    await expect(run({ by: 'schedule' }, '0', 0.5)).rejects.toMatchObject({ code: 'EXCHANGE_FAILED' });
  });

  test('a wrong password, a path that is none, a file that is none', async () => {
    const endpoint = zeta.target.exchange.endpoint ?? { path: '', type: '', user: '', password: { env: '' } };
    const withEndpoint = (change: Partial<typeof endpoint>, sent = files) =>
      exchangeSteps.runExchange(
        {
          ...zeta.target,
          exchange: { ...zeta.target.exchange, endpoint: { ...endpoint, ...change } },
          start: { by: 'protocol', files: sent },
          limit: 1,
          tables: [],
        },
        { before: { on: true, last: '' } },
        context,
      );
    await expect(withEndpoint({ password: { env: 'ZETA_ADMIN' } })).rejects.toMatchObject({
      code: 'EXCHANGE_LOGIN_REFUSED',
    });
    await expect(withEndpoint({ path: '/nowhere.php' })).rejects.toMatchObject({ code: 'EXCHANGE_NOT_UNDERSTOOD' });
    await expect(withEndpoint({}, ['/no/such/import.xml'])).rejects.toMatchObject({ code: 'EXCHANGE_FILE_MISSING' });
    await writeFile(files[0] ?? '', '<html></html>');
    await expect(withEndpoint({})).rejects.toMatchObject({
      code: 'EXCHANGE_FAILED',
      failure: { vendor: 'Файл не является файлом CommerceML' },
    });
  });
});
