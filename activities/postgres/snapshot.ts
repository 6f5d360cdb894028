/** Fast restore points: a copy made by the server itself (`CREATE DATABASE … TEMPLATE`), switched into place by name. */
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { Snapshot } from '../../runbook/results.ts';
import type { Work } from '../databases/database.ts';
import { readMark, writeMark } from './marks.ts';
import { checkedId } from '../databases/names.ts';
import { derivedName } from './names.ts';
import { applyProperties, readProperties } from './properties.ts';
import { id, type Server, type Session } from './server.ts';
import { alone, endingSessions } from './sessions.ts';
import { dropDatabase, finishSwitch, switchTo } from './switch.ts';

/** Since 15 a copy goes through the WAL by default, which is slower for big databases (PostgreSQL documentation, CREATE DATABASE). */
const copyFilesSince = 150000;

export const takeSnapshot = (server: Server, name: string, snapshotId: string, work: Work = {}): Promise<Snapshot> =>
  alone(server, name, work.signal, async (session) => {
    const copy = derivedName(name, 'snap', checkedId(snapshotId));
    const snapshot: Snapshot = { id: snapshotId, database: name, engine: 'postgres' };
    const there = await readMark(session, copy);
    if (isWhole(there, snapshotId)) return snapshot;
    // Without its mark it was interrupted: who knows what was changed since.
    if (there) await dropDatabase(server, session, copy);
    const properties = await readProperties(session, name);
    if (!properties) throw new NakatError('DATABASE_NOT_FOUND', { where: server.where, values: { database: name } });
    work.progress?.({ note: `${name} → ${copy}` });
    try {
      await copyDatabase(server, session, name, copy);
      await applyProperties(session, copy, properties, true);
    } catch (error) {
      await dropDatabase(server, session, copy).catch(() => undefined);
      if (isNakatError(error) && error.code !== 'DATABASE_STATEMENT_FAILED') throw error;
      const vendor = isNakatError(error) ? error.failure.vendor : String(error);
      throw new NakatError('SNAPSHOT_FAILED', {
        where: server.where,
        values: { database: name },
        vendor,
        cause: error,
      });
    }
    await writeMark(session, copy, { state: 'snapshot', id: snapshotId });
    return snapshot;
  });

const copyDatabase = async (server: Server, session: Session, name: string, copy: string): Promise<void> => {
  const [version] = await session.query<{ n: string }>(`SELECT current_setting('server_version_num') AS n`);
  const strategy = Number(version!.n) >= copyFilesSince ? ' STRATEGY file_copy' : '';
  await endingSessions(server, [name], () =>
    session.run(`CREATE DATABASE ${id(copy)} TEMPLATE ${id(name)}${strategy}`),
  );
};

export const hasSnapshot = (server: Server, { database, id: snapshotId }: Snapshot): Promise<boolean> =>
  server.admin(async (session) =>
    isWhole(await readMark(session, derivedName(database, 'snap', snapshotId)), snapshotId),
  );

/** The snapshot is used up: it becomes the database. */
export const revertTo = (
  server: Server,
  name: string,
  revertId: string,
  snapshot: Snapshot,
  work: Work = {},
): Promise<void> =>
  alone(server, name, work.signal, async (session) => {
    const now = await readMark(session, name);
    if (now?.mark?.state === 'placed' && now.mark.id === revertId) return finishSwitch(server, session, name, revertId);
    const copy = derivedName(snapshot.database, 'snap', snapshot.id);
    if (snapshot.database !== name || !isWhole(await readMark(session, copy), snapshot.id))
      throw new NakatError('SNAPSHOT_NOT_FOUND', {
        where: server.where,
        values: { database: name, snapshot: snapshot.id },
      });
    const made = now?.mark?.state === 'placed' && now.mark.made;
    await switchTo(server, session, name, copy, { id: checkedId(revertId), made });
  });

export const dropSnapshot = (server: Server, { database, id: snapshotId }: Snapshot): Promise<void> =>
  alone(server, database, undefined, (session) =>
    dropDatabase(server, session, derivedName(database, 'snap', snapshotId)),
  );

const isWhole = (found: Awaited<ReturnType<typeof readMark>>, snapshotId: string): boolean =>
  found?.mark?.state === 'snapshot' && found.mark.id === snapshotId;
