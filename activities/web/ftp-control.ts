/**
 * The control connection of FTP (RFC 959): one command a line, answers in the order of the commands, each of one line or of several.
 * TLS by RFC 4217, or from the first byte.
 */
import { connect as connectPlain, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { sendByTurns } from '../machines/turns.ts';

export interface FtpReply {
  readonly code: number;
  /** With its code; lines are parted by `\n`. */
  readonly text: string;
}

/** The server said no. */
export class FtpRefusal extends Error {
  readonly code: number;
  constructor({ code, text }: FtpReply) {
    super(text);
    this.code = code;
  }
}

/** What all log-ins of one server have in common, as far as it is known. */
export interface FtpManners {
  /** Whether it takes commands before it has answered the last one. RFC 959 says nothing of it, and there are servers that drop them. */
  pipelines?: boolean;
  /** Whether it knows `EPSV`. */
  extended?: boolean;
  /** Whether commands may come while a transfer is under way: it looks at them afterwards. */
  patient?: boolean;
  /** That a file's commands did not do well together: they come one by one from then on. */
  apart?: boolean;
}

/** 421 ends the connection; 425 and 426 tell of the data connection. */
export const isBroken = ({ code }: FtpRefusal): boolean => [421, 425, 426].includes(code);

/** Milliseconds without an answer, or without a byte on a data connection, after which the connection counts as broken. */
export const patience = 30_000;
/** Bytes; folders are listed in an answer too. */
const longestReply = 64 * 2 ** 20;

interface Waiter {
  readonly begin: (() => void) | undefined;
  readonly fits: ((reply: FtpReply) => boolean) | undefined;
  readonly resolve: (reply: FtpReply) => void;
  readonly reject: (error: Error) => void;
}

export class FtpControl {
  #socket: Socket;
  #decoder = new StringDecoder('utf8');
  #rest = '';
  #lines: string[] = [];
  #size = 0;
  readonly #waiting: Waiter[] = [];
  #ended: Error | undefined;
  #elsewhere = 0;
  #greeted = false;
  /** The newest of the server's TLS sessions: servers want data connections to continue it. */
  session: Buffer | undefined;
  secured: ConnectionOptions | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  /** Returns with the server's greeting. `tls`: from the first byte. */
  static async open(host: string, port: number, tls?: ConnectionOptions): Promise<[FtpControl, FtpReply]> {
    const socket = await connected(
      tls ? connectTls({ ...tls, host, port }) : connectPlain({ host, port }),
      tls !== undefined,
    );
    const control = new FtpControl(socket);
    control.secured = tls;
    try {
      return [control, await control.ask('')];
    } catch (error) {
      control.close();
      throw error;
    }
  }

  get host(): string {
    return this.#socket.remoteAddress ?? '';
  }
  get closed(): boolean {
    return this.#ended !== undefined;
  }
  /** Of the certificate that the server has shown. */
  get fingerprint(): string {
    return (this.#socket as TLSSocket).getPeerCertificate().fingerprint256 ?? '';
  }

  /**
   * The answer to a command; an empty one asks for what the server says by itself. `begin` is called when it says that a transfer
   * begins. Where the answer does not fit (`fits`), nobody knows what answers what any more, and the connection ends. Throws FtpRefusal
   * for 400 and above; another error when the connection is broken, then or earlier.
   */
  ask(command: string, begin?: () => void, fits?: (reply: FtpReply) => boolean): Promise<FtpReply> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      // A line of its own would be a command of its own.
      if (/[\r\n\0]/.test(command)) return reject(new Error('a control character in a command'));
      this.#waiting.push({ begin, fits, resolve, reject });
      this.#socket.setTimeout(patience);
      if (command !== '') this.#socket.write(`${command}\r\n`);
    });
  }

  /** Whether the server takes commands before it has answered the last one: known after the log-in. */
  pipelines = false;

  /** Commands of which each makes sense only after the one before, with their answers up to the first refusal. */
  async inOrder(commands: readonly string[]): Promise<PromiseSettledResult<FtpReply>[]> {
    if (this.pipelines) return await Promise.allSettled(commands.map((command) => this.ask(command)));
    const answers: PromiseSettledResult<FtpReply>[] = [];
    for (const command of commands) {
      const [answer] = await Promise.allSettled([this.ask(command)]);
      answers.push(answer);
      if (answer.status === 'rejected') break;
    }
    return answers;
  }

  /** From now on over TLS. The server has agreed to it. */
  async secure(options: ConnectionOptions): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners();
    plain.setTimeout(0);
    plain.on('error', () => undefined);
    // What came in the clear after the agreement is nobody's (CVE-2011-0411).
    [this.#rest, this.#lines, this.#decoder] = ['', [], new StringDecoder('utf8')];
    this.#socket = await connected(connectTls({ ...options, socket: plain }), true);
    this.secured = options;
    this.#listen();
  }

  /**
   * A file is on its way on a connection of its own, which has a patience of its own: nothing is due here until what is returned is
   * called.
   */
  elsewhere(): () => void {
    this.#elsewhere += 1;
    let left = 1;
    return () => {
      this.#elsewhere -= left;
      if (left === 1 && this.#elsewhere === 0 && this.#waiting.length > 0) this.#socket.setTimeout(patience);
      left = 0;
    };
  }

  fail(error: Error): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#socket.destroy();
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  close(): void {
    if (this.#ended) return;
    this.#socket.write('QUIT\r\n');
    this.#socket.end();
    this.fail(new Error('closed'));
  }

  #listen(): void {
    const socket = this.#socket;
    socket.setNoDelay(true);
    sendByTurns(socket);
    socket.setKeepAlive(true);
    if ('getSession' in socket) {
      const tls = socket as TLSSocket;
      this.session = tls.getSession();
      tls.on('session', (session: Buffer) => (this.session = session));
    }
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the server closed the connection')));
    socket.on('end', () => this.fail(new Error('the server closed the connection')));
    socket.on('timeout', () => {
      if (this.#waiting.length > 0 && this.#elsewhere === 0) this.fail(new Error('no answer'));
    });
    socket.on('data', (bytes: Buffer) => this.#take(this.#decoder.write(bytes)));
  }

  #take(text: string): void {
    this.#size += text.length;
    if (this.#size > longestReply) return this.fail(new Error('an answer without an end'));
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line.endsWith('\r') ? line.slice(0, -1) : line);
  }

  /** `123-` begins an answer of several lines, which `123 ` ends. */
  #line(line: string): void {
    const first = this.#lines[0];
    if (first === undefined && !/^\d{3}([ -]|$)/.test(line)) {
      // Before its greeting a server may say what it likes.
      if (this.#greeted && line !== '') this.fail(new Error('a line that belongs to no answer'));
      return;
    }
    this.#lines.push(line);
    const code = (first ?? line).slice(0, 3);
    if (line.slice(0, 3) !== code || line[3] === '-' || (line.length > 3 && line[3] !== ' ')) return;
    const reply = { code: Number(code), text: this.#lines.join('\n') };
    [this.#lines, this.#size, this.#greeted] = [[], 0, true];
    const waiter = this.#waiting[0];
    // 421: it is going to close the connection. Anything else: nobody knows any more what answers what.
    if (!waiter) return this.fail(reply.code === 421 ? new FtpRefusal(reply) : new Error(`unasked: ${reply.text}`));
    if (waiter.fits?.(reply) === false) return this.fail(new Error(`the answer to something else: ${reply.text}`));
    if (reply.code < 200) return waiter.begin?.();
    this.#waiting.shift();
    if (this.#waiting.length === 0) this.#socket.setTimeout(0);
    if (reply.code >= 400) waiter.reject(new FtpRefusal(reply));
    else waiter.resolve(reply);
  }
}

/** Throws what the connection fails with. */
const connected = <T extends Socket>(socket: T, tls: boolean): Promise<T> =>
  new Promise((resolve, reject) => {
    const late = (): void => void socket.destroy(new Error('no answer'));
    socket.setTimeout(patience, late);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the server closed the connection')));
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      socket.setTimeout(0, late);
      socket.removeAllListeners('error');
      socket.removeAllListeners('close');
      resolve(socket);
    });
  });
