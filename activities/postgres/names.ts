import { NakatError } from '../../runbook/errors/index.ts';
import { shortHash } from '../databases/names.ts';

/** PostgreSQL cuts longer names silently (NAMEDATALEN − 1), so two of them could become one. */
const limit = 63;

/**
 * `crm_nk_1a2b3c4d5e`: the name of a database made from `name` for the operation `id`. The hash covers the whole name, so
 * a name that must be shortened still gets its own.
 */
export const derivedName = (name: string, kind: 'nk' | 'old' | 'snap', id: string): string => {
  const end = `_${kind}_${shortHash(name, kind, id)}`;
  let start = name;
  while (Buffer.byteLength(start + end) > limit) start = [...start].slice(0, -1).join('');
  return start + end;
};

/** Refuses what the server would cut or cannot hold. */
export const checkedName = (name: string): string => {
  if (Buffer.byteLength(name) > limit)
    throw new NakatError('DATABASE_NAME_INVALID', { values: { name, reason: `> ${limit} bytes` } });
  if (name === '' || name.includes('\0'))
    throw new NakatError('DATABASE_NAME_INVALID', { values: { name, reason: 'NUL' } });
  return name;
};

/** A name inside a libpq connection string: a bare name that looks like one (`dbname=…`) would be taken for it. */
export const connectionString = (database: string): string =>
  `dbname='${database.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
