/** The whole way on the practice ground: each thing that breaks it ends with everything as before, then it goes through. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ZetaBreakage } from '../../../lab/zeta/ground.ts';
import { stateOf } from './look.ts';
import { startTrial, type Trial } from './trial.ts';

let trial: Trial;
/** A machine that is busy with other tests takes a multiple of the usual seconds. */
const patience = 900_000;

beforeAll(async () => {
  // One width is as good as two here.
  trial = await startTrial(undefined, (plan) => plan.replace('widths: [1280, 390]', 'widths: [800]'));
}, patience);
afterAll(() => trial?.stop());

const state = (): Promise<Record<string, unknown>> => stateOf(trial.ground);

/** The door does not shut out the site's administrator, at whose look new files would migrate what is back already. */
const lookIn = async (): Promise<void> => {
  const { sites, secrets } = trial.ground;
  const authorization = `Basic ${Buffer.from(`admin:${secrets['NAKAT_WEB_PASSWORD'] ?? ''}`).toString('base64')}`;
  await fetch(sites.production.url, { headers: { authorization } });
};

let before: Record<string, unknown>;

test(
  'the preflight and the rehearsal go through, and leave production alone',
  async () => {
    before = await state();
    await trial.stage('preflight');
    await trial.stage('rehearsal');
    expect(trial.asked).toEqual([]);
    expect(trial.results.get('rehearsal.merge-customizations')).toMatchObject({ files: 1 });
    expect(await state()).toEqual(before);
    expect(trial.results.get('rehearsal.await-migration')).toMatchObject({ from: '4.2.0', to: '4.3.0' });
    expect(trial.results.get('rehearsal.run-exchange')).toMatchObject({ status: 'success', rows: { goods: 40 } });
  },
  patience,
);

describe('what breaks production ends restored', () => {
  const cases: [ZetaBreakage, string][] = [
    ['handlers', 'UPDATE_HANDLERS_FAILED'],
    ['migration', 'MIGRATION_FAILED'],
    ['version-stuck', 'WEB_VERSION_WRONG'],
    ['layout', 'PAGES_DIFFER'],
    ['exchange', 'EXCHANGE_FAILED'],
  ];
  test.each(cases)(
    '%s',
    async (what, code) => {
      trial.again();
      trial.ground.breakIt(what);
      await expect(trial.stage('production')).rejects.toMatchObject({ code });
      trial.ground.breakIt(undefined);
      await trial.stage('restore', lookIn);
      expect(await state()).toEqual(before);
    },
    patience,
  );
});

test(
  'and unbroken it goes through',
  async () => {
    trial.again();
    await trial.stage('production');
    await trial.stage('acceptance');
    const after = await state();
    expect(after).toEqual({
      ...before,
      configuration: '3.2.1',
      data: '3.2.1',
      initialData: '2026.2',
      schema: '4.3.0',
      version: '4.3.0',
      files: after['files'],
    });
    expect(after['files']).not.toBe(before['files']);
    const profile = await readFile(join(trial.ground.folders.site, 'account/profile.html'), 'utf8');
    expect(profile).toContain('заказы и бонусы');
    expect(profile).toContain('content="4.3.0"');
    expect(trial.results.get('production.run-exchange')).toMatchObject({ status: 'success' });
  },
  patience,
);
