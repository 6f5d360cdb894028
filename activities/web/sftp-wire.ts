/**
 * SFTP 3 as it goes over a channel (draft-ietf-secsh-filexfer-02; OpenSSH's PROTOCOL, part 4), for many small files: requests of one
 * turn of the event loop leave in one SSH packet, and a caller may send the next before the last is answered. The draft's part 6.1
 * promises that requests on one file have the same outcome as if each had waited for the one before.
 */
import type { ClientChannel } from 'ssh2';
import { attribute, receive, type Attributes, type Body, type Named } from './sftp-answer.ts';
import { senderOf, type LocalFile, type Part } from './sftp-send.ts';

export const status = { end: 1, noSuchFile: 2, denied: 3 } as const;

/** The server said no. */
export class SftpStatus extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message || `status ${code}`);
    this.code = code;
  }
}

/** Bits of `SSH_FXP_OPEN`. */
export const flags = { read: 1, write: 2, create: 8, truncate: 16 } as const;

export type Handle = Buffer;

export interface SftpWire {
  /** `fsync@openssh.com`, … */
  readonly extensions: ReadonlySet<string>;
  /** Bytes of one read or write. */
  readonly piece: number;
  /** Files that may be open at once. */
  readonly files: number;
  open(path: string, flags: number, mode?: number): Promise<Handle>;
  close(handle: Handle): Promise<void>;
  /**
   * Gives the content to `take` as it comes in; returns how many bytes those were. 0 at the end of the file; fewer than asked for are
   * allowed to the server.
   */
  read(handle: Handle, at: number, length: number, take: (piece: Buffer) => void): Promise<number>;
  /** Throws also what reading the local file throws. The bytes must stay as they are until this returns. */
  write(handle: Handle, at: number, bytes: Buffer | LocalFile): Promise<void>;
  sync(handle: Handle): Promise<void>;
  attributesOf(handle: Handle): Promise<Attributes>;
  /** Of a link itself. */
  look(path: string): Promise<Attributes>;
  openFolder(path: string): Promise<Handle>;
  /** Some entries, null after the last ones. */
  readFolder(handle: Handle): Promise<Named[] | null>;
  setMode(path: string, mode: number): Promise<void>;
  setOwner(path: string, uid: number, gid: number): Promise<void>;
  /** SFTP 3: refuses an existing name. */
  rename(from: string, to: string): Promise<void>;
  /** `posix-rename@openssh.com`. */
  replace(from: string, to: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  makeLink(path: string, target: string): Promise<void>;
  readLink(path: string): Promise<string>;
  remove(path: string): Promise<void>;
  removeFolder(path: string): Promise<void>;
  /** Bytes for this account, by `statvfs@openssh.com`. */
  room(path: string): Promise<number>;
}

const type = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  look: 7,
  attributesOf: 8,
  set: 9,
  openFolder: 11,
  readFolder: 12,
  remove: 13,
  makeFolder: 14,
  removeFolder: 15,
  rename: 18,
  readLink: 19,
  makeLink: 20,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attributes: 105,
  extended: 200,
  extendedReply: 201,
} as const;

/** What every server takes: 34,000 bytes with the head (part 3 of the draft). */
const usualPiece = 32 * 1024;
/** OpenSSH allows 256 kB with the head; more is not asked for, whatever a server offers. */
const largestPiece = 256 * 1024 - 1024;
const usualFiles = 64;
interface Waiting {
  /** Of the answer that is not a status. */
  readonly type: number;
  readonly take?: (piece: Buffer) => void;
  readonly resolve: (answer: Body | number) => void;
  readonly reject: (error: unknown) => void;
}

/** Speaks first. `lost`: what is thrown for every request without an answer. Throws it too when the server speaks no SFTP 3. */
export async function sftpWire(channel: ClientChannel, lost: (cause?: unknown) => Error): Promise<SftpWire> {
  const waiting = new Map<number, Waiting>();
  let [nextId, ended] = [1, undefined as Error | undefined];
  const end = (cause?: unknown): void => {
    if (ended) return;
    ended = lost(cause);
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  channel.once('close', () => end());
  channel.on('error', end);
  channel.stderr.resume();
  const sender = senderOf(channel);
  const versionId = -1;
  const answered = (kind: number, id: number): Waiting => {
    const request = waiting.get(id);
    if (!request) throw new Error(`an answer of type ${kind} to no request`);
    if (kind !== type.status && kind !== request.type)
      throw new Error(`an answer of type ${kind}, not ${request.type}`);
    waiting.delete(id);
    return request;
  };
  receive(channel, {
    take: (body) => {
      const kind = body.byte();
      const { resolve, reject } = answered(kind, kind === type.version ? versionId : body.number());
      const code = kind === type.status ? body.number() : 0;
      if (code === 0) resolve(body);
      else reject(new SftpStatus(code, body.left > 4 ? body.text() : ''));
    },
    content: (id) => {
      const { take, resolve } = answered(type.data, id);
      let bytes = 0;
      return {
        take: (piece) => {
          bytes += piece.length;
          take?.(piece);
        },
        end: () => resolve(bytes),
      };
    },
  }).catch((error: unknown) => {
    end(error);
    channel.destroy();
  });

  const request = <T>(kind: number, parts: readonly Part[], answer: number, take?: (piece: Buffer) => void) =>
    new Promise<T>((resolve, reject) => {
      if (ended) return reject(ended);
      const id = nextId;
      nextId = nextId === 0xffffffff ? 1 : nextId + 1;
      sender(kind, id, parts);
      waiting.set(id, { type: answer, resolve: resolve as Waiting['resolve'], reject, ...(take ? { take } : {}) });
    });
  const ask = (kind: number, answer: number, ...parts: readonly Part[]): Promise<Body> => request(kind, parts, answer);
  const done = (kind: number, ...parts: readonly Part[]): Promise<void> => request(kind, parts, type.status);

  const hello = await new Promise<Body>((resolve, reject) => {
    if (ended) return reject(ended);
    waiting.set(versionId, { type: type.version, resolve: resolve as Waiting['resolve'], reject });
    sender(type.init, 3, []);
  });
  if (hello.number() < 3) throw lost(new Error('the server speaks no SFTP 3'));
  const extensions = new Set<string>();
  while (hello.left > 0) {
    extensions.add(hello.text());
    hello.bytes();
  }
  let [piece, files] = [usualPiece, usualFiles];
  if (extensions.has('limits@openssh.com')) {
    const limits = await ask(type.extended, type.extendedReply, 'limits@openssh.com');
    // Longest packet, read, write, and open files; 0: not limited, or not known.
    const [, read, write, open] = [limits.long(), limits.long(), limits.long(), limits.long()];
    piece = Math.min(read || usualPiece, write || usualPiece, largestPiece);
    files = Math.max(open || usualFiles, 8);
  }
  const handle = async (kind: number, ...parts: readonly Part[]): Promise<Handle> =>
    Buffer.from((await ask(kind, type.handle, ...parts)).bytes());
  const nothing = 0;

  return {
    extensions,
    piece,
    files,
    open: (path, how, mode) =>
      mode === undefined ? handle(type.open, path, how, nothing) : handle(type.open, path, how, attribute.mode, mode),
    close: (file) => done(type.close, file),
    read: (file, at, length, take) =>
      request<number>(type.read, [file, BigInt(at), length], type.data, take).catch(
        (error: unknown) => nullAtEnd(error) ?? 0,
      ),
    write: (file, at, bytes) => done(type.write, file, BigInt(at), bytes),
    sync: (file) => done(type.extended, 'fsync@openssh.com', file),
    attributesOf: async (file) => (await ask(type.attributesOf, type.attributes, file)).attributes(),
    look: async (path) => (await ask(type.look, type.attributes, path)).attributes(),
    openFolder: (path) => handle(type.openFolder, path),
    readFolder: (folder) =>
      ask(type.readFolder, type.name, folder).then(
        (body) => body.names(),
        (error: unknown) => nullAtEnd(error),
      ),
    setMode: (path, mode) => done(type.set, path, attribute.mode, mode),
    setOwner: (path, uid, gid) => done(type.set, path, attribute.owner, uid, gid),
    rename: (from, to) => done(type.rename, from, to),
    replace: (from, to) => done(type.extended, 'posix-rename@openssh.com', from, to),
    makeFolder: (path) => done(type.makeFolder, path, nothing),
    // OpenSSH takes them the other way round than the draft says (its PROTOCOL, 4.1), and everybody follows it.
    makeLink: (path, target) => done(type.makeLink, target, path),
    readLink: async (path) => (await ask(type.readLink, type.name, path)).names()[0]?.name ?? '',
    remove: (path) => done(type.remove, path),
    removeFolder: (path) => done(type.removeFolder, path),
    room: async (path) => {
      const facts = await ask(type.extended, type.extendedReply, 'statvfs@openssh.com', path);
      const [, unit, , , free] = [facts.long(), facts.long(), facts.long(), facts.long(), facts.long()];
      return unit * free;
    },
  };
}

function nullAtEnd(error: unknown): null {
  if (error instanceof SftpStatus && error.code === status.end) return null;
  throw error;
}
