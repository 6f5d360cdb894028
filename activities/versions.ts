import { NakatError } from '../runbook/errors/index.ts';
import { compareVersions, VersionMistake } from '../runbook/versions.ts';

/** Compares versions that a system reported. @throws NakatError VERSION_UNREADABLE */
export function orderOf(left: string, right: string, where: string): number {
  try {
    return compareVersions(left, right);
  } catch (error) {
    if (!(error instanceof VersionMistake)) throw error;
    throw new NakatError('VERSION_UNREADABLE', { values: { version: error.text }, where });
  }
}
