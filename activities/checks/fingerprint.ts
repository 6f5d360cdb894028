import { NakatError } from '../../runbook/errors/index.ts';
import type { Fingerprint, ProofLine, TableState } from '../../runbook/results.ts';
import type { ParamsOf } from '../../runbook/steps/index.ts';
import { connectDatabase } from '../databases/connect.ts';
import type { Database } from '../databases/database.ts';
import { machineFor } from '../machines/pool.ts';
import { infobaseFingerprint } from '../onec/fingerprint.ts';
import { filesFingerprint } from '../site/fingerprint.ts';
import type { StepActivity, StepContext } from '../step.ts';

/** All that belongs together is read one after the other: the servers are busy enough, and the result is compared, not timed. */
async function fingerprintOf(target: ParamsOf<'takeFingerprint'>, context: StepContext): Promise<Fingerprint> {
  const databases: Fingerprint['databases'][number][] = [];
  for (const { database: one, tables } of target.databases) {
    context.progress({ note: one.name });
    const database = await connectDatabase(one, context);
    databases.push({
      name: one.name,
      versions: await packageVersions(database),
      schema: await database.schemaFingerprint(),
      tables: await database.fingerprint(tables, { signal: context.signal, progress: context.progress }),
    });
  }
  const infobases: Fingerprint['infobases'][number][] = [];
  for (const one of target.infobases) {
    context.progress({ note: one.name });
    infobases.push({ name: one.name, ...(await infobaseFingerprint(one, context)) });
  }
  const sites: Fingerprint['sites'][number][] = [];
  for (const one of target.sites) {
    context.progress({ note: one.folder });
    sites.push({ name: one.name, ...(await filesFingerprint(await machineFor(one.machine, context), one.folder)) });
  }
  return { databases, infobases, sites };
}

/**
 * The site does not run at that moment, so its packages are read where it keeps them (table and columns as clio reads them);
 * the platform's own version lies in the files. A database without that table has no package versions to compare.
 */
async function packageVersions(database: Database): Promise<Record<string, string>> {
  if (!(await database.tables()).includes('SysPackage')) return {};
  const rows = await database.rows('SysPackage', ['Name', 'Version']);
  return Object.fromEntries(rows.map((row) => [row['Name'] ?? '', row['Version'] ?? '']));
}

export const takeFingerprint: StepActivity<'takeFingerprint'> = (params, _uses, context) =>
  fingerprintOf(params, context);

export const proveRestored: StepActivity<'proveRestored'> = async (params, { before }, context) => {
  const lines = compareFingerprints(before, await fingerprintOf(params, context));
  const different = lines.filter((line) => !line.equal);
  for (const { what, before: then, after } of different)
    context.log('differs from the restore point', { what, before: then, after });
  if (different.length === 0) return { lines };
  throw new NakatError('RESTORE_NOT_PROVED', {
    where: [...params.sites, ...params.databases.map(({ database }) => database), ...params.infobases].map(
      ({ name }) => name,
    )[0],
    proof: lines.length > 200 ? different.slice(0, 200) : lines,
    values: {
      count: different.length,
      differences: different
        .slice(0, 5)
        .map((line) => `${line.what}: ${line.before} → ${line.after}`)
        .join('; '),
    },
  });
};

/** One line per version, table and kind of file: what is missing on one side differs too. Names are told apart only where there are several. */
export function compareFingerprints(before: Fingerprint, after: Fingerprint): ProofLine[] {
  return [
    ...pairs(before.databases, after.databases).flatMap(({ prefix, then, now }) => [
      ...compareMaps(`${prefix}version`, then?.versions, now?.versions),
      line(`${prefix}schema`, then?.schema, now?.schema),
      ...compareMaps(`${prefix}table`, tableTexts(then?.tables), tableTexts(now?.tables)),
    ]),
    ...pairs(before.infobases, after.infobases).flatMap(({ prefix, then, now }) => [
      line(`${prefix}infobase generation`, then?.generation, now?.generation),
      ...compareMaps(`${prefix}infobase table`, tableTexts(then?.tables), tableTexts(now?.tables)),
    ]),
    ...pairs(before.sites, after.sites).map(({ prefix, then, now }) =>
      line(`${prefix}files`, then && filesText(then), now && filesText(now)),
    ),
  ];
}

interface Pair<T> {
  readonly prefix: string;
  readonly then: T | undefined;
  readonly now: T | undefined;
}

function pairs<T extends { readonly name: string }>(before: readonly T[], after: readonly T[]): Pair<T>[] {
  const names = [...new Set([...before, ...after].map(({ name }) => name))];
  return names.map((name) => ({
    prefix: names.length > 1 ? `${name}: ` : '',
    then: before.find((one) => one.name === name),
    now: after.find((one) => one.name === name),
  }));
}

const absent = '—';
const line = (what: string, before: string = absent, after: string = absent): ProofLine => ({
  what,
  before,
  after,
  equal: before === after,
});
const filesText = ({ count, bytes, sha256 }: Fingerprint['sites'][number]): string =>
  `${count} files, ${bytes} bytes, ${sha256}`;
const tableTexts = (tables: readonly TableState[] = []): Record<string, string> =>
  Object.fromEntries(tables.map(({ table, rows, checksum }) => [table, `${rows} rows, ${checksum}`]));

function compareMaps(
  kind: string,
  before: Readonly<Record<string, string>> = {},
  after: Readonly<Record<string, string>> = {},
): ProofLine[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.map((name) => line(`${kind} ${name}`, before[name], after[name]));
}
