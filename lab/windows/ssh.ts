/**
 * The SSH service: every exec request is `"cmd.exe" /c "<text>"`, nothing escaped; what a session started dies with it.
 * Source: PowerShell/openssh-portable, contrib/win32/win32compat/w32-doexec.c.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import type { Disk } from './disk.ts';
import type { Streams } from './cmd/interpreter.ts';
import { serveSftp } from './sftp.ts';

const { Server, utils } = ssh2;

export interface SshOptions {
  readonly keyFile: string;
  readonly user: string;
  readonly password?: string;
  readonly authorizedKeys: readonly string[];
  readonly disk: Disk;
  /** Runs a command line; `onKill` is given what ends it. */
  readonly execute: (text: string, streams: Streams, onKill: (kill: () => void) => void) => Promise<number>;
}

export interface SshService {
  readonly port: number;
  readonly hostKey: string;
  dropConnections(): void;
  stop(): Promise<void>;
}

export async function startSsh(options: SshOptions): Promise<SshService> {
  const key = hostKey(options.keyFile);
  const clients = new Set<Connection>();
  const server = new Server({ hostKeys: [key], ident: 'OpenSSH_for_Windows_9.5' }, (client) => {
    clients.add(client);
    (client as unknown as { _sock?: Socket })._sock?.setNoDelay(true);
    client.on('error', () => {});
    client.on('close', () => clients.delete(client));
    client.on('authentication', (context) => {
      const known = context.username.toLowerCase() === options.user.toLowerCase();
      if (
        known &&
        context.method === 'password' &&
        options.password !== undefined &&
        same(context.password, options.password)
      )
        return context.accept();
      if (known && context.method === 'publickey') {
        for (const line of options.authorizedKeys) {
          const allowed = utils.parseKey(line);
          if (
            allowed instanceof Error ||
            context.key.algo !== allowed.type ||
            !context.key.data.equals(allowed.getPublicSSH())
          )
            continue;
          if (
            !context.signature ||
            (context.blob && allowed.verify(context.blob, context.signature, context.hashAlgo) === true)
          )
            return context.accept();
        }
      }
      return context.reject(['publickey', 'password']);
    });
    client.on('ready', () =>
      client.on('session', (accept) => {
        const session = accept();
        session.on('env', (acceptEnv) => acceptEnv?.());
        session.on('sftp', (acceptSftp) => serveSftp(acceptSftp(), options.disk));
        session.on(
          'exec',
          (acceptExec, _reject, { command }) => void serveExec(acceptExec(), command, options, client),
        );
      }),
    );
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const dropConnections = (): void => {
    for (const client of clients) (client as unknown as { _sock?: Socket })._sock?.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    hostKey: fingerprint(key),
    dropConnections,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      dropConnections();
      await closed;
    },
  };
}

async function serveExec(
  channel: ServerChannel,
  command: string,
  options: SshOptions,
  client: Connection,
): Promise<void> {
  let kill = (): void => {};
  let over = false;
  const end = (): void => {
    over = true;
    kill();
  };
  channel.on('close', end);
  channel.on('error', () => {});
  client.on('close', end);
  const chunks: Buffer[] = [];
  channel.on('data', (chunk: Buffer) => void chunks.push(chunk));
  await new Promise<void>((resolve) => {
    channel.once('end', resolve);
    channel.once('close', resolve);
  });
  if (over) return;
  const code = await options.execute(
    command,
    {
      stdin: Buffer.concat(chunks),
      out: (bytes) => void (over || channel.write(bytes)),
      err: (bytes) => void (over || channel.stderr.write(bytes)),
    },
    (ends) => (kill = ends),
  );
  client.removeListener('close', end);
  if (over) return;
  channel.exit(code >>> 0);
  channel.end();
}

function hostKey(file: string): string {
  if (!existsSync(file)) writeFileSync(file, newKey(), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}

/** Of the ed25519 keys that ssh2 1.17 makes, about 4 in 1000 cannot be read by itself (measured): such a one is thrown away. */
export function newKey(): string {
  for (;;) {
    const key = utils.generateKeyPairSync('ed25519').private;
    if (!(utils.parseKey(key) instanceof Error)) return key;
  }
}

function fingerprint(privateKey: string): string {
  const parsed = utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  return `SHA256:${createHash('sha256').update(parsed.getPublicSSH()).digest('base64').replace(/=+$/, '')}`;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
