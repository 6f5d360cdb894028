import { NakatError } from '../../runbook/errors/index.ts';
import type { PostgresTarget } from '../../runbook/targets/index.ts';
import type { Work } from '../databases/database.ts';
import { nameFor, type StepContext } from '../step.ts';
import { fingerprint } from './fingerprints.ts';
import { shortHash } from '../databases/names.ts';
import { connectionString } from './names.ts';
import type { Server } from './server.ts';
import { reasonIn, type Tools } from './tools.ts';

/**
 * `pg_amcheck` reads every table and B-tree index and checks their structure. Where it cannot be used (not installed, or the
 * extension amcheck is missing and we may not create it), every row of every table is read instead.
 * @throws DATABASE_CORRUPT
 */
export const checkIntegrity = async (
  target: PostgresTarget,
  server: Server,
  tools: Tools,
  context: StepContext,
  work: Work = {},
): Promise<void> => {
  const usable = await server.in(target.name, async (session) => {
    const [row] = await session.query<{ present: boolean; possible: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'amcheck') AS present,
         EXISTS (SELECT FROM pg_available_extensions WHERE name = 'amcheck')
           AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS possible`,
    );
    return row!;
  });
  if (!(usable.present || usable.possible) || (await tools.version('pg_amcheck')) === null) {
    await fingerprint(server, target.name, [], work);
    return;
  }
  const job = `${nameFor(context, 'amcheck')}-${shortHash(server.where, target.name)}`;
  // The result of an earlier call says nothing about now.
  if ((await tools.machine.jobStatus(job)).state !== 'running') await tools.machine.forgetJob(job);
  if (!usable.present)
    await server.in(target.name, (session) =>
      session.run('CREATE EXTENSION IF NOT EXISTS amcheck WITH SCHEMA pg_catalog'),
    );
  const result = await tools.job(job, 'pg_amcheck', [connectionString(target.name)], work, 0);
  await tools.machine.forgetJob(job);
  if (!usable.present) await server.in(target.name, (session) => session.run('DROP EXTENSION IF EXISTS amcheck'));
  if (result.code === 0) return;
  const values = { database: target.name };
  // pg_amcheck.c: 2 when the checks found something, 1 when it could not check.
  throw new NakatError(result.code === 2 ? 'DATABASE_CORRUPT' : 'DATABASE_STATEMENT_FAILED', {
    where: server.where,
    values,
    vendor: reasonIn(result),
  });
};
