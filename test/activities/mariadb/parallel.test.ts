/** Backups side by side, where mydumper and myloader are installed. */
import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireReal } from '../../helpers/real.ts';
import { contacts, odd, state } from '../databases/seeds.ts';
import { hasMariaDb, startMariaDbFixture, type MariaDbFixture } from './fixture.ts';

const installed = (program: string): boolean => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const found = hasMariaDb && requireReal('mydumper', installed('mydumper') && installed('myloader'));

describe.skipIf(!found)('MariaDB, side by side', () => {
  let fixture: MariaDbFixture;
  beforeAll(async () => {
    fixture = await startMariaDbFixture(2);
  });
  afterAll(() => fixture.close());

  it('is what a backup is made by, and is named among the facts', async () => {
    await fixture.create('m_shop', [contacts, { ...odd, name: 'log' }]);
    const database = await fixture.connect(fixture.target('m_shop'));
    expect((await database.facts()).tools).toHaveProperty('mydumper');
    const before = await state(database);
    const backup = await database.backUp('db-side');
    expect(await readdir(join(backup.place, 'rows'))).toContain('metadata');
    await database.clear('Contact');
    await database.restore('r', backup, { replace: true });
    expect(await state(database)).toEqual(before);
    await fixture.remove('m_shop');
  });

  it('loads one after the other what myloader cannot take, and dumps so what mydumper cannot', async () => {
    await fixture.create('m_shop', [contacts, { ...odd, name: 'log' }]);
    const database = await fixture.connect(fixture.target('m_shop'));
    const backup = await database.backUp('db-side-copy');
    const copy = await fixture.connect(fixture.target('m_копия'));
    await copy.restore('r', backup, { replace: false });
    expect(await state(copy)).toEqual(await state(database));
    expect(await readdir((await copy.backUp('db-side-plain')).place)).not.toContain('rows');
    for (const name of ['m_shop', 'm_копия']) await fixture.remove(name);
  });

  it('damage is found', async () => {
    await fixture.create('m_shop', [contacts, { ...odd, name: 'log' }]);
    const database = await fixture.connect(fixture.target('m_shop'));
    const backup = await database.backUp('db-side-damaged');
    await fixture.damages['flipped byte']!(backup);
    await expect(database.verify(backup)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    await fixture.remove('m_shop');
  });
});
