import { describe, expect, it } from 'vitest';
import type { Fixture } from './fixture.ts';
import { refusal, stage, state } from './seeds.ts';

export const snapshotContract = (fixture: () => Fixture): void => {
  const on = stage(fixture);
  const newRow = { Id: '50', Name: 'new', Email: null, Photo: null };

  describe('snapshot', () => {
    it('brings the old state back, once per id', async () => {
      const database = await on.seeded('k_snap');
      if (!(await database.facts()).snapshots) return;
      const before = await state(database);
      const session = await fixture().session('k_snap');
      const snapshot = await database.snapshot('s-1');
      await session.close();
      expect(snapshot).toMatchObject({ id: 's-1', database: 'k_snap', engine: database.engine });
      expect(await database.hasSnapshot(snapshot)).toBe(true);
      expect(await state(database)).toEqual(before);

      // Asked for again after a change: the old one is kept, not taken anew.
      await fixture().insert('k_snap', 'Contact', newRow);
      expect(await database.snapshot('s-1')).toEqual(snapshot);
      await database.clear('Contact');
      await fixture().addTextColumn('k_snap', 'Contact', 'Added');
      const late = await fixture().session('k_snap');
      await database.revert('v-1', snapshot);
      expect(await late.alive()).toBe(false);
      await late.close();
      expect(await state(database)).toEqual(before);

      await fixture().insert('k_snap', 'Contact', newRow);
      await database.revert('v-1', snapshot);
      expect(await database.count('Contact')).toBe(5);
      await refusal(database.drop(), 'DATABASE_NOT_OURS');
      await database.dropSnapshot(snapshot);
      await database.dropSnapshot(snapshot);
      expect(await database.hasSnapshot(snapshot)).toBe(false);
      expect(await database.count('Contact')).toBe(5);
    });

    it('that is gone is said to be gone', async () => {
      const database = await on.seeded('k_gone');
      if (!(await database.facts()).snapshots) return;
      const snapshot = await database.snapshot('s-gone');
      await database.dropSnapshot(snapshot);
      expect(await database.hasSnapshot(snapshot)).toBe(false);
      await refusal(database.revert('v-gone', snapshot), 'SNAPSHOT_NOT_FOUND');
      expect(await database.count('Contact')).toBe(4);
    });

    it('stands beside a restore: revert, restore and revert by other ids', async () => {
      const database = await on.seeded('k_both');
      if (!(await database.facts()).snapshots) return;
      const before = await state(database);
      const backup = await database.backUp('db-both');
      const snapshot = await database.snapshot('s-both');
      await database.clear('Contact');
      await database.revert('v-both', snapshot);
      expect(await state(database)).toEqual(before);
      await database.clear('Contact');
      await database.restore('r-both', backup, { replace: true });
      expect(await state(database)).toEqual(before);
    });
  });
};
