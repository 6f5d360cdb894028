/** One log-in on an FTP server: TLS as the plan says, never less; binary; data connections to the host of the control connection only. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { WebTree } from '../../runbook/targets/index.ts';
import type { StepContext } from '../step.ts';
import { FtpControl, FtpRefusal, type FtpManners, type FtpReply } from './ftp-control.ts';
import { FtpData } from './ftp-data.ts';

export type FtpTree = Extract<WebTree, { via: 'ftp' }>;

export interface FtpSession {
  readonly control: FtpControl;
  readonly data: FtpData;
  /** By name in capitals, with what stands behind it. */
  readonly features: ReadonlyMap<string, string>;
  /** What the server says of itself in its greeting. */
  readonly greeting: string;
}

/** Milliseconds for the answers to commands that were sent together. */
const together = 2_000;

/**
 * vsftpd reads its next command when a transfer has ended. ProFTPD refuses what comes meanwhile (its data.c, `poll_ctrl`), Pure-FTPd takes it
 * for the wish to stop the transfer; of others nothing is known.
 */
const patientOnes = /vsFTPd/;

/** Throws WEB_UNREACHABLE, WEB_CERTIFICATE_REFUSED (before the password is read), WEB_LOGIN_REFUSED. */
export async function ftpSession(
  tree: FtpTree,
  readSecret: StepContext['secret'],
  manners: FtpManners,
): Promise<FtpSession> {
  const where = tree.name;
  let opened: [FtpControl, FtpReply];
  try {
    opened = await greet(tree);
  } catch (error) {
    if (isNakatError(error)) throw error;
    const values = { address: `${tree.host}:${tree.port}` };
    throw new NakatError('WEB_UNREACHABLE', { where, values, vendor: messageOf(error), cause: error });
  }
  const [control, { text: greeting }] = opened;
  try {
    // Before the log-in, for names and passwords that are not ASCII; some servers know it only afterwards.
    await unlessRefused(control.ask('OPTS UTF8 ON'));
    let reply = await control.ask(`USER ${tree.user}`);
    if (reply.code === 331) reply = await control.ask(`PASS ${await readSecret(tree.password)}`);
    // It asks for an account too.
    if (reply.code >= 300) throw new FtpRefusal(reply);
  } catch (error) {
    control.close();
    if (isNakatError(error)) throw error;
    throw error instanceof FtpRefusal
      ? new NakatError('WEB_LOGIN_REFUSED', {
          where,
          values: { user: tree.user },
          vendor: error.message,
          // 421: too many connections now; 530 is said for that too, but mostly for a wrong password.
          passing: error.code === 421,
        })
      : new NakatError('WEB_CONNECTION_LOST', { where, values: { doing: 'log in' }, vendor: messageOf(error) });
  }
  try {
    const features = featuresIn(await unlessRefused(control.ask('FEAT')));
    await control.ask('TYPE I');
    const wishes = [
      'STRU F',
      'OPTS UTF8 ON',
      ...(features.has('MLST') ? ['OPTS MLST type;size;modify;unix.mode;'] : []),
      ...(control.secured ? ['PBSZ 0', 'PROT P'] : []),
    ];
    // Found out once, by the first log-in: what is known of a server does not change under the others.
    if (manners.pipelines === false) for (const wish of wishes) await unlessRefused(control.ask(wish));
    else if (manners.pipelines) await Promise.all(wishes.map((wish) => unlessRefused(control.ask(wish))));
    else if (await answered(control, wishes)) manners.pipelines = true;
    else {
      // Nobody knows which of them it has taken.
      manners.pipelines = false;
      control.close();
      return await ftpSession(tree, readSecret, manners);
    }
    control.pipelines = manners.pipelines;
    manners.patient = patientOnes.test(greeting);
    const pinned = tree.certificate.toUpperCase();
    const trusts = (shown: string): boolean => tree.certificate === 'checked' || shown.toUpperCase() === pinned;
    const data = new FtpData(control, manners, trusts);
    return { control, data, features, greeting };
  } catch (error) {
    control.close();
    if (isNakatError(error)) throw error;
    throw new NakatError('WEB_CONNECTION_LOST', { where, values: { doing: 'log in' }, vendor: messageOf(error) });
  }
}

/** False when answers to commands that were sent together do not come. */
async function answered(control: FtpControl, commands: readonly string[]): Promise<boolean> {
  const answers = commands.map((command) => unlessRefused(control.ask(command)));
  const all = Promise.all(answers).then(() => true);
  const over = new AbortController();
  const late = sleep(together, false, { signal: over.signal });
  late.catch(() => undefined);
  // Closed before the time is over, they fail.
  all.catch(() => undefined);
  return await Promise.race([all, late]).finally(() => over.abort());
}

/** Null where the server says no. */
export async function unlessRefused(answer: Promise<FtpReply>, codes?: readonly number[]): Promise<FtpReply | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof FtpRefusal && error.code !== 421 && (codes?.includes(error.code) ?? true)) return null;
    throw error;
  }
}

/** ` MLST type*;size*;` on a line of its own each (RFC 2389); some servers do not indent them. */
function featuresIn(answer: FtpReply | null): Map<string, string> {
  const lines = answer?.text.split('\n').slice(1, -1) ?? [];
  return new Map(
    lines.map((line) => {
      const [name = '', ...rest] = line.trim().split(' ');
      return [name.toUpperCase(), rest.join(' ')];
    }),
  );
}

/** With what the server says of itself. */
async function greet(tree: FtpTree): Promise<[FtpControl, FtpReply]> {
  const pinned = tree.certificate !== 'checked';
  // With a pinned certificate the authorities do not matter: the fingerprint is held against it before anything else is sent.
  const tls: ConnectionOptions = { host: tree.host, servername: nameOf(tree.host), rejectUnauthorized: !pinned };
  const named = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw isCertificateError(error) ? refusedCertificate(tree, messageOf(error)) : error;
    }
  };
  const opening = FtpControl.open(tree.host, tree.port, tree.security === 'implicit' ? tls : undefined);
  const [control, greeting] = await named(opening);
  try {
    if (tree.security === 'explicit') {
      await control.ask('AUTH TLS').catch((error: unknown) => {
        // A server without TLS is refused: falling back would send the password readable.
        throw error instanceof FtpRefusal ? refusedCertificate(tree, `AUTH TLS: ${error.message}`) : error;
      });
      await named(control.secure(tls));
    }
    if (tree.security !== 'none' && pinned && control.fingerprint.toUpperCase() !== tree.certificate.toUpperCase())
      throw refusedCertificate(tree, control.fingerprint);
    return [control, greeting];
  } catch (error) {
    control.close();
    throw error;
  }
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
