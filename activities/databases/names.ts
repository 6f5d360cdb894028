import { createHash } from 'node:crypto';
import { NakatError } from '../../runbook/errors/index.ts';

export const shortHash = (...parts: string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 10);

/** An id becomes a folder's and a job's name. */
export const checkedId = (id: string): string => {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(id) && !id.endsWith('.partial')) return id;
  throw new NakatError('DATABASE_NAME_INVALID', { values: { name: id, reason: 'A–Z a–z 0–9 . _ -' } });
};
