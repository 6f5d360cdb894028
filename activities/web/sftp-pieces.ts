/** Content of files over SFTP: small ones in one go, large ones in pieces, many requests in flight, never more than so many bytes. */
import { createHash, type Hash } from 'node:crypto';
import { open as openLocal } from 'node:fs/promises';
import { budgetOf } from './budget.ts';
import type { Source } from './remote.ts';
import { SftpStatus, type Attributes, type Handle, type SftpSession } from './sftp-session.ts';
import { sizeOf, wholeOf } from './source.ts';

/**
 * Bytes on the way at any time: as much as a line of 100 Mbit/s with 80 ms holds. More makes OpenSSH's server slow: it moves what it has
 * not yet sent around in its memory (8 MB read back from loopback took it twice the time of 1 MB pieces).
 */
const mostBytes = 1 << 20;

/** Bytes of the first read of a file, before its size is known: most files of a site are smaller. */
const first = 31 * 1024;

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

export function sftpPieces(session: SftpSession) {
  const { piece } = session;
  /** Pieces of one file that are asked for ahead of the one that is read. */
  const ahead = mostBytes / piece;
  const room = budgetOf(mostBytes);
  /** Buffers that nothing is on its way into. */
  const spare: Buffer[] = [];
  /** Whoever holds bytes waits for nobody: an open file is not waited for with them in hand. */
  const ask = async (file: Handle, at: number, length: number): Promise<Buffer> => {
    await room.take(length);
    return await session.read(file, at, Buffer.allocUnsafe(length)).finally(() => room.give(length));
  };
  /** A server or file system that cannot is no reason to stop; a lost connection is. */
  const sync = (file: Handle): Promise<void> =>
    session.sync(file).catch((error: unknown) => {
      if (!(error instanceof SftpStatus)) throw error;
    });

  /** A new file, or an existing one from its beginning. */
  async function put(path: string, source: Source, { mode, readBack }: PutOptions): Promise<Put> {
    const size = sizeOf(source);
    const hash = readBack ? createHash('sha256') : undefined;
    if (size > piece) return await putLarge(path, source, mode, hash);
    const file = await session.open(path, 'w+', mode);
    await room.take(size);
    const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(piece);
    try {
      let content: Buffer;
      try {
        content = wholeOf(source, buffer.subarray(0, size));
      } catch (error) {
        await session.close(file).catch(() => {});
        throw error;
      }
      // Nothing waits for the answer before: requests on one file take effect in the order in which they are sent.
      const [, , attributes, back] = await Promise.all([
        size > 0 ? session.write(file, 0, content) : undefined,
        hash ? sync(file) : undefined,
        session.attributesOf(file),
        hash && size > 0 ? session.read(file, 0, content) : content,
        session.close(file),
      ]);
      // Fewer bytes are allowed to the server: then the file is read once more.
      const put = putOf(attributes, back.length === size ? hash?.update(back) : undefined);
      // Only now nothing is on its way into it any more.
      spare.push(buffer);
      return put;
    } finally {
      room.give(size);
    }
  }

  async function putLarge(path: string, source: Source, mode: number | undefined, hash?: Hash): Promise<Put> {
    const file = await session.open(path, 'w+', mode);
    try {
      const inOrder = await sendPieces(file, source, 0, hash);
      const [attributes] = await Promise.all([session.attributesOf(file), hash ? sync(file) : undefined]);
      return putOf(attributes, inOrder ? hash : undefined);
    } finally {
      await session.close(file).catch(() => {});
    }
  }

  /** The rest of a file whose beginning is there. */
  async function goOn(path: string, source: Source, from: number): Promise<void> {
    const file = await session.open(path, 'r+');
    try {
      await sendPieces(file, source, from);
      await sync(file);
    } finally {
      await session.close(file).catch(() => {});
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
    const readBack = async (at: number, into: Buffer): Promise<void> => {
      const back = await session.read(file, at, into);
      if (at === hashed) hashed += hash!.update(back) ? back.length : 0;
    };
    try {
      for (let at = from; at < total && !failed; at += piece) {
        const length = Math.min(piece, total - at);
        await room.take(length);
        const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(piece);
        const bytes = await pieceAt(at, buffer.subarray(0, length)).catch((error: unknown) => {
          room.give(length);
          throw error;
        });
        const answers = [session.write(file, at, bytes), hash ? readBack(at, buffer.subarray(0, length)) : undefined];
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
    const file = await session.open(path, 'r');
    try {
      const [beginning, { size }] = await Promise.all([ask(file, 0, first), session.attributesOf(file)]);
      await take(beginning);
      const asked: Promise<Buffer>[] = [];
      let [at, next] = [beginning.length, beginning.length];
      const more = (): void => {
        if (next >= size) return;
        const answer = ask(file, next, Math.min(piece, size - next));
        // Waited for in its turn; a failure before that must not count as unhandled.
        answer.catch(() => {});
        asked.push(answer);
        next += piece;
      };
      while (asked.length < ahead && next < size) more();
      for (let end = at; asked.length > 0; more()) {
        end = Math.min(end + piece, size);
        for (let some = await asked.shift()!; ; some = await ask(file, at, end - at)) {
          await take(some);
          at += some.length;
          // The file became shorter meanwhile.
          if (some.length === 0) return;
          // A short answer in the middle: the rest of that piece is asked for again.
          if (at === end) break;
        }
      }
    } finally {
      // Nobody waits for it: what could go wrong has been said by then.
      session.close(file).catch(() => {});
    }
  }

  return { put, goOn, read };
}

const putOf = (attributes: Attributes, hash: Hash | undefined): Put =>
  hash === undefined ? { attributes } : { attributes, sha256: hash.digest('hex') };
