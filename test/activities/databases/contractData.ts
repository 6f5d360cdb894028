import { describe, expect, it } from 'vitest';
import type { Fixture } from './fixture.ts';
import { contacts, odd, refusal, stage } from './seeds.ts';

export const dataContract = (fixture: () => Fixture): void => {
  const on = stage(fixture);

  describe('server', () => {
    it('tells its facts, size and room', async () => {
      const database = await on.seeded('k_facts');
      const facts = await database.facts();
      expect(facts.version).toMatch(/^\d+/);
      expect(facts.edition).not.toBe('');
      expect(await database.exists()).toBe(true);
      expect(await database.size()).toBeGreaterThan(0);
      const room = await database.room();
      if (room.backups !== null) expect(room.backups).toBeGreaterThan(1_000_000);
      if (room.data !== null) expect(room.data).toBeGreaterThan(1_000_000);
      await database.checkBackupFolder();
    });

    it('knows a database that is not there', async () => {
      const database = await on.connect('k_absent');
      expect(await database.exists()).toBe(false);
      await refusal(database.size(), 'DATABASE_NOT_FOUND');
      await refusal(database.tables(), 'DATABASE_NOT_FOUND');
      await refusal(database.backUp('db-absent'), 'DATABASE_NOT_FOUND');
    });

    it('says who is to blame when it gets no connection', async () => {
      const facts = async (target: ReturnType<Fixture['target']>) => (await fixture().connect(target)).facts();
      await refusal(facts(fixture().unreachable('k_none')), 'DATABASE_UNREACHABLE');
      await refusal(facts(fixture().refused('k_none')), 'DATABASE_LOGIN_REFUSED');
    });

    it('refuses a backup folder that cannot be written to', async () => {
      await on.seeded('k_folder');
      const database = await on.connect('k_folder', fixture().unwritable('k_folder'));
      await refusal(database.checkBackupFolder(), 'BACKUP_FOLDER_NOT_WRITABLE');
    });
  });

  describe('tables', () => {
    it('lists, counts, reads and updates rows', async () => {
      const database = await on.seeded('k_rows');
      expect((await database.tables()).toSorted()).toEqual([contacts.name, odd.name].toSorted());
      expect(await database.count('Contact')).toBe(4);
      expect(await database.rows('Contact', ['Id', 'Name'], { Id: '2' })).toEqual([
        { Id: '2', Name: contacts.rows[1]!.Name },
      ]);
      expect(await database.rows('Contact', ['Id'], { Email: null })).toEqual([{ Id: '2' }]);
      expect(await database.rows(odd.name, undefined, { 'ключ "1]': 'таймаут' })).toEqual([odd.rows[2]]);
      expect(await database.update('Contact', { Email: null, Name: "it's" }, { Name: 'Анна Петрова' })).toBe(2);
      expect(await database.update('Contact', { Name: 'nobody' }, { Id: '99' })).toBe(0);
      expect((await database.rows('Contact', ['Id'], { Email: null, Name: "it's" })).length).toBe(2);
    });

    it('clears a table and says how much was in it', async () => {
      const database = await on.seeded('k_clear');
      expect(await database.clear(odd.name)).toBe(3);
      expect(await database.clear(odd.name)).toBe(0);
      expect(await database.count('Contact')).toBe(4);
    });

    it('names a table or column that is not there', async () => {
      const database = await on.seeded('k_missing');
      for (const name of ['nothing', 'Contact"; DROP TABLE x', "Contact']", 'no.such']) {
        await refusal(database.count(name), 'TABLE_NOT_FOUND');
        await refusal(database.clear(name), 'TABLE_NOT_FOUND');
        await refusal(database.fingerprint([name]), 'TABLE_NOT_FOUND');
      }
      await refusal(database.update('Contact', { 'No"such': 'x' }, {}), 'COLUMN_NOT_FOUND');
      await refusal(database.rows('Contact', ['nix']), 'COLUMN_NOT_FOUND');
      await refusal(database.duplicates('Contact', ['nix']), 'COLUMN_NOT_FOUND');
      expect(await database.count('Contact')).toBe(4);
    });

    it('counts duplicates beyond the first; nulls are never equal', async () => {
      const database = await on.seeded('k_twice');
      expect(await database.duplicates('Contact', ['Name', 'Email'])).toBe(1);
      await fixture().insert('k_twice', 'Contact', {
        Id: '5',
        Name: 'Анна Петрова',
        Email: 'anna@crm.example.com',
        Photo: null,
      });
      await fixture().insert('k_twice', 'Contact', {
        Id: '6',
        Name: "O'Brien; DROP TABLE x--",
        Email: null,
        Photo: null,
      });
      expect(await database.duplicates('Contact', ['Name', 'Email'])).toBe(2);
    });

    it('finds and replaces text in every text column', async () => {
      const database = await on.seeded('k_text');
      const found = await database.findText('crm.example.com');
      expect(found).toEqual([{ table: 'Contact', column: 'Email', rows: 3 }]);
      expect(await database.findText('%5C')).toEqual([{ table: 'Contact', column: 'Email', rows: 1 }]);
      expect(await database.findText('_nna Петр')).toEqual([]);
      expect(await database.replaceText('http://1c.example.com', "http://test-1c.example.com/'")).toBe(2);
      expect(await database.rows(odd.name, ['Зна чение'], { 'ключ "1]': 'адрес' })).toEqual(
        Array.from({ length: 2 }, () => ({ 'Зна чение': "http://test-1c.example.com/'/base" })),
      );
      expect(await database.replaceText('anna@', 'x@', odd.name)).toBe(0);
      expect(await database.replaceText('anna@', 'x@', 'Contact')).toBe(2);
      expect(await database.replaceText('anna@', 'x@')).toBe(0);
    });
  });

  describe('fingerprints', () => {
    it('do not depend on order, and see every change', async () => {
      const reversed = (table: typeof contacts) => ({ ...table, rows: table.rows.toReversed() });
      const one = await on.seeded('k_print1');
      const two = await on.seeded('k_print2', [reversed(odd), reversed(contacts)]);
      const before = await one.fingerprint([]);
      expect(before.map((table) => table.rows)).toEqual(before.map((table) => (table.table === 'Contact' ? 4 : 3)));
      expect(await two.fingerprint([])).toEqual(before);
      expect(await two.schemaFingerprint()).toBe(await one.schemaFingerprint());
      expect(await one.fingerprint(['Contact'])).toEqual(before.filter((table) => table.table === 'Contact'));

      const seen = new Set([JSON.stringify(await one.fingerprint(['Contact']))]);
      const changes: [Record<string, string | null>, string][] = [
        [{ Name: null }, '3'],
        [{ Email: '' }, '2'],
        [{ Name: 'Анна Петроваanna', Email: '@crm.example.com' }, '1'],
        [{ Name: 'Анна Петрова ' }, '4'],
      ];
      for (const [set, Id] of changes) {
        await one.update('Contact', set, { Id });
        seen.add(JSON.stringify(await one.fingerprint(['Contact'])));
      }
      expect(seen.size).toBe(changes.length + 1);
    });

    it('count equal rows, and see two equal rows replaced by two other equal rows', async () => {
      const database = await on.seeded('k_equal');
      const before = await database.fingerprint([odd.name]);
      await database.update(odd.name, { 'Зна чение': 'other' }, { 'ключ "1]': 'адрес' });
      const after = await database.fingerprint([odd.name]);
      expect(after[0]!.rows).toBe(before[0]!.rows);
      expect(after[0]!.checksum).not.toBe(before[0]!.checksum);
      await fixture().insert('k_equal', odd.name, { 'ключ "1]': 'таймаут', 'Зна чение': null });
      expect((await database.fingerprint([odd.name]))[0]!.checksum).not.toBe(after[0]!.checksum);
    });

    it('see a changed schema', async () => {
      const database = await on.seeded('k_schema');
      const before = await database.schemaFingerprint();
      await fixture().addTextColumn('k_schema', 'Contact', 'Новая');
      expect(await database.schemaFingerprint()).not.toBe(before);
    });
  });
};
