/** Requests as bytes: all of one turn of the event loop leave together, in buffers that are used again when the channel is done with them. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Writable } from 'node:stream';

/** The first bytes of a file on the worker's disk, read when the request is made. */
export interface LocalFile {
  readonly file: string;
  readonly length: number;
}

/** Numbers are 32 bits wide, bigints 64; before all else stands its length. */
export type Part = number | bigint | string | Buffer | LocalFile;

/** Two SSH packets of data, as OpenSSH takes them. */
const usual = 64 * 1024;
/** From this length on bytes are not copied together with what stands before them. */
const ownWrite = 8 * 1024;

interface Chunk {
  readonly bytes: Buffer;
  used: number;
  /** Bytes before this one were given to the channel. */
  given: number;
  /** How often the channel has not yet said that it is done with them. */
  held: number;
}

/** Throws what reading a local file throws; then nothing of that request is sent. */
export function senderOf(channel: Writable): (kind: number, id: number, parts: readonly Part[]) => void {
  const free: Buffer[] = [];
  let chunk: Chunk = { bytes: Buffer.alloc(0), used: 0, given: 0, held: 0 };
  let planned = false;

  const letGo = (one: Chunk): void => {
    if (one !== chunk && one.held === 0 && one.bytes.length === usual) free.push(one.bytes);
  };
  const flush = (): void => {
    const one = chunk;
    if (one.used === one.given) return;
    one.held += 1;
    channel.write(one.bytes.subarray(one.given, one.used), () => {
      one.held -= 1;
      letGo(one);
    });
    one.given = one.used;
  };
  const room = (wanted: number): void => {
    if (chunk.bytes.length - chunk.used >= wanted) return;
    flush();
    const last = chunk;
    const bytes = wanted > usual ? Buffer.allocUnsafeSlow(wanted) : (free.pop() ?? Buffer.allocUnsafeSlow(usual));
    chunk = { bytes, used: 0, given: 0, held: 0 };
    letGo(last);
  };
  const put = (part: Part): void => {
    const { bytes, used } = chunk;
    if (typeof part === 'number') chunk.used = bytes.writeUInt32BE(part, used);
    else if (typeof part === 'bigint') chunk.used = bytes.writeBigUInt64BE(part, used);
    else if (typeof part === 'string') {
      const length = bytes.write(part, used + 4);
      chunk.used = bytes.writeUInt32BE(length, used) + length;
    } else {
      chunk.used = bytes.writeUInt32BE(part.length, used);
      if (!Buffer.isBuffer(part)) chunk.used += readInto(bytes, chunk.used, part);
      else if (part.length < ownWrite) chunk.used += part.copy(bytes, chunk.used);
      else {
        flush();
        channel.write(part);
      }
    }
  };

  return (kind, id, parts) => {
    let [length, copied] = [5, 9];
    for (const part of parts) {
      const size = sizeOf(part);
      length += size;
      copied += Buffer.isBuffer(part) && part.length >= ownWrite ? 4 : size;
    }
    room(copied);
    const before = chunk.used;
    try {
      chunk.used = chunk.bytes.writeUInt32BE(length, chunk.used);
      chunk.used = chunk.bytes.writeUInt8(kind, chunk.used);
      chunk.used = chunk.bytes.writeUInt32BE(id, chunk.used);
      for (const part of parts) put(part);
    } catch (error) {
      chunk.used = before;
      throw error;
    }
    if (planned) return;
    planned = true;
    setImmediate(() => {
      planned = false;
      flush();
    });
  };
}

const sizeOf = (part: Part): number => {
  if (typeof part === 'number') return 4;
  if (typeof part === 'bigint') return 8;
  return 4 + (typeof part === 'string' ? Buffer.byteLength(part) : part.length);
};

function readInto(bytes: Buffer, from: number, { file, length }: LocalFile): number {
  const opened = openSync(file, 'r');
  try {
    let got = 0;
    for (let some = -1; got < length && some !== 0; got += some)
      some = readSync(opened, bytes, from + got, length - got, got);
    if (got < length) throw new Error(`${file} has ${got} bytes, not ${length}`);
    return got;
  } finally {
    closeSync(opened);
  }
}
