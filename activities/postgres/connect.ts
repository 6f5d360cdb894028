import { NakatError } from '../../runbook/errors/index.ts';
import type { PostgresTarget } from '../../runbook/targets/index.ts';
import type { Database } from '../databases/database.ts';
import { machineFor } from '../machines/pool.ts';
import type { StepContext } from '../step.ts';
import { checkBackup, makeBackup } from './backup.ts';
import { dataOf } from './data.ts';
import { columnsOf, fingerprint, schemaFingerprint } from './fingerprints.ts';
import { checkIntegrity } from './integrity.ts';
import { readMark } from './marks.ts';
import { shortHash } from '../databases/names.ts';
import { checkedName } from './names.ts';
import { restoreBackup } from './restore.ts';
import { connectServer } from './server.ts';
import { alone } from './sessions.ts';
import { checkBackupFolder } from '../databases/folder.ts';
import { dataRoom, factsOf } from './facts.ts';
import { dropSnapshot, hasSnapshot, revertTo, takeSnapshot } from './snapshot.ts';
import { firstValue, runStatements } from './statements.ts';
import { dropDatabase } from './switch.ts';
import { toolsOf, type Tools } from './tools.ts';

/** The adapter for PostgreSQL 12 and later. Connections are opened per call, so there is nothing to close. */
export const connectPostgres = async (target: PostgresTarget, context: StepContext): Promise<Database> => {
  const name = checkedName(target.name);
  const server = await connectServer(target, context);
  const tools = async (): Promise<Tools> => toolsOf(target, await machineFor(target.machine, context), context);
  return {
    engine: 'postgres',
    name,
    ...dataOf(server, name),
    facts: async () => factsOf(server, await tools(), name),
    exists: async () => (await server.admin((session) => readMark(session, name))) !== null,
    size: () =>
      server.admin(async (session) =>
        Number((await session.query<{ n: string }>('SELECT pg_database_size($1) AS n', [name]))[0]!.n),
      ),
    async room() {
      const { machine } = await tools();
      const backups = (await machine.stat(target.backups)) === null ? null : await machine.freeSpace(target.backups);
      return { backups, data: await dataRoom(target, server, machine) };
    },
    checkBackupFolder: async () =>
      checkBackupFolder((await tools()).machine, target.backups, shortHash(context.run, context.step)),

    backUp: async (id, work) => makeBackup(target, server, await tools(), id, work),
    verify: async (backup) => void (await checkBackup(await tools(), backup)),
    restore: async (id, backup, options, work) =>
      restoreBackup(target, server, await tools(), id, backup, options, work),
    snapshot: (id, work) => takeSnapshot(server, name, id, work),
    hasSnapshot: (snapshot) => hasSnapshot(server, snapshot),
    revert: (id, snapshot, work) => revertTo(server, name, id, snapshot, work),
    dropSnapshot: (snapshot) => dropSnapshot(server, snapshot),
    drop: () =>
      alone(server, name, undefined, async (session) => {
        const found = await readMark(session, name);
        if (!found) return;
        if (found.mark?.state !== 'placed' || !found.mark.made)
          throw new NakatError('DATABASE_NOT_OURS', { where: server.where, values: { database: name } });
        await dropDatabase(server, session, name);
      }),
    checkIntegrity: async (work) => checkIntegrity(target, server, await tools(), context, work),

    columns: () => columnsOf(server, name),
    schemaFingerprint: () => schemaFingerprint(server, name),
    fingerprint: (tables, work) => fingerprint(server, name, tables, work),
    runStatements: (once, statements, work) => runStatements(server, name, once, statements, work),
    firstValue: (statement, work) => firstValue(server, name, statement, work),
    close: async () => undefined,
  };
};
