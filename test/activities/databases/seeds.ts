import { afterEach, expect } from 'vitest';
import type { Database } from '../../../activities/databases/database.ts';
import type { Fixture, SeedTable } from './fixture.ts';

export const contacts: SeedTable = {
  name: 'Contact',
  columns: { Id: 'int', Name: 'text', Email: 'text', Photo: 'bytes' },
  rows: [
    { Id: '1', Name: 'Анна Петрова', Email: 'anna@crm.example.com', Photo: '00ff10' },
    { Id: '2', Name: "O'Brien; DROP TABLE x--", Email: null, Photo: null },
    { Id: '3', Name: '', Email: 'HTTPS://CRM.EXAMPLE.COM/x?a=%5C', Photo: '' },
    { Id: '4', Name: 'Анна Петрова', Email: 'anna@crm.example.com', Photo: '00ff11' },
  ],
};

/** Names that break careless quoting, and a table without a key that holds equal rows. */
export const odd: SeedTable = {
  name: 'Журнал "x]\' обмена',
  columns: { 'ключ "1]': 'text', 'Зна чение': 'text' },
  noKey: true,
  rows: [
    { 'ключ "1]': 'адрес', 'Зна чение': 'http://1c.example.com/base' },
    { 'ключ "1]': 'адрес', 'Зна чение': 'http://1c.example.com/base' },
    { 'ключ "1]': 'таймаут', 'Зна чение': null },
  ],
};

/** Makes databases for one test file, and removes them and closes all connections after each test. */
export const stage = (fixture: () => Fixture) => {
  let made: string[] = [];
  let open: Database[] = [];
  afterEach(async () => {
    for (const database of open) await database.close();
    for (const name of made) await fixture().remove(name);
    open = [];
    made = [];
  });
  const connect = async (name: string, target = fixture().target(name)): Promise<Database> => {
    if (!made.includes(name)) made.push(name);
    const database = await fixture().connect(target);
    open.push(database);
    return database;
  };
  return {
    connect,
    /** A database of someone else with both seed tables, and the adapter for it. */
    async seeded(name: string, tables: readonly SeedTable[] = [contacts, odd]): Promise<Database> {
      made.push(name);
      await fixture().create(name, tables);
      return connect(name);
    },
  };
};

/** All that the contract can see of a database's content. */
export const state = async (database: Database): Promise<unknown> => ({
  schema: await database.schemaFingerprint(),
  tables: await database.fingerprint([]),
});

export const refusal = async (work: Promise<unknown>, code: string): Promise<void> => {
  await expect(work).rejects.toMatchObject({ name: 'NakatError', code });
};
