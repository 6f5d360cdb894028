import { describe, expect, it } from 'vitest';
import type { Fixture } from './fixture.ts';
import { contacts, odd, stage, state } from './seeds.ts';

/** 63 bytes is PostgreSQL's limit, so no derived name may simply append to it. */
const hostile = [
  'k база "с]\' пробелами',
  `k_${'ж'.repeat(30)}`,
  `k_${'x'.repeat(61)}`,
  'k $(id); --%s',
  'K_Upper.Case',
];

export const namesContract = (fixture: () => Fixture): void => {
  const on = stage(fixture);

  describe('names', () => {
    it.each(hostile)('a whole life of %s', async (name) => {
      const database = await on.seeded(name);
      const before = await state(database);
      const backup = await database.backUp(`db-names-${hostile.indexOf(name)}`);
      if ((await database.facts()).snapshots) {
        const snapshot = await database.snapshot('s-names');
        await database.clear(odd.name);
        await database.revert('v-names', snapshot);
        expect(await state(database)).toEqual(before);
      }
      await database.clear(contacts.name);
      await database.restore('r-names', backup, { replace: true });
      expect(await state(database)).toEqual(before);
    });

    it('two long names that begin alike do not share anything', async () => {
      const [one, two] = [`k_${'y'.repeat(59)}_1`, `k_${'y'.repeat(59)}_2`];
      const first = await on.seeded(one);
      const second = await on.seeded(two, [contacts]);
      if (!(await first.facts()).snapshots) return;
      const [s1, s2] = [await first.snapshot('s'), await second.snapshot('s')];
      await first.revert('v', s1);
      await second.revert('v', s2);
      expect((await first.tables()).length).toBe(2);
      expect((await second.tables()).length).toBe(1);
    });
  });
};
