import { NakatError } from '../../runbook/errors/index.ts';
import { shortHash } from '../databases/names.ts';

/** Characters, all of the Basic Multilingual Plane (MariaDB documentation, "Identifier Names"). */
const limit = 64;

/**
 * `shop_nk_1a2b3c4d5e`: the name of a database made from `name` for the operation `id`. The hash covers the whole name, so
 * a name that must be shortened still gets its own.
 */
export const derivedName = (name: string, kind: 'nk' | 'old', id: string): string => {
  const end = `_${kind}_${shortHash(name, kind, id)}`;
  return [...name].slice(0, limit - end.length).join('') + end;
};

/** Refuses what the server would refuse or cannot hold. */
export const checkedName = (name: string): string => {
  const refuse = (reason: string): NakatError => new NakatError('DATABASE_NAME_INVALID', { values: { name, reason } });
  if ([...name].length > limit) throw refuse(`> ${limit} characters`);
  if (name === '' || /[\0\u{10000}-\u{10ffff}]/u.test(name)) throw refuse('U+0001–U+FFFF');
  if (/\s$/.test(name)) throw refuse('a space at the end');
  return name;
};
