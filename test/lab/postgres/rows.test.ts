import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster } from '../../../lab/postgres/cluster.ts';
import { isWhole, readHeader, readLines, writeDump } from '../../../lab/postgres/dump-file.ts';
import { exportDatabase, importDatabase } from '../../../lab/postgres/rows.ts';

const shape = `
  CREATE SCHEMA "дом";
  CREATE TYPE "дом".mood AS ENUM ('so''so', 'good');
  CREATE FUNCTION next_code() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'c' || (SELECT count(*) FROM public."Contact"); END $$;
  CREATE TABLE "Contact" (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "Имя" varchar(50) NOT NULL, amount numeric(12,2), at timestamptz, flag boolean DEFAULT true,
    photo bytea, ratio double precision, kind "дом".mood, tags text[], note json, code text DEFAULT next_code(), twice numeric GENERATED ALWAYS AS (amount * 2) STORED);
  CREATE UNIQUE INDEX by_name ON "Contact" (lower("Имя"));
  CREATE TABLE "дом".line (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, contact uuid REFERENCES "Contact", s serial, CHECK (n > 0), UNIQUE (s));
  CREATE TABLE nothing ();
  CREATE VIEW names AS SELECT "Имя" FROM "Contact";
  INSERT INTO "Contact" ("Имя", amount, at, photo, ratio, kind, tags, note) VALUES
    (E'a"\\n\\\\ \\'', 1.50, '2024-02-29 10:00:00.123456+03', '\\x00ff', 0.1, 'so''so', '{a,NULL,"b c"}', '{"a": 1}'), ('Ёж 🦔', NULL, NULL, NULL, 'NaN', NULL, NULL, NULL);
  INSERT INTO "дом".line (contact) SELECT id FROM "Contact", generate_series(1, 700);
  INSERT INTO nothing DEFAULT VALUES;`;

describe('rows of a database as lines', () => {
  let folder: string;
  let cluster: Awaited<ReturnType<typeof startCluster>>;
  const connect = async (database: string): Promise<Client> => {
    const { host, port, user, password } = cluster;
    const client = new Client({ host, port, user, password, database });
    await client.connect();
    return client;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rows-'));
    cluster = await startCluster({ dir: join(folder, 'pg') });
    const admin = await connect('postgres');
    await admin.query('CREATE DATABASE one');
    await admin.query('CREATE DATABASE two');
    await admin.end();
  });
  afterAll(async () => {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const lines = async (client: Client): Promise<string[]> => {
    const all: string[] = [];
    for await (const line of exportDatabase(client)) all.push(line);
    return all;
  };

  it('come back equal, with keys, indexes, defaults and sequences that go on', async () => {
    const [one, two] = [await connect('one'), await connect('two')];
    await one.query(shape);
    const path = join(folder, 'a.dump');
    const seen: number[] = [];
    await writeDump(
      path,
      { of: 'one' },
      exportDatabase(one, (done, total) => seen.push(done, total)),
    );
    expect(seen.slice(-2)).toEqual([1403, 1403]);
    expect(await readHeader(path)).toEqual({ of: 'one' });
    expect(await isWhole(path)).toBe(true);

    await importDatabase(two, readLines(path));
    expect(await lines(two)).toEqual(await lines(one));
    const next = await two.query('INSERT INTO "дом".line DEFAULT VALUES RETURNING n, s');
    expect(next.rows).toEqual([{ n: '1401', s: 1401 }]);
    await expect(two.query(`INSERT INTO "Contact" ("Имя") VALUES ('ёж 🦔')`)).rejects.toThrow('by_name');

    const bytes = await readFile(path);
    for (const [name, damaged] of Object.entries({
      cut: bytes.subarray(0, -70),
      empty: Buffer.alloc(0),
      flipped: Buffer.from(bytes).fill('x', 900, 901),
    })) {
      await writeFile(path, damaged);
      expect(await isWhole(path), name).toBe(false);
    }
    await one.end();
    await two.end();
  });

  it('are imported all or not at all', async () => {
    const admin = await connect('postgres');
    await admin.query('CREATE DATABASE three');
    await admin.end();
    const [one, three] = [await connect('one'), await connect('three')];
    const all = await lines(one);
    const cut = async function* () {
      yield* all.slice(0, -1);
    };
    await expect(importDatabase(three, cut())).rejects.toThrow('cut off');
    expect(
      (
        await three.query(
          `SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public'`,
        )
      ).rowCount,
    ).toBe(0);
    await one.end();
    await three.end();
  });
});
