import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { proveRestored, takeFingerprint } from '../../../activities/checks/fingerprint.ts';
import { testContext } from '../databases/context.ts';
import { startPostgresFixture, type PostgresFixture } from '../postgres/fixture.ts';
import { targetsIn, writeFiles } from './targets.ts';

// The programs of 1C are not here; the infobase's own tests and the run on the practice ground cover that part.
vi.mock('../../../activities/onec/fingerprint.ts', () => ({
  infobaseFingerprint: async () => ({ generation: 'g1', tables: [] }),
}));

let fixture: PostgresFixture;
beforeAll(async () => {
  fixture = await startPostgresFixture();
  await fixture.create('crm', []);
  await fixture.query(
    'crm',
    `CREATE TABLE "SysPackage" ("Name" text, "Version" text); INSERT INTO "SysPackage" VALUES ('Connector', '2.3')`,
  );
  await fixture.query(
    'crm',
    `CREATE TABLE "Contact" ("Id" int, "Name" text); INSERT INTO "Contact" VALUES (1, 'Анна')`,
  );
});
afterAll(() => fixture.close());

test('the old state is proved, and any part of it that is not back is named', async () => {
  const { site, infobase } = targetsIn(fixture.folder);
  const params = {
    databases: [{ database: fixture.target('crm'), tables: ['Contact'] }],
    infobases: [infobase('ut')],
    sites: [site('crm', 1)],
  };
  const { folder } = params.sites[0]!;
  await writeFiles(folder, { 'ConnectionStrings.config': 'one', 'bin/a.dll': 'a' });
  const { context, end, logged } = testContext();
  const before = await takeFingerprint(params, {}, context);
  expect(before).toMatchObject({
    databases: [{ name: 'crm', versions: { Connector: '2.3' }, tables: [{ table: 'Contact', rows: 1 }] }],
    infobases: [{ name: 'ut', generation: 'g1' }],
    sites: [{ count: 2, bytes: 4 }],
  });
  expect((await proveRestored(params, { before }, context)).lines.every(({ equal }) => equal)).toBe(true);

  await fixture.query(
    'crm',
    `UPDATE "SysPackage" SET "Version" = '2.4'; UPDATE "Contact" SET "Name" = 'Инна'; ALTER TABLE "Contact" ADD "Phone" text`,
  );
  await writeFiles(folder, { 'ConnectionStrings.config': 'two' });
  const proof = proveRestored(params, { before }, context);
  await expect(proof).rejects.toMatchObject({
    code: 'RESTORE_NOT_PROVED',
    failure: {
      values: {
        count: 4,
        differences: expect.stringMatching(
          /version of Connector: 2.3 → 2.4; schema: .*; table Contact: rows, checksum: 1, .*; files: number, bytes, SHA-256: 2, 4, /,
        ),
      },
    },
  });
  expect(logged.filter((line) => line.startsWith('differs from the restore point'))).toHaveLength(4);
  await end();
});
