import type { Backup } from '../../../runbook/results.ts';
import type { DatabaseTarget } from '../../../runbook/targets/index.ts';
import type { Database, Row } from '../../../activities/databases/database.ts';

/** A table as the suite wants it: `text` is unbounded Unicode text, `int` 32 bits, `bytes` binary (seeded as hex). */
export interface SeedTable {
  readonly name: string;
  readonly columns: Readonly<Record<string, 'text' | 'int' | 'bytes'>>;
  /** Values as text; the first column is the primary key unless `noKey`. */
  readonly rows: readonly Row[];
  readonly noKey?: boolean;
}

/** What one server lends to the contract suite. Everything here goes past the adapter under test. */
export interface Fixture {
  /** A target for a database of that name, existing or not; all share one backup folder. */
  target(name: string): DatabaseTarget;
  /** Like `target`, at a port where nobody listens. */
  unreachable(name: string): DatabaseTarget;
  /** Like `target`, with a wrong password. */
  refused(name: string): DatabaseTarget;
  /** Like `target`, with a backup folder that the backing-up account cannot write to. */
  unwritable(name: string): DatabaseTarget;
  connect(target: DatabaseTarget): Promise<Database>;
  /** Makes a database, without any mark of nakat. */
  create(name: string, tables: readonly SeedTable[]): Promise<void>;
  /** Drops it if it is there, with everything made of it (snapshots, kept copies). */
  remove(name: string): Promise<void>;
  insert(database: string, table: string, row: Row): Promise<void>;
  addTextColumn(database: string, table: string, column: string): Promise<void>;
  /** An application's connection that does nothing: still there? */
  session(database: string): Promise<{ alive(): Promise<boolean>; close(): Promise<void> }>;
  /** Ways to damage a finished backup, by name: each must be found by `verify` and by `restore`. */
  readonly damages: Readonly<Record<string, (backup: Backup) => Promise<void>>>;
  close(): Promise<void>;
}
