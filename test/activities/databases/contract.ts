/** The suite that every database adapter passes: `databaseContract('PostgreSQL', startPostgresFixture)`. */
import { afterAll, beforeAll, describe } from 'vitest';
import type { Fixture } from './fixture.ts';
import { backupContract } from './contractBackup.ts';
import { dataContract } from './contractData.ts';
import { namesContract } from './contractNames.ts';
import { snapshotContract } from './contractSnapshot.ts';

/** `found: false`: the suite is shown as skipped (see `requireReal`). */
export const databaseContract = (name: string, makeFixture: () => Promise<Fixture>, found = true): void => {
  describe.skipIf(!found)(`${name}: the database contract`, () => {
    let fixture: Fixture | undefined;
    const here = (): Fixture => fixture!;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(async () => fixture?.close());

    dataContract(here);
    backupContract(here);
    snapshotContract(here);
    namesContract(here);
  });
};
