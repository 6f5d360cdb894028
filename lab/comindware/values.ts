/** The instance's files as the product reads them: flat keys, strictly. */
import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

export type Values = Readonly<Record<string, string | number | boolean | null>>;

/** YAML and JSON alike; null: no such file, or no keys in it. */
export function readFlat(file: string): Values | null {
  if (!existsSync(file)) return null;
  const values: unknown = parse(readFileSync(file, 'utf8'));
  return typeof values === 'object' && values !== null && !Array.isArray(values) ? (values as Values) : null;
}

export const textOf = (values: Values, ...keys: readonly string[]): string => {
  const found = keys.map((key) => values[key]).find((value) => value !== undefined && value !== null);
  return found === undefined ? '' : String(found);
};
