import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { proveHarmless } from '../../../activities/checks/harmless.ts';
import { isNakatError } from '../../../runbook/errors/index.ts';
import type { ParamsOf } from '../../../runbook/steps/index.ts';
import { testContext } from '../databases/context.ts';
import { startPostgresFixture, type PostgresFixture } from '../postgres/fixture.ts';
import { targetsIn, writeFiles } from './targets.ts';

type Params = ParamsOf<'proveHarmless'>;
const connections = (base: string, redis: number): string => `<?xml version="1.0" encoding="utf-8"?>
<connectionStrings>
  <add name="db" connectionString="Server=127.0.0.1;Port=5432;Database=${base};User ID=crm;Password=x=y;" />
  <add name="redis" connectionString="host=localhost;db=${redis};port=6379" />
</connectionStrings>`;

let fixture: PostgresFixture;
let params: Params;
let copy: string;

beforeAll(async () => {
  fixture = await startPostgresFixture();
  await fixture.create('crm_test', []);
  await fixture.query(
    'crm_test',
    `CREATE TABLE "Setting" ("Name" text PRIMARY KEY, "Url" text); CREATE TABLE "Log" ("Id" int, "Body" jsonb)`,
  );
  const { site, infobase } = targetsIn(fixture.folder);
  params = {
    database: fixture.target('crm_test'),
    site: site('crm-test', 7),
    infobase: infobase('ut-test'),
    production: { site: { ...site('crm', 1), url: 'http://127.0.0.1:8090' }, database: fixture.target('crm') },
    forbidden: ['https://1c.example.com/ut', 'sql-prod'],
    rows: [
      { table: 'Setting', set: { Url: '' }, where: {} },
      { table: 'Setting', set: { Url: 'http://1c-test' }, where: { Name: 'OneC' } },
      { table: 'Setting', set: { Name: 'Test' }, where: { Name: 'Production' } },
    ],
  };
  copy = params.site.folder;
});
afterAll(() => fixture.close());

beforeEach(async () => {
  await fixture.query(
    'crm_test',
    `TRUNCATE "Setting", "Log"; INSERT INTO "Setting" VALUES ('OneC', 'http://1c-test'), ('Mail', ''), ('Test', '')`,
  );
  await rm(copy, { recursive: true, force: true });
  await writeFiles(copy, {
    'ConnectionStrings.config': connections('crm_test', 7),
    'Web.config': '<configuration/>',
    'bin/appsettings.json': '{}',
    'bin/Terrasoft.dll': 'https://1c.example.com/ut is no setting here',
  });
});

/** The findings, one text; empty when harmless. */
async function findings(change: Partial<Params> = {}): Promise<string> {
  const { context, end } = testContext();
  try {
    await proveHarmless({ ...params, ...change }, {}, context);
    return '';
  } catch (error) {
    if (!isNakatError(error) || error.code !== 'NOT_HARMLESS') throw error;
    return String(error.failure.values['findings']);
  } finally {
    await end();
  }
}

test('a copy that points at test systems only is harmless', async () => {
  expect(await findings()).toBe('');
});

test.each([
  [
    'a text in a column',
    `UPDATE "Setting" SET "Url" = 'x HTTPS://1C.example.com/UT/hs' WHERE "Name" = 'Mail'`,
    'Setting.Url',
  ],
  ['a text in JSON, slashes escaped', `INSERT INTO "Log" VALUES (1, '{"a": "sql-prod"}')`, 'Log.Body'],
  [
    'an escaped address',
    `UPDATE "Setting" SET "Url" = 'u=https%3A%2F%2F1c.example.com%2Fut' WHERE "Name" = 'Mail'`,
    'Setting.Url',
  ],
  [
    'a row set otherwise',
    `UPDATE "Setting" SET "Url" = 'http://other' WHERE "Name" = 'OneC'`,
    'not as set where Name = OneC',
  ],
  [
    'a row that an earlier rule sets',
    `UPDATE "Setting" SET "Url" = 'http://1c-test' WHERE "Name" = 'Mail'`,
    'Url not as set',
  ],
  ['a row that is not there', `DELETE FROM "Setting" WHERE "Name" = 'OneC'`, 'no row with Name = OneC'],
  [
    'a row under its old name',
    `UPDATE "Setting" SET "Name" = 'Production' WHERE "Name" = 'Test'`,
    'not as set where Name = Production',
  ],
])('not harmless: %s', async (_name, sql, expected) => {
  await fixture.query('crm_test', sql);
  expect(await findings()).toContain(expected);
});

test.each<[string, Record<string, string | Buffer>, string]>([
  [
    'a text in a configuration file',
    { 'Terrasoft.WebApp/web.CONFIG': '<a url="HTTPS://1c.example.com/ut?a=1"/>' },
    'web.CONFIG',
  ],
  ['a text in UTF-16', { 'old.config': Buffer.from('\ufeff<a b="sql-prod"/>', 'utf16le') }, 'old.config'],
  [
    'a text in JSON settings',
    { 'appsettings.Production.json': '{"u":"https:\\/\\/1c.example.com\\/ut"}' },
    'appsettings.Production.json',
  ],
  ['production’s database', { 'ConnectionStrings.config': connections('CRM', 7) }, 'names production’s database'],
  [
    'no database of its own',
    { 'ConnectionStrings.config': connections('elsewhere', 7) },
    'no connection names database crm_test',
  ],
  [
    'production’s Redis database',
    { 'ConnectionStrings.config': connections('crm_test', 1) },
    'Redis database is 1, not 7',
  ],
  ['a file that cannot be read', { 'ConnectionStrings.config': 'nonsense <' }, 'no connection names database crm_test'],
])('not harmless: %s', async (_name, files, expected) => {
  await writeFiles(copy, files);
  expect(await findings()).toContain(expected);
});

test('targets that are production’s own, and a folder in which nothing can be proved', async () => {
  const { database, site } = params.production;
  await fixture.create('crm', []);
  expect(await findings({ database, rows: [] })).toContain('database crm on 127.0.0.1 is production’s');
  expect(await findings({ site: { ...params.site, redisDb: 1 } })).toContain('Redis database 1 is production’s');
  const all = await findings({
    site: { ...params.site, folder: site.folder, publicUrl: 'http://CRM.example.test/login' },
  });
  expect(all).toContain('is production’s; address http://CRM.example.test/login is production’s');
  await rm(copy, { recursive: true });
  expect(await findings()).toContain(`no ConnectionStrings.config below ${join(copy)}`);
});
