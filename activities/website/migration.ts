/**
 * A site's database migrates by itself on the first visit after its files are new. Nobody tells when it has ended, so the end is
 * recognised: the version in the database is the expected one, the schema stays the same for a while, and the site answers.
 */
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import { note } from '../../runbook/messages/progress.ts';
import type { Migration } from '../../runbook/results.ts';
import { title } from '../bpmsoft/session.ts';
import { poll } from '../bpmsoft/wait.ts';
import { connectDatabase } from '../databases/connect.ts';
import type { StepActivity } from '../step.ts';
import { bounded, changesBetween } from './schema.ts';
import { readValue } from './version.ts';
import { openWeb } from './web.ts';

interface Look {
  readonly version: string;
  readonly schema: string;
  /** Of the start page; null: no answer. */
  readonly status: number | null;
  readonly words: string;
}

export const awaitMigration: StepActivity<'awaitMigration'> = async (
  params,
  { before, rehearsed },
  context,
): Promise<Migration> => {
  const { site, version, expected, settle, limit } = params;
  const [web, database] = [await openWeb(site, context), await connectDatabase(params.database, context)];
  const began = performance.now();
  let [last, since]: [Look | null, number] = [null, 0];
  /** Later errors are mostly about what the first one left half done. */
  let firstWords: string | undefined;

  const look = async (): Promise<Look> => {
    // The visit is what begins the migration; while it runs, sites answer late, or with 503.
    const page = await web.look('').catch((error: unknown) => {
      if (isNakatError(error) && error.code === 'WEBSITE_UNREACHABLE') return null;
      throw error;
    });
    return {
      version: await readValue(database, version),
      schema: await database.schemaFingerprint(),
      status: page?.status ?? null,
      words: page ? title(page.body) : '',
    };
  };

  const ended = await poll(limit, context.signal, async (elapsed) => {
    const now = await look();
    const values = { from: now.version, to: expected, status: now.status ?? '—', seconds: Math.round(elapsed) };
    context.progress({ note: note('migrating', values) });
    const same =
      last !== null &&
      last.version === now.version &&
      last.schema === now.schema &&
      (last.status ?? 0) < 500 === (now.status ?? 0) < 500;
    if (!same) since = elapsed;
    last = now;
    if (isBroken(now)) firstWords ??= now.words;
    if (elapsed - since < settle || !same) return undefined;
    if (now.version === expected && now.status !== null && now.status < 500) return now;
    // Broken, and nothing moves any more.
    if (isBroken(now) && elapsed - since >= Math.max(settle, 3))
      throw new NakatError('MIGRATION_FAILED', {
        values: { site: site.name, found: now.version },
        vendor: firstWords,
        where: database.name,
      });
    return undefined;
  });
  if (!ended)
    throw new NakatError('MIGRATION_NOT_FINISHED', {
      values: { database: database.name, expected, seconds: limit, found: (last as Look | null)?.version ?? '—' },
      where: database.name,
    });

  const columns = await database.columns();
  if (rehearsed && rehearsed.schema !== ended.schema) {
    const differences =
      changesBetween(rehearsed.columns, bounded(columns)).slice(0, 10).join('; ') || 'keys or indexes';
    throw new NakatError('MIGRATION_DIFFERS', {
      values: { database: database.name, differences },
      where: database.name,
    });
  }
  return {
    from: before.version,
    to: ended.version,
    schema: ended.schema,
    columns: bounded(columns),
    changes: changesBetween(before.columns, bounded(columns)).slice(0, 200),
    seconds: Math.round((performance.now() - began) / 100) / 10,
  };
};

/** Not "busy", as a server in front of a site that is updated says. */
const isBroken = ({ status }: Look): boolean => status !== null && status >= 500 && ![502, 503, 504].includes(status);
