import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databaseSteps as steps } from '../../../activities/databases/steps.ts';
import { databaseState } from '../../../activities/databases/fingerprint.ts';
import type { SettingsState } from '../../../runbook/results.ts';
import type { ParamsOf } from '../../../runbook/steps/index.ts';
import { hasPostgres, startPostgresFixture, type PostgresFixture } from '../postgres/fixture.ts';
import { testContext } from './context.ts';
import { contacts, refusal, state } from './seeds.ts';

const settingsTable = {
  name: 'IntegrationSetting',
  columns: { key: 'text', value: 'text', ModifiedOn: 'text' },
  rows: [
    { key: 'BaseUrl', value: 'http://1c.prod.example/base', ModifiedOn: '2026-01-01' },
    { key: 'Enabled', value: 'true', ModifiedOn: '2026-01-01' },
    { key: 'Mode', value: null, ModifiedOn: null },
  ],
} as const;

describe.skipIf(!hasPostgres)('database steps', () => {
  let fixture: PostgresFixture;
  const closing: (() => Promise<void>)[] = [];
  const context = (step?: string, attempt?: number) => {
    const made = testContext(step, attempt);
    closing.push(made.end);
    return made.context;
  };
  beforeAll(async () => {
    fixture = await startPostgresFixture();
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.create('crm', [contacts, settingsTable]));
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    for (const name of ['crm', 'crm_test']) await fixture.remove(name);
  });
  const crm = () => ({ database: fixture.target('crm') });
  const copy = () => ({ database: fixture.target('crm_test') });
  const adapter = (name: string) => fixture.connect(fixture.target(name));

  describe('checks', () => {
    it('tells the facts, and misses a table', async () => {
      const facts = await steps.checkDatabaseServer({ ...crm(), tables: ['Contact'] }, {}, context());
      expect(facts).toMatchObject({
        exists: true,
        snapshots: true,
        version: expect.stringMatching(/^\d/),
        pg_dump: expect.stringMatching(/^\d/),
      });
      await refusal(steps.checkDatabaseServer({ ...crm(), tables: ['Nix'] }, {}, context()), 'TABLE_NOT_FOUND');
      expect(await steps.checkDatabaseServer({ ...copy(), tables: [] }, {}, context())).toMatchObject({
        exists: false,
      });
      await refusal(steps.checkDatabaseServer({ ...copy(), tables: ['Contact'] }, {}, context()), 'DATABASE_NOT_FOUND');
      expect(await steps.checkBackupFolder(crm(), {}, context())).toBe(null);
    });
  });

  describe('backup and restore', () => {
    it('carries a database to the test copy and proves it; another schema is refused', async () => {
      const backup = await steps.backUpDatabase(crm(), {}, context('rehearsal.back-up'));
      expect(backup.id).toBe('db-1a2b3c4d-rehearsal-back-up');
      expect(await steps.backUpDatabase(crm(), {}, context('rehearsal.back-up', 2))).toEqual(backup);
      const restore = (attempt: number) =>
        steps.restoreDatabase({ ...copy(), replace: false }, { backup }, context('rehearsal.restore', attempt));
      await restore(1);
      await restore(2);
      await steps.checkRestoredCopy({ ...copy(), original: crm().database }, {}, context());
      await fixture.addTextColumn('crm', 'Contact', 'Later');
      await refusal(steps.checkRestoredCopy({ ...copy(), original: crm().database }, {}, context()), 'SCHEMA_DIFFERS');
    });

    it('reverts by the snapshot, and by the backup once it is gone', async () => {
      const before = await state(await adapter('crm'));
      const backup = await steps.backUpDatabase(crm(), {}, context('production.back-up'));
      const snapshot = (await steps.snapshotDatabase(crm(), {}, context('production.snapshot'))) ?? undefined;
      await steps.clearTable({ ...crm(), table: 'Contact' }, {}, context());
      const revert = (step: string, attempt = 1) =>
        steps.revertDatabase(crm(), { snapshot, backup, before: undefined }, context(step, attempt));
      expect(await revert('restore.one')).toEqual({ from: 'snapshot', instead: null });
      expect(await state(await adapter('crm'))).toEqual(before);
      // The answer of the first try was lost: the snapshot is used up, and nothing is restored a second time.
      await fixture.insert('crm', 'Contact', { Id: '9', Name: 'later', Email: null, Photo: null });
      expect(await revert('restore.one', 2)).toEqual({ from: 'snapshot', instead: null });
      expect(await (await adapter('crm')).count('Contact')).toBe(5);
      expect(await revert('restore.two')).toMatchObject({ from: 'backup', instead: { code: 'SNAPSHOT_GONE' } });
      expect(await state(await adapter('crm'))).toEqual(before);
      await steps.dropSnapshot(crm(), { snapshot }, context());
      await steps.dropSnapshot(crm(), { snapshot: undefined }, context());
    });
  });

  describe('a snapshot that is not what it was', () => {
    it.each([
      ['a row', `UPDATE "Contact" SET "Name" = 'x' WHERE "Id" = '1'`, 'table Contact'],
      ['a table that is gone', `DROP TABLE "Contact"`, ''],
      ['a column', `ALTER TABLE "Contact" ADD "Later" text`, 'schema'],
    ])('%s: the backup takes its place, once, and it is said', async (_name, damage, difference) => {
      const original = await state(await adapter('crm'));
      const database = await adapter('crm');
      const backup = await steps.backUpDatabase(crm(), {}, context('production.back-up'));
      const snapshot = (await steps.snapshotDatabase(crm(), {}, context('production.snapshot'))) ?? undefined;
      const before = {
        databases: [await databaseState(database, ['Contact'], {})],
        infobases: [],
        sites: [],
      };
      const [copy] = (await fixture.databases()).filter((name) => name.startsWith('crm_snap'));
      await fixture.query(copy ?? '', damage);
      await steps.clearTable({ ...crm(), table: 'Contact' }, {}, context());
      const revert = (attempt: number) =>
        steps.revertDatabase(crm(), { snapshot, backup, before }, context('restore.revert-database', attempt));
      const { from, instead } = await revert(1);
      expect(from).toBe('backup');
      expect(instead?.code).toBe('SNAPSHOT_DIFFERS');
      expect(instead?.values['differences']).toContain(difference);
      expect(await state(await adapter('crm'))).toEqual(original);
      // The answer was lost: what is there stays, and no word of another way than the one that was taken.
      await fixture.insert('crm', 'Contact', { Id: '9', Name: 'later', Email: null, Photo: null });
      expect(await revert(2)).toMatchObject({ from: 'backup', instead: { code: 'SNAPSHOT_GONE' } });
      expect(await (await adapter('crm')).count('Contact')).toBe(5);
    });

    it('is left alone when it is what it was', async () => {
      const database = await adapter('crm');
      const backup = await steps.backUpDatabase(crm(), {}, context('production.back-up'));
      const snapshot = (await steps.snapshotDatabase(crm(), {}, context('production.snapshot'))) ?? undefined;
      const before = { databases: [await databaseState(database, [], {})], infobases: [], sites: [] };
      await steps.clearTable({ ...crm(), table: 'Contact' }, {}, context());
      expect(await steps.revertDatabase(crm(), { snapshot, backup, before }, context('restore.revert'))).toEqual({
        from: 'snapshot',
        instead: null,
      });
    });
  });

  describe('rows', () => {
    it('clears a table', async () => {
      const clear = (attempt: number) =>
        steps.clearTable({ ...crm(), table: 'Contact' }, {}, context('production.clear', attempt));
      expect(await clear(1)).toEqual({ table: 'Contact', rows: 4 });
      expect(await clear(2)).toEqual({ table: 'Contact', rows: 0 });
    });

    it('counts duplicates and refuses more of them', async () => {
      const tables = [{ table: 'Contact', columns: ['Name', 'Email'] }];
      const before = await steps.countDuplicates({ ...crm(), tables }, {}, context());
      expect(before).toEqual({ tables: { Contact: 1 } });
      expect(await steps.checkDuplicates({ ...crm(), tables }, { before }, context())).toEqual(before);
      await fixture.insert('crm', 'Contact', {
        Id: '9',
        Name: 'Анна Петрова',
        Email: 'anna@crm.example.com',
        Photo: null,
      });
      await expect(steps.checkDuplicates({ ...crm(), tables }, { before }, context())).rejects.toMatchObject({
        code: 'DUPLICATES_APPEARED',
        failure: { values: { tables: 'Contact: 1 → 2' } },
      });
    });

    it('makes a copy harmless, again and again', async () => {
      const params: ParamsOf<'makeHarmless'> = {
        ...crm(),
        replace: [{ from: '1c.prod.example', to: '1c.test.example' }],
        rows: [
          { table: 'IntegrationSetting', set: { value: 'false' }, where: { key: 'Enabled', value: 'true' } },
          { table: 'Contact', set: { Email: null }, where: {} },
        ],
      };
      expect(await steps.makeHarmless(params, {}, context())).toEqual({ cells: 1, rows: 5 });
      expect(await steps.makeHarmless(params, {}, context())).toEqual({ cells: 0, rows: 5 });
      const database = await adapter('crm');
      expect(await database.findText('prod.example')).toEqual([]);
      expect(await database.rows('IntegrationSetting', ['value'], { key: 'Enabled' })).toEqual([{ value: 'false' }]);
      const rows = [{ table: 'IntegrationSetting', set: { value: 'x' }, where: { key: 'Nix' } }];
      await expect(steps.pointAtInfobase({ ...crm(), rows }, {}, context())).rejects.toMatchObject({
        code: 'HARMLESS_ROW_MISSING',
        failure: { values: { table: 'IntegrationSetting', where_row: 'key = Nix' } },
      });
    });

    it('compares settings by table and key', async () => {
      const settings = [{ table: 'IntegrationSetting', key: 'key', ignore: ['ModifiedOn'] }];
      const read = () => steps.readSettings({ ...crm(), settings }, {}, context());
      const compare = (before: SettingsState) => steps.compareSettings({ ...crm(), settings }, { before }, context());
      const before = await read();
      const database = await adapter('crm');
      await database.update('IntegrationSetting', { ModifiedOn: 'now' }, {});
      expect(await compare(before)).toEqual({ tables: 1, rows: 3 });
      await database.update('IntegrationSetting', { value: '' }, { key: 'Mode' });
      await database.update('IntegrationSetting', { key: 'Renamed' }, { key: 'BaseUrl' });
      await expect(compare(before)).rejects.toMatchObject({
        code: 'SETTINGS_CHANGED',
        failure: {
          values: {
            changes: 'IntegrationSetting: − BaseUrl; IntegrationSetting: ≠ Mode; IntegrationSetting: + Renamed',
          },
        },
      });
      expect(JSON.stringify(before)).not.toContain('prod.example');
      await refusal(
        steps.readSettings(
          { ...crm(), settings: [{ table: 'IntegrationSetting', key: 'nix', ignore: [] }] },
          {},
          context(),
        ),
        'COLUMN_NOT_FOUND',
      );
    });
  });
});
