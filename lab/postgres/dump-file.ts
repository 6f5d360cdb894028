/**
 * A file of lines that proves itself: one header line (JSON), the lines, and last the SHA-256 of all bytes before.
 * Written straight under its final name: the programs that the stand-ins stand for leave half a file too when they die.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Json } from '../../runbook/types.ts';

const sealPrefix = 'sha256:';
const chunkBytes = 1 << 20;

/** Returns the size in bytes. An error (also of `lines`) leaves what was written so far. */
export async function writeDump(
  path: string,
  header: Json,
  lines: AsyncIterable<string>,
  signal?: AbortSignal,
): Promise<number> {
  const file = await open(path, 'w');
  const hash = createHash('sha256');
  let bytes = 0;
  let waiting = '';
  const flush = async (): Promise<void> => {
    const chunk = Buffer.from(waiting);
    waiting = '';
    await file.writeFile(chunk);
    hash.update(chunk);
    bytes += chunk.length;
  };
  try {
    waiting = `${JSON.stringify(header)}\n`;
    await flush();
    for await (const line of lines) {
      signal?.throwIfAborted();
      waiting += `${line}\n`;
      if (waiting.length > chunkBytes) await flush();
    }
    await flush();
    signal?.throwIfAborted();
    const seal = Buffer.from(`${sealPrefix}${hash.digest('hex')}\n`);
    await file.writeFile(seal);
    await file.sync();
    return bytes + seal.length;
  } finally {
    await file.close();
  }
}

/** Only the header; null when the file does not begin with one. Throws ENOENT when there is no file. */
export async function readHeader(path: string): Promise<Json | null> {
  const file = await open(path, 'r');
  try {
    const start = (await file.read(Buffer.alloc(65536), 0, 65536, 0)).buffer.toString('utf8');
    const end = start.indexOf('\n');
    return end < 0 ? null : (JSON.parse(start.slice(0, end)) as Json);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  } finally {
    await file.close();
  }
}

/** Reads the whole file; true when it is complete and unchanged. */
export async function isWhole(path: string): Promise<boolean> {
  const hash = createHash('sha256');
  const sealBytes = sealPrefix.length + 65;
  let tail: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
    tail = Buffer.concat([tail, chunk as Buffer]);
    const body = Math.max(0, tail.length - sealBytes);
    hash.update(tail.subarray(0, body));
    tail = tail.subarray(body);
  }
  return tail.toString('latin1') === `${sealPrefix}${hash.digest('hex')}\n`;
}

/** The lines between header and seal. Call `isWhole` first. */
export async function* readLines(path: string): AsyncGenerator<string> {
  let first = true;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (!first && !line.startsWith(sealPrefix)) yield line;
    first = false;
  }
}
