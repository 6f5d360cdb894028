/** Files held open side by side: which have the same bytes. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export interface Opened {
  readonly fd: number;
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** Once compared: place of the first with the same bytes. */
  first: number;
  /** What is in it, where comparing has read it whole and at once; until the next are compared. */
  held: Buffer | null;
}

export function open(path: string): Opened {
  const fd = openSync(path, 'r');
  const { size, mode } = fstatSync(fd);
  return { fd, size, mode: mode & 0o777, first: 0, held: null };
}

export function close(opened: readonly Opened[]): void {
  for (const { fd } of opened) closeSync(fd);
}

/** Whether two files have the same bytes. */
export function alike(...paths: readonly [string, string]): boolean {
  const opened: Opened[] = [];
  try {
    for (const path of paths) opened.push(open(path));
    compare(opened);
    return opened[1]?.first === 0;
  } finally {
    close(opened);
  }
}

const piece = 256 * 1024;
const buffers: Buffer[] = [];

/** They are read only as long as some may still be the same. */
export function compare(files: readonly Opened[]): void {
  for (const file of files) file.first = files.findIndex(({ size }) => size === file.size);
  for (let [round, more] = [0, true]; more; round++) {
    more = false;
    for (const [at, file] of files.entries()) {
      file.held = null;
      if (!files.some((other) => other !== file && other.first === file.first)) continue;
      const buffer = (buffers[at] ??= Buffer.allocUnsafe(piece));
      const length = readSync(file.fd, buffer, 0, piece, null);
      file.held = buffer.subarray(0, length);
      more ||= length === piece;
    }
    const before = files.map(({ first }) => first);
    for (const [at, file] of files.entries())
      file.first = files.findIndex(
        ({ held }, to) => before[to] === before[at] && (to === at || (held && file.held?.equals(held))),
      );
    if (round > 0) for (const file of files) file.held = null;
  }
}
