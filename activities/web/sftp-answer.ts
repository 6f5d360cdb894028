/** What an SFTP server answers, field by field (draft-ietf-secsh-filexfer-02, parts 3, 5 and 7). */
import type { Readable } from 'node:stream';

/** An answer that is longer than this is none. */
const longest = 1 << 20;
/** Type of the answer to a read, and where its content begins: after length, type, id, and the content's length. */
const data = { type: 103, head: 13 } as const;

export interface Attributes {
  readonly size: number;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  /** Seconds. */
  readonly mtime: number;
}

export interface Named {
  readonly name: string;
  readonly attributes: Attributes;
}

/** Bits that say which attributes are there. */
export const attribute = { size: 1, owner: 2, mode: 4, times: 8, extended: 0x80000000 } as const;

/** What is left of an answer. Reading past its end throws. */
export class Body {
  readonly #bytes: Buffer;
  #at = 0;
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }
  get left(): number {
    return this.#bytes.length - this.#at;
  }
  byte(): number {
    return this.#bytes.readUInt8(this.#at++);
  }
  number(): number {
    return this.#bytes.readUInt32BE((this.#at += 4) - 4);
  }
  long(): number {
    return Number(this.#bytes.readBigUInt64BE((this.#at += 8) - 8));
  }
  bytes(): Buffer {
    const length = this.number();
    if (length > this.left) throw new RangeError(`${length} bytes of ${this.left}`);
    return this.#bytes.subarray(this.#at, (this.#at += length));
  }
  text(): string {
    return this.bytes().toString('utf8');
  }
  attributes(): Attributes {
    const has = this.number();
    const size = has & attribute.size ? this.long() : 0;
    const [uid, gid] = has & attribute.owner ? [this.number(), this.number()] : [0, 0];
    const mode = has & attribute.mode ? this.number() : 0;
    const [, mtime] = has & attribute.times ? [this.number(), this.number()] : [0, 0];
    // The sign bit: `&` makes signed numbers.
    for (let count = (has & attribute.extended) !== 0 ? this.number() : 0; count > 0; count--) {
      this.bytes();
      this.bytes();
    }
    return { size, uid, gid, mode, mtime };
  }
  names(): Named[] {
    const names: Named[] = [];
    for (let count = this.number(); count > 0; count--) {
      const name = this.text();
      // As `ls -l` shows it.
      this.bytes();
      names.push({ name, attributes: this.attributes() });
    }
    return names;
  }
}

export interface Receiver {
  /** An answer, without its length. */
  take(body: Body): void;
  /** Content of a file begins: what is to be done with each piece of it, and at its end. */
  content(id: number): { take(piece: Buffer): void; end(): void };
}

/** Cuts what comes into answers. Ends, by throwing, when that is not possible, or with what the receiver throws. */
export const receive = (from: Readable, receiver: Receiver): Promise<never> =>
  new Promise((_, reject) => {
    const cut = cutter(receiver);
    from.on('data', (piece: Buffer) => {
      try {
        for (let at = 0; at < piece.length;) at += cut(piece, at);
      } catch (error) {
        from.removeAllListeners('data');
        from.resume();
        reject(error as Error);
      }
    });
  });

/** Takes what it can of a piece, from a place on; returns how many bytes that were, at least one. */
function cutter(receiver: Receiver): (piece: Buffer, at: number) => number {
  const head = Buffer.alloc(data.head);
  let have = 0;
  let whole: { readonly bytes: Buffer; have: number } | undefined;
  let content: { readonly to: ReturnType<Receiver['content']>; left: number } | undefined;

  /** When the head is there, or all of an answer that is shorter. */
  const begin = (length: number): void => {
    if (length > data.head - 4 && head[4] === data.type) {
      content = { to: receiver.content(head.readUInt32BE(5)), left: head.readUInt32BE(data.head - 4) };
      if (content.left !== length - data.head + 4) throw new Error('content of another length than its answer');
    } else if (have === 4 + length) receiver.take(new Body(Buffer.from(head.subarray(4, have))));
    else {
      whole = { bytes: Buffer.allocUnsafe(length), have: have - 4 };
      head.copy(whole.bytes, 0, 4);
    }
    have = 0;
  };

  return (piece, at) => {
    const left = piece.length - at;
    if (content) {
      const length = Math.min(left, content.left);
      content.to.take(piece.subarray(at, at + length));
      content.left -= length;
      if (content.left > 0) return length;
      content.to.end();
      content = undefined;
      return length;
    }
    if (whole) {
      const length = piece.copy(whole.bytes, whole.have, at);
      whole.have += length;
      if (whole.have < whole.bytes.length) return length;
      receiver.take(new Body(whole.bytes));
      whole = undefined;
      return length;
    }
    if (have === 0 && left >= 5 && piece[at + 4] !== data.type) {
      const length = lengthOf(piece, at);
      if (left >= 4 + length) {
        receiver.take(new Body(piece.subarray(at + 4, at + 4 + length)));
        return 4 + length;
      }
    }
    const wanted = have < 4 ? 4 : Math.min(data.head, 4 + lengthOf(head, 0));
    const copied = piece.copy(head, have, at, Math.min(piece.length, at + wanted - have));
    have += copied;
    if (have >= 4 && have === Math.min(data.head, 4 + lengthOf(head, 0))) begin(lengthOf(head, 0));
    return copied;
  };
}

function lengthOf(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at);
  if (length === 0 || length > longest) throw new Error(`an answer of ${length} bytes`);
  return length;
}
