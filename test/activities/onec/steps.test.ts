import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { infobaseFingerprint, infobaseSize } from '../../../activities/onec/fingerprint.ts';
import { infobaseJobsDenied } from '../../../activities/onec/lock.ts';
import { onecSteps } from '../../../activities/onec/steps.ts';
import { startBench, type Bench } from './bench.ts';

let bench: Bench;
const at = vi.hoisted(() => ({ machine: undefined as unknown }));
vi.mock('../../../activities/machines/pool.ts', () => ({ machineFor: async () => at.machine }));
vi.mock('../../../activities/machines/connect.ts', () => ({ connectMachine: async () => at.machine }));

beforeAll(async () => {
  bench = await startBench('cp1251');
  at.machine = bench.machine;
});
afterAll(() => bench.stop());

describe('the steps on infobases, in the order of a run', () => {
  it('copy production under a lock into an empty test infobase', async () => {
    const closers: (() => void | Promise<void>)[] = [];
    const context = bench.context({ onEnd: (close) => void closers.push(close) });
    const infobase = bench.target('trade');
    const test = bench.target('empty');
    expect(await onecSteps.checkInfobase({ infobase }, {}, context)).toMatchObject({
      platform: '8.3.25.1560',
      rac: '8.3.25.1560',
      kind: 'server',
      sessions: 0,
      jobsDenied: false,
    });
    bench.cluster.open('trade', { app: '1CV8C', user: 'Кассир' });
    const lock = await onecSteps.lockInfobase({ infobase, message: 'Обновление' }, {}, context);
    expect(await infobaseJobsDenied(infobase, context)).toBe(true);
    const before = await infobaseFingerprint(infobase, context);
    expect(before.tables.length).toBe(5);
    const backup = await onecSteps.backUpInfobase({ infobase }, {}, context);
    expect(backup.id).toBe('infobase-run00001-rehearsal-test');
    await onecSteps.restoreInfobase({ infobase: test, replace: false }, { backup }, context);
    await onecSteps.denyInfobaseJobs({ infobase: test }, {}, context);
    expect(await infobaseJobsDenied(test, context)).toBe(true);
    expect(await infobaseFingerprint(test, context)).toEqual(before);
    await bench.query('empty', "UPDATE _reference10 SET _description = 'x' WHERE _code = '000000001'");
    expect(await infobaseFingerprint(test, context)).not.toEqual(before);
    expect(await infobaseSize(infobase, context)).toBeGreaterThan(1e6);
    await onecSteps.admitSessions({ infobase }, {}, context);
    expect(await infobaseJobsDenied(infobase, context)).toBe(true);
    await onecSteps.unlockInfobase({ infobase }, { lock }, context);
    expect(await infobaseJobsDenied(infobase, context)).toBe(false);
    for (const close of closers.reverse()) await close();
  });
});
