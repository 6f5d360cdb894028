/** The state of a database as it is compared after a restore: versions, schema, and the chosen tables. */
import { proofLine, type ProofKind } from '../../runbook/messages/proof.ts';
import type { Fingerprint, ProofLine, TableState } from '../../runbook/results.ts';
import type { Database, Work } from './database.ts';

export type DatabaseState = Fingerprint['databases'][number];

/** @param tables empty: all. */
export const databaseState = async (
  database: Database,
  tables: readonly string[],
  work: Work,
): Promise<DatabaseState> => ({
  name: database.name,
  versions: await packageVersions(database),
  schema: await database.schemaFingerprint(),
  tables: await database.fingerprint(tables, work),
});

/**
 * The site does not run at that moment, so its packages are read where it keeps them (table and columns as clio reads them);
 * the platform's own version lies in the files. A database without that table has no package versions to compare.
 */
async function packageVersions(database: Database): Promise<Record<string, string>> {
  if (!(await database.tables()).includes('SysPackage')) return {};
  const rows = await database.rows('SysPackage', ['Name', 'Version']);
  return Object.fromEntries(rows.map((row) => [row['Name'] ?? '', row['Version'] ?? '']));
}

/** One line per version and table: what is missing on one side differs too. */
export const compareDatabases = (
  before: DatabaseState | undefined,
  after: DatabaseState | undefined,
  of?: string,
): ProofLine[] => [
  ...compareMaps({ kind: 'packageVersion', of }, before?.versions, after?.versions),
  proofLine({ kind: 'schema', of }, before?.schema, after?.schema),
  ...compareTables({ kind: 'table', of }, before?.tables, after?.tables),
];

interface Kind {
  readonly kind: ProofKind;
  readonly of: string | undefined;
}

export const compareTables = (kind: Kind, before?: readonly TableState[], after?: readonly TableState[]): ProofLine[] =>
  compareMaps(kind, textsOf(before), textsOf(after));

const textsOf = (tables: readonly TableState[] = []): Record<string, string> =>
  Object.fromEntries(tables.map(({ table, rows, checksum }) => [table, `${rows}, ${checksum}`]));

function compareMaps(
  kind: Kind,
  before: Readonly<Record<string, string>> = {},
  after: Readonly<Record<string, string>> = {},
): ProofLine[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.map((name) => proofLine({ ...kind, name }, before[name], after[name]));
}
