/** Names, literals and paths for SQL Server. Everything that comes from outside goes through here or through a parameter. */
import { createHash } from 'node:crypto';
import { NakatError } from '../../runbook/errors/index.ts';

/** `[a]]b]`: Microsoft Learn, "QUOTENAME" and "Database identifiers". */
export const quote = (name: string): string => `[${name.replaceAll(']', ']]')}]`;

/** `N'it''s'`: for places that take no parameter (file names in BACKUP and RESTORE). */
export const literal = (text: string): string => `N'${text.replaceAll("'", "''")}'`;

/** The backup folder is written as the server sees it, so it tells the server's separator. */
export const separatorOf = (folder: string): '\\' | '/' =>
  folder.includes('\\') || /^[A-Za-z]:/.test(folder) ? '\\' : '/';

export const joinPath = (folder: string, name: string): string => {
  const separator = separatorOf(folder);
  return folder.endsWith(separator) ? folder + name : folder + separator + name;
};

/** Everything up to and with the last separator. */
export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf(separatorOf(path)) + 1);

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** Part of a file name that any file system takes: a name that had to be changed or cut carries a hash of the whole. */
const fileStem = (name: string): string => {
  const safe = name.replace(/[^\p{L}\p{N}_-]/gu, '_').slice(0, 60);
  return safe === name ? safe : `${safe}_${hash(name)}`;
};

const endings: Readonly<Record<string, string>> = { D: 'mdf', L: 'ldf', S: 'filestream', F: 'fulltext' };

/**
 * File of a restored database. `made` is written into the name when nakat makes the database: that tells whose it is even
 * while it is in state RESTORING, when no mark inside it can be read.
 */
export const restoredFile = (database: string, made: boolean, fileId: string, type: string): string =>
  `${fileStem(database)}${made ? '.nakat' : ''}.${fileId}.${endings[type] ?? 'ndf'}`;

/** Whether a file bears the name that `restoredFile` gives to databases made by nakat. */
export const isMadeFile = (database: string, path: string): boolean =>
  path.slice(folderOf(path).length).startsWith(`${fileStem(database)}.nakat.`);

const snapshotMark = '_nakat_';
/** Snapshots are databases too: their names are at most 128 characters long and must differ for each source and id. */
export const snapshotName = (database: string, id: string): string =>
  `${database.slice(0, 80)}${snapshotMark}${hash(`${database}\0${id}`)}`;
export const isSnapshotName = (database: string, name: string): boolean =>
  name.startsWith(database.slice(0, 80) + snapshotMark);

export function checkDatabaseName(name: string): void {
  const reason =
    name.length > 128 ? 'more than 128 characters' : /[\0-\x1f]/.test(name) ? 'it holds control characters' : null;
  if (reason !== null) throw new NakatError('DATABASE_NAME_INVALID', { values: { name, reason } });
}

/** Ids become file names as they are. */
export function checkId(id: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/.test(id)) {
    throw new NakatError('DATABASE_NAME_INVALID', {
      values: { name: id, reason: 'only latin letters, digits, dot, hyphen and underscore' },
    });
  }
}
