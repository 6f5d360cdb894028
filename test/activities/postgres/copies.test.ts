/** What PostgreSQL keeps beside the rows of a database, and what of it comes back. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../activities/databases/database.ts';
import { refusal, state } from '../databases/seeds.ts';
import { hasPostgres, startPostgresFixture, type PostgresFixture } from './fixture.ts';

describe.skipIf(!hasPostgres)('PostgreSQL copies', () => {
  let fixture: PostgresFixture;
  beforeAll(async () => {
    fixture = await startPostgresFixture();
    await fixture.query('postgres', `CREATE ROLE "app ""ж" LOGIN; CREATE ROLE reader; CREATE ROLE nobody_special`);
  });
  afterAll(() => fixture.close());
  afterEach(async () => {
    await fixture.remove('c_crm');
    await fixture.remove('c_copy');
  });

  const schema = `
  CREATE SCHEMA "app.ж"; CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN phone AS varchar(20) CHECK (VALUE <> 'x');
  CREATE TABLE kinds (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, j jsonb, b bytea, t timestamptz, d double precision, n numeric, m mood,
    p phone DEFAULT '1', q phone DEFAULT 'q.example', u uuid, a text[], x xml, c char(5), f text GENERATED ALWAYS AS (upper(p::text)) STORED, CHECK (p IN ('1', '2')));
  INSERT INTO kinds (j, b, t, d, n, m, u, a, x, c) VALUES
    ('{"url": "http://prod.example/"}', '\\x00ff', '2026-01-02 03:04:05+03', 0.1, 1e-20, 'ok', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '{http://prod.example/a}', '<a>prod.example</a>', 'ab'),
    (NULL, '', 'infinity', 'NaN', NULL, 'sad', NULL, '{}', NULL, NULL);
  CREATE INDEX ON kinds (lower(p::text)) WHERE p IN ('1', '2'); CREATE UNIQUE INDEX "ин" ON kinds (u) INCLUDE (m);
  CREATE TABLE "app.ж"."a.b" (id int PRIMARY KEY, kind bigint REFERENCES kinds, v varchar(30));
  INSERT INTO "app.ж"."a.b" VALUES (1, 1, 'http://prod.example/');
  CREATE TABLE parts (id int, v text) PARTITION BY RANGE (id); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10); INSERT INTO parts VALUES (1, 'x');
  CREATE TABLE base (id int); CREATE TABLE child (more text) INHERITS (base); INSERT INTO base VALUES (1); INSERT INTO child VALUES (2, 'y');
  CREATE TABLE nothing (); CREATE VIEW seen AS SELECT * FROM kinds;
  ALTER TABLE parts ADD gone int; ALTER TABLE parts DROP gone;
  GRANT SELECT ON kinds TO reader;`;

  const made = async (): Promise<Database> => {
    await fixture.create('c_crm', []);
    await fixture.query('c_crm', schema);
    return fixture.connect(fixture.target('c_crm'));
  };
  const properties = async (name: string): Promise<unknown> =>
    fixture.query(
      'postgres',
      `SELECT pg_get_userbyid(datdba) AS owner, datconnlimit, datallowconn, datcollate, encoding,
       (SELECT json_agg(a::text ORDER BY a::text) FROM unnest(datacl) a) AS acl,
       (SELECT json_agg(json_build_array(setrole::regrole::text, setconfig) ORDER BY setrole) FROM pg_db_role_setting WHERE setdatabase = d.oid) AS settings
     FROM pg_database d WHERE datname = $1`,
      [name],
    );
  const own = `
  ALTER DATABASE c_crm CONNECTION LIMIT 40; ALTER DATABASE c_crm SET search_path = "app.ж", public, "$user"; ALTER DATABASE c_crm SET statement_timeout = '7min';
  ALTER ROLE reader IN DATABASE c_crm SET work_mem = '5MB'; REVOKE ALL ON DATABASE c_crm FROM PUBLIC; GRANT CONNECT ON DATABASE c_crm TO reader WITH GRANT OPTION;
  ALTER DATABASE c_crm OWNER TO "app ""ж"`;

  it('fingerprints of all kinds of tables survive dump and restore, whatever the session settings', async () => {
    const database = await made();
    const before = await state(database);
    expect(await database.tables()).toEqual(['app.ж.a.b', 'base', 'child', 'kinds', 'nothing', 'parts']);
    const copy = await fixture.connect(fixture.target('c_copy'));
    await copy.restore('r', await database.backUp('db-kinds'), { replace: false });
    await fixture.query(
      'postgres',
      `ALTER DATABASE c_copy SET timezone = 'Asia/Tokyo'; ALTER DATABASE c_copy SET datestyle = 'German'; ALTER DATABASE c_copy SET bytea_output = 'escape'; ALTER DATABASE c_copy SET statement_timeout = 1`,
    );
    expect(await state(copy)).toEqual(before);
    await copy.checkIntegrity();
    await copy.update('kinds', { p: '2' }, { m: 'sad' });
    expect(await state(copy)).not.toEqual(before);
  });

  it('tables are found by schema and name, and text in every kind of column', async () => {
    const database = await made();
    expect(await database.count('app.ж.a.b')).toBe(1);
    expect(await database.count('a.b')).toBe(1);
    expect(await database.count('public.kinds')).toBe(2);
    await refusal(database.count('seen'), 'TABLE_NOT_FOUND');
    expect(await database.count('base')).toBe(1);
    expect(await database.count('parts')).toBe(1);
    const found = (await database.findText('PROD.example')).map(({ table, column }) => `${table}.${column}`);
    expect(found.toSorted()).toEqual(['app.ж.a.b.v', 'kinds.a', 'kinds.j', 'kinds.x']);
    expect(await database.replaceText('prod.example', 'test.example')).toBe(3);
    expect(await database.rows('kinds', ['j', 'x'], { m: 'ok' })).toEqual([
      { j: '{"url": "http://test.example/"}', x: '<a>test.example</a>' },
    ]);
    // A text that would not fit: all of it is taken back.
    await refusal(database.replaceText('test.example', 'x'.repeat(40)), 'DATABASE_STATEMENT_FAILED');
    expect((await database.findText('test.example')).length).toBe(3);
    // Nor in a domain, whose explicit cast would cut it silently.
    await refusal(database.replaceText('q.example', 'y'.repeat(21), 'kinds'), 'DATABASE_STATEMENT_FAILED');
  });

  it('a revert brings owner, limit, settings and rights back as they were', async () => {
    const database = await made();
    await fixture.query('postgres', own);
    const before = await properties('c_crm');
    const snapshot = await database.snapshot('s');
    await fixture.query(
      'postgres',
      `ALTER DATABASE c_crm RESET ALL; ALTER DATABASE c_crm CONNECTION LIMIT 3; GRANT ALL ON DATABASE c_crm TO nobody_special`,
    );
    await database.revert('v', snapshot);
    expect(await properties('c_crm')).toEqual(before);
  });

  it('a restore over the original keeps them too, with owners and rights of its tables', async () => {
    const database = await made();
    await fixture.query('postgres', own);
    await fixture.query('c_crm', `ALTER TABLE kinds OWNER TO "app ""ж"`);
    const rights = () =>
      fixture.query(
        'c_crm',
        `SELECT relname, pg_get_userbyid(relowner) AS owner, relacl::text FROM pg_class WHERE relname = 'kinds'`,
      );
    const [before, tables, content] = [await properties('c_crm'), await rights(), await state(database)];
    const backup = await database.backUp('db-own');
    await database.restore('r', backup, { replace: true });
    expect(await properties('c_crm')).toEqual(before);
    expect(await rights()).toEqual(tables);

    // Dropped by mistake: it comes home with all of them, and is still not nakat's to drop.
    await fixture.remove('c_crm');
    await database.restore('r2', backup, { replace: false });
    expect(await properties('c_crm')).toEqual(before);
    expect(await state(database)).toEqual(content);
    await refusal(database.drop(), 'DATABASE_NOT_OURS');

    // A copy has the settings of all roles, and belongs to nakat's user.
    const copy = await fixture.connect(fixture.target('c_copy'));
    await copy.restore('r3', backup, { replace: false });
    expect(await properties('c_copy')).toMatchObject([
      {
        owner: 'nakat',
        datconnlimit: -1,
        settings: [['-', [expect.stringContaining('search_path'), 'statement_timeout=7min']]],
      },
    ]);
  });

  it('damage inside the server is found', async ({ skip }) => {
    if (process.platform === 'win32') return skip('needs the data folder');
    const database = await made();
    await database.checkIntegrity();
    const [row] = await fixture.query('c_crm', `SELECT pg_relation_filepath('kinds_pkey') AS path`);
    await fixture.query('c_crm', 'CHECKPOINT');
    const file = await open(join(fixture.folder, 'cluster', 'data', String(row!['path'])), 'r+');
    await file.write(Buffer.alloc(2000, 0x5a), 0, 2000, 8192);
    await file.close();
    // The server still has the page in memory; a copy of the files has not.
    await database.revert('v', await database.snapshot('s'));
    await refusal(database.checkIntegrity(), 'DATABASE_CORRUPT');
  });
});
