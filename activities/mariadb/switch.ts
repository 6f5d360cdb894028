import type { Content, Manifest } from './backup.ts';
import { readMark, writeMark } from './marks.ts';
import { dropObjects, makeObjects } from './objects.ts';
import { id, type Server, type Session } from './server.ts';
import { endingSessions } from './sessions.ts';
import { movable } from './tables.ts';

export interface Switch {
  readonly name: string;
  /** `<name>_nk_<hash>`: whole, waiting. */
  readonly beside: string;
  /** `<name>_old_<hash>`: gets the old tables. */
  readonly aside: string;
  readonly id: string;
  readonly made: boolean;
  /** The database is put back where it came from: its events start again. */
  readonly isHome: boolean;
  readonly database: Manifest['database'];
  readonly content: Content;
}

/**
 * Puts the tables of `beside` in the place of those of `name`, by one RENAME TABLE: before it all old ones are there, after it all
 * new ones. Databases cannot be renamed, and views, routines, triggers and events cannot be moved: they are dropped before and
 * made after. The mark says that this is under way, so whoever comes after a crash goes on from what is there.
 */
export const switchTo = async (server: Server, session: Session, change: Switch): Promise<void> => {
  const { name, beside, aside, database, content, isHome } = change;
  const { letters, collation } = database;
  const defaults = `CHARACTER SET ${id(letters)} COLLATE ${id(collation)}`;
  if (!(await readMark(session, name))) await session.run(`CREATE DATABASE ${id(name)} ${defaults}`);
  await writeMark(session, name, { state: 'switching', id: change.id, made: change.made });
  await session.run(`CREATE DATABASE IF NOT EXISTS ${id(aside)}`);
  await endingSessions(server, [name, beside], session, () => moveTables(session, change));
  await session.run(`ALTER DATABASE ${id(name)} ${defaults}`);
  await server.in(name, (own) =>
    makeObjects(own, content.objects, {
      from: database.name,
      to: name,
      events: isHome,
      ownDefiner: change.made,
    }),
  );
  await writeMark(session, name, { state: 'placed', id: change.id, made: change.made });
  await finishSwitch(session, { beside, aside });
};

const moveTables = async (session: Session, { name, beside, aside, content }: Switch): Promise<void> => {
  const waiting = await movable(session, beside);
  // As long as all new ones wait, those in place are old; once one has moved, all old ones have (they go first).
  const old = waiting.length === content.tables.length ? await movable(session, name) : [];
  const moves = [
    ...old.map((table) => `${id(name)}.${id(table)} TO ${id(aside)}.${id(table)}`),
    ...waiting.map((table) => `${id(beside)}.${id(table)} TO ${id(name)}.${id(table)}`),
  ];
  if (moves.length === 0) return;
  // A table with triggers cannot leave its database.
  for (const one of old.length > 0 ? [name, beside] : [beside]) {
    await session.run(`USE ${id(one)}`);
    await dropObjects(session);
  }
  await session.run(`RENAME TABLE ${moves.join(', ')}`);
};

/** Drops what the switch left; nothing there is fine. */
export const finishSwitch = async (
  session: Session,
  { beside, aside }: Pick<Switch, 'beside' | 'aside'>,
): Promise<void> => {
  await dropDatabase(session, aside);
  await dropDatabase(session, beside);
};

export const dropDatabase = async (session: Session, name: string): Promise<void> =>
  void (await session.run(`DROP DATABASE IF EXISTS ${id(name)}`));
