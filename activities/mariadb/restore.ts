import { NakatError } from '../../runbook/errors/index.ts';
import type { Backup } from '../../runbook/results.ts';
import type { MariaDbTarget } from '../../runbook/targets/index.ts';
import type { Work } from '../databases/database.ts';
import { checkedId, shortHash } from '../databases/names.ts';
import { checkBackup, homeHere, type Content, type Manifest } from './backup.ts';
import { forgetDump, goesOn, isRunning, loadTables, type Dump } from './dump.ts';
import { readMark, writeMark, type Found } from './marks.ts';
import { derivedName } from './names.ts';
import { makeObjects } from './objects.ts';
import { id, type Server, type Session } from './server.ts';
import { alone } from './sessions.ts';
import { dropDatabase, finishSwitch, switchTo, type Switch } from './switch.ts';
import { movable } from './tables.ts';
import type { Tools } from './tools.ts';

/**
 * How far an earlier call got is read from the marks: placed (only what is left over is dropped), switching (only the switch
 * goes on), ready (only the switch), making. The old database stays in use until the copy beside it is whole and checked.
 */
export const restoreBackup = async (
  target: MariaDbTarget,
  server: Server,
  tools: Tools,
  restoreId: string,
  backup: Backup,
  options: { replace: boolean },
  work: Work = {},
): Promise<void> => {
  const { name } = target;
  const beside = derivedName(name, 'nk', checkedId(restoreId));
  const aside = derivedName(name, 'old', restoreId);
  const values = { database: name, backup: backup.id, folder: beside };
  const job = `restore-${restoreId}-${shortHash(server.where, name)}`;
  const dump: Dump = { target, server, tools, work, partial: backup.place, job, values };
  await alone(server, name, work.signal, async (session) => {
    const old = await readMark(session, name);
    const ours = old?.mark?.state === 'placed' || old?.mark?.state === 'switching' ? old.mark : null;
    if (ours?.state === 'placed' && ours.id === restoreId) return finishSwitch(session, { beside, aside });
    if (old && !options.replace && !ours?.made)
      throw new NakatError('DATABASE_EXISTS', { where: server.where, values: { database: name } });

    const { content, ...manifest } = await checkBackup(tools, backup);
    const { database } = manifest;
    const isHome = database.name === name && database.home === (await homeHere(session));
    const foreign = old ? !ours?.made : isHome;
    const change: Switch = { name, beside, aside, id: restoreId, made: !foreign, isHome, database, content };
    if (!(ours?.state === 'switching' && ours.id === restoreId)) {
      const ready = await readMark(session, beside);
      if (ready?.mark?.state !== 'ready') {
        await fill(dump, session, beside, restoreId, manifest, content, ready);
        // Made here first: what could not be made must not be found out in the middle of the switch.
        await server.in(
          beside,
          (own) =>
            makeObjects(own, content.objects, { from: database.name, to: beside, events: false, ownDefiner: !foreign }),
          work.signal,
        );
        await writeMark(session, beside, { state: 'ready', id: restoreId });
      }
      // Of a restore that was given up in the middle of its switch.
      if (ours?.state === 'switching')
        await finishSwitch(session, {
          beside: derivedName(name, 'nk', ours.id),
          aside: derivedName(name, 'old', ours.id),
        });
    }
    await switchTo(server, session, change);
    await forgetDump(dump);
  });
};

/** Follows the client that an earlier call began, or begins one in an empty database. */
const fill = async (
  dump: Dump,
  session: Session,
  beside: string,
  restoreId: string,
  manifest: Manifest,
  content: Content,
  found: Found | null,
): Promise<void> => {
  const { tools, values } = dump;
  if (!(found?.mark?.state === 'making' && (await goesOn(dump)))) {
    await forgetDump(dump);
    await makeEmpty(dump, session, beside, restoreId, manifest, found);
  }
  try {
    await loadTables(dump, manifest.database.format, manifest.database.name, beside);
    const missing = content.tables.filter(
      (
        (there) => (name) =>
          !there.has(name)
      )(new Set(await movable(session, beside))),
    );
    if (missing.length > 0)
      throw new NakatError('RESTORE_FAILED', { where: tools.machine.name, values, vendor: `– ${missing.join(', ')}` });
  } catch (error) {
    await clearAway(dump, session, beside).catch(() => undefined);
    throw error;
  }
};

const makeEmpty = async (
  { server }: Dump,
  session: Session,
  beside: string,
  restoreId: string,
  { database: { letters, collation } }: Manifest,
  found: Found | null,
): Promise<void> => {
  // Interrupted before its mark was written it is still empty; with content and no mark it is not ours, whatever its name.
  if (found && !found.mark && (await movable(session, beside)).length > 0)
    throw new NakatError('DATABASE_EXISTS', { where: server.where, values: { database: beside } });
  await dropDatabase(session, beside);
  await session.run(`CREATE DATABASE ${id(beside)} CHARACTER SET ${id(letters)} COLLATE ${id(collation)}`);
  await writeMark(session, beside, { state: 'making', id: restoreId });
};

/** A client that goes on (only this worker stops) keeps its database for the next call. */
const clearAway = async (dump: Dump, session: Session, beside: string): Promise<void> => {
  if (await isRunning(dump)) return;
  await forgetDump(dump);
  await dropDatabase(session, beside);
};
