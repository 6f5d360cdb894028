/**
 * How far BACKUP, RESTORE and DBCC are: `percent_complete` of sys.dm_exec_requests, read through a second connection
 * (Microsoft Learn, sys.dm_exec_requests). Without VIEW SERVER STATE only the STATS messages remain.
 */
import { isNakatError } from '../../runbook/errors/index.ts';
import type { Work } from '../databases/database.ts';
import type { Failing, Result, Session } from './session.ts';

const pollMs = 500;

/** Percent of the running request whose text holds `needle`; null when none runs. */
export async function percentOf(session: Session, needle: string): Promise<number | null> {
  const rows = await session.query(
    `SELECT CONVERT(float, r.percent_complete) AS done FROM sys.dm_exec_requests AS r CROSS APPLY sys.dm_exec_sql_text(r.sql_handle) AS t
     WHERE r.session_id <> @@SPID AND CHARINDEX(@needle, t.text) > 0`,
    { needle },
  );
  return rows[0] === undefined ? null : Number(rows[0].done);
}

const pause = (signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, pollMs);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done, { once: true });
  });

/** Waits until no request with this text runs any more: a worker that died may have left one that the server has not ended yet. */
export async function follow(session: Session, needle: string, note: string, work: Work): Promise<void> {
  for (let done = await percentOf(session, needle); done !== null; done = await percentOf(session, needle)) {
    work.progress?.({ done, total: 100, note });
    await pause(work.signal);
    work.signal?.throwIfAborted();
  }
}

/** Runs a long batch and reports its progress until it ends. `needle`: a part of the statement that no other one has. */
export async function runLong(
  session: Session,
  statement: string,
  needle: string,
  note: string,
  work: Work,
  failing: Failing,
): Promise<Result[]> {
  const report = (done: number): void => work.progress?.({ done, total: 100, note });
  const ended = new AbortController();
  const running = session
    .batch(
      statement,
      {
        signal: work.signal,
        onInfo: ({ number, message }) => {
          // 3211: `5 percent processed.`
          if (number === 3211) report(Number.parseInt(message, 10));
        },
      },
      failing,
    )
    .finally(() => ended.abort());
  const watching = (async () => {
    await pause(ended.signal);
    while (work.progress && !ended.signal.aborted) {
      const done = await percentOf(session, needle);
      if (done !== null) report(done);
      await pause(ended.signal);
    }
  })().catch((error: unknown) => {
    if (!isNakatError(error)) throw error;
  });
  const rows = await running;
  await watching;
  return rows;
}
