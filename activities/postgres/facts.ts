import type { PostgresTarget } from '../../runbook/targets/index.ts';
import type { ServerFacts } from '../databases/database.ts';
import type { Machine } from '../machines/machine.ts';
import type { Server } from './server.ts';
import { checkTools, type Tools } from './tools.ts';

/** @throws CLIENT_TOOLS_MISSING, CLIENT_TOOLS_TOO_OLD */
export const factsOf = async (server: Server, tools: Tools, database: string): Promise<ServerFacts> => {
  const facts = await server.admin(async (session) => {
    const [row] = await session.query<{ version: string; edition: string; snapshots: boolean }>(
      // CREATE DATABASE … TEMPLATE needs CREATEDB, and the source must be one's own.
      `SELECT split_part(current_setting('server_version'), ' ', 1) AS version, regexp_replace(version(), '( on |,).*$', '') AS edition,
         rolsuper OR rolcreatedb AND coalesce((SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = $1), true) AS snapshots
       FROM pg_roles WHERE rolname = current_user`,
      [database],
    );
    return row!;
  });
  return { ...facts, tools: await checkTools(tools, facts.version) };
};

/** Null unless the server runs on that very machine, and tells where its data is (role pg_read_all_settings). */
export const dataRoom = async (target: PostgresTarget, server: Server, machine: Machine): Promise<number | null> => {
  if (!['localhost', '127.0.0.1', '::1'].includes(target.host) || target.machine.via !== 'local') return null;
  const folder = await server.admin(async (session) => {
    const [row] = await session.query<{ folder: string | null }>(
      `SELECT CASE WHEN pg_has_role('pg_read_all_settings', 'USAGE') THEN current_setting('data_directory', true) END AS folder`,
    );
    return row!.folder;
  });
  return folder === null ? null : machine.freeSpace(folder);
};
