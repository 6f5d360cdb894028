import { NakatError } from '../../runbook/errors/index.ts';
import type { Database, Row } from './database.ts';

export interface RowChange {
  readonly table: string;
  readonly set: Row;
  readonly where: Row;
}

/**
 * Sets rows, in the order given; returns how many were set. A condition that fits no row is a mistake in the plan: the
 * copy would keep pointing where it must not. @throws HARMLESS_ROW_MISSING
 */
export const setRows = async (database: Database, rows: readonly RowChange[]): Promise<number> => {
  let changed = 0;
  for (const { table, set, where } of rows) {
    const count = await setRow(database, table, set, where);
    const conditions = Object.entries(where).map(([column, value]) => `${column} = ${value ?? 'NULL'}`);
    if (count === 0 && conditions.length > 0)
      throw new NakatError('HARMLESS_ROW_MISSING', {
        where: database.name,
        values: { table, where_row: conditions.join(', ') },
      });
    changed += count;
  }
  return changed;
};

/** A row whose condition names a value that `set` replaces fits only once; on a second try it is found by its new value. */
const setRow = async (database: Database, table: string, set: Row, where: Row): Promise<number> => {
  const count = await database.update(table, set, where);
  if (count > 0 || !Object.keys(where).some((column) => Object.hasOwn(set, column))) return count;
  return database.update(table, set, { ...where, ...set });
};
