/**
 * Statements of the administrator's own. These servers take back changes of rows, but keep at once what changes tables, with all
 * that came before it. A row of a table of nakat's own tells afterwards which of the two it was: written in the same transaction
 * as `begun`, it is there without `done` only when something before it was kept.
 */
import { NakatError } from '../../runbook/errors/index.ts';
import type { Once, Work } from '../databases/database.ts';
import { shortHash } from '../databases/names.ts';
import { id, type Server, type Session } from './server.ts';
import { doneTable } from './tables.ts';

export const runStatements = (
  server: Server,
  database: string,
  { id: mark, run, anew }: Once,
  statements: string,
  work: Work = {},
): Promise<{ already: boolean }> =>
  server.in(
    database,
    async (session) => {
      await waitForEarlier(session, `${database} ${mark}`, work.signal);
      const notes = `${id(database)}.${id(doneTable)}`;
      await session.run(
        `CREATE TABLE IF NOT EXISTS ${notes} (mark varchar(191) NOT NULL PRIMARY KEY, done tinyint NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
      );
      const earlier = await noteOf(session, notes, mark);
      if (earlier === 'done') return { already: true };
      if (earlier === 'begun' && !anew) throw halfWay(server, database);
      await session.run(`DELETE FROM ${notes} WHERE mark = ? OR mark NOT LIKE ?`, [mark, `%${run}%`]);
      // As the server has them for everybody: nakat's own would change what the statements mean.
      await session.run('SET SESSION sql_mode = DEFAULT, time_zone = DEFAULT, sql_safe_updates = DEFAULT');
      try {
        await session.transaction(async () => {
          await session.run(`INSERT INTO ${notes} VALUES (?, 0)`, [mark]);
          await session.run(statements);
          await session.run(`UPDATE ${notes} SET done = 1 WHERE mark = ?`, [mark]);
        });
      } catch (error) {
        work.signal?.throwIfAborted();
        // Asked of a session of its own: this one may have gone with the error.
        if ((await server.in(database, (other) => noteOf(other, notes, mark))) === null) throw error;
        throw halfWay(server, database, error);
      }
      return { already: false };
    },
    work.signal,
    { several: true },
  );

/** One statement, in a session that can only read. */
export const firstValue = (server: Server, database: string, statement: string, work: Work = {}): Promise<string> =>
  server.in(
    database,
    async (session) => {
      await session.run('SET SESSION TRANSACTION READ ONLY');
      return session.transaction(() => session.first(statement), 'READ ONLY');
    },
    work.signal,
  );

/** The server is at the statement of a dead worker until it is done; the lock is that session's. */
const waitForEarlier = async (session: Session, of: string, signal: AbortSignal | undefined): Promise<void> => {
  for (;;) {
    signal?.throwIfAborted();
    const [row] = await session.query<{ got: number | string | null }>('SELECT GET_LOCK(?, 10) AS got', [
      `nakat:${shortHash('statements', of)}`,
    ]);
    if (Number(row?.got) === 1) return;
  }
};

const noteOf = async (session: Session, notes: string, mark: string): Promise<'begun' | 'done' | null> => {
  const [row] = await session.query<{ done: number | string }>(`SELECT done FROM ${notes} WHERE mark = ?`, [mark]);
  return row === undefined ? null : Number(row.done) === 1 ? 'done' : 'begun';
};

const halfWay = (server: Server, database: string, cause?: unknown): NakatError => {
  return new NakatError('SQL_LEFT_HALF_WAY', {
    where: server.where,
    values: { database },
    ...(cause instanceof Error ? { vendor: cause.message, cause } : {}),
  });
};
