import { setTimeout as delay } from 'node:timers/promises';
import type { Server, Session } from './server.ts';
import { shortHash } from '../databases/names.ts';

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
    // A worker that lost its power says no goodbye: two minutes later the server lets go.
    await session.run('SET tcp_keepalives_idle = 60; SET tcp_keepalives_interval = 15; SET tcp_keepalives_count = 4');
    // Since 14; this session is idle while pg_dump or pg_restore works.
    await session.query(`SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'`);
    const key = Number.parseInt(shortHash('lock', database), 16);
    await session.query('SELECT pg_advisory_lock($1::bigint)', [key]);
    return body(session);
  }, signal);

/**
 * Runs a statement that needs databases without sessions. CREATE DATABASE … TEMPLATE and ALTER DATABASE … RENAME first lock the
 * database against new sessions and then wait 5 seconds for the present ones to go (dbcommands.c, CountOtherDBBackends): in
 * that time they are ended. So connections are never forbidden by a setting that a crash would leave behind.
 */
export const endingSessions = async <T>(
  server: Server,
  databases: readonly string[],
  statement: () => Promise<T>,
): Promise<T> => {
  const done = new AbortController();
  const ended = server.admin(async (session) => {
    while (!done.signal.aborted) {
      await session.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = ANY ($1::text[]) AND pid <> pg_backend_pid() AND backend_type <> 'autovacuum worker'`,
        [[...databases]],
      );
      await delay(100, undefined, { signal: done.signal }).catch(() => undefined);
    }
  });
  const [outcome, ending] = await Promise.allSettled([statement().finally(() => done.abort()), ended]);
  if (outcome.status === 'fulfilled') return outcome.value;
  // Sessions that may not be ended are the better reason.
  throw ending.status === 'rejected' ? ending.reason : outcome.reason;
};
