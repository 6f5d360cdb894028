/** Content in requests of a size that every SFTP server takes, many of them in flight for one file. */
import { open as openLocal } from 'node:fs/promises';
import type { Source } from './remote.ts';

/** draft-ietf-secsh-filexfer-02, part 3: 34,000 bytes with the head. */
const piece = 32 * 1024;
const inFlight = 32;

/** Asks ahead, gives in order. */
export async function readPieces(
  size: number,
  take: (piece: Buffer) => void | Promise<void>,
  ask: (at: number, length: number) => Promise<Buffer>,
): Promise<void> {
  const asked: Promise<Buffer>[] = [];
  let next = 0;
  const more = (): void => {
    if (next >= size) return;
    const answer = ask(next, Math.min(piece, size - next));
    // Waited for in its turn; a failure before that must not count as unhandled.
    answer.catch(() => {});
    asked.push(answer);
    next += piece;
  };
  while (asked.length < inFlight && next < size) more();
  for (let at = 0; ; more()) {
    const answer = asked.shift();
    if (!answer) return;
    const wanted = Math.min(piece, size - at);
    let bytes = await answer;
    await take(bytes);
    at += bytes.length;
    // A short answer in the middle: the rest of that piece is asked for again.
    for (let missing = wanted - bytes.length; missing > 0 && bytes.length > 0; missing -= bytes.length) {
      bytes = await ask(at, missing);
      await take(bytes);
      at += bytes.length;
    }
  }
}

export async function writePieces(
  source: Source,
  from: number,
  send: (bytes: Buffer, at: number) => Promise<void>,
): Promise<void> {
  const total = 'content' in source ? source.content.length : source.size;
  const file = 'content' in source ? undefined : await openLocal(source.file, 'r');
  let next = from;
  const lane = async (): Promise<void> => {
    while (next < total) {
      const at = next;
      const length = Math.min(piece, total - at);
      next += piece;
      if (!file) await send((source as { content: Buffer }).content.subarray(at, at + length), at);
      else {
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
        await send(buffer.subarray(0, bytesRead), at);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(inFlight, Math.ceil((total - from) / piece)) }, lane));
  } finally {
    await file?.close();
  }
}
