/**
 * Transfers of FTP, each on a connection of its own (RFC 959, 2428): content there, content back. Done is what both connections call
 * done; that all of it has arrived is to be seen by what comes back.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { FtpRefusal, patience, type FtpControl, type FtpReply } from './ftp-control.ts';
import type { Source } from './remote.ts';

/** Bytes that are read at once rather than piece by piece. */
const small = 512 * 1024;
/** Bytes that are taken from a connection at once. */
const piece = 64 * 1024;

export interface Sent {
  /** Of the whole file, where it is small; else it is read while it is sent. */
  readonly content: Buffer | undefined;
  readonly file: string;
  /** The first byte that is sent, and the one after the last. */
  readonly from: number;
  readonly total: number;
}

/** What is sent of a source. Throws what reading it throws, before the server is asked for anything. */
export async function sentOf(source: Source, from: number): Promise<Sent> {
  if ('content' in source) return { content: source.content, file: '', from, total: source.content.length };
  const { file, size: total } = source;
  return { content: total <= small ? await readFile(file) : undefined, file, from, total };
}

export interface FtpDataOptions {
  /** The command may be sent before its data connection is there: a round trip less for each file. */
  readonly pipelines: boolean;
  /** Asked of the certificate of a data connection that does not continue the control connection's session. */
  readonly trusts: (fingerprint: string) => boolean;
}

/** A transfer that the server was asked for. */
interface Asked {
  readonly command: string;
  readonly port: Promise<number>;
  /** Only of one that was asked for together with its port. */
  readonly answer: Promise<FtpReply> | undefined;
  /** That it begins. */
  readonly begun: Promise<void>;
  readonly begin: () => void;
}

/** What is done with a data connection. */
interface Use {
  /** Called when the server has said that it begins. */
  readonly begin?: (socket: Socket, fail: (error: Error) => void) => void;
  /** The piece is good only until the next; false: nothing more until `go` is called. */
  readonly take?: (piece: Buffer, go: () => void, fail: (error: Error) => void) => boolean;
  readonly until: 'end' | 'finish';
}

export class FtpData {
  readonly #control: FtpControl;
  readonly #options: FtpDataOptions;
  #extended: boolean | undefined;
  #buffer: Buffer | undefined;

  constructor(control: FtpControl, options: FtpDataOptions) {
    this.#control = control;
    this.#options = options;
  }

  /** What comes in answer to `RETR`, `LIST` or `MLSD`, piece by piece. */
  async receive(command: string, take: (piece: Buffer) => void | Promise<void>): Promise<void> {
    await this.#transfer(this.#ask(command), {
      until: 'end',
      take: (bytes, go, fail) => {
        const wait = take(Buffer.from(bytes));
        if (!wait) return true;
        wait.then(go, fail);
        return false;
      },
    });
  }

  /** By `STOR` or `APPE`. */
  async send(command: string, sent: Sent): Promise<void> {
    await this.#transfer(this.#ask(command), sending(sent));
  }

  /** Sends, and reads back by `RETR`. Returns the SHA-256 of what came back. */
  async sendAndRead(command: string, sent: Sent, back: string): Promise<string> {
    const both = this.#pipelined;
    const [there, here] = both
      ? this.#control.together(() => [this.#ask(command), this.#ask(back)])
      : [this.#ask(command), undefined];
    const hash = createHash('sha256');
    try {
      await this.#transfer(there, sending(sent));
      await this.#transfer(here ?? this.#ask(back), {
        until: 'end',
        take: (bytes) => {
          hash.update(bytes);
          return true;
        },
      });
    } catch (error) {
      // What was asked for together is answered all the same.
      if (both) this.#control.fail(error as Error);
      throw error;
    }
    return hash.digest('hex');
  }

  /** Known to be possible only after the first transfer. */
  get #pipelined(): boolean {
    return this.#options.pipelines && this.#extended === true;
  }

  #ask(command: string): Asked {
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    if (!this.#pipelined) return { command, port: this.#passive(), answer: undefined, begun, begin };
    return this.#control.together(() => {
      const port = this.#passive();
      const answer = this.#control.ask(command, begin);
      // Heard of in the transfer, or never, when it fails before.
      for (const one of [port, answer]) one.catch(() => undefined);
      return { command, port, answer, begun, begin };
    });
  }

  async #transfer(asked: Asked, use: Use): Promise<void> {
    const control = this.#control;
    let got: ((bytes: Buffer) => boolean) | undefined;
    const socket = await this.#connect(await asked.port, (bytes) => got?.(bytes) ?? true);
    try {
      await new Promise<void>((resolve, reject) => {
        let [left, moved, held] = [3, false, false];
        const done = (): void => void (--left === 0 && resolve());
        got = (bytes) => {
          held = use.take?.(bytes, go, reject) === false;
          return !held;
        };
        const go = (): void => {
          held = false;
          socket.resume();
        };
        socket.once(use.until, () => {
          moved = true;
          control.elsewhere = false;
          done();
        });
        socket.on('error', reject);
        socket.once('close', () => {
          if (!moved) reject(new Error('the server closed the data connection'));
        });
        // While we ourselves take our time, nothing can come.
        socket.setTimeout(patience, () => {
          if (!held) reject(new Error('nothing moves on the data connection'));
        });
        socket.resume();
        control.elsewhere = true;
        const trusted = this.#trust(socket);
        trusted.then(done, reject);
        void Promise.all([asked.begun, trusted]).then(
          () => use.begin?.(socket, reject),
          () => undefined,
        );
        (asked.answer ?? control.ask(asked.command, asked.begin)).then(done, reject);
      });
    } finally {
      control.elsewhere = false;
      socket.destroy();
    }
  }

  async #connect(port: number, got: (bytes: Buffer) => boolean): Promise<Socket> {
    const { host, session, secured } = this.#control;
    this.#buffer ??= Buffer.allocUnsafeSlow(piece);
    // One buffer for all that comes: else each connection takes one of its own from the memory.
    const onread = { buffer: this.#buffer, callback: (many: number, all: Uint8Array) => got(asBuffer(all, many)) };
    return await new Promise((resolve, reject) => {
      const plain = connectPlain({ host, port, noDelay: true, ...(secured ? {} : { onread }) });
      plain.setTimeout(patience, () => plain.destroy(new Error('no answer on the data connection')));
      plain.once('error', reject);
      plain.once('connect', () => {
        plain.removeAllListeners('error');
        plain.removeAllListeners('timeout');
        plain.setTimeout(0);
        plain.on('error', () => undefined);
        if (!secured) return resolve(plain);
        const tls = connectTls({ ...secured, socket: plain, session });
        // Tickets of TLS 1.3 are good once.
        tls.on('session', (next: Buffer) => (this.#control.session = next));
        tls.on('data', (bytes: Buffer) => void (got(bytes) || tls.pause()));
        resolve(tls);
      });
    });
  }

  /** Before anything is sent: a data connection shows the trusted certificate too, unless it continues the control connection's session. */
  async #trust(socket: Socket): Promise<void> {
    if (!this.#control.secured) return;
    const tls = socket as TLSSocket;
    await new Promise<void>((resolve, reject) => {
      tls.once('secureConnect', resolve);
      tls.once('error', reject);
      tls.once('close', () => reject(new Error('the server closed the data connection')));
    });
    if (!tls.isSessionReused() && !this.#options.trusts(tls.getPeerCertificate().fingerprint256 ?? ''))
      throw new Error('another certificate on the data connection');
  }

  /**
   * `EPSV`, and where the server does not know it `PASV` with the address of its answer ignored: servers behind address translation
   * name one that only they can reach, and a hostile one could name a third.
   */
  async #passive(): Promise<number> {
    const control = this.#control;
    if (this.#extended !== false) {
      try {
        const { text } = await control.ask('EPSV');
        const port = Number(/\((.)\1\1(\d{1,5})\1\)/.exec(text)?.[2]);
        this.#extended = port > 0;
        if (port > 0) return port;
      } catch (error) {
        if (!(error instanceof FtpRefusal) || error.code === 421) throw error;
        // Whoever has sent a command behind it is in the wrong place now.
        if (this.#extended === true) throw new Error(error.message, { cause: error });
        this.#extended = false;
      }
    }
    const { text } = await control.ask('PASV');
    const [, high, low] = /\d+,\d+,\d+,\d+,(\d+),(\d+)/.exec(text) ?? [];
    const port = (Number(high) & 255) * 256 + (Number(low) & 255);
    if (!port) throw new Error(`no port in ${text}`);
    return port;
  }
}

const sending = ({ content, file, from, total }: Sent): Use => ({
  until: 'finish',
  begin: (socket, fail) => {
    if (content) return void socket.end(content.subarray(from, total));
    const pieces = createReadStream(file, { start: from, end: total - 1, highWaterMark: 256 * 1024 });
    pieces.once('error', fail);
    socket.once('close', () => pieces.destroy());
    pieces.pipe(socket);
  },
});

const asBuffer = (bytes: Uint8Array, many: number): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, many);
