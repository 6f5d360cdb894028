/** The whole way on the practice ground: each thing that breaks it ends with everything as before, then it goes through. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readModel } from '../../../lab/onec/model.ts';
import { openZetaDatabase } from '../../../lab/zeta/database.ts';
import type { ZetaBreakage } from '../../../lab/zeta/ground.ts';
import { siteFiles } from './look.ts';
import { startTrial, type Trial } from './trial.ts';

let trial: Trial;
/** A machine that is busy with other tests takes a multiple of the usual seconds. */
const patience = 300_000;

beforeAll(async () => {
  // One width is as good as two here.
  trial = await startTrial(undefined, (plan) => plan.replace('widths: [1280, 390]', 'widths: [800]'));
}, patience);
afterAll(() => trial?.stop());

/** Looked at from outside nakat. */
async function state(): Promise<Record<string, unknown>> {
  const { ground } = trial;
  const database = await openZetaDatabase(ground.databases.site);
  const read = async (sql: string): Promise<unknown> =>
    Object.values((await database.query(sql))[0] ?? {})
      .map(String)
      .join(' ');
  try {
    const model = await readModel({ kind: 'server', database: ground.onec.find('zeta').database });
    const { properties } = ground.onec.find('zeta');
    return {
      configuration: model.database.version,
      data: model.dataVersion,
      initialData: model.constants['ВерсияНачальныхДанных'],
      pending: model.pending,
      job: model.jobs.map(({ use }) => use),
      locked: [properties['sessions-deny'], properties['scheduled-jobs-deny']],
      schema: await read(`SELECT value FROM settings WHERE name = 'schema'`),
      exchange: await read(`SELECT value FROM settings WHERE name = 'exchange'`),
      maintenance: await read(`SELECT value FROM settings WHERE name = 'maintenance'`),
      orders: await read('SELECT count(*) AS n, sum(total) AS total FROM orders'),
      page: (await fetch(ground.sites.production.url)).status,
      version: ((await (await fetch(`${ground.sites.production.url}/version`)).json()) as { version: string }).version,
      files: await siteFiles(ground.folders.site),
    };
  } finally {
    await database.close();
  }
}

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
      await trial.stage('restore');
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
