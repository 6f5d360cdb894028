import { createHash } from 'node:crypto';
import { NakatError } from '../../runbook/errors/index.ts';
import type { SettingsState } from '../../runbook/results.ts';
import type { Connector } from '../../runbook/targets/index.ts';
import type { Database, Row } from './database.ts';

type SettingsTables = Connector['settings'];

/** Every row of the settings tables as a hash, by table and key. Rows that share a key are hashed together. */
export const readSettingsOf = async (database: Database, settings: SettingsTables): Promise<SettingsState> => {
  const tables: Record<string, Record<string, string>> = {};
  for (const { table, key, ignore } of settings) {
    const byKey = new Map<string, string[]>();
    for (const row of await database.rows(table)) {
      if (!Object.hasOwn(row, key)) throw missingColumn(database, table, key);
      const name = row[key] ?? '';
      byKey.set(name, [...(byKey.get(name) ?? []), hashOf(row, ignore)]);
    }
    tables[table] = Object.fromEntries(
      [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, hashes]) => [name, digest(hashes.toSorted())]),
    );
  }
  return { tables };
};

/** `+` appeared, `−` went, `≠` changed: `IntegrationSetting: ≠ BaseUrl`. */
export const settingsChanges = (before: SettingsState, after: SettingsState): string[] =>
  [...new Set([...Object.keys(before.tables), ...Object.keys(after.tables)])].flatMap((table) => {
    const [then, now] = [before.tables[table] ?? {}, after.tables[table] ?? {}];
    return [...new Set([...Object.keys(then), ...Object.keys(now)])]
      .filter((key) => then[key] !== now[key])
      .map((key) => `${table}: ${then[key] === undefined ? '+' : now[key] === undefined ? '−' : '≠'} ${key}`);
  });

const missingColumn = (database: Database, table: string, column: string): NakatError =>
  new NakatError('COLUMN_NOT_FOUND', { where: database.name, values: { table, column, database: database.name } });

const hashOf = (row: Row, ignore: readonly string[]): string =>
  digest(
    Object.keys(row)
      .filter((column) => !ignore.includes(column))
      .toSorted()
      .map((column) => [column, row[column] ?? null]),
  );

const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
