/** Statements of the administrator's own. All of them in one transaction, with the note that they were carried out. */
import { NakatError } from '../../runbook/errors/index.ts';
import type { Once, Work } from '../databases/database.ts';
import { id, literal, type Server, type Session } from './server.ts';

/**
 * The note is a setting of the database, which no program reads: so a second call after a lost answer finds out. A restored
 * database has no such note, and a table would be a part of its schema.
 */
const note = 'nakat.done';

export const runStatements = (
  server: Server,
  database: string,
  { id: mark, run }: Once,
  statements: string,
  work: Work = {},
): Promise<{ already: boolean }> =>
  server.in(
    database,
    (session) =>
      session.transaction(async () => {
        // One at a time: an earlier attempt may still be at it.
        await session.query('SELECT pg_advisory_xact_lock(hashtext($1))', [mark]);
        const done = await readNotes(session);
        if (done.includes(mark)) return { already: true };
        const transaction = await transactionOf(session);
        await session.run(statements);
        if ((await transactionOf(session)) !== transaction)
          throw new NakatError('SQL_ENDED_TRANSACTION', { where: server.where, values: { database } });
        const notes = [...done.filter((one) => one.includes(run)), mark].join(',');
        await session.run(`ALTER DATABASE ${id(database)} SET ${note} = ${literal(notes)}`);
        return { already: false };
      }),
    work.signal,
  );

export const firstValue = (server: Server, database: string, statement: string, work: Work = {}): Promise<string> =>
  server.in(database, (session) => session.transaction(() => session.first(statement), 'READ ONLY'), work.signal);

const readNotes = async (session: Session): Promise<string[]> => {
  const [row] = await session.query<{ setting: string }>(
    `SELECT split_part(s.setting, '=', 2) AS setting
     FROM pg_db_role_setting r JOIN pg_database d ON d.oid = r.setdatabase, unnest(r.setconfig) AS s(setting)
     WHERE d.datname = current_database() AND r.setrole = 0 AND s.setting LIKE $1`,
    [`${note}=%`],
  );
  return row?.setting.split(',') ?? [];
};

const transactionOf = async (session: Session): Promise<string> =>
  (await session.query<{ id: string }>('SELECT txid_current()::text AS id'))[0]?.id ?? '';
