/**
 * One contract for every database server. `connect.ts` gives the adapter of a target; `test/activities/databases/contract.ts`
 * is the suite that each adapter passes. Every method acts once however often it is called with the same names, and
 * throws NakatError with a code of `runbook/errors/database.ts`. Names are data: quoted, never concatenated into SQL unquoted.
 */
import type { Backup, Snapshot, TableState } from '../../runbook/results.ts';
import type { Progress } from '../step.ts';

export interface ServerFacts {
  readonly version: string;
  readonly edition: string;
  /** Versions of the client programs that will be used; empty for SQL Server. */
  readonly tools: Readonly<Record<string, string>>;
  /** Fast restore points (snapshot, template copy) are possible. */
  readonly snapshots: boolean;
}

export interface Work {
  readonly signal?: AbortSignal;
  /** See JobOptions.leaveRunning. */
  readonly leaveRunning?: () => boolean;
  readonly progress?: (progress: Progress) => void;
}

/** Which statements these are: `id` names them, `run` is a part of the ids of this run; others are forgotten. */
export interface Once {
  readonly id: string;
  readonly run: string;
  /** A person has looked at what an earlier try left half-way, and wants all of it carried out again. */
  readonly anew: boolean;
}

/** A row by column name, values as text; null stays null, booleans are `true` and `false`. */
export type Row = Readonly<Record<string, string | null>>;

export interface Database {
  readonly engine: 'postgres' | 'sqlserver' | 'mariadb';
  /** The target's database name; `exists` may be false. */
  readonly name: string;

  facts(): Promise<ServerFacts>;
  exists(): Promise<boolean>;
  /** Bytes on disk. */
  size(): Promise<number>;
  /** Free bytes where backups go and where the data lies; null where the server does not say. */
  room(): Promise<{ backups: number | null; data: number | null }>;
  /** Writes and removes a small backup-folder file as the account that will write backups. Throws BACKUP_FOLDER_NOT_WRITABLE. */
  checkBackupFolder(): Promise<void>;

  /** Full, copy-only, checksummed, verified. Same id again: the finished one is returned. A half one is removed first, never used. */
  backUp(id: string, work?: Work): Promise<Backup>;
  /** Reads the whole backup. Throws BACKUP_DAMAGED. */
  verify(backup: Backup, work?: Work): Promise<void>;
  /**
   * Makes this database equal to the backup: verified first, restored beside or in place, switched last, sessions ended.
   * An existing database is replaced only if `replace` is true or it was made by an earlier `restore` of nakat (marked so);
   * else DATABASE_EXISTS. The mark holds `id`: same id again does nothing.
   */
  restore(id: string, backup: Backup, options: { replace: boolean }, work?: Work): Promise<void>;
  /** A fast restore point in the server; ends sessions where the engine must. */
  snapshot(id: string, work?: Work): Promise<Snapshot>;
  hasSnapshot(snapshot: Snapshot): Promise<boolean>;
  /** Makes this database equal to the snapshot; the snapshot may be used up. Same id again does nothing. */
  revert(id: string, snapshot: Snapshot, work?: Work): Promise<void>;
  dropSnapshot(snapshot: Snapshot): Promise<void>;
  /** Drops this database if nakat made it (marked); else refuses with DATABASE_NOT_OURS. */
  drop(): Promise<void>;
  /** The server's own consistency check (CHECKDB; pg_amcheck where installed). Throws DATABASE_CORRUPT. */
  checkIntegrity(work?: Work): Promise<void>;

  tables(): Promise<string[]>;
  /** Columns of every user table in their order, as the server writes them: `price numeric(10,2) not null`. */
  columns(): Promise<Record<string, string[]>>;
  /** Hash of all columns, types, keys of all user tables. */
  schemaFingerprint(): Promise<string>;
  /** Order-independent checksum and count per table; empty list: all tables. Throws TABLE_NOT_FOUND. */
  fingerprint(tables: readonly string[], work?: Work): Promise<TableState[]>;
  count(table: string): Promise<number>;
  /** Deletes all rows; returns how many there were. Throws TABLE_NOT_FOUND. */
  clear(table: string): Promise<number>;
  rows(table: string, columns?: readonly string[], where?: Row): Promise<Row[]>;
  /** Returns the number of rows changed. */
  update(table: string, set: Row, where: Row): Promise<number>;
  /** Replaces text inside all text columns of all tables (or of one); returns changed cells. */
  replaceText(from: string, to: string, table?: string): Promise<number>;
  /** Where a text occurs in any text column, case-insensitive. */
  findText(text: string): Promise<{ table: string; column: string; rows: number }[]>;
  /** Groups of rows that agree in these columns (nulls are not compared): number of rows beyond the first of each group. */
  duplicates(table: string, columns: readonly string[]): Promise<number>;
  /**
   * Statements of the administrator's own, once: the same id again does nothing (`already`). All or nothing; but MariaDB and MySQL
   * keep at once what changes tables, and then, where not all went well, this throws SQL_LEFT_HALF_WAY, for the same id again too.
   * Throws SQL_ENDED_TRANSACTION.
   */
  runStatements(once: Once, statements: string, work?: Work): Promise<{ already: boolean }>;
  /** The first column of the first row, as text; empty: no row, or NULL. One statement; nothing that it changes stays. */
  firstValue(statement: string, work?: Work): Promise<string>;
  close(): Promise<void>;
}
