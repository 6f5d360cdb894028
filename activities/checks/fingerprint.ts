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
  context.progress({ note: target.database.name });
  const database = await connectDatabase(target.database, context);
  const versions = await packageVersions(database);
  const schema = await database.schemaFingerprint();
  const tables = await database.fingerprint(target.tables, { signal: context.signal, progress: context.progress });
  context.progress({ note: target.infobase.name });
  const infobase = await infobaseFingerprint(target.infobase, context);
  context.progress({ note: target.site.folder });
  const files = await filesFingerprint(await machineFor(target.site.machine, context), target.site.folder);
  return { versions, schema, tables, infobase, files };
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
    where: params.site.name,
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

/** One line per version, table and kind of file: what is missing on one side differs too. */
export function compareFingerprints(before: Fingerprint, after: Fingerprint): ProofLine[] {
  return [
    ...compareMaps('version', before.versions, after.versions),
    line('schema', before.schema, after.schema),
    ...compareMaps('table', tableTexts(before.tables), tableTexts(after.tables)),
    line('infobase generation', before.infobase?.generation, after.infobase?.generation),
    ...compareMaps(
      'infobase table',
      tableTexts(before.infobase?.tables ?? []),
      tableTexts(after.infobase?.tables ?? []),
    ),
    line('files', filesText(before.files), filesText(after.files)),
  ];
}

const absent = '—';
const line = (what: string, before: string = absent, after: string = absent): ProofLine => ({
  what,
  before,
  after,
  equal: before === after,
});
const filesText = ({ count, bytes, sha256 }: Fingerprint['files']): string =>
  `${count} files, ${bytes} bytes, ${sha256}`;
const tableTexts = (tables: readonly TableState[]): Record<string, string> =>
  Object.fromEntries(tables.map(({ table, rows, checksum }) => [table, `${rows} rows, ${checksum}`]));

function compareMaps(
  kind: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): ProofLine[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.map((name) => line(`${kind} ${name}`, before[name], after[name]));
}
