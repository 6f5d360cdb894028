import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { MariaDbTarget } from '../../runbook/targets/index.ts';
import type { ServerFacts, Work } from '../databases/database.ts';
import type { Machine } from '../machines/machine.ts';
import { id, type Server } from './server.ts';
import { allTables } from './tables.ts';
import type { Tools } from './tools.ts';

/** @throws CLIENT_TOOLS_MISSING, CLIENT_TOOLS_TOO_OLD */
export const factsOf = async (server: Server, tools: Tools): Promise<ServerFacts> => {
  const row = await server.admin(async (session) => {
    const [facts] = await session.query<{ version: string; comment: string }>(
      'SELECT VERSION() AS version, @@version_comment AS comment',
    );
    return facts!;
  });
  const [dump, client, side] = [await tools.program('dump'), await tools.program('client'), await tools.parallel()];
  return {
    version: row.version.split('-')[0]!,
    edition: row.version.includes('MariaDB') ? 'MariaDB' : row.comment,
    tools: { dump: dump.version, client: client.version, ...(side ? { mydumper: side.version } : {}) },
    // Neither product can copy a database inside the server.
    snapshots: false,
  };
};

/** Bytes on disk. @throws DATABASE_NOT_FOUND */
export const sizeOf = (server: Server, database: string): Promise<number> =>
  server.in(database, async (session) => {
    const [row] = await session.query<{ n: string }>(
      `SELECT coalesce(sum(DATA_LENGTH + INDEX_LENGTH), 0) + 4096 AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()`,
    );
    return Number(row!.n);
  });

/** Null unless the server runs on that very machine, and lets us see the disk of its data. */
export const dataRoom = async (target: MariaDbTarget, server: Server, machine: Machine): Promise<number | null> => {
  if (!['localhost', '127.0.0.1', '::1'].includes(target.host) || target.machine.via !== 'local') return null;
  const [row] = await server.admin((session) => session.query<{ folder: string }>('SELECT @@datadir AS folder'));
  try {
    return await machine.freeSpace(row!.folder);
  } catch (error) {
    if (isNakatError(error) && !error.failure.passing) return null;
    throw error;
  }
};

/** CHECK TABLE of every table, one after the other. @throws DATABASE_CORRUPT */
export const checkIntegrity = (server: Server, database: string, work: Work = {}): Promise<void> =>
  server.in(
    database,
    async (session) => {
      const tables = await allTables(session);
      for (const [done, { name }] of tables.entries()) {
        work.progress?.({ done, total: tables.length, note: name });
        const rows = await session.query<{ Msg_type: string; Msg_text: string }>(`CHECK TABLE ${id(name)}`);
        const wrong = rows.filter(
          ({ Msg_type: type, Msg_text: text }) =>
            /error|warning/i.test(type) || (type === 'status' && !fine.test(text)),
        );
        if (wrong.length > 0)
          throw new NakatError('DATABASE_CORRUPT', {
            where: server.where,
            values: { database },
            vendor: wrong.map(({ Msg_text: text }) => `${name}: ${text}`).join('\n'),
          });
      }
    },
    work.signal,
  );

/** The last row of each table; engines without a check say so as a note. */
const fine = /^(OK|Table is already up to date)$/i;
