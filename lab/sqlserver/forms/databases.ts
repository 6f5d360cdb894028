/** ALTER DATABASE, DROP DATABASE, DBCC CHECKDB (Microsoft Learn, "ALTER DATABASE SET options", "DROP DATABASE", "DBCC CHECKDB"). */
import { quote } from '../../postgres/rows.ts';
import { SqlError } from '../errors.ts';
import type { Form } from '../grammar.ts';
import { type DatabaseState, openDatabase, systemDatabases } from '../instance.ts';
import type { Call } from '../session.ts';
import { admin, copyOf, dropPg, usersOf } from './restore.ts';
import type { Run } from './index.ts';

/** It opens the database whenever it likes, here as early as it can (Microsoft Learn, "Set a database to single-user mode"). */
const statisticsThread = -1;

async function setAsyncStatistics(call: Call, name: string, on: boolean): Promise<null> {
  const state = await openDatabase(call.instance, call.session, name);
  await call.instance.save({ ...state, asyncStatistics: on });
  return null;
}

async function setAccess(call: Call, name: string, access: DatabaseState['access']): Promise<null> {
  const { instance, session } = call;
  if ((await instance.find(name))?.state === 'RESTORING')
    throw new SqlError(5052, `ALTER DATABASE is not permitted while a database is in the Restoring state.`);
  const state = await openDatabase(instance, session, name);
  const closed = access === 'SINGLE_USER';
  // Programs that are connected to PostgreSQL directly are kept out as well.
  await admin(instance, (client) => client.query(`ALTER DATABASE ${quote(state.pg)} ALLOW_CONNECTIONS ${!closed}`));
  if (closed) {
    await (await usersOf(call, state)).end();
    instance.seats.set(state.name, state.asyncStatistics ? statisticsThread : session.spid);
  } else instance.seats.delete(state.name);
  await instance.save({ ...state, access });
  return null;
}

async function drop(call: Call, name: string): Promise<null> {
  const { instance } = call;
  const state = await instance.find(name);
  if (state === null || systemDatabases.includes(name.toLowerCase())) {
    throw new SqlError(
      3701,
      `Cannot drop the database '${name}', because it does not exist or you do not have permission.`,
      11,
    );
  }
  if ((await instance.all()).some((one) => one.source === state.name))
    throw new SqlError(
      3709,
      `Cannot drop the database while a database snapshot refers to it. Drop that database first.`,
    );
  const users = await usersOf(call, state);
  if (state.state === 'ONLINE' && users.count > 0)
    throw new SqlError(3702, `Cannot drop database "${name}" because it is currently in use.`);
  await dropPg(instance, state.pg);
  await instance.forget(state.name);
  instance.seats.delete(state.name);
  return null;
}

/** Reads every row, as the real check does; damage is put in by a fault. */
async function checkDatabase(call: Call, name: string): Promise<null> {
  const state = await openDatabase(call.instance, call.session, name);
  if (call.instance.faults.corrupt.has(state.name)) {
    const found = new SqlError(
      8928,
      `Object ID 1, index ID 1, partition ID 1, alloc unit ID 1 (type In-row data): Page (1:153) could not be processed. See other errors for details.`,
    );
    throw new SqlError(8990, `CHECKDB found 0 allocation errors and 1 consistency errors in database '${name}'.`, 16, [
      found,
    ]);
  }
  await copyOf(call, state, async (lines) => {
    for await (const _ of lines) call.running.signal.throwIfAborted();
  });
  return null;
}

export const databaseForms: readonly Form<Run>[] = [
  {
    patterns: ['ALTER DATABASE {db} SET SINGLE_USER WITH ROLLBACK IMMEDIATE'],
    run: (found, call) => setAccess(call, found.text('db'), 'SINGLE_USER'),
  },
  {
    patterns: ['ALTER DATABASE {db} SET MULTI_USER'],
    run: (found, call) => setAccess(call, found.text('db'), 'MULTI_USER'),
  },
  {
    patterns: ['ALTER DATABASE {db} SET AUTO_UPDATE_STATISTICS_ASYNC ON'],
    run: (found, call) => setAsyncStatistics(call, found.text('db'), true),
  },
  {
    patterns: ['ALTER DATABASE {db} SET AUTO_UPDATE_STATISTICS_ASYNC OFF'],
    run: (found, call) => setAsyncStatistics(call, found.text('db'), false),
  },
  { patterns: ['DROP DATABASE {db}'], run: (found, call) => drop(call, found.text('db')) },
  { patterns: ['DBCC CHECKDB ({db}) WITH NO_INFOMSGS'], run: (found, call) => checkDatabase(call, found.text('db')) },
];
