/** What a killed worker leaves behind at each point, and that the next call goes on from there. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectServer, id, type Server } from '../../../activities/postgres/server.ts';
import { readMark, writeMark } from '../../../activities/postgres/marks.ts';
import { shortHash } from '../../../activities/databases/names.ts';
import { derivedName } from '../../../activities/postgres/names.ts';
import { machineFor } from '../../../activities/machines/pool.ts';
import type { Database } from '../../../activities/databases/database.ts';
import { testContext } from '../databases/context.ts';
import { contacts, refusal, state } from '../databases/seeds.ts';
import { hasPostgres, startPostgresFixture, type PostgresFixture } from './fixture.ts';

describe.skipIf(!hasPostgres)('PostgreSQL, interrupted', () => {
  let fixture: PostgresFixture;
  let server: Server;
  beforeAll(async () => {
    fixture = await startPostgresFixture();
    server = await connectServer(fixture.target('postgres'), testContext().context);
  });
  afterAll(() => fixture.close());
  afterEach(() => fixture.remove('h_crm'));

  const sql = (text: string) => fixture.query('postgres', text);
  const prepared = async (): Promise<{ database: Database; before: unknown }> => {
    await fixture.create('h_crm', [contacts]);
    const database = await fixture.connect(fixture.target('h_crm'));
    return { database, before: await state(database) };
  };

  describe('a restore that was interrupted', () => {
    const beside = derivedName('h_crm', 'nk', 'r');
    const aside = derivedName('h_crm', 'old', 'r');
    const interrupted: Record<string, () => Promise<void>> = {
      'after the empty database was made': async () => void (await sql(`CREATE DATABASE ${id(beside)}`)),
      'after its mark was written': async () => {
        await sql(`CREATE DATABASE ${id(beside)}`);
        await server.admin((session) => writeMark(session, beside, { state: 'making', id: 'r' }));
      },
      'half filled, its job lost': async () => {
        await fixture.create(beside, [{ ...contacts, rows: [] }]);
        await server.admin((session) => writeMark(session, beside, { state: 'making', id: 'r' }));
      },
    };
    it.each(Object.keys(interrupted))('%s: is done again', async (name) => {
      const { database, before } = await prepared();
      const backup = await database.backUp(`db-h-${Object.keys(interrupted).indexOf(name)}`);
      await database.clear('Contact');
      await interrupted[name]!();
      await database.restore('r', backup, { replace: true });
      expect(await state(database)).toEqual(before);
      expect(await fixture.databases()).toEqual(['h_crm']);
    });

    it('before the switch: only switches', async () => {
      const { database } = await prepared();
      const backup = await database.backUp('db-h-ready');
      await fixture.create(beside, [{ ...contacts, name: 'FilledBefore' }]);
      await server.admin((session) => writeMark(session, beside, { state: 'ready', id: 'r' }));
      await database.restore('r', backup, { replace: true });
      expect(await database.tables()).toEqual(['FilledBefore']);
      expect(await fixture.databases()).toEqual(['h_crm']);
    });

    it('inside the switch: the server takes all of it back', async () => {
      const { database, before } = await prepared();
      await fixture.create(beside, [contacts]);
      await server
        .admin((session) =>
          session.transaction(async () => {
            await session.run(`ALTER DATABASE h_crm RENAME TO ${id(aside)}`);
            await writeMark(session, aside, { state: 'old', id: 'r' });
            await session.run(`ALTER DATABASE ${id(beside)} RENAME TO h_crm`);
            await session.query('SELECT pg_terminate_backend(pg_backend_pid())');
          }),
        )
        .catch(() => undefined);
      expect(await fixture.databases()).toEqual(['h_crm', beside].toSorted());
      expect(await state(database)).toEqual(before);
    });

    it('after the switch: the old one is dropped, and nothing else happens', async () => {
      const { database } = await prepared();
      const backup = await database.backUp('db-h-switched');
      await database.restore('r', backup, { replace: true });
      await fixture.create(aside, [contacts]);
      await server.admin((session) => writeMark(session, aside, { state: 'old', id: 'r' }));
      await database.clear('Contact');
      await database.restore('r', backup, { replace: true });
      expect(await database.count('Contact')).toBe(0);
      expect(await fixture.databases()).toEqual(['h_crm']);
    });

    it('never touches a database of that name with content and without a mark', async () => {
      const { database } = await prepared();
      const backup = await database.backUp('db-h-unmarked');
      await fixture.create(beside, [contacts]);
      await refusal(database.restore('r', backup, { replace: true }), 'DATABASE_EXISTS');
      expect(await fixture.databases()).toEqual(['h_crm', beside].toSorted());
    });

    it('while two calls run at once: acts once', async () => {
      const { database, before } = await prepared();
      const backup = await database.backUp('db-h-twice');
      await database.clear('Contact');
      await Promise.all([1, 2].map(() => database.restore('r', backup, { replace: true })));
      expect(await state(database)).toEqual(before);
      expect(await fixture.databases()).toEqual(['h_crm']);
    });
  });

  describe('a snapshot that was interrupted', () => {
    const copy = derivedName('h_crm', 'snap', 's');

    it('before its mark was written: is taken anew', async () => {
      const { database, before } = await prepared();
      await fixture.create(copy, [{ ...contacts, rows: [] }]);
      expect(await database.hasSnapshot({ id: 's', database: 'h_crm', engine: 'postgres' })).toBe(false);
      const snapshot = await database.snapshot('s');
      await database.clear('Contact');
      await database.revert('v', snapshot);
      expect(await state(database)).toEqual(before);
      expect(await fixture.databases()).toEqual(['h_crm']);
    });

    it('after the revert: the old database is dropped by the next call', async () => {
      const { database } = await prepared();
      const snapshot = await database.snapshot('s');
      await database.revert('v', snapshot);
      const aside = derivedName('h_crm', 'old', 'v');
      await fixture.create(aside, []);
      await server.admin((session) => writeMark(session, aside, { state: 'old', id: 'v' }));
      await database.revert('v', snapshot);
      expect(await fixture.databases()).toEqual(['h_crm']);
    });

    it('wins against an application that connects again and again', async () => {
      const { database, before } = await prepared();
      let stop = false;
      const application = (async () => {
        let connected = 0;
        while (!stop) {
          const session = await fixture.session('h_crm').catch(() => null);
          if (session) connected++;
          await session?.alive();
        }
        return connected;
      })();
      const snapshot = await database.snapshot('s');
      await database.clear('Contact');
      await database.revert('v', snapshot);
      stop = true;
      expect(await application).toBeGreaterThan(0);
      expect(await state(database)).toEqual(before);
    });
  });

  describe('a backup that was interrupted', () => {
    it('half written: is removed and made anew', async () => {
      const { database } = await prepared();
      const machine = await machineFor(fixture.target('h_crm').machine, testContext().context);
      const partial = machine.join(fixture.target('h_crm').backups, 'db-h-partial.partial');
      await machine.makeFolder(partial);
      await machine.writeFile(machine.join(partial, 'toc.dat'), 'PGDMP half');
      await database.verify(await database.backUp('db-h-partial'));
      expect(await machine.stat(partial)).toBe(null);
      const job = `dump-db-h-partial-${shortHash(server.where, 'h_crm')}`;
      expect((await machine.jobStatus(job)).state).toBe('absent');
    });

    it('twice at once: both get the same one', async () => {
      const { database } = await prepared();
      const [one, two] = await Promise.all([database.backUp('db-h-once'), database.backUp('db-h-once')]);
      expect(two).toEqual(one);
      await database.verify(one);
    });
  });

  it('marks keep a comment of the administrator', async () => {
    const { database } = await prepared();
    await sql(`COMMENT ON DATABASE h_crm IS 'CRM, ask the administrator'`);
    const snapshot = await database.snapshot('s');
    await database.revert('v', snapshot);
    expect(await server.admin((session) => readMark(session, 'h_crm'))).toEqual({
      mark: { state: 'placed', id: 'v', made: false },
      comment: 'CRM, ask the administrator',
    });
  });
});
