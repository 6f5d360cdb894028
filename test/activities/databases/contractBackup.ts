import { describe, expect, it } from 'vitest';
import type { Fixture } from './fixture.ts';
import { contacts, refusal, stage, state } from './seeds.ts';

export const backupContract = (fixture: () => Fixture): void => {
  const on = stage(fixture);
  const newRow = { Id: '50', Name: 'new', Email: null, Photo: null };

  describe('backup', () => {
    it('is made once per id, and verified', async () => {
      const database = await on.seeded('k_backup');
      const backup = await database.backUp('db-once');
      expect(backup).toMatchObject({ id: 'db-once', system: 'database', engine: database.engine });
      expect(backup.bytes).toBeGreaterThan(0);
      await fixture().insert('k_backup', 'Contact', newRow);
      expect(await database.backUp('db-once')).toEqual(backup);
      await database.verify(backup);
      const copy = await on.connect('k_backup_copy');
      await copy.restore('r-once', backup, { replace: false });
      expect(await copy.count('Contact')).toBe(4);
    });

    it('that is damaged is refused, and nothing is restored from it', async () => {
      const database = await on.seeded('k_damage');
      const copy = await on.connect('k_damage_copy');
      for (const [index, [name, damage]] of Object.entries(fixture().damages).entries()) {
        const backup = await database.backUp(`db-damage-${index}`);
        await damage(backup);
        const outcome = await database.verify(backup).then(
          () => 'accepted',
          (error: { code?: string }) => error.code,
        );
        expect(`${name}: ${outcome}`).toMatch(/: (BACKUP_DAMAGED|BACKUP_NOT_FOUND)$/);
        await expect(copy.restore(`r-damage-${index}`, backup, { replace: true }), name).rejects.toMatchObject({
          code: outcome,
        });
        await expect(database.restore(`r2-damage-${index}`, backup, { replace: true }), name).rejects.toMatchObject({
          code: outcome,
        });
        expect(await copy.exists()).toBe(false);
      }
      expect(await database.count('Contact')).toBe(4);
    });

    it('leaves nothing that passes for a backup when it is cancelled', async () => {
      const database = await on.seeded('k_cancel');
      await expect(database.backUp('db-cancel', { signal: AbortSignal.abort() })).rejects.toThrow();
      const backup = await database.backUp('db-cancel');
      await database.verify(backup);
    });
  });

  describe('restore', () => {
    it('makes an equal database, and acts once per id', async () => {
      const source = await on.seeded('k_source');
      const before = await state(source);
      const backup = await source.backUp('db-equal');
      const copy = await on.connect('k_copy');
      await copy.restore('r-1', backup, { replace: false });
      expect(await state(copy)).toEqual(before);
      await copy.checkIntegrity();

      await fixture().insert('k_copy', 'Contact', newRow);
      await copy.restore('r-1', backup, { replace: false });
      expect(await copy.count('Contact')).toBe(5);
      // Made by nakat, so another restore may replace it.
      await copy.restore('r-2', backup, { replace: false });
      expect(await state(copy)).toEqual(before);
      expect(await state(source)).toEqual(before);
    });

    it('never replaces a foreign database unless told to', async () => {
      const source = await on.seeded('k_from');
      const backup = await source.backUp('db-foreign');
      const foreign = await on.seeded('k_foreign', [{ ...contacts, name: 'Theirs' }]);
      const before = await state(foreign);
      await refusal(foreign.restore('r-1', backup, { replace: false }), 'DATABASE_EXISTS');
      expect(await state(foreign)).toEqual(before);
      await foreign.restore('r-2', backup, { replace: true });
      expect(await state(foreign)).toEqual(await state(source));
      // What was replaced was not ours, so it has not become ours either.
      await refusal(foreign.restore('r-3', backup, { replace: false }), 'DATABASE_EXISTS');
      await refusal(foreign.drop(), 'DATABASE_NOT_OURS');
    });

    it('works while an application is connected', async () => {
      const source = await on.seeded('k_busy');
      const before = await state(source);
      const backup = await source.backUp('db-busy');
      await source.clear('Contact');
      const session = await fixture().session('k_busy');
      expect(await session.alive()).toBe(true);
      await source.restore('r-busy', backup, { replace: true });
      expect(await session.alive()).toBe(false);
      await session.close();
      expect(await state(source)).toEqual(before);
      // Applications may connect again.
      const again = await fixture().session('k_busy');
      expect(await again.alive()).toBe(true);
      await again.close();
    });

    it('drops only what nakat made', async () => {
      const source = await on.seeded('k_keep');
      await refusal(source.drop(), 'DATABASE_NOT_OURS');
      const copy = await on.connect('k_keep_copy');
      await copy.restore('r-drop', await source.backUp('db-drop'), { replace: false });
      await copy.drop();
      await copy.drop();
      expect(await copy.exists()).toBe(false);
      expect(await source.exists()).toBe(true);
    });
  });
};
