import { z } from 'zod';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { Backup } from '../../runbook/results.ts';
import type { MariaDbTarget } from '../../runbook/targets/index.ts';
import type { Work } from '../databases/database.ts';
import { isDiskFull } from '../databases/folder.ts';
import {
  damaged,
  manifestOf,
  readBackup,
  verifyBackup,
  writeManifest,
  type BackupKind,
} from '../databases/manifest.ts';
import { checkedId, shortHash } from '../databases/names.ts';
import type { Machine } from '../machines/machine.ts';
import { dumpTables, endsWhole, forgetDump, goesOn, isRunning, type Dump } from './dump.ts';
import { schemaOf } from './fingerprints.ts';
import { readMark } from './marks.ts';
import { objectSchema, readObjects } from './objects.ts';
import type { Server, Session } from './server.ts';
import { alone } from './sessions.ts';
import { movable } from './tables.ts';
import type { Tools } from './tools.ts';

const manifestSchema = manifestOf(
  z.object({
    name: z.string(),
    /** Of the server that it was on, so that a backup is known at home. */
    home: z.string(),
    letters: z.string(),
    collation: z.string(),
    /** How the tables were dumped: `sql` in one file, `mydumper` in a folder of files. */
    format: z.enum(['sql', 'mydumper']),
    tables: z.array(z.string()),
  }),
);
export type Manifest = z.infer<typeof manifestSchema>;
const kind: BackupKind<Manifest> = { engine: 'mariadb', manifest: manifestSchema };

/** Beside the tables: written before they are dumped, so that a schema changed in between is noticed. */
const contentSchema = z.object({ schema: z.string(), tables: z.array(z.string()), objects: z.array(objectSchema) });
export type Content = z.infer<typeof contentSchema>;
const contentFile = 'objects.json';

/**
 * Tables by mariadb-dump (or mydumper) into `<id>.partial`, everything else as definitions beside them, then renamed to `<id>`:
 * what has that name is whole. @throws BACKUP_FAILED, DISK_FULL, DATABASE_NOT_FOUND
 */
export const makeBackup = (
  target: MariaDbTarget,
  server: Server,
  tools: Tools,
  backupId: string,
  work: Work = {},
): Promise<Backup> =>
  alone(server, target.name, work.signal, async (session) => {
    const { machine } = tools;
    const place = machine.join(target.backups, checkedId(backupId));
    const values = { backup: backupId, database: target.name, folder: target.backups };
    const dump: Dump = {
      target,
      server,
      tools,
      work,
      partial: `${place}.partial`,
      job: `dump-${backupId}-${shortHash(server.where, target.name)}`,
      values,
    };
    if (await machine.stat(place)) {
      await forgetDump(dump);
      const { backup, manifest } = await readBackup(kind, machine, backupId, place);
      if (manifest.database.name === target.name) return backup;
      throw failed(machine, values, `${place}: ${manifest.database.name}`);
    }
    if ((await readMark(session, target.name)) === null)
      throw new NakatError('DATABASE_NOT_FOUND', { where: server.where, values });
    try {
      await fill(dump, session);
      await machine.rename(dump.partial, place);
    } catch (error) {
      await clearAway(dump);
      const vendor = isNakatError(error) ? error.failure.vendor : undefined;
      throw vendor && isDiskFull(vendor)
        ? new NakatError('DISK_FULL', { where: machine.name, values, vendor, cause: error })
        : error;
    }
    await forgetDump(dump);
    return (await readBackup(kind, machine, backupId, place)).backup;
  });

const fill = async (dump: Dump, session: Session): Promise<void> => {
  const { target, server, tools, partial, work } = dump;
  const { machine } = tools;
  const content = await begun(dump);
  const format = await dumpTables(dump, content.tables);
  const now = await server.in(target.name, (own) => schemaOf(own, target.name, server.where));
  if (now !== content.schema)
    throw failed(machine, dump.values, 'The tables, views or routines were changed while they were dumped.', true);
  work.progress?.({ note: 'SHA-256' });
  const [facts] = await session.query<{ version: string; home: string; letters: string; collation: string }>(
    `SELECT VERSION() AS version, ${homeOf} AS home, DEFAULT_CHARACTER_SET_NAME AS letters, DEFAULT_COLLATION_NAME AS collation
     FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?`,
    [target.name],
  );
  const { version, home, letters, collation } = facts!;
  await writeManifest<Manifest>(machine, partial, {
    server: version,
    database: { name: target.name, home, letters, collation, format, tables: content.tables },
    tables: content.tables.length,
  });
};

/** A server is known by where it keeps its data, on which machine; MySQL's own id is unknown to MariaDB. */
const homeOf = `SHA2(CONCAT(@@hostname, ':', @@port, ':', @@datadir), 224)`;
export const homeHere = async (session: Session): Promise<string> =>
  (await session.query<{ home: string }>(`SELECT ${homeOf} AS home`))[0]!.home;

/** What an earlier call began is followed if its job runs or has ended well; else it is begun anew. */
const begun = async (dump: Dump): Promise<Content> => {
  const { target, server, tools, partial } = dump;
  const { machine } = tools;
  const file = machine.join(partial, contentFile);
  if ((await goesOn(dump)) && (await machine.stat(file))) return contentIn(machine, file, partial);
  await forgetDump(dump);
  await machine.remove(partial);
  const content = await server.in(target.name, async (own) => ({
    schema: await schemaOf(own, target.name, server.where),
    tables: await movable(own, target.name),
    objects: await readObjects(own, target.name, server.where),
  }));
  await machine.makeFolder(partial);
  await machine.writeFile(file, JSON.stringify(content));
  return content;
};

const contentIn = async (machine: Machine, file: string, id: string): Promise<Content> => {
  const text = (await machine.readFile(file)).toString('utf8');
  try {
    return contentSchema.parse(JSON.parse(text));
  } catch {
    throw damaged(machine, id, `${contentFile}: JSON`);
  }
};

/** Reads every byte of it. @throws BACKUP_DAMAGED, BACKUP_NOT_FOUND */
export const checkBackup = async (tools: Tools, backup: Backup): Promise<Manifest & { content: Content }> => {
  const { machine } = tools;
  const manifest = await verifyBackup(kind, machine, backup);
  if (!(await endsWhole(machine, backup.place, manifest.database)))
    throw damaged(machine, backup.id, `${manifest.database.format}: not finished`);
  return { ...manifest, content: await contentIn(machine, machine.join(backup.place, contentFile), backup.id) };
};

/** A job that goes on (only this worker stops) keeps its files; anything else is removed. The first error stays the one reported. */
const clearAway = async (dump: Dump): Promise<void> => {
  try {
    if (await isRunning(dump)) return;
    await forgetDump(dump);
    await dump.tools.machine.remove(dump.partial);
  } catch (error) {
    if (!isNakatError(error)) throw error;
  }
};

const failed = (machine: Machine, values: Record<string, string>, vendor: string, passing = false): NakatError =>
  new NakatError('BACKUP_FAILED', { where: machine.name, values, vendor, passing });
