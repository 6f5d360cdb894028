/** Content of files over SFTP: small ones in one go, large ones in pieces, many requests in flight, never more than so many bytes. */
import { createHash, type Hash } from 'node:crypto';
import { open as openLocal } from 'node:fs/promises';
import type { Source } from './remote.ts';
import type { Attributes } from './sftp-answer.ts';
import { flags, SftpStatus, type Handle, type SftpWire } from './sftp-wire.ts';

/** Bytes on the way at any time: OpenSSH's window is 2 MB, and so much fits a line of 1 Gbit/s with 60 ms. */
const mostBytes = 8 << 20;
/** Pieces that are asked for ahead of the one that is read. */
const ahead = 32;

export interface Put {
  readonly attributes: Attributes;
  /** Of what the server gave back. */
  readonly sha256?: string;
}

interface PutOptions {
  readonly mode: number | undefined;
  /** Whether it is read back, and written out to the disk: where the host does not do both for all files at the end. */
  readonly readBack: boolean;
}

export function sftpPieces(wire: SftpWire) {
  const room = budget(mostBytes);
  /** Buffers of a piece that nobody holds any more. */
  const spare: Buffer[] = [];
  const syncs = wire.extensions.has('fsync@openssh.com');
  /** A file system that cannot is no reason to stop; a lost connection is. */
  const sync = (file: Handle): Promise<void> =>
    wire.sync(file).catch((error: unknown) => {
      if (!(error instanceof SftpStatus)) throw error;
    });

  /** A new file, or an existing one from its beginning. */
  async function put(path: string, source: Source, { mode, readBack }: PutOptions): Promise<Put> {
    const size = sizeOf(source);
    if (size > wire.piece) return await putLarge(path, source, { mode, readBack });
    await room.take(size);
    try {
      const how = flags.read | flags.write | flags.create | flags.truncate;
      const file = await wire.open(path, how, mode);
      const hash = readBack ? createHash('sha256') : undefined;
      // Nothing waits for the answer before: requests on one file take effect in the order in which they are sent.
      const [, , attributes, back] = await Promise.all([
        size > 0
          ? wire.write(file, 0, 'file' in source ? { file: source.file, length: size } : source.content)
          : undefined,
        readBack && syncs ? sync(file) : undefined,
        wire.attributesOf(file),
        hash && size > 0 ? wire.read(file, 0, size, (piece) => void hash.update(piece)) : 0,
        wire.close(file),
      ]);
      return hash && back === size ? { attributes, sha256: hash.digest('hex') } : { attributes };
    } finally {
      room.give(size);
    }
  }

  async function putLarge(path: string, source: Source, { mode, readBack }: PutOptions): Promise<Put> {
    const file = await wire.open(path, flags.read | flags.write | flags.create | flags.truncate, mode);
    const hash = readBack ? createHash('sha256') : undefined;
    try {
      const sent = await sendPieces(file, source, 0, hash);
      const [attributes] = await Promise.all([wire.attributesOf(file), readBack && syncs ? sync(file) : undefined]);
      return sent && hash ? { attributes, sha256: hash.digest('hex') } : { attributes };
    } finally {
      await wire.close(file).catch(() => {});
    }
  }

  /** The rest of a file whose beginning is there. */
  async function goOn(path: string, source: Source, from: number): Promise<void> {
    const file = await wire.open(path, flags.write);
    try {
      await sendPieces(file, source, from);
      if (syncs) await sync(file);
    } finally {
      await wire.close(file).catch(() => {});
    }
  }

  /** False when not all was given back, or not in order: then nothing is known of the content. */
  async function sendPieces(file: Handle, source: Source, from: number, hash?: Hash): Promise<boolean> {
    const total = sizeOf(source);
    const local = 'file' in source ? await openLocal(source.file, 'r') : undefined;
    const pieceAt = async (at: number, into: Buffer): Promise<Buffer> => {
      if (!local) return (source as { content: Buffer }).content.subarray(at, at + into.length);
      return into.subarray(0, (await local.read(into, 0, into.length, at)).bytesRead);
    };
    let before: Promise<unknown> = Promise.resolve();
    let [failed, hashed] = [false, from];
    const readBack = (at: number, length: number): Promise<number> => {
      let next = at;
      return wire.read(file, at, length, (piece) => {
        if (next === hashed) hashed += hash!.update(piece) ? piece.length : 0;
        next += piece.length;
      });
    };
    try {
      for (let at = from; at < total && !failed; at += wire.piece) {
        const length = Math.min(wire.piece, total - at);
        await room.take(length);
        const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(wire.piece);
        const bytes = await pieceAt(at, buffer.subarray(0, length)).catch((error: unknown) => {
          room.give(length);
          throw error;
        });
        const answers = [wire.write(file, at, bytes), ...(hash ? [readBack(at, length)] : [])];
        before = Promise.all([before, ...answers])
          .then(() => void spare.push(buffer))
          .finally(() => room.give(length));
        before.catch(() => (failed = true));
      }
    } finally {
      await before.finally(() => local?.close());
    }
    return hashed === total;
  }

  /** Gives the content in order. */
  async function read(path: string, take: (piece: Buffer) => void | Promise<void>): Promise<void> {
    const file = await wire.open(path, flags.read);
    try {
      const [first, { size }] = await Promise.all([gathered(file, 0, wire.piece), wire.attributesOf(file)]);
      await give(first, take);
      const asked: Promise<Buffer[]>[] = [];
      let [at, next] = [lengthOf(first), lengthOf(first)];
      const more = (): void => {
        if (next >= size) return;
        const answer = gathered(file, next, Math.min(wire.piece, size - next));
        // Waited for in its turn; a failure before that must not count as unhandled.
        answer.catch(() => {});
        asked.push(answer);
        next += wire.piece;
      };
      while (asked.length < ahead && next < size) more();
      for (let end = at; asked.length > 0; more()) {
        end = Math.min(end + wire.piece, size);
        for (let some = await asked.shift()!; ; some = await gathered(file, at, end - at)) {
          await give(some, take);
          at += lengthOf(some);
          // The file became shorter meanwhile.
          if (some.length === 0) return;
          // A short answer in the middle: the rest of that piece is asked for again.
          if (at === end) break;
        }
      }
    } finally {
      // Nobody waits for it: what could go wrong has been said by then.
      wire.close(file).catch(() => {});
    }
  }

  const gathered = async (file: Handle, at: number, length: number): Promise<Buffer[]> => {
    const pieces: Buffer[] = [];
    await wire.read(file, at, length, (piece) => void pieces.push(piece));
    return pieces;
  };
  const give = async (pieces: readonly Buffer[], take: (piece: Buffer) => void | Promise<void>): Promise<void> => {
    for (const piece of pieces) await take(piece);
  };

  return { put, goOn, read };
}

const lengthOf = (pieces: readonly Buffer[]): number => pieces.reduce((sum, { length }) => sum + length, 0);
const sizeOf = (source: Source): number => ('content' in source ? source.content.length : source.size);

/** So many bytes, taken and given back; who finds too few waits, first come first served. One larger than all gets all. */
function budget(all: number) {
  let left = all;
  const waiting: { readonly bytes: number; readonly go: () => void }[] = [];
  return {
    take: (bytes: number): Promise<void> | undefined => {
      if (waiting.length === 0 && left >= bytes) {
        left -= bytes;
        return undefined;
      }
      return new Promise((go) => waiting.push({ bytes, go }));
    },
    give: (bytes: number): void => {
      left += bytes;
      for (let next = waiting[0]; next && left >= next.bytes; next = waiting[0]) {
        waiting.shift();
        left -= next.bytes;
        next.go();
      }
    },
  };
}
