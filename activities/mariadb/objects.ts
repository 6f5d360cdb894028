/** Views, routines, triggers and events: what a database holds beside tables, as statements that make it again. */
import { z } from 'zod';
import { NakatError } from '../../runbook/errors/index.ts';
import { markName } from './marks.ts';
import { errorNumber, id, type Session } from './server.ts';
import { disabled, movedTo, withoutDefiner } from './sql-text.ts';

export const objectSchema = z.object({
  /** As SQL calls it: `VIEW`, `PROCEDURE`, `FUNCTION`, `PACKAGE`, `PACKAGE BODY`, `TRIGGER`, `EVENT`. */
  kind: z.string(),
  name: z.string(),
  /** As `SHOW CREATE` prints it. */
  sql: z.string(),
  /** Settings of the session in which it was made; they are part of its meaning. */
  mode: z.string().nullable(),
  collation: z.string().nullable(),
  zone: z.string().nullable(),
});
export type DatabaseObject = z.infer<typeof objectSchema>;

/** In the order in which they can be made: triggers and events use the others. */
const listed = `
  SELECT ROUTINE_TYPE AS kind, ROUTINE_NAME AS name, 1 AS place, 0 AS turn FROM information_schema.ROUTINES
    WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_NAME <> '${markName}'
  UNION ALL SELECT 'VIEW', TABLE_NAME, 2, 0 FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()
  UNION ALL SELECT 'TRIGGER', TRIGGER_NAME, 3, ACTION_ORDER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
  UNION ALL SELECT 'EVENT', EVENT_NAME, 4, 0 FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()
  ORDER BY place, turn, kind, name`;

/** Of the session's database. @throws DATABASE_PERMISSION_DENIED where a definition is hidden from us. */
export const readObjects = async (session: Session, database: string, where: string): Promise<DatabaseObject[]> => {
  const objects: DatabaseObject[] = [];
  for (const { kind, name } of await session.query<{ kind: string; name: string }>(listed)) {
    const [row] = await session.query<Record<string, string | null>>(`SHOW CREATE ${kind} ${id(name)}`);
    const shown = row ?? {};
    const column = Object.keys(shown).find((key) => /^create |^sql original statement$/i.test(key)) ?? '';
    const sql = shown[column] ?? null;
    if (sql === null)
      throw new NakatError('DATABASE_PERMISSION_DENIED', {
        where,
        values: { database, user: '' },
        vendor: `SHOW CREATE ${kind} ${name}`,
      });
    objects.push({
      kind,
      name,
      sql,
      mode: shown['sql_mode'] ?? null,
      collation: shown['collation_connection'] ?? null,
      zone: shown['time_zone'] ?? null,
    });
  }
  return objects;
};

export interface Making {
  /** Name of the database that the definitions come from, and of the one that gets them. */
  readonly from: string;
  readonly to: string;
  /** False: events are made so that they do not start by themselves. */
  readonly events: boolean;
  /** For whom we may not create them, they become ours. */
  readonly ownDefiner: boolean;
}

/** The session is in the database that gets them; its settings are others afterwards. Those of earlier calls are replaced. */
export const makeObjects = async (
  session: Session,
  objects: readonly DatabaseObject[],
  making: Making,
): Promise<void> => {
  await dropObjects(session);
  let left = [...objects];
  // A view may stand on one that is made later: as long as some can be made, the others get another try.
  while (left.length > 0) {
    const [failed, error] = await makeThose(session, left, making);
    if (failed.length === left.length) throw error;
    left = failed;
  }
};

const makeThose = async (
  session: Session,
  objects: readonly DatabaseObject[],
  making: Making,
): Promise<[DatabaseObject[], unknown]> => {
  const failed: DatabaseObject[] = [];
  let reason: unknown;
  for (const object of objects) {
    try {
      await makeOne(session, object, making);
    } catch (error) {
      if (object.kind !== 'VIEW') throw error;
      failed.push(object);
      reason ??= error;
    }
  }
  return [failed, reason];
};

/** Of the server: an account without the right to create for somebody else. */
const notForOthers = 1227;

const makeOne = async (session: Session, object: DatabaseObject, making: Making): Promise<void> => {
  const { kind, mode, collation, zone } = object;
  const moved = movedTo(object.sql, making.from, making.to);
  const sql = kind === 'EVENT' && !making.events ? disabled(moved) : moved;
  await session.run(`SET SESSION sql_mode = ?, collation_connection = ?, time_zone = ?`, [
    mode ?? '',
    collation ?? 'utf8mb4_general_ci',
    zone ?? 'SYSTEM',
  ]);
  try {
    await session.run(sql);
  } catch (error) {
    if (!making.ownDefiner || errorNumber(error) !== notForOthers) throw error;
    await session.run(withoutDefiner(sql));
  }
};

/** Of the session's database. */
export const dropObjects = async (session: Session): Promise<void> => {
  for (const { kind, name } of await session.query<{ kind: string; name: string }>(listed))
    await session.run(`DROP ${kind} IF EXISTS ${id(name)}`);
};

/** What an object is, whoever answers for it and whatever its database is called. */
export const objectLine = (object: DatabaseObject, database: string): string => {
  const plain = disabled(withoutDefiner(movedTo(object.sql, database, '')));
  return JSON.stringify([object.kind, object.name, plain, object.mode, object.collation]);
};
