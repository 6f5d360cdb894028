import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, startBench, type Bench } from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());

const free = {
  'sessions-deny': 'off',
  'scheduled-jobs-deny': 'off',
  'denied-from': '',
  'denied-to': '',
  'denied-message': '',
  'denied-parameter': '',
  'permission-code': '',
};
const properties = (): Record<string, string> => bench.cluster.find('trade').properties;
const become = (change: Record<string, string>): void =>
  bench.cluster.change(
    ({ infobases }) => void Object.assign(infobases.find(({ name }) => name === 'trade')!.properties, change),
  );
beforeEach(() => {
  become(free);
  for (const { session } of bench.cluster.sessions('trade')) bench.cluster.close(session);
});

describe('locking an infobase of a cluster', () => {
  it('denies sessions and jobs, ends the sessions of others and lets nakat itself in', async () => {
    bench.cluster.open('trade', { app: '1CV8C', user: 'Кассир' });
    bench.cluster.open('trade', { app: 'Designer', user: 'Другой' });
    const own = bench.cluster.open('trade', { app: 'Designer', user: 'Администратор' });
    const infobase = bench.open(bench.target('trade'));
    expect(await infobase.lock('Обновление')).toEqual({ sessionsDenied: false, jobsDenied: false });
    expect(properties()).toMatchObject({
      'sessions-deny': 'on',
      'scheduled-jobs-deny': 'on',
      'denied-message': 'Обновление',
      'permission-code': 'nakat-code',
    });
    expect(bench.cluster.sessions('trade').map(({ session }) => session)).toEqual([own.session]);
    bench.cluster.close(own.session);
    expect(() => bench.cluster.open('trade', { app: '1CV8C' })).toThrow(
      'Начало сеанса с информационной базой запрещено',
    );
    expect(await infobase.generation('own')).toMatch(/^[0-9a-f]{40}$/);
    await infobase.admit();
    expect(properties()).toMatchObject({ 'sessions-deny': 'off', 'scheduled-jobs-deny': 'on' });
    bench.cluster.close(bench.cluster.open('trade', { app: '1CV8C' }).session);
    await infobase.unlock(undefined);
    expect(properties()).toEqual(free);
  });

  it('keeps the state before the lock when its answer is lost', async () => {
    become({ 'scheduled-jobs-deny': 'on' });
    const machine = bench.machine;
    const run = machine.run;
    machine.run = async (argv, options) => {
      const result = await run.call(machine, argv, options);
      if (argv.includes('update')) throw new Error('connection lost');
      return result;
    };
    await expect(bench.open(bench.target('trade')).lock('x')).rejects.toThrow('connection lost');
    machine.run = run;
    const again = bench.open(bench.target('trade'));
    expect(await again.lock('x')).toEqual({ sessionsDenied: false, jobsDenied: true });
    await again.unlock(undefined);
    expect(properties()).toEqual({ ...free, 'scheduled-jobs-deny': 'on' });
  });

  it('puts a lock of somebody else back as it was', async () => {
    const theirs = {
      ...free,
      'sessions-deny': 'on',
      'denied-message': 'Закрытие: месяца',
      'denied-to': '2099-01-01T00:00:00',
      'permission-code': 'их-код',
    };
    become(theirs);
    const infobase = bench.open(bench.target('trade'));
    expect(await infobase.lock('x')).toEqual({ sessionsDenied: true, jobsDenied: false });
    expect(properties()['permission-code']).toBe('nakat-code');
    await infobase.unlock(undefined);
    expect(properties()).toEqual(theirs);
  });

  it('leaves alone what it did not lock', async () => {
    become({ 'sessions-deny': 'on', 'permission-code': 'other' });
    const infobase = bench.open(bench.target('trade'));
    await infobase.unlock({ sessionsDenied: false, jobsDenied: false });
    expect(properties()).toEqual({ ...free, 'sessions-deny': 'on', 'permission-code': 'other' });
    become(free);
    await infobase.lock('x');
    expect(await codeOf(bench.open(bench.target('trade'), { run: 'run00002' }).lock('y'))).toBe(
      'INFOBASE_LOCKED_BY_RUN',
    );
    await bench.open(bench.target('trade'), { run: 'run00002' }).unlock({ sessionsDenied: false, jobsDenied: false });
    expect(properties()['sessions-deny']).toBe('on');
    become({ 'denied-parameter': '' });
    await infobase.unlock({ sessionsDenied: false, jobsDenied: false });
    expect(properties()).toEqual(free);
  });

  it('denies the jobs of a copy', async () => {
    const infobase = bench.open(bench.target('trade'));
    expect(await infobase.state()).toEqual({ sessionsDenied: false, jobsDenied: false });
    await infobase.denyJobs();
    expect(await infobase.state()).toEqual({ sessionsDenied: false, jobsDenied: true });
  });

  it('names what is wrong with the cluster', async () => {
    const at = bench.target('trade').at;
    if (at.kind !== 'server') throw new Error('a server infobase is needed');
    expect(await codeOf(bench.open(bench.target('trade', { at: { ...at, ras: 'app01:1546' } })).state())).toBe(
      'CLUSTER_UNREACHABLE',
    );
    expect(
      await codeOf(bench.open(bench.target('trade', { at: { ...at, clusterPassword: { env: 'ONEC' } } })).state()),
    ).toBe('CLUSTER_LOGIN');
    expect(await codeOf(bench.open(bench.target('trade', { at: { ...at, ref: 'nowhere' } })).state())).toBe(
      'INFOBASE_NOT_FOUND',
    );
  });
});
