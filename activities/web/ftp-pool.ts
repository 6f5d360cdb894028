/** A few log-ins of one account: opened when needed, given to one caller at a time, fewer where the host allows fewer. */
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { StepContext } from '../step.ts';
import { FtpRefusal } from './ftp-control.ts';
import { ftpSession, type FtpManners, type FtpSession, type FtpTree } from './ftp-session.ts';

export interface FtpPool {
  readonly first: FtpSession;
  /** Throws WEB_REFUSED where the server said no, WEB_CONNECTION_LOST where it said nothing. */
  use<T>(doing: string, work: (session: FtpSession) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export async function ftpPool(tree: FtpTree, readSecret: StepContext['secret']): Promise<FtpPool> {
  const where = tree.name;
  const manners: FtpManners = {};
  const first = await ftpSession(tree, readSecret, manners);
  const free: FtpSession[] = [first];
  const all = new Set<FtpSession>([first]);
  const waiting: ((session: FtpSession | undefined) => void)[] = [];
  let [most, opening] = [tree.connections, 0];

  const give = (session: FtpSession | undefined): void => {
    const next = waiting.shift();
    if (next) next(session);
    else if (session) free.push(session);
  };
  async function take(): Promise<FtpSession> {
    for (;;) {
      const session = free.pop();
      if (session) return session;
      if (all.size + opening < most) {
        opening += 1;
        try {
          const opened = await ftpSession(tree, readSecret, manners);
          all.add(opened);
          return opened;
        } catch (error) {
          // The host allows fewer at once than the plan thinks: go on with those there are.
          if (all.size === 0 || !isNakatError(error) || error.code === 'WEB_CERTIFICATE_REFUSED') {
            // Nobody will give the next one anything either: it finds out by itself.
            give(undefined);
            throw error;
          }
          most = all.size;
        } finally {
          opening -= 1;
        }
      } else {
        const given = await new Promise<FtpSession | undefined>((resolve) => waiting.push(resolve));
        if (given) return given;
      }
    }
  }
  const drop = (session: FtpSession): void => {
    all.delete(session);
    session.control.close();
    // Whoever waits may open one instead, or hears that none can be had.
    give(undefined);
  };

  return {
    first,
    use: async (doing, work) => {
      const session = await take();
      try {
        return await work(session);
      } catch (error) {
        if (isNakatError(error)) throw error;
        const vendor = error instanceof Error ? error.message : String(error);
        // 421 ends the connection; 425 and 426 tell of the data connection.
        if (error instanceof FtpRefusal && ![421, 425, 426].includes(error.code))
          throw new NakatError('WEB_REFUSED', { where, values: { doing }, vendor, cause: error });
        session.control.close();
        throw new NakatError('WEB_CONNECTION_LOST', { where, values: { doing }, vendor, cause: error });
      } finally {
        if (session.control.closed) drop(session);
        else give(session);
      }
    },
    close: async () => {
      for (const session of all) session.control.close();
      all.clear();
    },
  };
}
