import type { Server, Session } from './server.ts';
import { id } from './server.ts';
import { readMark, writeMark } from './marks.ts';
import { derivedName } from './names.ts';
import { endingSessions } from './sessions.ts';

/**
 * Puts the database `from` in the place of `name`, in one transaction: before it the old one is there, after it the new one,
 * never none. The old one goes under another name and is dropped by `finishSwitch`.
 */
export const switchTo = async (
  server: Server,
  session: Session,
  name: string,
  from: string,
  operation: { id: string; made: boolean },
): Promise<void> => {
  const old = await readMark(session, name);
  const aside = derivedName(name, 'old', operation.id);
  await endingSessions(server, [name, from], () =>
    session.transaction(async () => {
      if (old) {
        await session.run(`ALTER DATABASE ${id(name)} RENAME TO ${id(aside)}`);
        await writeMark(session, aside, { state: 'old', id: operation.id });
      }
      await session.run(`ALTER DATABASE ${id(from)} RENAME TO ${id(name)}`);
      await writeMark(session, name, { state: 'placed', ...operation }, old?.comment);
    }),
  );
  await finishSwitch(server, session, name, operation.id);
};

/** Drops what the switch of that operation put aside; nothing there is fine. */
export const finishSwitch = async (
  server: Server,
  session: Session,
  name: string,
  operation: string,
): Promise<void> => {
  const aside = derivedName(name, 'old', operation);
  const found = await readMark(session, aside);
  if (found?.mark?.state === 'old' && found.mark.id === operation) await dropDatabase(server, session, aside);
};

export const dropDatabase = (server: Server, session: Session, name: string): Promise<void> =>
  endingSessions(server, [name], async () => {
    await session.run(`DROP DATABASE IF EXISTS ${id(name)}`);
  });
