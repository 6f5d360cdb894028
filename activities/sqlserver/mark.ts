/**
 * nakat's note inside a database: the extended property `nakat` on the database itself (Microsoft Learn, sp_addextendedproperty).
 * It says which restore and which revert were done last, so that the same id again does nothing. It travels with backups and
 * snapshots, so it names the database it was written for.
 */
import { z } from 'zod';
import { quote } from './names.ts';
import type { Session } from './session.ts';

const mark = z.object({ database: z.string(), restore: z.string().optional(), revert: z.string().optional() });
export type Mark = z.infer<typeof mark>;

const property = (name: string) =>
  `SELECT CONVERT(nvarchar(4000), p.value) AS value FROM ${quote(name)}.sys.extended_properties AS p WHERE p.class = 0 AND p.name = N'nakat'`;

/** The mark written for this database, else one without ids. The database must be ONLINE. */
export async function readMark(session: Session): Promise<Mark> {
  const [row] = await session.query(property(session.database));
  const read = mark.safeParse(parse(String(row?.value ?? '')));
  return read.success && read.data.database === session.database ? read.data : { database: session.database };
}

export async function writeMark(session: Session, changes: Omit<Mark, 'database'>): Promise<void> {
  const value = JSON.stringify({ ...(await readMark(session)), ...changes });
  const [old] = await session.query(property(session.database));
  const procedure = old === undefined ? 'sp_addextendedproperty' : 'sp_updateextendedproperty';
  await session.query(`EXEC ${quote(session.database)}.sys.${procedure} @name = N'nakat', @value = @value`, { value });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
