/**
 * RESTORE and snapshots. As on the real server a RESTORE that breaks leaves the database in state
 * RESTORING, with its old content gone (Microsoft Learn, "RESTORE", "Database snapshots").
 */
import type { Client } from 'pg';
import { readLines } from '../../postgres/dump-file.ts';
import { exportDatabase, importDatabase, quote } from '../../postgres/rows.ts';
import { SqlError, terminating } from '../errors.ts';
import { type Form, list, optional } from '../grammar.ts';
import { type DatabaseState, type FileState, type Instance, openDatabase } from '../instance.ts';
import type { Call } from '../session.ts';
import { checkWhole, headerOf, progressOf } from './backup.ts';
import type { Run } from './index.ts';

export const admin = <T>(instance: Instance, work: (client: Client) => Promise<T>): Promise<T> =>
  instance.inside('postgres', work);
export const dropPg = (instance: Instance, pg: string): Promise<unknown> =>
  admin(instance, (client) => client.query(`DROP DATABASE IF EXISTS ${quote(pg)} WITH (FORCE)`));

/** Sessions inside the database: the stand-in's own, and programs that are connected to PostgreSQL directly. */
export async function usersOf(
  { instance, session }: Call,
  state: DatabaseState,
): Promise<{ count: number; end(): Promise<void> }> {
  const own = [...instance.sessions.values()].filter((one) => one !== session && one.database === state.name);
  const direct = await instance.query<{ pid: number }>('SELECT pid FROM pg_stat_activity WHERE datname = $1', [
    state.pg,
  ]);
  return {
    count: own.length + direct.length,
    async end() {
      for (const one of own) one.kill();
      await instance.query('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1', [
        state.pg,
      ]);
    },
  };
}

/** Replaces the content of a database by `lines`. From the first moment until it has ended the database is RESTORING. */
async function replaceContent(call: Call, state: DatabaseState, lines: AsyncIterable<string>): Promise<void> {
  const { instance } = call;
  const making = instance.pgName(`~${state.name}`);
  await dropPg(instance, making);
  await admin(instance, (client) => client.query(`CREATE DATABASE ${quote(making)} TEMPLATE template0`));
  await instance.save({ ...state, state: 'RESTORING' });
  await dropPg(instance, state.pg);
  const step = progressOf(call, 'RESTORE DATABASE');
  let progress: [number, number] = [0, 0];
  const watched = async function* (): AsyncGenerator<string> {
    for await (const line of lines) {
      await step(...progress);
      yield line;
    }
  };
  try {
    await instance.inside(making, (client) => importDatabase(client, watched(), (...now) => (progress = now)));
  } catch (error) {
    await dropPg(instance, making);
    throw error;
  }
  await admin(instance, async (client) => {
    await client.query(`ALTER DATABASE ${quote(making)} RENAME TO ${quote(state.pg)}`);
    if (state.access === 'SINGLE_USER') await client.query(`ALTER DATABASE ${quote(state.pg)} ALLOW_CONNECTIONS false`);
  });
  await instance.save({ ...state, state: 'ONLINE' });
}

async function existing(call: Call, name: string): Promise<DatabaseState | null> {
  const state = await call.instance.find(name);
  if (state === null) return null;
  const taken = call.instance.seats.get(state.name);
  if (
    (taken !== undefined && taken !== call.session.spid) ||
    (state.state === 'ONLINE' && (await usersOf(call, state)).count > 0)
  ) {
    throw new SqlError(3101, `Exclusive access could not be obtained because the database is in use.`);
  }
  return state;
}

async function restore(call: Call, name: string, path: string, moves: ReadonlyMap<string, string>): Promise<null> {
  const { instance } = call;
  const { real, header } = await headerOf(call, path);
  const known = await existing(call, name);
  const snapshot = known && (await instance.all()).find((one) => one.source === known.name);
  if (snapshot)
    throw new SqlError(
      3709,
      `Cannot restore the database while the database snapshot "${snapshot.name}" refers to it. Drop that database first.`,
    );
  for (const logical of moves.keys()) {
    if (!header.files.some((file) => file.logical === logical))
      throw new SqlError(
        3234,
        `Logical file '${logical}' is not part of database '${name}'. Use RESTORE FILELISTONLY to list the logical file names.`,
      );
  }
  const files = header.files.map((file): FileState => ({
    ...file,
    physical: moves.get(file.logical) ?? file.physical,
  }));
  for (const other of await instance.all()) {
    if (other.name === (known?.name ?? name)) continue;
    const clash = (await instance.files(other)).find((file) =>
      files.some((one) => one.physical.toLowerCase() === file.physical.toLowerCase()),
    );
    if (clash)
      throw new SqlError(
        1834,
        `The file '${clash.physical}' cannot be overwritten. It is being used by database '${other.name}'.`,
      );
  }
  await checkWhole(path, real);
  const state: DatabaseState = known ?? {
    name,
    pg: instance.pgName(name),
    state: 'ONLINE',
    access: 'MULTI_USER',
    source: null,
    asyncStatistics: false,
  };
  await instance.setFiles(state.name, files);
  await replaceContent(call, state, readLines(real));
  call.info(3014, `RESTORE DATABASE successfully processed.`);
  return null;
}

export async function copyOf(
  call: Call,
  state: DatabaseState,
  use: (lines: AsyncIterable<string>) => Promise<void>,
): Promise<void> {
  const { instance } = call;
  // A closed database lets nobody in, not even a superuser: it is opened for this one connection.
  if (state.access === 'SINGLE_USER')
    await admin(instance, (client) => client.query(`ALTER DATABASE ${quote(state.pg)} ALLOW_CONNECTIONS true`));
  const client = await instance.connect(state.pg);
  try {
    await use(exportDatabase(client));
  } finally {
    await client.end();
  }
}

async function makeSnapshot(call: Call, name: string, sourceName: string, files: readonly FileState[]): Promise<null> {
  const { instance } = call;
  if (await instance.find(name))
    throw new SqlError(1801, `Database '${name}' already exists. Choose a different database name.`);
  const source = await openDatabase(instance, call.session, sourceName);
  const data = (await instance.files(source)).filter((file) => file.type === 'ROWS');
  if (data.some((file) => !files.some((one) => one.logical === file.logical)) || files.length !== data.length) {
    throw new SqlError(
      5127,
      `All files must be specified for database snapshot creation. Missing the file "${data[0]?.logical ?? ''}".`,
    );
  }
  const made: DatabaseState = {
    name,
    pg: instance.pgName(name),
    state: 'ONLINE',
    access: 'MULTI_USER',
    source: source.name,
    asyncStatistics: false,
  };
  await admin(instance, (client) => client.query(`CREATE DATABASE ${quote(made.pg)} TEMPLATE template0`));
  try {
    await copyOf(call, source, (lines) => instance.inside(made.pg, (client) => importDatabase(client, lines)));
  } catch (error) {
    await dropPg(instance, made.pg);
    throw error;
  }
  await instance.setFiles(name, files);
  await instance.save(made);
  return null;
}

async function revert(call: Call, name: string, from: string): Promise<null> {
  const { instance } = call;
  const state = await existing(call, name);
  if (state === null)
    throw new SqlError(911, `Database '${name}' does not exist. Make sure that the name is entered correctly.`);
  const snapshots = (await instance.all()).filter((one) => one.source === state.name);
  const snapshot = snapshots.find((one) => one.name === from);
  if (snapshot === undefined)
    throw new SqlError(5123, `The database snapshot '${from}' does not exist for database '${name}'.`);
  if (snapshots.length > 1)
    throw new SqlError(
      3137,
      `Database cannot be reverted. Either the primary or the snapshot names are improperly specified, all other snapshots have not been dropped, or there are missing files.`,
    );
  await copyOf(call, snapshot, (lines) => replaceContent(call, state, lines));
  return null;
}

const orTerminate = async (work: Promise<null>): Promise<null> => {
  try {
    return await work;
  } catch (error) {
    throw error instanceof SqlError ? terminating('RESTORE DATABASE', error) : error;
  }
};

export const restoreForms: readonly Form<Run>[] = [
  {
    patterns: [
      "RESTORE DATABASE {db} FROM DISK = {'path} WITH FILE = 1,",
      list('moves', ',', "MOVE {'logical} TO {'physical}"),
      ', REPLACE, RECOVERY, CHECKSUM',
      optional('stats', ', STATS = {#percent}'),
    ],
    run: (found, call) =>
      orTerminate(
        restore(
          call,
          found.text('db'),
          found.text('path'),
          new Map(found.many('moves').map((move) => [move.text('logical'), move.text('physical')])),
        ),
      ),
  },
  {
    patterns: ["RESTORE DATABASE {db} FROM DATABASE_SNAPSHOT = {'snapshot}"],
    run: (found, call) => orTerminate(revert(call, found.text('db'), found.text('snapshot'))),
  },
  {
    patterns: [
      'CREATE DATABASE {snapshot} ON',
      list('files', ',', "(NAME = {logical}, FILENAME = {'physical})"),
      'AS SNAPSHOT OF {db}',
    ],
    run: (found, call) => {
      const files = found.many('files').map((file, index): FileState => ({
        id: index + 1,
        logical: file.text('logical'),
        physical: file.text('physical'),
        type: 'ROWS',
      }));
      return makeSnapshot(call, found.text('snapshot'), found.text('db'), files);
    },
  },
];
