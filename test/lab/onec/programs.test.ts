import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OneCCluster } from '../../../lab/onec/cluster.ts';
import { startScheduledJob } from '../../../lab/onec/jobs.ts';
import { onecPrograms } from '../../../lab/onec/programs.ts';
import { seedFileInfobase, seedInfobase } from '../../../lab/onec/seed.ts';
import { startOnecService, type OnecService } from '../../../lab/onec/service.ts';
import { startCluster, type Cluster } from '../../../lab/postgres/cluster.ts';

let dir: string;
let postgres: Cluster;
let cluster: OneCCluster;
let client: pg.Client;
let service: OnecService;
const calls: string[] = [];
const auth = `Basic ${Buffer.from('Админ:тайна').toString('base64')}`;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'nakat-lab-onec-'));
  chmodSync(dir, 0o755);
  postgres = await startCluster({ dir: join(dir, 'pg') });
  await postgres.createDatabase('trade');
  const { host, port, user, password } = postgres;
  client = new pg.Client({ host, port, user, password, database: 'trade' });
  await client.connect();
  await seedInfobase(client, { users: [{ name: 'Админ', password: 'тайна' }], contacts: 5, orders: 7 });
  cluster = new OneCCluster(join(dir, 'cluster.json'));
  cluster.register('Trade', { host, port, user, password, name: 'trade' });
  await seedFileInfobase(join(dir, 'file'), client);
  service = await startOnecService({
    cluster,
    infobase: 'trade',
    count: (event, detail) => calls.push(`${event} ${detail}`),
  });
});
afterAll(async () => {
  await service.stop();
  await client.end();
  await postgres.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function start(
  name: '1cv8' | 'ibcmd' | 'rac',
  argv: string[],
  options: { signal?: AbortSignal; log?: 'cp1251'; duration?: number } = {},
) {
  const program = onecPrograms({ platform: 'C:', cluster, duration: options.duration ?? 8, log: options.log })[
    `C:\\${name}.exe`
  ]!;
  let out = '';
  let err = '';
  const signal = options.signal ?? new AbortController().signal;
  const code = await program(argv, {
    cwd: dir,
    env: {},
    stdin: '',
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    real: (path) => join(dir, path),
    signal,
    run: async () => ({ code: 0, output: '' }),
  });
  return { code, out, err };
}
const designer = (argv: string[], options: Parameters<typeof start>[2] = {}, place = ['/S', 'app\\trade']) =>
  start(
    '1cv8',
    ['DESIGNER', ...place, '/N', 'Админ', '/P', 'тайна', '/Out', 'out.txt', '/DumpResult', 'result.txt', ...argv],
    options,
  );
const log = (): string => readFileSync(join(dir, 'out.txt'), 'utf8');

describe('1cv8', () => {
  it('refuses an unknown option with code 1 and words in the log', async () => {
    expect((await designer(['/DumpIBX', 'x.dt'])).code).toBe(1);
    expect(log()).toContain('Неверный параметр командной строки: /DumpIBX');
    expect(readFileSync(join(dir, 'result.txt'), 'utf8')).toBe('1');
    expect((await designer([])).code).toBe(1);
  });

  it('dumps and loads all rows, and leaves half a file when it is killed', async () => {
    const killed = new AbortController();
    const run = designer(['/DumpIB', 'half.dt'], { signal: killed.signal, duration: 400 });
    await expect
      .poll(() => existsSync(join(dir, 'half.dt')) && statSync(join(dir, 'half.dt')).size)
      .toBeGreaterThan(100);
    expect(cluster.sessions('trade').map(({ app }) => app)).toEqual(['Designer']);
    expect(() => cluster.open('trade', { app: '1CV8C' })).toThrow('Ошибка исключительной блокировки');
    killed.abort();
    expect((await run).code).toBe(1);
    expect(cluster.sessions('trade')).toEqual([]);
    expect((await designer(['/RestoreIB', 'half.dt'])).code).toBe(1);
    expect(log()).toContain('поврежден');

    expect((await designer(['/DumpIB', 'whole.dt'])).code).toBe(0);
    expect(readFileSync(join(dir, 'whole.dt')).subarray(0, 9).toString()).toBe('1CIBDmpF3');
    const before = (await client.query('SELECT * FROM _document20 ORDER BY 1')).rows;
    await client.query('DELETE FROM _document20');
    expect((await designer(['/RestoreIB', 'whole.dt'])).code).toBe(0);
    expect((await client.query('SELECT * FROM _document20 ORDER BY 1')).rows).toEqual(before);
  });

  it('has a generation that changes with the configuration only', async () => {
    const read = async (): Promise<string> =>
      (await designer(['/GetConfigGenerationID'])).code === 0 ? log().trim() : 'failed';
    const first = await read();
    await client.query("INSERT INTO _inforg30 (_fld31) VALUES ('x')");
    expect(await read()).toBe(first);
    await client.query("UPDATE config SET binarydata = 'new' WHERE filename = 'root'");
    expect(await read()).not.toBe(first);
  });

  it('writes the log of an old platform, and wants an open file infobase closed', async () => {
    await designer(['/DumpIB', 'file.dt'], { log: 'cp1251' }, ['/F', 'file']);
    expect(readFileSync(join(dir, 'out.txt')).subarray(0, 2)).toEqual(Buffer.from([0xc2, 0xfb]));
    writeFileSync(join(dir, 'file/1Cv8.1CL'), '');
    expect((await designer(['/DumpIB', 'file.dt'], {}, ['/F', 'file'])).code).toBe(1);
    expect((await designer(['/GetConfigGenerationID'], {}, ['/F', 'file'])).code).toBe(0);
    rmSync(join(dir, 'file/1Cv8.1CL'));
  });
});

describe('ibcmd and rac', () => {
  it('refuse what they do not know', async () => {
    expect(await start('ibcmd', ['infobase', 'dump', '--db-pathh=x', 'x.dt'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--db-pathh'),
    });
    expect(await start('ibcmd', ['infobase', 'dump', '--db-path=nowhere', 'x.dt'])).toMatchObject({
      code: 255,
      err: expect.stringContaining('не обнаружена'),
    });
    expect((await start('rac', ['infobase', 'explode'])).code).not.toBe(0);
    expect((await start('rac', ['cluster', 'list', 'other:1'])).err).toContain('Ошибка соединения');
    expect((await start('rac', ['cluster', 'list', '--x=1'])).code).not.toBe(0);
  });

  it('goes past the cluster: ibcmd dumps although somebody works', async () => {
    const { session } = cluster.open('trade', { app: '1CV8C' });
    const { host, port, user, password } = postgres;
    const place = [
      '--dbms=PostgreSQL',
      `--db-server=${host} port=${port}`,
      '--db-name=trade',
      `--db-user=${user}`,
      `--db-pwd=${password}`,
      '--user=Админ',
      '--password=тайна',
    ];
    expect((await start('ibcmd', ['infobase', 'dump', ...place, 'past.dt'])).code).toBe(0);
    expect((await designer(['/DumpIB', 'x.dt'])).code).toBe(1);
    cluster.close(session);
  });
});

describe('the exchange service and the scheduled job', () => {
  const call = (path: string, init: RequestInit = {}) =>
    fetch(`${service.url}/hs/exchange/${path}`, { ...init, headers: { authorization: auth } });
  const lock = (change: Record<string, string>): void =>
    cluster.change(({ infobases }) => void Object.assign(infobases[0]!.properties, change));

  it('gives orders, takes contacts, and counts the calls', async () => {
    const orders = (await (await call('orders')).json()) as { number: string }[];
    expect(orders).toHaveLength(7);
    expect(orders[0]).toMatchObject({ number: 'ЗК-000001', name: expect.any(String), changed: '2024-01-01T01:00:00' });
    const [made] = (await (
      await call('contacts', { method: 'POST', body: '[{"name":"Новый","email":"n@example.com"}]' })
    ).json()) as { ref: string }[];
    await call('contacts', {
      method: 'POST',
      body: JSON.stringify([{ ref: made!.ref, name: 'Другой', email: 'n@example.com' }]),
    });
    expect(
      (await client.query('SELECT _code, _description FROM _reference10 WHERE _idrref = $1', [made!.ref])).rows,
    ).toEqual([{ _code: '000000006', _description: 'Другой' }]);
    expect(calls).toEqual(['orders 7', 'contacts 1', 'contacts 1']);
    expect((await call('contacts', { method: 'POST', body: '{}' })).status).toBe(400);
    expect((await fetch(`${service.url}/hs/exchange/orders`)).status).toBe(401);
    expect((await call('nothing')).status).toBe(404);
    expect(cluster.sessions('trade')).toEqual([]);
  });

  it('refuses while sessions are denied; the job adds rows until jobs are denied', async () => {
    lock({ 'sessions-deny': 'on', 'denied-message': 'Обновление' });
    const refused = await call('orders');
    expect([refused.status, await refused.text()]).toEqual([
      403,
      expect.stringContaining('Начало сеанса с информационной базой запрещено'),
    ]);
    lock({ 'sessions-deny': 'off' });
    const rows = async (): Promise<number> =>
      Number((await client.query('SELECT count(*) AS n FROM _inforg30')).rows[0].n);
    const before = await rows();
    const job = startScheduledJob(cluster, 'trade', 10);
    await expect.poll(rows).toBeGreaterThan(before);
    lock({ 'scheduled-jobs-deny': 'on' });
    await job.stop();
    const after = await rows();
    const denied = startScheduledJob(cluster, 'trade', 1);
    // Nothing can be awaited here: time for fifty runs that must not happen.
    await new Promise((done) => setTimeout(done, 50));
    await denied.stop();
    expect(await rows()).toBe(after);
  });
});
