import { InvalidArgumentError } from 'commander';

/** A whole number above zero. */
export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) throw new InvalidArgumentError('');
  return value;
}
