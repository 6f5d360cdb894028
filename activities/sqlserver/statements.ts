/**
 * Statements of the administrator's own, in one transaction with the note that they were carried out (Microsoft Learn,
 * "SET XACT_ABORT", "sp_getapplock", "sp_addextendedproperty"). Scripts are parted at lines with `GO`, as the vendor's clients do it.
 */
import { NakatError } from '../../runbook/errors/index.ts';
import type { Once, Work } from '../databases/database.ts';
import { requireDatabase } from './server.ts';
import type { Inside, Session } from './session.ts';

/** An extended property of the database: it travels with backups, as what the statements did does. */
const note = 'nakat.done';
/** Characters that a property holds (7500 bytes); the oldest notes go first. */
const noteLimit = 3700;

export async function runStatements(
  session: Session,
  { id: mark, run }: Once,
  statements: string,
  work: Work = {},
): Promise<{ already: boolean }> {
  await requireDatabase(session);
  return session.inside('commit', work, async (inside) => {
    await inside.batch('SET XACT_ABORT ON');
    // One at a time: an earlier attempt may still be at it.
    await inside.query(
      `DECLARE @got int; EXEC @got = sys.sp_getapplock @Resource = @mark, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = -1; SELECT @got AS got`,
      { mark },
    );
    const done = await readNotes(inside);
    if (done?.includes(mark)) return { already: true };
    const transaction = await transactionOf(inside);
    for (const batch of batchesOf(statements)) await inside.batch(batch);
    if ((await transactionOf(inside)) !== transaction) throw ended(session);
    const notes = [...(done ?? []).filter((one) => one.includes(run)), mark];
    while (notes.join(',').length > noteLimit) notes.shift();
    await inside.query(
      `EXEC sys.sp_${done === null ? 'add' : 'update'}extendedproperty @name = N'${note}', @value = @value`,
      { value: notes.join(',') },
    );
    return { already: false };
  });
}

/** The server knows no session that can only read: what a statement changes is taken back, and it may not end the transaction. */
export async function firstValue(session: Session, statement: string, work: Work = {}): Promise<string> {
  await requireDatabase(session);
  return session.inside('rollback', work, async (inside) => {
    await inside.batch('SET XACT_ABORT ON');
    const transaction = await transactionOf(inside);
    const [row] = await inside.batch(statement);
    if ((await transactionOf(inside)) !== transaction) throw ended(session);
    const value = row?.[0];
    return value === null || value === undefined ? '' : value instanceof Date ? value.toISOString() : String(value);
  });
}

/** Null: there is no such property yet. */
async function readNotes(inside: Inside): Promise<string[] | null> {
  const [row] = await inside.query(
    `SELECT CONVERT(nvarchar(4000), p.value) AS value FROM sys.extended_properties AS p WHERE p.class = 0 AND p.name = N'${note}'`,
  );
  return row === undefined ? null : String(row[0]).split(',');
}

const transactionOf = async (inside: Inside): Promise<string> =>
  String((await inside.query('SELECT CONVERT(nvarchar(20), CURRENT_TRANSACTION_ID()) AS id'))[0]?.[0]);

const ended = (session: Session): NakatError =>
  new NakatError('SQL_ENDED_TRANSACTION', { where: session.where, values: { database: session.database } });

/** `GO 3` repeats its batch. */
export function batchesOf(script: string): string[] {
  const batches: string[] = [];
  let lines: string[] = [];
  for (const line of [...script.split(/\r?\n/), 'GO']) {
    const go = /^\s*GO(?:\s+(\d{1,4}))?\s*(?:--.*)?$/i.exec(line);
    if (!go) lines.push(line);
    else {
      const batch = lines.join('\n');
      if (batch.trim() !== '') batches.push(...new Array<string>(Number(go[1] ?? 1)).fill(batch));
      lines = [];
    }
  }
  return batches;
}
