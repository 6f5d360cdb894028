import { beforeEach, describe, expect, it, vi } from 'vitest';
import { codeOf } from './bench.ts';
import { installed, release } from './release.ts';
import { bench, breakages, context, edit, handlers, marks, startsAnew } from './updates.ts';

const at = vi.hoisted(() => ({ machine: undefined as unknown }));
vi.mock('../../../activities/machines/pool.ts', () => ({ machineFor: async () => at.machine }));
startsAnew(at);

describe('update handlers', () => {
  beforeEach(() => edit({ database: { ...installed, ...release('3.2.0.1') } }));

  it('that fail are found although the client ends with 0, and run on from where they were', async () => {
    breakages.handlers = 'trade';
    await expect(handlers()).rejects.toMatchObject({
      code: 'UPDATE_HANDLERS_FAILED',
      failure: {
        vendor: expect.stringMatching(/^\S+ Обновление информационной базы: .*"3\.2\.0\.1-заказы":\n.*Деление на 0$/),
      },
    });
    expect(await marks()).toBe('[3.2.0.1-контакты]');
    delete breakages.handlers;
    await handlers({ deferred: 'later' });
    expect(await marks()).toBe('[3.2.0.1-контакты] [3.2.0.1-заказы]');
  });

  it('that hang are ended with the step, and a client whose keyword nobody knows does nothing', async () => {
    breakages.hang = 'trade';
    const cancel = new AbortController();
    const hanging = codeOf(handlers({}, context('production.handlers', { signal: cancel.signal })));
    await vi.waitFor(async () => expect(await marks()).toBe('[3.2.0.1-контакты]'), { timeout: 60_000 });
    cancel.abort();
    expect(await hanging).not.toBe('fine');
    await vi.waitFor(() => expect(bench.cluster.sessions('trade')).toEqual([]), { timeout: 60_000 });
    delete breakages.hang;
    expect(await codeOf(handlers({ command: 'ЗавершитьРаботуСистемы' }))).toBe('UPDATE_HANDLERS_FAILED');
  });

  it('of a client whose machine lost power run on; a worker that only went away is followed', async () => {
    const leaving = new AbortController();
    const first = handlers({}, context('production.handlers', { signal: leaving.signal, stopping: () => true })).catch(
      () => 'left',
    );
    await vi.waitFor(() => expect(bench.machine.jobs.size).toBe(1), { timeout: 60_000 });
    leaving.abort();
    await first;
    await handlers();
    expect(bench.machine.started.filter((argv) => argv.includes('ENTERPRISE'))).toHaveLength(1);
    expect(await marks()).toBe('[3.2.0.1-контакты] [3.2.0.1-заказы] [3.2.0.1-отложенный]');
  });
});
