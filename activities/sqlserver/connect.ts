/**
 * SQL Server behind the contract of `activities/databases/database.ts`. Written from Microsoft's documentation (Microsoft
 * Learn, Transact-SQL reference); each file names its pages. Needs SQL Server 2016 or newer and a login that may create
 * databases and owns those it works on; VIEW SERVER STATE for progress bars.
 */
import type { SqlServerTarget } from '../../runbook/targets/index.ts';
import type { Database } from '../databases/database.ts';
import type { StepContext } from '../step.ts';
import { backUp, verify } from './backup.ts';
import { clear, count, duplicates, findText, fingerprint, replaceText, rows, update } from './data.ts';
import { quote } from './names.ts';
import { runLong } from './progress.ts';
import { drop, dropSnapshot, hasSnapshot, restore, revert, snapshot } from './restore.ts';
import { columnsOf, readTables, schemaFingerprint } from './schema.ts';
import { factsOf, probeBackupFolder, readFiles, readRoom, readServer, readState, requireDatabase } from './server.ts';
import { openSession } from './session.ts';
import { firstValue, runStatements } from './statements.ts';

/** Connects at the first call; closed with the step. */
export async function connectSqlServer(
  target: SqlServerTarget,
  context: Pick<StepContext, 'secret' | 'onEnd'>,
): Promise<Database> {
  const session = openSession(target, await context.secret(target.password));
  context.onEnd(() => session.close());
  return {
    engine: 'sqlserver',
    name: target.name,
    facts: async () => factsOf(await readServer(session)),
    exists: async () => (await readState(session, target.name)) !== null,
    async size() {
      await requireDatabase(session);
      return (await readFiles(session, target.name)).reduce((sum, file) => sum + file.bytes, 0);
    },
    room: async () => readRoom(session, { backups: target.backups, data: (await readServer(session)).dataFolder }),
    checkBackupFolder: () => probeBackupFolder(session, target.backups),
    backUp: (id, work = {}) => backUp(session, target.backups, id, work),
    verify: (backup, work = {}) => verify(session, backup, work),
    restore: (id, backup, { replace }, work = {}) => restore(session, id, backup, replace, work),
    snapshot: (id, work = {}) => snapshot(session, id, work),
    hasSnapshot: (made) => hasSnapshot(session, made),
    revert: (id, from, work = {}) => revert(session, id, from, work),
    dropSnapshot: (made) => dropSnapshot(session, made),
    drop: () => drop(session),
    async checkIntegrity(work = {}) {
      await requireDatabase(session);
      const check = `DBCC CHECKDB (${quote(target.name)})`;
      await runLong(session, `${check} WITH NO_INFOMSGS`, check, 'CHECKDB', work, { code: 'DATABASE_CORRUPT' });
    },
    tables: async () => (await readTables(session)).map((table) => table.name),
    columns: () => columnsOf(session),
    schemaFingerprint: () => schemaFingerprint(session),
    fingerprint: (tables, work = {}) => fingerprint(session, tables, work),
    count: (table) => count(session, table),
    clear: (table) => clear(session, table),
    rows: (table, columns, where = {}) => rows(session, table, columns, where),
    update: (table, set, where) => update(session, table, set, where),
    replaceText: (from, to, table) => replaceText(session, from, to, table),
    findText: (text) => findText(session, text),
    duplicates: (table, columns) => duplicates(session, table, columns),
    runStatements: (once, statements, work) => runStatements(session, once, statements, work),
    firstValue: (statement, work) => firstValue(session, statement, work),
    close: () => session.close(),
  };
}
