import type { databaseSteps } from '../steps/database.ts';
import type { DatabaseTarget } from '../targets/index.ts';
import {
  backedUp,
  backupFolderProbed,
  integrityChecked,
  restored,
  reverted,
  snapshotDropped,
  snapshotTaken,
} from './copies.ts';
import { backupOf, joined, named, on, type DoesTable } from './define.ts';
import {
  counted,
  deleted,
  dialectOf,
  duplicatesCounted,
  readWhole,
  schemaRead,
  textReplaced,
  updated,
  type RowText,
} from './dialect.ts';

const rowsSet = (
  database: DatabaseTarget,
  rows: readonly { readonly table: string; readonly set: RowText; readonly where: RowText }[],
): string[] => rows.map(({ table, set, where }) => updated(database, table, set, where));

const programsOf = { postgres: ['pg_dump', 'pg_restore'], mariadb: ['mariadb-dump', 'mariadb'] };

export const databaseDoes: DoesTable<keyof typeof databaseSteps> = {
  checkDatabaseServer: ({ database, tables }) => [
    ...(database.engine === 'sqlserver'
      ? []
      : programsOf[database.engine].map((tool) =>
          on(
            database.machine,
            database.tools === '' ? tool : joined(database.machine, database.tools, tool),
            '--version',
          ),
        )),
    dialectOf(database).ask(
      {
        postgres: 'SHOW server_version',
        sqlserver: "SELECT SERVERPROPERTY('ProductVersion'), …",
        mariadb: 'SELECT VERSION(), …',
      }[database.engine],
    ),
    ...tables.map((table) => counted(database, table)),
  ],
  checkBackupFolder: ({ database }) => backupFolderProbed(database),
  backUpDatabase: ({ database }, step) => backedUp(database, named(step, 'db')),
  restoreDatabase: ({ database, replace }, step) => restored(database, backupOf(step), replace),
  checkRestoredCopy: ({ database, original }) => [
    ...integrityChecked(database),
    schemaRead(database),
    schemaRead(original),
  ],
  snapshotDatabase: ({ database }) => snapshotTaken(database),
  // From the snapshot; the backup is the way when that is gone, or not what it was.
  revertDatabase: ({ database }, step) => [
    ...reverted(database),
    ...restored(database, backupOf(step), true).map((line) => (database.engine === 'mariadb' ? line : `or ${line}`)),
  ],
  dropSnapshot: ({ database }) => snapshotDropped(database),
  clearTable: ({ database, table }) => [deleted(database, table)],
  countDuplicates: ({ database, tables }) =>
    tables.map(({ table, columns }) => duplicatesCounted(database, table, columns)),
  checkDuplicates: ({ database, tables }) =>
    tables.map(({ table, columns }) => duplicatesCounted(database, table, columns)),
  makeHarmless: ({ database, replace, rows }) => [
    ...replace.map(({ from, to }) => textReplaced(database, from, to)),
    ...rowsSet(database, rows),
  ],
  pointAtInfobase: ({ database, rows }) => rowsSet(database, rows),
  readSettings: ({ database, settings }) => settings.map(({ table }) => readWhole(database, table)),
  compareSettings: ({ database, settings }) => settings.map(({ table }) => readWhole(database, table)),
};
