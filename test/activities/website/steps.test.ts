/** A site whose database migrates by itself, against the practice ground's. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createStepContext, type OpenStepContext } from '../../../activities/context.ts';
import { bounded, changesBetween } from '../../../activities/website/schema.ts';
import { websiteSteps } from '../../../activities/website/steps.ts';
import { releaseFiles, schemaOf } from '../../../lab/zeta/release.ts';
import type { Migration, SchemaState } from '../../../runbook/results.ts';
import { startTestCluster, startZetaFixture, type ZetaFixture } from '../../lab/zeta/fixture.ts';

let server: Awaited<ReturnType<typeof startTestCluster>>;
let zeta: ZetaFixture;
let context: OpenStepContext;
let before: SchemaState;

const version = { table: 'settings', column: 'value', where: { name: 'schema' } };

beforeAll(async () => {
  server = await startTestCluster();
});
afterAll(() => server.stop());
beforeEach(async () => {
  zeta = await startZetaFixture(server.cluster);
  const { secrets } = zeta;
  context = createStepContext({ secret: (ref) => Promise.resolve('env' in ref ? (secrets[ref.env] ?? '') : '') });
  before = await websiteSteps.readSchema({ database: zeta.target.database, version }, {}, context);
});
afterEach(async () => {
  await context.end();
  await zeta.stop();
});

async function newFiles(): Promise<void> {
  for (const [name, text] of Object.entries(releaseFiles('4.3.0'))) {
    await mkdir(dirname(join(zeta.folder, name)), { recursive: true });
    await writeFile(join(zeta.folder, name), text);
  }
}
const migrate = (expected = '4.3.0', rehearsed?: Migration, limit = 20) =>
  websiteSteps.awaitMigration(
    { site: zeta.target.site, database: zeta.target.database, version, expected, settle: 0.3, limit },
    { before, rehearsed },
    context,
  );

describe('the version of the files', () => {
  test('is read from the page, and moves with the files', async () => {
    const old = await websiteSteps.checkWebSite({ site: zeta.target.site }, {}, context);
    expect(old).toEqual({ version: '4.2.0' });
    const check = () =>
      websiteSteps.checkWebVersion({ site: zeta.target.site, expected: '4.3.0' }, { before: old }, context);
    await expect(check()).rejects.toMatchObject({
      code: 'WEB_VERSION_WRONG',
      failure: { values: { found: '4.2.0', before: '4.2.0' } },
    });
    await newFiles();
    expect(await check()).toEqual({ version: '4.3.0' });
    zeta.broken.add('version-stuck');
    await expect(check()).rejects.toMatchObject({ code: 'WEB_VERSION_WRONG' });
  });

  test('a page that says something else, no page, no site', async () => {
    const site = (change: object) =>
      websiteSteps.checkWebSite({ site: { ...zeta.target.site, ...change } }, {}, context);
    await expect(site({ version: { path: '/version', pattern: 'release (.+)' } })).rejects.toMatchObject({
      code: 'WEB_VERSION_UNREADABLE',
    });
    await expect(site({ version: { path: '/none.json', pattern: '(.+)' } })).rejects.toMatchObject({
      code: 'WEBSITE_REFUSED',
      failure: { values: { status: 404 } },
    });
    await expect(site({ url: 'http://127.0.0.1:9' })).rejects.toMatchObject({
      code: 'WEBSITE_UNREACHABLE',
      failure: { passing: true },
    });
  });
});

describe('the migration', () => {
  test('is begun by the visit, awaited, and its changes are listed', async () => {
    await newFiles();
    const done = await migrate();
    expect(done).toMatchObject({ from: '4.2.0', to: '4.3.0' });
    expect(done.changes).toEqual([
      'goods: + slug character varying(200)',
      'goods: + reserved numeric(15,3)',
      '+ pictures',
    ]);
    expect(zeta.counts.get('migrate')).toBe(1);
    // Again, as after the worker's death: found done.
    expect((await migrate()).schema).toBe(done.schema);
    expect(zeta.counts.get('migrate')).toBe(1);
  });

  test('one that fails half-way is told in the site’s words', async () => {
    await newFiles();
    zeta.broken.add('migration');
    await expect(migrate()).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      failure: { values: { found: '4.2.0' } },
    });
  });

  test('one that never begins', async () => {
    await expect(migrate('4.3.0', undefined, 1)).rejects.toMatchObject({
      code: 'MIGRATION_NOT_FINISHED',
      failure: { values: { found: '4.2.0' } },
    });
  });

  test('one that ends elsewhere than in the rehearsal', async () => {
    await newFiles();
    const rehearsed: Migration = {
      from: '4.2.0',
      to: '4.3.0',
      schema: 'other',
      columns: { ...before.columns, notes: ['id integer'] },
      changes: [],
      seconds: 1,
    };
    await expect(migrate('4.3.0', rehearsed)).rejects.toMatchObject({ code: 'MIGRATION_DIFFERS' });
  });
});

test('a schema is compared with the vendor’s', async () => {
  const compare = (reference: (typeof schemaOf)['4.2.0']) =>
    websiteSteps.compareSchema(
      { database: zeta.target.database, release: '4.2.0', reference: reference as Record<string, string[]> },
      {},
      context,
    );
  expect(await compare(schemaOf['4.2.0'])).toEqual({ lines: [] });
  await zeta.query('ALTER TABLE orders ADD COLUMN manager varchar(50)');
  await zeta.query('ALTER TABLE orders DROP COLUMN total');
  await zeta.query('CREATE TABLE bonus (id integer)');
  await zeta.query('DROP TABLE exchange_log');
  const { lines } = await compare(schemaOf['4.2.0']);
  expect(lines.map((line) => [line.en, line.values])).toEqual([
    ['Table {table} is not the vendor’s', { table: 'bonus' }],
    ['The vendor’s table {table} is missing', { table: 'exchange_log' }],
    ['{table}: column {column} is not the vendor’s', { table: 'orders', column: 'manager character varying(50)' }],
    ['{table}: the vendor’s column {column} is missing', { table: 'orders', column: 'total' }],
  ]);
  const typed = {
    ...schemaOf['4.2.0'],
    goods: ['id', 'article', 'name', 'price numeric(15,2) not null', 'stock integer'],
  };
  expect((await compare(typed)).lines.map((line) => line.values?.['column'])).toContain('stock integer');
});

test('of many differences the last line stands for those that are not shown, and says when they are others', async () => {
  const compare = async (extra: readonly string[]) => {
    const names = [...Array.from({ length: 230 }, (_, at) => `vendor_${at + 100}`), ...extra];
    const reference = Object.fromEntries(names.map((name) => [name, ['id']]));
    const asked = {
      database: zeta.target.database,
      release: '4.2.0',
      reference: { ...schemaOf['4.2.0'], ...reference },
    };
    return websiteSteps.compareSchema(asked as Parameters<typeof websiteSteps.compareSchema>[0], {}, context);
  };
  const rehearsed = await compare(['vendor_zz']);
  expect(rehearsed.lines).toHaveLength(201);
  expect(rehearsed.lines.at(-1)).toMatchObject({
    values: { count: 31, digest: expect.stringMatching(/^[0-9a-f]{12}$/) as string },
  });
  const check = async (now: typeof rehearsed) =>
    websiteSteps.checkAsRehearsed({ where: 'shop' }, { rehearsed, now }, context);
  await check(await compare(['vendor_zz']));
  await expect(check(await compare(['vendor_zy']))).rejects.toMatchObject({ code: 'DIFFERS_FROM_REHEARSAL' });
});

test('the door', async () => {
  const door = {
    by: 'row' as const,
    at: { table: 'settings', column: 'value', where: { name: 'maintenance' } },
    on: '0',
    off: '1',
  };
  const { site, database } = zeta.target;
  await websiteSteps.closeWebSite({ site, database, door }, {}, context);
  expect((await fetch(site.url)).status).toBe(401);
  expect((await websiteSteps.checkWebSite({ site }, {}, context)).version).toBe('4.2.0');
  await websiteSteps.openWebSite({ site, database, door }, {}, context);
  expect((await fetch(site.url)).status).toBe(200);
});

test('a very large schema is kept as a hash per table', () => {
  const large = Object.fromEntries(
    Array.from({ length: 300 }, (_, at) => [
      `table_${at}`,
      Array.from({ length: 20 }, (_, n) => `column_${n} character varying(200)`),
    ]),
  );
  const small = bounded(large);
  expect(JSON.stringify(small).length).toBeLessThan(20_000);
  expect(changesBetween(small, bounded({ ...large, table_7: ['id integer'] }))).toHaveLength(2);
});
