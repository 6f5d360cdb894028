/** Files held open side by side: which have the same bytes. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export interface Opened {
  readonly path: string;
  readonly fd: number;
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** Number of the buffer that it is read into. */
  readonly buffer: number;
  /** Once compared: place of the first with the same bytes. */
  first: number;
  /** What is in it, where it was read and is not large; until another is opened for that buffer. */
  held: Buffer | null;
}

/** A file cannot be opened, or not be read as it was found; the message is the reason. */
export class Unreadable extends Error {}
const unreadable = (error: unknown): Unreadable =>
  new Unreadable((error as NodeJS.ErrnoException).code, { cause: error });

/** Files that are open at once need buffers of their own. Throws Unreadable. */
export function open(path: string, buffer: number): Opened {
  try {
    const fd = openSync(path, 'r');
    const { size, mode } = fstatSync(fd);
    return { path, fd, size, mode: mode & 0o777, buffer, first: 0, held: null };
  } catch (error) {
    throw unreadable(error);
  }
}

export function close(opened: readonly Opened[]): void {
  for (const { fd } of opened) closeSync(fd);
}

/** Whether two files have the same bytes. */
export function alike(one: string, other: string): boolean {
  const opened: Opened[] = [];
  try {
    for (const path of [one, other]) opened.push(open(path, opened.length));
    compare(opened);
    return opened[1]?.first === 0;
  } finally {
    close(opened);
  }
}

/** A file whose size no other has is not read. Throws Unreadable. */
export function compare(files: readonly Opened[]): void {
  for (let at = 0; at < files.length; at++) {
    const file = files[at] as Opened;
    file.first = at;
    for (let to = 0; to < at && file.first === at; to++) {
      const other = files[to] as Opened;
      if (other.first === to && same(other, file)) file.first = to;
    }
  }
}

const piece = 256 * 1024;
const buffers: Buffer[] = [];
const bufferOf = ({ buffer }: Opened): Buffer => (buffers[buffer] ??= Buffer.allocUnsafe(piece));

function same(one: Opened, other: Opened): boolean {
  if (one.size !== other.size) return false;
  const [content, otherContent] = [contentOf(one), contentOf(other)];
  return content && otherContent ? content.equals(otherContent) : sameLarge(one, other);
}

/** Null where it is large. Until another is opened for that buffer. Throws Unreadable. */
export const contentOf = (file: Opened): Buffer | null => (file.size > piece ? null : (file.held ??= read(file, 0)));

function sameLarge(one: Opened, other: Opened): boolean {
  for (let position = 0; position < one.size; position += piece)
    if (!read(one, position).equals(read(other, position))) return false;
  return true;
}

function read(file: Opened, position: number): Buffer {
  const buffer = bufferOf(file);
  const wanted = Math.min(piece, file.size - position);
  let length = 0;
  try {
    for (let more = -1; more !== 0 && length < wanted; length += more)
      more = readSync(file.fd, buffer, length, wanted - length, position + length);
  } catch (error) {
    throw unreadable(error);
  }
  // Half a file must not pass for an edit.
  if (length < wanted) throw new Unreadable('it became shorter meanwhile');
  return buffer.subarray(0, length);
}
