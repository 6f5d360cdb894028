import { truncate } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkRoom, sumNeeds } from '../../../activities/checks/room.ts';
import { testContext } from '../databases/context.ts';
import { startPostgresFixture, type PostgresFixture } from '../postgres/fixture.ts';
import { targetsIn, writeFiles } from './targets.ts';

const GB = 1e9;
const need = (host: string, place: string, bytes: number | null, free: number | null) => ({ host, place, bytes, free });

test('places on one disk add up, others stand alone, the unknown stays unknown', () => {
  expect(
    sumNeeds([
      need('web1', 'D:\\backups', GB, 5 * GB),
      need('web1', 'D:\\sites', GB, 5 * GB - 4096),
      need('web1', 'E:\\', GB, 9 * GB),
      need('sql1', 'E:\\', GB, 9 * GB),
      need('sql1', 'data', GB, null),
      need('sql1', 'E:\\', null, 9 * GB),
    ]),
  ).toEqual([
    { place: 'web1: D:\\backups, D:\\sites', free: 5 * GB, needed: 2.4 * GB },
    { place: 'web1: E:\\', free: 9 * GB, needed: 1.2 * GB },
    { place: 'sql1: E:\\', free: 9 * GB, needed: null },
    { place: 'sql1: data', free: null, needed: 1.2 * GB },
  ]);
});

let fixture: PostgresFixture;
beforeAll(async () => {
  fixture = await startPostgresFixture();
  await fixture.create('crm', []);
});
afterAll(() => fixture.close());

test('a database, its copy that is not there yet, an infobase and a site are measured', async () => {
  const { site, infobase } = targetsIn(fixture.folder);
  await writeFiles(fixture.folder, { 'sites/crm/a/b.dll': 'x'.repeat(5000), 'bases/ut/1Cv8.1CD': 'x'.repeat(3000) });
  const { context, end } = testContext();
  const params = {
    databases: [fixture.target('crm'), fixture.target('crm_test')],
    infobases: [infobase('ut'), infobase('ut-test')],
    sites: [site('crm', 1), site('crm-test', 2)],
  };
  const { places } = await checkRoom(params, {}, context);
  await end();
  const known = places.filter(({ free }) => free !== null);
  // Two of each at two places, 1.2 times (the database's data folder may not be readable). All lies on one disk, but that is told by
  // what is free, and other tests use it meanwhile: there may be more lines than one.
  const needed = known.reduce((sum, one) => sum + (one.needed ?? 0), 0);
  expect(needed).toBeGreaterThan(4 * 1.2 * 8000 + 2 * 1.2 * 7_000_000);
});

test('too little room names the place and both sizes', async () => {
  const { context, end } = testContext();
  const { site } = targetsIn(fixture.folder);
  await writeFiles(fixture.folder, { 'sites/huge/x': '' });
  // A sparse file: it says it is large and takes nothing.
  await truncate(`${fixture.folder}/sites/huge/x`, 8e12);
  const check = checkRoom({ databases: [], infobases: [], sites: [site('huge', 1)] }, {}, context);
  await expect(check).rejects.toMatchObject({
    code: 'ROOM_MISSING',
    message: expect.stringMatching(/localhost: .*: [\d.]+ of 19200\.0 GB/),
  });
  await end();
});
