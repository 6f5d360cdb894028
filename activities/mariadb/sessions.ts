import { setTimeout as delay } from 'node:timers/promises';
import { shortHash } from '../databases/names.ts';
import { errorNumber, type Server, type Session } from './server.ts';

/** Seconds after which the server ends a session that says nothing: that of a worker that lost its power. */
const silence = 120;

/**
 * One operation at a time per database, also when the worker that began one is dead and the server is still at it: the
 * lock is the session's, and the server ends the session only after its statement.
 */
export const alone = <T>(
  server: Server,
  database: string,
  signal: AbortSignal | undefined,
  body: (session: Session) => Promise<T>,
): Promise<T> =>
  server.admin(async (session) => {
    await session.run(`SET SESSION wait_timeout = ${silence}`);
    const name = `nakat:${shortHash('lock', database)}`;
    for (;;) {
      signal?.throwIfAborted();
      const [row] = await session.query<{ got: number | string | null }>('SELECT GET_LOCK(?, 10) AS got', [name]);
      if (Number(row?.got) === 1) break;
    }
    // This session is idle while a client program works.
    const awake = setInterval(() => void session.query('SELECT 1').catch(() => undefined), (silence / 4) * 1000);
    try {
      return await body(session);
    } finally {
      clearInterval(awake);
    }
  }, signal);

/** Of the server: no such session any more; one of another account that we may not end. */
const [gone, notOurs] = [1094, 1095];

/**
 * Runs a statement that must wait until nobody uses tables of these databases. In that time their sessions are ended, again and
 * again; those of accounts that we may not end have to go by themselves (`lock_wait_timeout`, then DATABASE_IN_USE).
 */
export const endingSessions = async <T>(
  server: Server,
  databases: readonly string[],
  mine: Session,
  statement: () => Promise<T>,
): Promise<T> => {
  const done = new AbortController();
  let first: () => void = () => undefined;
  const began = new Promise<void>((resolve) => (first = resolve));
  const ended = server.admin(async (session) => {
    while (!done.signal.aborted) {
      await endThose(session, databases, mine.number);
      first();
      await delay(100, undefined, { signal: done.signal }).catch(() => undefined);
    }
  });
  try {
    await Promise.race([began, ended]);
    return await statement();
  } finally {
    done.abort();
    await ended.catch(() => undefined);
  }
};

const endThose = async (session: Session, databases: readonly string[], mine: number): Promise<void> => {
  const places = databases.map(() => '?').join(', ');
  const rows = await session.query<{ id: string | number }>(
    `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE DB IN (${places}) AND ID NOT IN (CONNECTION_ID(), ?)`,
    [...databases, mine],
  );
  for (const row of rows) {
    try {
      await session.run('KILL CONNECTION ?', [Number(row.id)]);
    } catch (error) {
      if (![gone, notOurs].includes(errorNumber(error))) throw error;
    }
  }
};
