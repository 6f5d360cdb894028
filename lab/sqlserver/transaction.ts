/** A transaction of one connection inside its database: one connection to the PostgreSQL database behind it, held until it ends. */
import type { Client } from 'pg';
import { SqlError } from './errors.ts';
import { type Instance, openDatabase } from './instance.ts';
import type { Session } from './session.ts';

export interface Transaction {
  readonly client: Client;
  readonly number: bigint;
}

let last = 1000n;
/** CURRENT_TRANSACTION_ID: outside a transaction every statement is one. */
export const nextNumber = (): bigint => ++last;

export async function beginTransaction(instance: Instance, session: Session): Promise<void> {
  if (session.transaction !== null || session.database.toLowerCase() === 'master')
    throw new SqlError(50000, 'The stand-in begins one transaction at a time, inside a database of a user.');
  const { pg } = await openDatabase(instance, session, session.database);
  const client = await instance.connect(pg);
  await client.query('BEGIN');
  session.transaction = { client, number: nextNumber() };
}

export async function endTransaction(session: Session, how: 'commit' | 'rollback'): Promise<void> {
  const { transaction } = session;
  session.transaction = null;
  if (transaction === null) return;
  try {
    await transaction.client.query(how.toUpperCase());
  } finally {
    await transaction.client.end().catch(() => undefined);
  }
}
