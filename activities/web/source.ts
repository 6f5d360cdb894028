/** What is sent: files of the worker's disk, and pieces of text. */
import { closeSync, openSync, readSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Source } from './remote.ts';

export const sizeOf = (source: Source): number => ('content' in source ? source.content.length : source.size);

/**
 * All of it, read into the buffer where it is a file. Without the thread pool: it would cost a small file more than the disk does. Throws
 * WEB_TREE_DAMAGED where the file is shorter, or cannot be read.
 */
export function wholeOf(source: Source, into: Buffer): Buffer {
  if ('content' in source) return Buffer.from(source.content);
  try {
    const file = openSync(source.file, 'r');
    try {
      const length = readSync(file, into, 0, into.length, 0);
      if (length < into.length) throw new Error(`${length} bytes, not ${into.length}`);
      return into;
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw damaged(source.file, cause);
  }
}

export const damaged = (file: string, cause: unknown): NakatError =>
  new NakatError('WEB_TREE_DAMAGED', { values: { place: dirname(file), files: basename(file) }, cause });
