/** One SSH connection: TCP without delay, the host key held against the pins, log-in. */
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import ssh2, {
  type AnyAuthMethod,
  type AuthHandlerMiddleware,
  type Client,
  type ConnectConfig,
  type KeyboardInteractiveAuthMethod,
  type ServerHostKeyAlgorithm,
} from 'ssh2';
import { NakatError } from '../../runbook/errors/index.ts';
import type { MachineTarget } from '../../runbook/targets/index.ts';
import { readKey } from '../secrets.ts';
import type { StepContext } from '../step.ts';
import { sendByTurns } from './turns.ts';

export type SshTarget = Extract<MachineTarget, { via: 'ssh' }>;
type ReadSecret = StepContext['secret'];

/** Milliseconds for the TCP connection, and again for handshake and log-in. */
const connectTimeout = 20_000;
/** A silent machine is given up after three of these (milliseconds). */
const keepaliveInterval = 10_000;

/** No chacha20-poly1305 and no CBC with EtM: what CVE-2023-48795 (Terrapin) needs. AES-128-GCM is also the fastest. */
const ciphers = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'] as const;

/** Host key types, one after the other: a server shows only the one that was asked for, and the pin may be of any. */
const keyTypes: readonly ServerHostKeyAlgorithm[][] = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256'],
];

/** As `ssh-keygen -lf` prints it. */
export const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/**
 * A connection that is logged in. Throws MACHINE_UNREACHABLE, HOST_KEY_CHANGED (before any secret is read or sent), LOGIN_REFUSED,
 * LOGIN_KEY_UNREADABLE, LOGIN_AGENT_MISSING, MACHINE_INCOMPATIBLE.
 */
export async function dial(target: SshTarget, readSecret: ReadSecret): Promise<Client> {
  const offered: string[] = [];
  let incompatible: unknown;
  for (const keyType of keyTypes) {
    try {
      return await attempt(target, keyType, readSecret, (fingerprint) => offered.push(fingerprint));
    } catch (error) {
      if (error instanceof KeyRefused) continue;
      if (!(error instanceof NoCommonAlgorithm)) throw error;
      incompatible = error.cause;
    }
  }
  if (offered.length === 0) {
    throw new NakatError('MACHINE_INCOMPATIBLE', {
      where: target.name,
      vendor: messageOf(incompatible),
      cause: incompatible,
    });
  }
  throw new NakatError('HOST_KEY_CHANGED', {
    values: { offered: offered.join(', '), pinned: target.hostKeys.join(', ') },
    where: target.name,
  });
}

class KeyRefused extends Error {}
class NoCommonAlgorithm extends Error {}

async function attempt(
  target: SshTarget,
  serverHostKey: ServerHostKeyAlgorithm[],
  readSecret: ReadSecret,
  onRefused: (fingerprint: string) => void,
): Promise<Client> {
  const sock = await tcp(target);
  const login = loginOf(target, readSecret);
  let refused = false;
  const config: ConnectConfig = {
    sock,
    username: target.user,
    readyTimeout: connectTimeout,
    keepaliveInterval,
    keepaliveCountMax: 3,
    algorithms: { cipher: [...ciphers], serverHostKey },
    hostVerifier: (key: Buffer) => {
      const fingerprint = fingerprintOf(key);
      refused = !target.hostKeys.some((pin) => pin.replace(/=+$/, '') === fingerprint);
      if (refused) onRefused(fingerprint);
      return !refused;
    },
    authHandler: login.handler,
  };
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      client.destroy();
      sock.destroy();
      reject(refused ? new KeyRefused() : (login.failure() ?? explain(target, error)));
    };
    client.once('ready', () => {
      client.removeAllListeners('error');
      // Later errors are heard of by `close`; without a listener they would end the process.
      client.on('error', () => {});
      client.removeListener('close', closed);
      resolve(client);
    });
    const closed = (): void => fail(new Error('the connection was closed during the log-in'));
    client.once('error', fail).once('close', closed);
    client.on('error', () => {});
    client.connect(config);
  });
}

const tcp = (target: SshTarget): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: target.host, port: target.port, noDelay: true });
    const fail = (error: Error): void => {
      socket.destroy();
      reject(unreachable(target, error));
    };
    socket.setTimeout(connectTimeout, () => fail(new Error('no answer in time')));
    socket.once('error', fail).once('connect', () => {
      socket.setTimeout(0);
      socket.removeListener('error', fail);
      sendByTurns(socket);
      resolve(socket);
    });
  });

interface Login {
  readonly handler: AuthHandlerMiddleware;
  /** Why no credentials could be given, when that was it. */
  failure(): unknown;
}

/** `false` ends the log-in; the library's types forget it. */
type NextLogin = AnyAuthMethod | false;

/**
 * Reads the secret only when the server asks for a log-in: then the host key has been accepted. Nothing else is tried, so that
 * servers which allow few tries do not lock the account.
 */
function loginOf(target: SshTarget, readSecret: ReadSecret): Login {
  const { auth, user: username } = target;
  let failure: unknown;
  let tries = 0;
  const next = async (methodsLeft: readonly string[]): Promise<NextLogin> => {
    tries += 1;
    if ('password' in auth && tries === 1) {
      return { type: 'password', username, password: await readSecret(auth.password) };
    }
    // Servers behind PAM often offer only this kind of password log-in.
    if ('password' in auth && tries === 2 && methodsLeft.includes('keyboard-interactive')) {
      const password = await readSecret(auth.password);
      const prompt: KeyboardInteractiveAuthMethod['prompt'] = (_name, _text, _language, prompts, finish) =>
        finish(prompts.map(() => password));
      return { type: 'keyboard-interactive', username, prompt };
    }
    if (tries > 1) return false;
    if ('agent' in auth) return { type: 'agent', username, agent: agentOf(target) };
    if ('key' in auth) return { type: 'publickey', username, key: await privateKey(target, auth.key, readSecret) };
    return false;
  };
  return {
    handler: (methodsLeft, _partial, callback) => {
      const answer = callback as (next: NextLogin) => void;
      next(methodsLeft ?? []).then(answer, (error: unknown) => {
        failure = error;
        answer(false);
      });
    },
    failure: () => failure,
  };
}

function agentOf(target: SshTarget): string {
  const agent = process.env.SSH_AUTH_SOCK ?? (process.platform === 'win32' ? '\\\\.\\pipe\\openssh-ssh-agent' : '');
  if (agent === '') throw new NakatError('LOGIN_AGENT_MISSING', { where: target.name });
  return agent;
}

async function privateKey(target: SshTarget, ref: Parameters<ReadSecret>[0], readSecret: ReadSecret): Promise<string> {
  // The contract of a file's secret is its first line; a private key is the whole file.
  const key = 'file' in ref ? await readKey(ref) : (await readSecret(ref)).replaceAll('\\n', '\n');
  const parsed = ssh2.utils.parseKey(key);
  const one = Array.isArray(parsed) ? parsed[0] : parsed;
  if (one instanceof Error || !one?.isPrivateKey()) {
    const vendor = one instanceof Error ? one.message : 'not a private key';
    throw new NakatError('LOGIN_KEY_UNREADABLE', { where: target.name, vendor });
  }
  return key;
}

function explain(target: SshTarget, error: Error & { level?: string }): Error {
  if (error.level === 'client-authentication') {
    const { auth, user } = target;
    const method = 'password' in auth ? 'password' : 'agent' in auth ? 'agent' : 'key';
    return new NakatError('LOGIN_REFUSED', { values: { user, method }, where: target.name, cause: error });
  }
  if (error.level === 'handshake') return new NoCommonAlgorithm(error.message, { cause: error });
  return unreachable(target, error);
}

const unreachable = (target: SshTarget, error: Error): NakatError =>
  new NakatError('MACHINE_UNREACHABLE', {
    values: { address: `${target.host}:${target.port}` },
    where: target.name,
    vendor: messageOf(error),
    cause: error,
  });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error));
