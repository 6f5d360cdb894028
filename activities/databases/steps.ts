/** The steps of `runbook/steps/database.ts`, for either server. */
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import { differencesOf } from '../../runbook/messages/proof.ts';
import type { DuplicateCounts, Facts, Fingerprint, Snapshot } from '../../runbook/results.ts';
import type { databaseSteps as catalogue } from '../../runbook/steps/database.ts';
import type { Connector, DatabaseTarget } from '../../runbook/targets/index.ts';
import type { Failure } from '../../runbook/types.ts';
import { nameFor, type StepActivities, type StepContext } from '../step.ts';
import { connectDatabase } from './connect.ts';
import type { Database, Work } from './database.ts';
import { compareDatabases, databaseState } from './fingerprint.ts';
import { setRows } from './rows.ts';
import { readSettingsOf, settingsChanges } from './settings.ts';

const workOf = (context: StepContext): Work => ({
  signal: context.signal,
  leaveRunning: context.stopping,
  progress: context.progress,
});

export const databaseSteps: StepActivities<keyof typeof catalogue> = {
  async checkDatabaseServer({ database: target, tables }, _uses, context) {
    const database = await connectDatabase(target, context);
    const { version, edition, tools, snapshots } = await database.facts();
    // A test copy may still have to be made; one whose tables are asked for must be there.
    const exists = await database.exists();
    if (tables.length > 0) {
      if (!exists)
        throw new NakatError('DATABASE_NOT_FOUND', {
          where: `${target.host}:${target.port}`,
          values: { database: target.name },
        });
      for (const table of tables) await database.count(table);
    }
    return { version, edition, snapshots, exists, ...tools, ...(exists ? { bytes: await database.size() } : {}) };
  },

  async checkBackupFolder({ database }, _uses, context) {
    await (await connectDatabase(database, context)).checkBackupFolder();
    return null;
  },

  async backUpDatabase({ database }, _uses, context) {
    return (await connectDatabase(database, context)).backUp(nameFor(context, 'db'), workOf(context));
  },

  async restoreDatabase({ database, replace }, { backup }, context) {
    await (
      await connectDatabase(database, context)
    ).restore(nameFor(context, 'restore'), backup, { replace }, workOf(context));
    return null;
  },

  async checkRestoredCopy({ database, original }, _uses, context) {
    const copy = await connectDatabase(database, context);
    await copy.checkIntegrity(workOf(context));
    const schema = await copy.schemaFingerprint();
    if (schema !== (await (await connectDatabase(original, context)).schemaFingerprint()))
      throw new NakatError('SCHEMA_DIFFERS', {
        where: `${database.host}:${database.port}`,
        values: { database: database.name, original: original.name },
      });
    return { schema, bytes: await copy.size() };
  },

  async snapshotDatabase({ database: target }, _uses, context) {
    const database = await connectDatabase(target, context);
    if (!(await database.facts()).snapshots) return null;
    return database.snapshot(nameFor(context, 'snap'), workOf(context));
  },

  async revertDatabase({ database: target }, { snapshot, backup, before }, context) {
    const database = await connectDatabase(target, context);
    const instead = snapshot ? await revertBy(database, snapshot, before, context) : null;
    if (snapshot && instead === null) return { from: 'snapshot', instead };
    if (instead !== null) context.log('restoring from the backup', { database: target.name, because: instead.message });
    // Under a name of its own: the revert's is taken, and the same name again does nothing.
    await database.restore(nameFor(context, 'restore'), backup, { replace: true }, workOf(context));
    return { from: 'backup', instead };
  },

  async dropSnapshot({ database }, { snapshot }, context) {
    if (snapshot) await (await connectDatabase(database, context)).dropSnapshot(snapshot);
    return null;
  },

  /** Returns how many rows there were. On a second try the first may have deleted them already: then it is 0. */
  async clearTable({ database, table }, _uses, context) {
    return { table, rows: await (await connectDatabase(database, context)).clear(table) };
  },

  countDuplicates: ({ database, tables }, _uses, context) => duplicatesIn(database, tables, context),

  async checkDuplicates({ database, tables }, { before }, context) {
    const after = await duplicatesIn(database, tables, context);
    const more = Object.entries(after.tables).filter(([table, count]) => count > (before.tables[table] ?? 0));
    if (more.length === 0) return after;
    const list = more.map(([table, count]) => `${table}: ${before.tables[table] ?? 0} → ${count}`).join(', ');
    throw new NakatError('DUPLICATES_APPEARED', { where: database.name, values: { tables: list } });
  },

  async makeHarmless({ database: target, replace, rows }, _uses, context): Promise<Facts> {
    const database = await connectDatabase(target, context);
    let cells = 0;
    for (const [done, { from, to }] of replace.entries()) {
      context.progress({ done, total: replace.length });
      cells += await database.replaceText(from, to);
    }
    return { cells, rows: await setRows(database, rows) };
  },

  async pointAtInfobase({ database, rows }, _uses, context): Promise<Facts> {
    return { rows: await setRows(await connectDatabase(database, context), rows) };
  },

  async readSettings({ database, settings }, _uses, context) {
    return readSettingsOf(await connectDatabase(database, context), settings);
  },

  async compareSettings({ database, settings }, { before }, context): Promise<Facts> {
    const after = await readSettingsOf(await connectDatabase(database, context), settings);
    const changes = settingsChanges(before, after);
    if (changes.length > 0)
      throw new NakatError('SETTINGS_CHANGED', { where: database.name, values: { changes: shown(changes) } });
    return {
      tables: settings.length,
      rows: Object.values(after.tables).reduce((sum, keys) => sum + Object.keys(keys).length, 0),
    };
  },
};

/** Null when the database is as it was when the restore point was taken; else why the backup is needed. */
async function revertBy(
  database: Database,
  snapshot: Snapshot,
  before: Fingerprint | undefined,
  context: StepContext,
): Promise<Failure | null> {
  try {
    // Asked although the snapshot may be used up: the first try may have used it.
    await database.revert(nameFor(context, 'revert'), snapshot, workOf(context));
  } catch (error) {
    if (!isNakatError(error) || error.code !== 'SNAPSHOT_NOT_FOUND') throw error;
    const values = { database: database.name, snapshot: snapshot.id };
    return new NakatError('SNAPSHOT_GONE', { where: error.failure.where, values }).failure;
  }
  const then = before?.databases.find(({ name }) => name === database.name);
  if (then === undefined) return null;
  const tables = then.tables.map(({ table }) => table);
  const now = await databaseState(database, tables, workOf(context)).catch((error: unknown) => {
    // A table that is not there is a difference like any other.
    if (isNakatError(error) && error.code === 'TABLE_NOT_FOUND') return undefined;
    throw error;
  });
  const different = compareDatabases(then, now).filter((line) => !line.equal);
  if (different.length === 0) return null;
  return new NakatError('SNAPSHOT_DIFFERS', {
    where: database.name,
    proof: different.slice(0, 5),
    values: { count: different.length, differences: differencesOf(different, 'en') },
  }).failure;
}

/** By table; a table listed with several sets of columns has the sum. */
const duplicatesIn = async (
  target: DatabaseTarget,
  tables: Connector['duplicates'],
  context: StepContext,
): Promise<DuplicateCounts> => {
  const database = await connectDatabase(target, context);
  const counts: Record<string, number> = {};
  for (const { table, columns } of tables)
    counts[table] = (counts[table] ?? 0) + (await database.duplicates(table, columns));
  return { tables: counts };
};

const shown = (changes: readonly string[]): string =>
  changes.slice(0, 20).join('; ') + (changes.length > 20 ? `; … ${changes.length}` : '');
