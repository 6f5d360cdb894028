import { NakatError } from '../../runbook/errors/index.ts';
import type { MariaDbTarget } from '../../runbook/targets/index.ts';
import type { Database } from '../databases/database.ts';
import { checkBackupFolder } from '../databases/folder.ts';
import { shortHash } from '../databases/names.ts';
import { machineFor } from '../machines/pool.ts';
import type { StepContext } from '../step.ts';
import { checkBackup, makeBackup } from './backup.ts';
import { dataOf } from './data.ts';
import { checkIntegrity, dataRoom, factsOf, sizeOf } from './facts.ts';
import { fingerprint, schemaFingerprint } from './fingerprints.ts';
import { readMark } from './marks.ts';
import { checkedName } from './names.ts';
import { restoreBackup } from './restore.ts';
import { connectServer } from './server.ts';
import { alone } from './sessions.ts';
import { firstValue, runStatements } from './statements.ts';
import { dropDatabase } from './switch.ts';
import { toolsOf, type Tools } from './tools.ts';

/** The adapter for MariaDB and MySQL. Connections are opened per call, so there is nothing to close. */
export const connectMariaDb = async (target: MariaDbTarget, context: StepContext): Promise<Database> => {
  const name = checkedName(target.name);
  const server = await connectServer(target, context);
  const tools = async (): Promise<Tools> => toolsOf(target, await machineFor(target.machine, context), context);
  const none = (snapshot: string): NakatError =>
    new NakatError('SNAPSHOT_NOT_FOUND', { where: server.where, values: { database: name, snapshot } });
  return {
    engine: 'mariadb',
    name,
    ...dataOf(server, name),
    facts: async () => factsOf(server, await tools()),
    exists: async () => (await server.admin((session) => readMark(session, name))) !== null,
    size: () => sizeOf(server, name),
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
    snapshot: async () => {
      throw new NakatError('SNAPSHOT_FAILED', { where: server.where, values: { database: name } });
    },
    hasSnapshot: async () => false,
    revert: async (_id, snapshot) => {
      throw none(snapshot.id);
    },
    dropSnapshot: async () => undefined,
    drop: () =>
      alone(server, name, undefined, async (session) => {
        const found = await readMark(session, name);
        if (!found) return;
        if (found.mark?.state !== 'placed' || !found.mark.made)
          throw new NakatError('DATABASE_NOT_OURS', { where: server.where, values: { database: name } });
        await dropDatabase(session, name);
      }),
    checkIntegrity: (work) => checkIntegrity(server, name, work),

    schemaFingerprint: () => schemaFingerprint(server, name),
    fingerprint: (tables, work) => fingerprint(server, name, tables, work),
    runStatements: (once, statements, work) => runStatements(server, name, once, statements, work),
    firstValue: (statement, work) => firstValue(server, name, statement, work),
    close: async () => undefined,
  };
};
