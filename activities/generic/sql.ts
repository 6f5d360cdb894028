/** Statements of the administrator's own: PostgreSQL takes all of them back when one fails. */
import { NakatError } from '../../runbook/errors/index.ts';
import type { PostgresTarget } from '../../runbook/targets/index.ts';
import { connectServer, id, literal, type Session } from '../postgres/server.ts';
import { redact } from '../secrets.ts';
import { nameFor, type StepActivity, type StepContext } from '../step.ts';

/**
 * The note that it was done is written in the same transaction, as a setting of the database (`nakat.done`, which no program reads):
 * so a second call after a lost answer finds out. A restored database has no such note, and a table would be a part of its schema.
 */
const note = 'nakat.done';

export const runSql: StepActivity<'runSql'> = async ({ database, sql }, _uses, context) => {
  const server = await connectServer(database, context);
  const mark = nameFor(context, 'sql');
  const already = await server.in(
    database.name,
    (session) =>
      session.transaction(async () => {
        // One at a time: an earlier attempt may still be at it.
        await session.query('SELECT pg_advisory_xact_lock(hashtext($1))', [mark]);
        const done = await readNotes(session);
        if (done.includes(mark)) return true;
        const transaction = await transactionOf(session);
        await session.run(sql);
        if ((await transactionOf(session)) !== transaction) throw ended(database);
        const notes = [...done.filter((one) => one.includes(context.run)), mark].join(',');
        await session.run(`ALTER DATABASE ${id(database.name)} SET ${note} = ${literal(notes)}`);
        return false;
      }),
    context.signal,
  );
  return { database: database.name, already };
};

export const checkSql: StepActivity<'checkSql'> = async ({ database, sql, is }, _uses, context) => {
  const value = await firstValue(database, sql, context);
  if (!new RegExp(`^(?:${is})$`, 'u').test(value))
    throw new NakatError('SQL_NOT_AS_WANTED', { values: { database: database.name, value: value.slice(0, 200), is } });
  return { value: redact(value).slice(0, 200) };
};

async function firstValue(database: PostgresTarget, sql: string, context: StepContext): Promise<string> {
  const server = await connectServer(database, context);
  const rows = await server.in(
    database.name,
    (session) => session.transaction(() => session.query<Record<string, unknown>>(sql), 'READ ONLY'),
    context.signal,
  );
  const value = Object.values(rows[0] ?? {})[0];
  return value === null || value === undefined ? '' : value instanceof Date ? value.toISOString() : String(value);
}

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

const ended = (database: PostgresTarget): NakatError =>
  new NakatError('DATABASE_STATEMENT_FAILED', {
    where: `${database.host}:${database.port}`,
    values: { database: database.name },
    vendor:
      'The statements end their transaction themselves (COMMIT, ROLLBACK): what they did before that stays. Leave that to nakat.',
    effect: 'unknown',
  });
