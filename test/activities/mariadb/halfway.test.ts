/** What a killed worker leaves behind at each point, and that the next call goes on from there. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Database } from '../../../activities/databases/database.ts';
import { shortHash } from '../../../activities/databases/names.ts';
import { readMark, writeMark, type Mark } from '../../../activities/mariadb/marks.ts';
import { derivedName } from '../../../activities/mariadb/names.ts';
import { connectServer, type Server } from '../../../activities/mariadb/server.ts';
import { alone } from '../../../activities/mariadb/sessions.ts';
import { machineFor } from '../../../activities/machines/pool.ts';
import { testContext } from '../databases/context.ts';
import { contacts, odd, refusal, state } from '../databases/seeds.ts';
import { hasMariaDb, id, startMariaDbFixture, type MariaDbFixture } from './fixture.ts';

describe.skipIf(!hasMariaDb)('MariaDB, interrupted', () => {
  let fixture: MariaDbFixture;
  let server: Server;
  beforeAll(async () => {
    fixture = await startMariaDbFixture();
    server = await connectServer(fixture.target('mysql'), testContext().context);
  });
  afterAll(() => fixture.close());
  afterEach(() => fixture.remove('h_shop'));

  const beside = derivedName('h_shop', 'nk', 'r');
  const aside = derivedName('h_shop', 'old', 'r');
  const mark = (database: string, one: Mark) => server.admin((session) => writeMark(session, database, one));
  const sql = (text: string) => fixture.query(null, text);
  const prepared = async (): Promise<{ database: Database; before: unknown }> => {
    await fixture.create('h_shop', [contacts, odd]);
    await fixture.query('h_shop', 'CREATE VIEW names AS SELECT Name FROM Contact');
    await fixture.query('h_shop', 'CREATE TRIGGER t BEFORE INSERT ON Contact FOR EACH ROW SET NEW.Email = NEW.Name');
    const database = await fixture.connect(fixture.target('h_shop'));
    return { database, before: await state(database) };
  };

  describe('a restore that was interrupted', () => {
    const interrupted: Record<string, () => Promise<void>> = {
      'after the empty database was made': () => fixture.server.createDatabase(beside),
      'after its mark was written': async () => {
        await fixture.server.createDatabase(beside);
        await mark(beside, { state: 'making', id: 'r' });
      },
      'half filled, its job lost': async () => {
        await fixture.create(beside, [{ ...contacts, rows: [] }]);
        await mark(beside, { state: 'making', id: 'r' });
      },
    };
    it.each(Object.keys(interrupted))('%s: is done again', async (name) => {
      const { database, before } = await prepared();
      const backup = await database.backUp(`db-h-${Object.keys(interrupted).indexOf(name)}`);
      await database.clear('Contact');
      await interrupted[name]!();
      await database.restore('r', backup, { replace: true });
      expect(await state(database)).toEqual(before);
      expect(await fixture.databases()).toEqual(['h_shop']);
    });

    /** The tables of the switch, one statement at a time: what a server before atomic RENAME TABLE may leave. */
    const moves = (): string[] => [
      ...[contacts.name, odd.name].map((table) => `RENAME TABLE h_shop.${id(table)} TO ${id(aside)}.${id(table)}`),
      ...[contacts.name, odd.name].map((table) => `RENAME TABLE ${id(beside)}.${id(table)} TO h_shop.${id(table)}`),
    ];
    it.each([0, 1, 2, 3, 4])('inside the switch, after %i tables were moved: goes on', async (moved) => {
      const { database, before } = await prepared();
      const backup = await database.backUp(`db-h-moved-${moved}`);
      await database.clear('Contact');
      const copy = await fixture.connect(fixture.target('h_copy'));
      await copy.restore('c', backup, { replace: false });
      // As the filled copy beside, its definitions dropped.
      await fixture.server.createDatabase(beside);
      for (const table of [contacts.name, odd.name])
        await sql(`CREATE TABLE ${id(beside)}.${id(table)} LIKE h_copy.${id(table)}`).then(() =>
          sql(`INSERT INTO ${id(beside)}.${id(table)} SELECT * FROM h_copy.${id(table)}`),
        );
      await fixture.server.dropDatabase('h_copy');
      await fixture.server.createDatabase(aside);
      await mark(beside, { state: 'ready', id: 'r' });
      await mark('h_shop', { state: 'switching', id: 'r', made: false });
      await sql('DROP TRIGGER h_shop.t');
      for (const statement of moves().slice(0, moved)) await sql(statement);
      await database.restore('r', backup, { replace: true });
      expect(await state(database)).toEqual(before);
      expect(await fixture.databases()).toEqual(['h_shop']);
      expect(await server.admin((session) => readMark(session, 'h_shop'))).toEqual({
        mark: { state: 'placed', id: 'r', made: false },
      });
    });

    it('after the switch: what is left over is dropped, and nothing else happens', async () => {
      const { database } = await prepared();
      const backup = await database.backUp('db-h-switched');
      await database.restore('r', backup, { replace: true });
      await fixture.create(aside, [contacts]);
      await database.clear('Contact');
      await database.restore('r', backup, { replace: true });
      expect(await database.count('Contact')).toBe(0);
      expect(await fixture.databases()).toEqual(['h_shop']);
    });

    it('given up inside the switch: another restore clears it away', async () => {
      const { database, before } = await prepared();
      const backup = await database.backUp('db-h-other');
      await fixture.create(derivedName('h_shop', 'old', 'gone'), [contacts]);
      await fixture.create(derivedName('h_shop', 'nk', 'gone'), [odd]);
      await mark('h_shop', { state: 'switching', id: 'gone', made: false });
      await database.restore('r', backup, { replace: true });
      expect(await state(database)).toEqual(before);
      expect(await fixture.databases()).toEqual(['h_shop']);
    });

    it('never touches a database of that name with content and without a mark', async () => {
      const { database } = await prepared();
      const backup = await database.backUp('db-h-unmarked');
      await fixture.create(beside, [contacts]);
      await refusal(database.restore('r', backup, { replace: true }), 'DATABASE_EXISTS');
      expect(await fixture.databases()).toEqual(['h_shop', beside].toSorted());
    });

    it('while two calls run at once: acts once', async () => {
      const { database, before } = await prepared();
      const backup = await database.backUp('db-h-twice');
      await database.clear('Contact');
      await Promise.all([1, 2].map(() => database.restore('r', backup, { replace: true })));
      expect(await state(database)).toEqual(before);
      expect(await fixture.databases()).toEqual(['h_shop']);
    });

    it('waits while another works on the same database, and only then looks', async () => {
      const { database, before } = await prepared();
      const backup = await database.backUp('db-h-alone');
      await database.clear('Contact');
      const restored = await alone(server, 'h_shop', undefined, async () => {
        const restoring = database.restore('r', backup, { replace: true });
        await vi.waitFor(
          async () => {
            const waiting = await sql(`SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE = 'User lock'`);
            expect(waiting.length).toBe(1);
          },
          { timeout: 30_000 },
        );
        expect(await fixture.databases()).toEqual(['h_shop']);
        return { restoring };
      });
      await restored.restoring;
      expect(await state(database)).toEqual(before);
    });

    it('whose worker went away: its client goes on and is followed, not started again', async () => {
      const { database, before } = await prepared();
      await fixture.query(
        'h_shop',
        `CREATE TABLE many AS SELECT seq AS n, REPEAT(MD5(seq), 20) AS t FROM seq_1_to_60000`,
      );
      const full = await state(database);
      expect(full).not.toEqual(before);
      const backup = await database.backUp('db-h-left');
      await database.clear('many');
      const stop = new AbortController();
      const attempt = database.restore(
        'r',
        backup,
        { replace: true },
        {
          signal: stop.signal,
          leaveRunning: () => true,
          progress: ({ note }) => void (note === beside && setTimeout(() => stop.abort(), 150)),
        },
      );
      await refusal(attempt, 'JOB_LEFT_RUNNING');
      expect(await fixture.databases()).toContain(beside);
      await database.restore('r', backup, { replace: true });
      expect(await state(database)).toEqual(full);
    });

    it('wins against an application that connects again and again and holds its tables', async () => {
      const { database, before } = await prepared();
      const backup = await database.backUp('db-h-busy');
      await database.clear('Contact');
      let stop = false;
      const application = (async () => {
        let connected = 0;
        while (!stop) {
          await fixture.query('h_shop', 'START TRANSACTION; SELECT * FROM Contact; DO SLEEP(1)').catch(() => undefined);
          connected++;
        }
        return connected;
      })();
      await database.restore('r', backup, { replace: true });
      stop = true;
      expect(await application).toBeGreaterThan(0);
      expect(await state(database)).toEqual(before);
    });
  });

  describe('a backup that was interrupted', () => {
    it('half written: is removed and made anew', async () => {
      const { database } = await prepared();
      const machine = await machineFor(fixture.target('h_shop').machine, testContext().context);
      const partial = machine.join(fixture.target('h_shop').backups, 'db-h-partial.partial');
      await machine.makeFolder(partial);
      await machine.writeFile(machine.join(partial, 'tables.sql'), 'INSERT INTO half');
      await database.verify(await database.backUp('db-h-partial'));
      expect(await machine.stat(partial)).toBe(null);
      const job = `dump-db-h-partial-${shortHash(server.where, 'h_shop')}`;
      expect((await machine.jobStatus(job)).state).toBe('absent');
    });

    it('twice at once: both get the same one', async () => {
      const { database } = await prepared();
      const [one, two] = await Promise.all([database.backUp('db-h-once'), database.backUp('db-h-once')]);
      expect(two).toEqual(one);
      await database.verify(one);
    });
  });

  it('a mark that a dump of others carried into another database says nothing', async () => {
    await prepared();
    await mark('h_shop', { state: 'placed', id: 'x', made: true });
    await fixture.create('h_copy', []);
    await fixture.query(
      'h_copy',
      `CREATE PROCEDURE nakat_mark() COMMENT '{"nakat":{"state":"placed","id":"x","made":true},"database":"h_shop"}' SELECT 1`,
    );
    expect(await server.admin((session) => readMark(session, 'h_copy'))).toEqual({ mark: null });
    expect(await server.admin((session) => readMark(session, 'H_SHOP'))).toBe(null);
    await refusal((await fixture.connect(fixture.target('h_copy'))).drop(), 'DATABASE_NOT_OURS');
    await fixture.remove('h_copy');
  });
});
