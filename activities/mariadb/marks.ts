/**
 * Nakat writes into the databases it makes what they are, so a later call, of whatever process, knows what an earlier one had
 * reached. MySQL gives databases no comment; a procedure has one in both products, nobody's queries see it, and it goes away with
 * its database.
 */
import { errorNumber, id, type Session } from './server.ts';

export type Mark =
  /** Being filled; never used. */
  | { readonly state: 'making'; readonly id: string }
  /** Whole, waiting for the switch. */
  | { readonly state: 'ready'; readonly id: string }
  /** Tables are being moved in by the restore `id`. */
  | { readonly state: 'switching'; readonly id: string; readonly made: boolean }
  /** In place. `made`: nakat made this database, nobody else's was replaced by it. */
  | { readonly state: 'placed'; readonly id: string; readonly made: boolean };

interface Written {
  readonly nakat: Mark;
  /** A dump made by others carries the procedure along: in another database it says nothing. */
  readonly database: string;
}

export interface Found {
  readonly mark: Mark | null;
}

export const markName = 'nakat_mark';

/** Null: there is no such database. */
export const readMark = async (session: Session, name: string): Promise<Found | null> => {
  // Compared by the server without regard to letter case, though names may differ in it.
  const found = await session.query<{ name: string; folds: number | string }>(
    `SELECT SCHEMA_NAME AS name, @@lower_case_table_names AS folds FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?`,
    [name],
  );
  const same = found.find((one) => one.name === name || Number(one.folds) > 0);
  if (!same) return null;
  const rows = await session.query<{ owner: string; comment: string }>(
    `SELECT ROUTINE_SCHEMA AS owner, ROUTINE_COMMENT AS comment FROM information_schema.ROUTINES
     WHERE ROUTINE_SCHEMA = ? AND ROUTINE_NAME = '${markName}' AND ROUTINE_TYPE = 'PROCEDURE'`,
    [name],
  );
  const row = rows.find(({ owner }) => owner === same.name);
  try {
    const written = row && (JSON.parse(row.comment) as Written);
    return { mark: written?.database === name ? written.nakat : null };
  } catch {
    return { mark: null };
  }
};

/** Of the server. `IF NOT EXISTS` is younger in MySQL. */
const thereAlready = 1304;

export const writeMark = async (session: Session, name: string, mark: Mark): Promise<void> => {
  const written: Written = { nakat: mark, database: name };
  const procedure = `${id(name)}.${id(markName)}`;
  try {
    await session.run(`CREATE PROCEDURE ${procedure}() SELECT 1`);
  } catch (error) {
    if (errorNumber(error) !== thereAlready) throw error;
  }
  await session.run(`ALTER PROCEDURE ${procedure} COMMENT ?`, [JSON.stringify(written)]);
};
