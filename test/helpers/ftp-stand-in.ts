/**
 * An FTP server with the manners of servers that cannot be had here, on a real folder. Commands and answers by RFC 959, 2428 (EPSV)
 * and 3659 (MLSD, SIZE); each quirk is one that was reported of real hosts:
 * - `PASV` with an address that only the server's own network knows (behind address translation), no `EPSV`;
 * - `RNTO` refused where the new name exists (IIS, and hosts with overwriting switched off);
 * - a transfer answered by 426, or by silence and the end of the connection, although all bytes arrived;
 * - text mode until `TYPE I`: line ends are changed;
 * - `LIST` only, in Unix or DOS form, and names of one's choosing in it;
 * - `STAT` of a folder with the lines of `LIST` (vsftpd), with lines of its own, or not at all;
 * - a quota;
 * - commands dropped that come before the last one was answered;
 * - `LIST -a` answered by nothing, `-a` being taken for a name;
 * - a part of the site that is a disk of its own, into and out of which nothing can be renamed;
 * - another certificate on data connections.
 * Strict: what it does not know is 502, a path outside is 550, a command with a control character ends the connection and is kept.
 */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join, posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';

export interface Quirks {
  mlsd?: boolean;
  dos?: boolean;
  noEpsv?: boolean;
  pasvAddress?: string;
  refusesRenameOver?: boolean;
  /** How the next so many uploads end, after all bytes are there. */
  uploadsEnd?: { how: 'silence' | '426'; times: number };
  /** Only so much of the next uploads is stored, and 226 is said all the same. */
  storesOnly?: { bytes: number; times: number };
  /** Bytes of a file; more is cut off by the end of the data connection, before 552 is said. */
  quota?: number;
  /** Instead of the usual one. */
  greeting?: string;
  hash?: boolean;
  noChmod?: boolean;
  stat?: 'as LIST' | 'otherwise';
  dropsBatches?: boolean;
  /** A password is not enough: it asks for an account (RFC 959), which hosts do not have. */
  wantsAccount?: boolean;
  noAppend?: boolean;
  /** More log-ins at once are refused by 421. */
  most?: number;
  /** Lines added to every listing of the root. */
  lines?: string[];
  optionsAreNames?: boolean;
  /** In paths of the disk of its own. */
  disk?: string;
  /** The end of the path of a file that cannot be renamed. */
  loses?: string;
  /** In the path of a file; when it is asked for, all ends. */
  breaksReading?: string;
  dataCertificate?: Certificate;
  /** What is said to every upload, after its data connection has ended. */
  refusesUploads?: string;
}

export interface Certificate {
  readonly key: Buffer;
  readonly cert: Buffer;
}

export interface FtpStandIn {
  readonly port: number;
  /** May be changed at any time. */
  quirks: Quirks;
  /** Every command as it came, passwords left out. */
  readonly commands: string[];
  readonly uploads: () => number;
  /** Ends all connections, with these words or without, and waits until the others have noticed. */
  end(words?: string): Promise<void>;
  stop(): Promise<void>;
}

/** `certificate`: TLS from the first byte. */
export async function startFtpStandIn(
  root: string,
  quirks: Quirks = {},
  certificate?: Certificate,
): Promise<FtpStandIn> {
  const sockets = new Set<Socket>();
  const commands: string[] = [];
  let [uploads, sessions] = [0, 0];
  const self: FtpStandIn = {
    port: 0,
    quirks,
    commands,
    uploads: () => uploads,
    end: async (words = '') => {
      await Promise.all(
        [...sockets].map(
          (socket) => new Promise((resolve) => (socket.once('close', resolve), socket.resume().end(words))),
        ),
      );
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const talk = (control: Socket): void => {
    const q = self.quirks;
    sockets.add(control);
    control.on('error', () => {});
    control.setNoDelay(true);
    sessions += 1;
    let passive: { server: Server; raw: Promise<Socket>; socket: Promise<Socket> } | undefined;
    control.once('close', () => {
      sockets.delete(control);
      sessions -= 1;
      passive?.server.close();
    });
    const say = (text: string): void => void control.write(`${text}\r\n`);
    if (q.most !== undefined && sessions > q.most) return void control.resume().end('421 Too many connections\r\n');
    let [cwd, type, from, user, restart] = ['/', 'A', '', false, 0];
    const real = (path: string): string => join(root, posix.resolve(cwd, path));
    const secured = async (raw: Socket): Promise<Socket> => {
      if (!certificate) return raw;
      const socket = new TLSSocket(raw, { isServer: true, ...(self.quirks.dataCertificate ?? certificate) });
      socket.on('error', () => {});
      await new Promise((resolve) => socket.once('secure', resolve));
      return socket;
    };
    const open = async (): Promise<number> => {
      passive?.server.close();
      const data = createServer();
      const raw = new Promise<Socket>((resolve) =>
        data.once('connection', (socket) => {
          data.close();
          sockets.add(socket);
          socket.on('error', () => {});
          socket.once('close', () => sockets.delete(socket));
          resolve(socket);
        }),
      );
      passive = { server: data, raw, socket: raw.then(secured) };
      await new Promise<void>((resolve) => data.listen(0, '127.0.0.1', resolve));
      return (data.address() as AddressInfo).port;
    };
    const send = async (content: Buffer): Promise<void> => {
      if (!passive) return say('425 Use PASV first');
      say('150 Here it comes');
      const socket = await passive.socket;
      passive = undefined;
      await new Promise((resolve) => socket.end(content.subarray(restart), () => resolve(undefined)));
      restart = 0;
      say('226 Done');
    };
    const receive = async (file: string, append: boolean): Promise<void> => {
      if (!passive) return say('425 Use PASV first');
      if (!existsSync(join(file, '..'))) return say('550 No such folder');
      const { uploadsEnd, storesOnly, refusesUploads } = self.quirks;
      if (refusesUploads) {
        (await passive.raw).destroy();
        await sleep(20);
        return say(refusesUploads);
      }
      say('150 Go on');
      const socket = await passive.socket;
      passive = undefined;
      if (!append) writeFileSync(file, restart === 0 ? '' : readFileSync(file).subarray(0, restart));
      restart = 0;
      let stored = 0;
      for await (const piece of socket as AsyncIterable<Buffer>) {
        const kept =
          storesOnly && storesOnly.times > 0 ? piece.subarray(0, Math.max(storesOnly.bytes - stored, 0)) : piece;
        stored += piece.length;
        if (stored > (self.quirks.quota ?? Infinity)) {
          socket.destroy();
          await sleep(20);
          return say('552 Quota exceeded');
        }
        appendFileSync(
          file,
          type === 'A' ? Buffer.from(kept.toString('latin1').replaceAll('\n', '\r\n'), 'latin1') : kept,
        );
      }
      uploads += 1;
      if (storesOnly && storesOnly.times > 0) storesOnly.times -= 1;
      if (uploadsEnd && uploadsEnd.times > 0) {
        uploadsEnd.times -= 1;
        if (uploadsEnd.how === '426') return say('426 Connection closed; transfer aborted');
        return void control.destroy();
      }
      say('226 Done');
    };
    const linesOf = (folder: string): string[] =>
      readdirSync(folder).map((name) => {
        const stats = lstatSync(join(folder, name));
        const when = stats.mtime.toISOString();
        const mode = (stats.mode & 0o777).toString(8).padStart(3, '0');
        if (self.quirks.mlsd) {
          const kind = stats.isDirectory() ? 'dir' : stats.isSymbolicLink() ? 'OS.unix=symlink' : 'file';
          return `type=${kind};size=${stats.size};modify=${when.replace(/[-:T]/g, '').slice(0, 14)};UNIX.mode=0${mode}; ${name}`;
        }
        if (self.quirks.dos)
          return `01-02-26  03:04PM ${stats.isDirectory() ? '      <DIR>         ' : String(stats.size).padStart(20)} ${name}`;
        const rights = [...mode]
          .map((digit) => ['---', '--x', '-w-', '-wx', 'r--', 'r-x', 'rw-', 'rwx'][Number(digit)])
          .join('');
        const letter = stats.isDirectory() ? 'd' : stats.isSymbolicLink() ? 'l' : '-';
        return `${letter}${rights}   1 web      web      ${String(stats.size).padStart(8)} Jan 02 03:04 ${name}${letter === 'l' ? ' -> x' : ''}`;
      });
    const listing = (folder = real('.')): Buffer =>
      Buffer.from(
        [...linesOf(folder), ...(folder === join(root, 'site') ? (self.quirks.lines ?? []) : [])]
          .map((line) => `${line}\r\n`)
          .join(''),
      );
    const status = (path: string): void => {
      const folder = real(path);
      const there = existsSync(folder) && lstatSync(folder).isDirectory();
      const itself = ['.', '..'].map((name) => `drwxr-xr-x   2 web      web          4096 Jan 02 03:04 ${name}\r\n`);
      const lines = there ? `${itself.join('')}${listing(folder).toString()}` : '';
      const told = self.quirks.stat === 'otherwise' ? lines.replaceAll('Jan 02 03:04', 'Jan 02  2026') : lines;
      say(`213-Status follows:\r\n${told}213 End of status`);
    };
    const inside = (path: string): boolean => {
      if (posix.resolve(cwd, path) === '/') return true;
      const above = join(real(path), '..');
      return existsSync(above) && `${realpathSync(above)}/`.startsWith(`${realpathSync(root)}/`);
    };

    const answer = async (verb: string, rest: string): Promise<void> => {
      if (verb === 'USER') return say('331 Password?');
      if (verb === 'PASS') {
        user = rest === 'secret-of-ftp';
        if (self.quirks.wantsAccount) return say('332 Account?');
        return say(user ? '230 Welcome' : '530 Login incorrect');
      }
      if (verb === 'FEAT') {
        const known = [
          ...(self.quirks.mlsd ? ['MLST type*;size*;modify*;UNIX.mode*;'] : []),
          ...(self.quirks.hash ? ['HASH SHA-256*;MD5'] : []),
          'UTF8',
          'SIZE',
        ];
        return say(`211-Features:\r\n ${known.join('\r\n ')}\r\n211 End`);
      }
      if (['OPTS', 'STRU', 'PBSZ', 'PROT'].includes(verb)) return say('200 Fine');
      if (!user) return say('530 Log in first');
      const named = rest.replace(/^(-a|CHMOD [0-7]+) /, '');
      const path = named === '' || named.startsWith('-') ? '.' : named;
      if (verb === 'TYPE') return void ((type = rest), say('200 Fine'));
      if (verb === 'EPSV') return self.quirks.noEpsv ? say('502 Unknown') : say(`229 Passive (|||${await open()}|)`);
      if (verb === 'PASV') {
        const port = await open();
        return say(
          `227 Passive (${(self.quirks.pasvAddress ?? '127.0.0.1').replaceAll('.', ',')},${port >> 8},${port & 255})`,
        );
      }
      if (!inside(path)) return say('550 Outside');
      const there = existsSync(real(path)) || lstatSync(real(path), { throwIfNoEntry: false }) !== undefined;
      switch (verb) {
        case 'CWD':
          if (!there || !lstatSync(real(path)).isDirectory()) return say('550 No such folder');
          cwd = posix.resolve(cwd, path);
          return say('250 Fine');
        case 'MLSD':
          return self.quirks.mlsd ? await send(listing()) : say('502 Unknown');
        case 'STAT':
          return self.quirks.stat ? status(rest.replace(/^-a /, '')) : say('502 Unknown');
        case 'LIST':
          // One that knows no options takes them for a name.
          if (rest.startsWith('-') && self.quirks.dos) return say('550 No such file');
          return await send(rest.startsWith('-') && self.quirks.optionsAreNames ? Buffer.alloc(0) : listing());
        case 'REST':
          if (!/^\d{1,15}$/.test(rest)) return say('501 Not a number');
          restart = Number(rest);
          return say(`350 Restart position accepted (${restart}).`);
        case 'RETR':
          if (self.quirks.breaksReading && rest.includes(self.quirks.breaksReading)) return void control.destroy();
          return there ? await send(readFileSync(real(path))) : say('550 No such file');
        case 'STOR':
          return await receive(real(path), false);
        case 'APPE':
          return self.quirks.noAppend ? say('502 Unknown') : await receive(real(path), true);
        case 'DELE':
          if (!there) return say('550 No such file');
          unlinkSync(real(path));
          return say('250 Fine');
        case 'MKD':
          if (there) return say('550 It exists');
          mkdirSync(real(path));
          return say('257 Made');
        case 'RMD':
          if (!there) return say('550 No such folder');
          rmdirSync(real(path));
          return say('250 Fine');
        case 'RNFR':
          if (!there) return say('550 No such file');
          from = real(path);
          return say('350 To?');
        case 'RNTO':
          if (there && self.quirks.refusesRenameOver) return say('550 It exists');
          if (self.quirks.loses && from.endsWith(self.quirks.loses)) return say('550 Rename failed');
          if (self.quirks.disk && from.includes(self.quirks.disk) !== real(path).includes(self.quirks.disk))
            return say('550 Rename failed');
          renameSync(from, real(path));
          return say('250 Fine');
        case 'SIZE':
          return there ? say(`213 ${lstatSync(real(path)).size}`) : say('550 No such file');
        case 'HASH':
          return self.quirks.hash && there
            ? say(
                `213 SHA-256 0-9 ${createHash('sha256')
                  .update(readFileSync(real(path)))
                  .digest('hex')} ${rest}`,
              )
            : say('502 Unknown');
        case 'SITE': {
          const [, mode, file = ''] = /^CHMOD ([0-7]{3}) (.*)$/.exec(rest) ?? [];
          if (mode === undefined || self.quirks.noChmod) return say('502 Unknown');
          if (!existsSync(real(file))) return say('550 No such file');
          chmodSync(real(file), parseInt(mode, 8));
          return say('200 Fine');
        }
        default:
          return say('502 Unknown');
      }
    };
    say(`220 ${q.greeting ?? 'Stand-in'}`);
    let text = '';
    let before = Promise.resolve();
    control.on('data', (bytes: Buffer) => {
      text += bytes.toString('utf8');
      for (let end = text.indexOf('\r\n'); end !== -1; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = self.quirks.dropsBatches ? '' : text.slice(end + 2);
        const [, verb = '', rest = ''] = /^([A-Za-z]+) ?(.*)$/s.exec(line) ?? [];
        commands.push(verb.toUpperCase() === 'PASS' ? 'PASS •••' : line);
        before = before
          .then(() => answer(verb.toUpperCase(), rest))
          .catch((error: Error) => say(`550 ${error.message}`));
      }
    });
  };
  const server = certificate ? createTlsServer(certificate, talk) : createServer(talk);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(self, { port: (server.address() as AddressInfo).port });
}
