/**
 * Transfers of FTP, each on a connection of its own (RFC 959, 2428): content there, content back. Done is what both connections call
 * done; that all of it has arrived is to be seen by what comes back.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { connect as connectPlain, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { FtpRefusal, isBroken, patience, type FtpControl, type FtpManners, type FtpReply } from './ftp-control.ts';
import type { Source } from './remote.ts';
import { damaged, sizeOf, wholeOf } from './source.ts';

/** Bytes that are read at once rather than piece by piece. */
const small = 512 * 1024;
export const isSmall = (source: Source): boolean => sizeOf(source) <= small;
/** Bytes that are taken from a connection at once. */
const piece = 256 * 1024;
/** Bytes of commands that arrive in one piece on any line. */
const onePiece = 1200;

/** A transfer that the server was asked for. */
interface Asked {
  readonly command: string;
  readonly port: Promise<number>;
  /** Only of one that was asked for together with its port. */
  readonly answer: Promise<FtpReply> | undefined;
  /** That the server has said that it begins. */
  readonly begun: Promise<void>;
  readonly begin: () => void;
}

/** What is done with a data connection: `send` writes to it and ends it, `take` gets what comes. `fail`: it is over, for a reason of our own. */
type Use =
  | { readonly send: (socket: Socket, fail: (error: Error) => void) => void }
  /** The piece is good only until the next; false: nothing more until `go` is called. */
  | {
      readonly take: (piece: Buffer, go: () => void, fail: (error: Error) => void) => boolean;
      readonly over?: (() => void) | undefined;
    };

export class FtpData {
  readonly #control: FtpControl;
  readonly #manners: FtpManners;
  readonly #trusts: (fingerprint: string) => boolean;
  #buffer: Buffer | undefined;
  readonly #spare: Buffer[] = [];

  /** `trusts`: asked of the certificate of a data connection that does not continue the control connection's session. */
  constructor(control: FtpControl, manners: FtpManners, trusts: (fingerprint: string) => boolean) {
    this.#control = control;
    this.#manners = manners;
    this.#trusts = trusts;
  }

  /** What comes in answer to `RETR`, `LIST` or `MLSD`, piece by piece. `over`: all of it is here, but for the answer. */
  async receive(command: string, take: (piece: Buffer) => void | Promise<void>, over?: () => void): Promise<void> {
    await this.#transfer(this.#ask(command), {
      over,
      take: (bytes, go, fail) => {
        const wait = take(Buffer.from(bytes));
        if (!wait) return true;
        wait.then(go, fail);
        return false;
      },
    });
  }

  /** By `STOR` or `APPE`, from byte `from` on. Throws WEB_TREE_DAMAGED before the server is asked for anything. */
  async send(command: string, source: Source, from: number): Promise<void> {
    await this.#lend(source, from, async (content) => await this.#transfer(this.#ask(command), content));
  }

  /**
   * Sends, and reads back by `RETR`. Returns the SHA-256 of what came back. A server that is not patient must find all commands there
   * before it begins; where it says no, it may be for that (`apart`), and is worth another try.
   */
  async sendAndRead(command: string, source: Source, from: number, back: string, over: () => void): Promise<string> {
    const { patient, apart } = this.#manners;
    const inOnePacket =
      from === 0 && apart !== true && Buffer.byteLength(`EPSV..${command}..EPSV..${back}..`) <= onePiece;
    const together = this.pipelined && (patient === true || inOnePacket);
    const here = await this.#lend(source, from, async (content) => {
      const there = this.#ask(command);
      const next = together ? this.#ask(back) : undefined;
      try {
        await this.#transfer(there, content);
      } catch (error) {
        // What was asked for together is answered all the same.
        if (next) this.#giveUp(error);
        throw error;
      }
      return next ?? this.#ask(back);
    });
    const hash = createHash('sha256');
    try {
      await this.#transfer(here, { over, take: (bytes) => Boolean(hash.update(bytes)) });
    } catch (error) {
      if (together) this.#giveUp(error);
      throw error;
    }
    return hash.digest('hex');
  }

  #giveUp(error: unknown): void {
    const refusal = error instanceof Error && error.cause instanceof FtpRefusal ? error.cause : error;
    const refused = refusal instanceof FtpRefusal && !isBroken(refusal);
    if (refused && this.#manners.patient !== true) this.#manners.apart = true;
    this.#control.fail(new Error('given up with another transfer'));
  }

  /** What is sent of a source; a small one is read at once, into a buffer that others get afterwards. */
  async #lend<T>(source: Source, from: number, work: (sending: Use) => Promise<T>): Promise<T> {
    const size = sizeOf(source);
    if ('file' in source && !isSmall(source)) return await work(streamed(source.file, from, size));
    const buffer = this.#spare.pop() ?? Buffer.allocUnsafeSlow(small);
    const content = wholeOf(source, buffer.subarray(0, size)).subarray(from);
    const used = await work({ send: (socket) => void socket.end(content) });
    // Not after a failure: it may still be on its way.
    this.#spare.push(buffer);
    return used;
  }

  /** Whether a transfer's commands are sent together: known only after the first one of this server. */
  get pipelined(): boolean {
    return this.#manners.pipelines === true && this.#manners.extended === true;
  }

  #ask(command: string): Asked {
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    if (!this.pipelined) return { command, port: this.#passive(), answer: undefined, begun, begin };
    const port = this.#passive();
    const answer = this.#control.ask(command, begin);
    // Heard of in the transfer, or never, when it fails before.
    for (const one of [port, answer]) one.catch(() => undefined);
    return { command, port, answer, begun, begin };
  }

  async #transfer(asked: Asked, use: Use): Promise<void> {
    const port = await asked.port;
    const answer = asked.answer ?? this.#control.ask(asked.command, asked.begin);
    const arrived = this.#control.elsewhere();
    let socket: Socket | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        let [moved, held] = [false, false];
        const ended = (): void => {
          moved = true;
          arrived();
          // Trusted too, whichever is known first.
          (trusted ? Promise.all([answer, trusted]) : answer).then(() => resolve(), reject);
        };
        // What the server says of it tells more than that its connection has ended.
        const broken = (error: Error): void => {
          arrived();
          answer.then(() => reject(error), reject);
        };
        const go = (): void => {
          held = false;
          // Anew: it was over, or nearly so, while nothing was to come.
          socket?.setTimeout(patience);
          socket?.resume();
        };
        const got = (bytes: Buffer): boolean => {
          try {
            held = 'take' in use && !use.take(bytes, go, reject);
          } catch (error) {
            // Called by the socket: thrown on, it would end the process.
            reject(error as Error);
            held = true;
          }
          return !held;
        };
        const data = (socket = this.#connect(port, 'take' in use ? got : undefined));
        const trusted = this.#control.secured ? this.#trust(data) : undefined;
        trusted?.catch((error: Error) => (data.destroyed ? broken(error) : reject(error)));
        data.on('error', broken);
        data.once('close', () => {
          if (!moved) broken(new Error('the server closed the data connection'));
        });
        // While we ourselves take our time, nothing can come.
        data.setTimeout(patience).on('timeout', () => {
          if (!held) reject(new Error('nothing moves on the data connection'));
        });
        if ('take' in use)
          // At once: the server may wait in its turn until the connection is closed here.
          data.once('end', () => {
            ended();
            data.destroy();
            use.over?.();
          });
        else data.once('finish', ended);
        answer.catch(reject);
        // A server that has its command already finds the content there when it looks; others may not expect it yet.
        if ('send' in use && !trusted && asked.answer) use.send(data, reject);
        else if ('send' in use)
          Promise.all([asked.begun, trusted]).then(
            () => use.send(data, reject),
            () => undefined,
          );
      });
    } finally {
      arrived();
      socket?.destroy();
    }
  }

  /** `got`: what comes, where something is to come. */
  #connect(port: number, got: ((bytes: Buffer) => boolean) | undefined): Socket {
    const { host, session, secured } = this.#control;
    if (secured) {
      const way = { host, port, allowHalfOpen: true, ...(session ? { session } : {}) };
      const tls = connectTls({ ...secured, ...way }).setNoDelay(true);
      // Tickets of TLS 1.3 are good once.
      tls.on('session', (next: Buffer) => (this.#control.session = next));
      return tls.on('data', (bytes: Buffer) => void (got?.(bytes) === false && tls.pause()));
    }
    // Nothing is to come: not even looked for.
    if (!got) return connectPlain({ host, port, noDelay: true, allowHalfOpen: true }).pause();
    // One buffer for all that comes: else each connection takes one of its own from the memory.
    const buffer = (this.#buffer ??= Buffer.allocUnsafeSlow(piece));
    const callback: OnReadOpts['callback'] = (many) => got(buffer.subarray(0, many));
    return connectPlain({ host, port, allowHalfOpen: true, onread: { buffer, callback } }).resume();
  }

  /** Before anything is sent: a data connection shows the trusted certificate too, unless it continues the control connection's session. */
  async #trust(socket: Socket): Promise<void> {
    const tls = socket as TLSSocket;
    await new Promise<void>((resolve, reject) => {
      tls.once('secureConnect', resolve);
      tls.once('close', () => reject(new Error('the server closed the data connection')));
    });
    if (!tls.isSessionReused() && !this.#trusts(tls.getPeerCertificate().fingerprint256 ?? ''))
      throw new Error('another certificate on the data connection');
  }

  /**
   * `EPSV`, and where the server does not know it `PASV` with the address of its answer ignored: servers behind address translation
   * name one that only they can reach, and a hostile one could name a third.
   */
  async #passive(): Promise<number> {
    const [control, manners] = [this.#control, this.#manners];
    if (manners.extended !== false) {
      try {
        const { text } = await control.ask('EPSV');
        const port = Number(/\((.)\1\1(\d{1,5})\1\)/.exec(text)?.[2]);
        if (port > 0) {
          manners.extended = true;
          return port;
        }
        if (manners.extended) throw new Error(`no port in ${text}`);
        manners.extended = false;
      } catch (error) {
        if (!(error instanceof FtpRefusal) || error.code === 421) throw error;
        // Whoever has sent a command behind it is in the wrong place now.
        if (manners.extended === true) throw new Error(error.message, { cause: error });
        manners.extended = false;
      }
    }
    const { text } = await control.ask('PASV');
    const [, high, low] = /\d+,\d+,\d+,\d+,(\d+),(\d+)/.exec(text) ?? [];
    const port = (Number(high) & 255) * 256 + (Number(low) & 255);
    if (!port) throw new Error(`no port in ${text}`);
    return port;
  }
}

const streamed = (file: string, from: number, size: number): Use => ({
  send: (socket, fail) => {
    const pieces = createReadStream(file, { start: from, end: size - 1, highWaterMark: 256 * 1024 });
    pieces.once('error', (cause) => fail(damaged(file, cause)));
    socket.once('close', () => pieces.destroy());
    pieces.pipe(socket);
  },
});
