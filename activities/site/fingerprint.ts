import { createHash } from 'node:crypto';
import type { Fingerprint } from '../../runbook/results.ts';
import type { Machine } from '../machines/machine.ts';

export type FileHashes = ReadonlyMap<string, { readonly size: number; readonly sha256: string }>;

/** Of every file below a folder: nothing is left out. `sha256` is that of the sorted manifest. */
export async function filesFingerprint(
  machine: Machine,
  folder: string,
): Promise<Omit<Fingerprint['sites'][number], 'name'>> {
  const files = await machine.hash(folder);
  return {
    count: files.size,
    bytes: [...files.values()].reduce((sum, one) => sum + one.size, 0),
    sha256: createHash('sha256').update(manifestOf(files)).digest('hex'),
  };
}

/** One line a file: path, size, SHA-256; sorted by path. */
export const manifestOf = (files: FileHashes): string =>
  [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, { size, sha256 }]) => `${JSON.stringify(path)} ${size} ${sha256}\n`)
    .join('');

/** Paths that are on one side only, or differ. */
export function differences(before: FileHashes, after: FileHashes): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path)?.sha256 !== after.get(path)?.sha256).sort();
}

/** For an error: the first few. */
export const someOf = (paths: readonly string[]): string =>
  paths.slice(0, 5).join(', ') + (paths.length > 5 ? ` … (${paths.length})` : '');
