/**
 * The site's own migration: on the first visit after the files are newer than the database, the migrations between are carried
 * out one statement after the other, without a transaction, as web applications on MariaDB must. A second visitor meanwhile is
 * told to wait; after a failure every visit tries again from the first statement, and fails at what is half done.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { compareVersions } from '../../runbook/versions.ts';
import { openZetaDatabase, type ZetaDatabase, type ZetaDatabaseAddress } from './database.ts';

export interface MigrationOptions {
  /** Real folder of the site. */
  readonly folder: string;
  readonly address: ZetaDatabaseAddress;
  /** Of the files. */
  readonly version: string;
  /** Milliseconds per statement. */
  readonly pause: number;
  /** The third statement fails. */
  readonly breaks: boolean;
  readonly count: (event: string) => void;
}

export const schemaVersion = async (database: ZetaDatabase): Promise<string> =>
  String((await database.query(`SELECT value FROM settings WHERE name = 'schema'`))[0]?.['value'] ?? '');

/** Does nothing where the database is as new as the files. */
export async function migrate(options: MigrationOptions): Promise<void> {
  const database = await openZetaDatabase(options.address);
  try {
    const from = await schemaVersion(database);
    if (compareVersions(options.version, from) <= 0) return;
    options.count('migrate');
    for (const version of await versionsBetween(options.folder, from, options.version)) {
      const text = await readFile(join(options.folder, 'migrations', `${version}.sql`), 'utf8');
      const statements = text
        .split(/;\s*\n/)
        .map((one) => one.trim())
        .filter(Boolean);
      for (const [at, statement] of statements.entries()) {
        if (options.breaks && at === 2)
          throw new Error(`Migration ${version}: statement ${at + 1} failed: disk quota exceeded`);
        await database.query(statement);
        await delay(options.pause);
      }
      await database.query(`UPDATE settings SET value = ? WHERE name = 'schema'`, [version]);
    }
  } finally {
    await database.close();
  }
}

async function versionsBetween(folder: string, from: string, to: string): Promise<string[]> {
  const names = (await readdir(join(folder, 'migrations')))
    .filter((name) => name.endsWith('.sql'))
    .map((name) => name.slice(0, -4));
  return names
    .filter((version) => compareVersions(version, from) > 0 && compareVersions(version, to) <= 0)
    .sort(compareVersions);
}
