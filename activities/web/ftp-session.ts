/** One log-in on an FTP server: TLS as the plan says, never less; binary; data connections to the host of the control connection only. */
import type { TLSSocket } from 'node:tls';
import { Client, enterPassiveModeIPv4, enterPassiveModeIPv6, FTPError, type FTPContext } from 'basic-ftp';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { WebTree } from '../../runbook/targets/index.ts';
import type { StepContext } from '../step.ts';
import { parseListing } from './ftp-listing.ts';

export type FtpTree = Extract<WebTree, { via: 'ftp' }>;

/** Milliseconds without an answer, or without a byte on a data connection, after which the connection counts as broken. */
const patience = 30_000;

export interface FtpSession {
  readonly client: Client;
  /** By name in capitals, with what stands behind it. */
  readonly features: ReadonlyMap<string, string>;
  /** What the server says of itself in its greeting. */
  readonly greeting: string;
}

/** Throws WEB_UNREACHABLE, WEB_CERTIFICATE_REFUSED (before the password is read), WEB_LOGIN_REFUSED, WEB_FOLDER_MISSING. */
export async function ftpSession(tree: FtpTree, readSecret: StepContext['secret']): Promise<FtpSession> {
  const where = tree.name;
  const client = new Client(patience);
  client.parseList = (text) => parseListing(where, text);
  let greeting: string;
  try {
    greeting = await greet(tree, client);
  } catch (error) {
    client.close();
    throw isNakatError(error)
      ? error
      : new NakatError('WEB_UNREACHABLE', {
          where,
          values: { address: `${tree.host}:${tree.port}` },
          vendor: messageOf(error),
          cause: error,
        });
  }
  try {
    // Before the log-in, for names and passwords that are not ASCII; some servers know it only afterwards.
    await client.sendIgnoringError('OPTS UTF8 ON');
    await client.login(tree.user, await readSecret(tree.password));
  } catch (error) {
    client.close();
    if (isNakatError(error)) throw error;
    throw error instanceof FTPError
      ? new NakatError('WEB_LOGIN_REFUSED', {
          where,
          values: { user: tree.user },
          vendor: messageOf(error),
          // 421: too many connections now; 530 is said for that too, but mostly for a wrong password.
          passing: error.code === 421,
        })
      : new NakatError('WEB_CONNECTION_LOST', { where, values: { doing: 'log in' }, vendor: messageOf(error) });
  }
  try {
    const features = await client.features();
    const known = new Map([...features].map(([name, rest]) => [name.toUpperCase(), rest]));
    await client.useDefaultSettings();
    client.prepareTransfer = passive(tree, client);
    return { client, features: known, greeting };
  } catch (error) {
    client.close();
    throw new NakatError('WEB_CONNECTION_LOST', { where, values: { doing: 'log in' }, vendor: messageOf(error) });
  }
}

/** What the server says of itself. */
async function greet(tree: FtpTree, client: Client): Promise<string> {
  let greeting: string;
  const pinned = tree.certificate !== 'checked';
  // With a pinned certificate the authorities do not matter: the fingerprint is held against it before anything else is sent.
  const options = { host: tree.host, servername: nameOf(tree.host), rejectUnauthorized: !pinned };
  const named = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw isCertificateError(error) ? refusedCertificate(tree, messageOf(error)) : error;
    }
  };
  if (tree.security === 'implicit') {
    greeting = (await named(client.connectImplicitTLS(tree.host, tree.port, options))).message;
  } else {
    greeting = (await client.connect(tree.host, tree.port)).message;
    // A server without TLS is refused: falling back would send the password readable.
    if (tree.security === 'explicit') {
      await named(client.useTLS(options)).catch((error: unknown) => {
        throw error instanceof FTPError ? refusedCertificate(tree, `AUTH TLS: ${error.message}`) : error;
      });
    }
  }
  if (tree.security !== 'none' && pinned) {
    const shown = (client.ftp.socket as TLSSocket).getPeerCertificate().fingerprint256 ?? '';
    if (shown.toUpperCase() !== tree.certificate.toUpperCase()) throw refusedCertificate(tree, shown);
  }
  return greeting;
}

/**
 * `EPSV`, and where the server does not know it `PASV` with the address of its answer ignored: servers behind address translation
 * name one that only they can reach, and a hostile one could name a third.
 */
function passive(tree: FtpTree, client: Client): Client['prepareTransfer'] {
  let extended = true;
  return async (ftp) => {
    const answer = await enter(ftp);
    if (tree.security !== 'none' && tree.certificate !== 'checked') guard(tree, ftp, client);
    return answer;
  };
  async function enter(ftp: FTPContext) {
    if (extended) {
      try {
        return await enterPassiveModeIPv6(ftp);
      } catch (error) {
        if (!(error instanceof FTPError)) throw error;
        extended = false;
      }
    }
    const { code, message } = await ftp.request('PASV');
    const host = (ftp.socket.remoteAddress ?? '').replace(/^::ffff:/i, '').replaceAll('.', ',');
    const corrected = { code, message: message.replace(/\d+,\d+,\d+,\d+(?=,\d+,\d+)/, host) };
    // The library asks by itself; it is given the corrected answer, and sets its data connection on the real context.
    const asked = new Proxy(ftp, {
      get: (target, key) => (key === 'request' ? async () => corrected : (Reflect.get(target, key, target) as unknown)),
    });
    return await enterPassiveModeIPv4(asked);
  }
}

/** A data connection shows the pinned certificate too, unless it continues the control connection's session. */
function guard(tree: FtpTree, ftp: FTPContext, client: Client): void {
  const data = ftp.dataSocket as TLSSocket | undefined;
  data?.once('secureConnect', () => {
    const shown = data.getPeerCertificate().fingerprint256 ?? '';
    if (data.isSessionReused() || shown.toUpperCase() === tree.certificate.toUpperCase()) return;
    data.destroy(refusedCertificate(tree, shown));
    client.close();
  });
}

const refusedCertificate = (tree: FtpTree, problem: string): NakatError =>
  new NakatError('WEB_CERTIFICATE_REFUSED', { where: tree.name, values: { problem } });
const isCertificateError = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|ISSUER/.test(error.code);
/** An address has no name to ask for. */
const nameOf = (host: string): string => (/^[\d.]+$|:/.test(host) ? '' : host);
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
