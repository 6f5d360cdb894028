/**
 * An infobase's tables as 1C makes them in PostgreSQL (lower case, `_reference10`, `_document20`, `config`, `v8users`): few and
 * short, but with real rows. Names follow 1C's scheme of table names; the numbers are this lab's own.
 */
import { mkdirSync } from 'node:fs';
import type { ClientBase } from 'pg';
import { exportDatabase } from '../postgres/rows.ts';
import { passwordHash, writeData } from './data.ts';
import { seedModel, type Model } from './model.ts';

export const infobaseTables = { contacts: '_reference10', orders: '_document20', jobs: '_inforg30' } as const;

export interface InfobaseSeed {
  /** Names and passwords of those who may log in. */
  readonly users: readonly { readonly name: string; readonly password: string }[];
  /** Text of the configuration: another text is another generation. Default `1.0.1`. */
  readonly configuration?: string;
  readonly contacts?: number;
  readonly orders?: number;
  /** Configuration, extensions, jobs and versions, for steps that ask or change them. */
  readonly model?: Model;
}

export async function seedInfobase(client: ClientBase, seed: InfobaseSeed): Promise<void> {
  const { contacts, orders, jobs } = infobaseTables;
  await client.query(`
    CREATE TABLE config (filename text PRIMARY KEY, binarydata bytea NOT NULL);
    CREATE TABLE v8users (name text PRIMARY KEY, data text NOT NULL);
    CREATE TABLE ${contacts} (_idrref uuid PRIMARY KEY, _code text NOT NULL UNIQUE, _description text NOT NULL, _fld11 text NOT NULL);
    CREATE TABLE ${orders} (_idrref uuid PRIMARY KEY, _number text NOT NULL UNIQUE, _date_time timestamp NOT NULL, _fld21rref uuid REFERENCES ${contacts}, _fld22 numeric(15,2) NOT NULL);
    CREATE TABLE ${jobs} (_period timestamptz NOT NULL DEFAULT clock_timestamp(), _fld31 text NOT NULL)`);
  const configuration = seed.configuration ?? '1.0.1';
  await client.query(
    "INSERT INTO config SELECT name, convert_to(name || $1, 'UTF8') FROM unnest(ARRAY['root', 'version', 'versions']) name",
    [configuration],
  );
  for (const { name, password } of seed.users)
    await client.query('INSERT INTO v8users VALUES ($1, $2)', [name, passwordHash(password)]);
  // Ids by number: two infobases seeded alike are alike.
  await client.query(
    `INSERT INTO ${contacts} SELECT md5('contact' || n)::uuid, lpad(n::text, 9, '0'), 'Контакт ' || n, 'contact' || n || '@example.com' FROM generate_series(1, $1::int) n`,
    [seed.contacts ?? 40],
  );
  await client.query(
    `INSERT INTO ${orders} SELECT md5('order' || n)::uuid, 'ЗК-' || lpad(n::text, 6, '0'), timestamp '2024-01-01' + n * interval '1 hour',
       CASE WHEN $2 > 0 THEN md5('contact' || (n % $2 + 1))::uuid END, n * 100.5 FROM generate_series(1, $1::int) n`,
    [seed.orders ?? 60, seed.contacts ?? 40],
  );
  if (seed.model) await seedModel(client, seed.model);
}

/** A file infobase with the same data as that database. `folder`: a real path; made when absent. */
export async function seedFileInfobase(folder: string, client: ClientBase): Promise<void> {
  const lines: string[] = [];
  for await (const line of exportDatabase(client)) lines.push(line);
  mkdirSync(folder, { recursive: true });
  await writeData({ kind: 'file', folder }, lines);
}
