/** A few log-ins of one account: opened when needed, shared where the server takes commands together, fewer where the host allows fewer. */
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { StepContext } from '../step.ts';
import { FtpRefusal, isBroken, type FtpManners } from './ftp-control.ts';
import { ftpSession, type FtpSession, type FtpTree } from './ftp-session.ts';

/**
 * How much of a log-in a piece of work takes. `alone`: several commands with answers between them, or a transfer that takes long.
 * `small`: a transfer; the next ones' commands are there when it ends. `command`: one that means the same whatever comes before it.
 */
const all = 8;
const shares = { alone: all, small: all / 4, command: 1 } as const;
export type Share = keyof typeof shares;

export interface FtpPool {
  readonly first: FtpSession;
  readonly manners: FtpManners;
  /** How many pieces of work at once make it quickest. */
  readonly lanes: number;
  /**
   * `over` may be called before the work has ended: the server takes the next command now. Throws WEB_REFUSED where the server said no,
   * WEB_CONNECTION_LOST where it said nothing.
   */
  use<T>(share: Share, doing: string, work: (session: FtpSession, over: () => void) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface LogIn {
  readonly session: FtpSession;
  free: number;
}

export async function ftpPool(tree: FtpTree, readSecret: StepContext['secret']): Promise<FtpPool> {
  const where = tree.name;
  const manners: FtpManners = {};
  const first = await ftpSession(tree, readSecret, manners);
  const logIns = new Set<LogIn>([{ session: first, free: all }]);
  /** First come, first served; who is called looks again. */
  const waiting: (() => void)[] = [];
  let [most, opening] = [tree.connections, 0];

  const pipelines = manners.pipelines === true;
  const costOf = (share: Share): number =>
    !pipelines || (share === 'small' && !(manners.patient && first.data.pipelined)) ? all : shares[share];
  /** One that nobody uses, or a new one, or one with room beside others. */
  function fitting(cost: number): LogIn | undefined {
    let best: LogIn | undefined;
    for (const one of logIns)
      if (one.free >= cost && one.free > (best?.free ?? 0) && !one.session.control.closed) best = one;
    return best?.free === all || logIns.size + opening >= most ? best : undefined;
  }
  async function open(cost: number): Promise<LogIn> {
    opening += 1;
    try {
      const opened = { session: await ftpSession(tree, readSecret, manners), free: all - cost };
      logIns.add(opened);
      return opened;
    } finally {
      opening -= 1;
    }
  }
  async function take(cost: number): Promise<LogIn> {
    for (let asked = false; ; asked = true) {
      // Ended by the server while nobody used them.
      for (const one of logIns) if (one.session.control.closed) logIns.delete(one);
      // Whoever waits already is before us.
      const found = asked || waiting.length === 0 ? fitting(cost) : undefined;
      if (found) {
        found.free -= cost;
        return found;
      }
      if (logIns.size + opening < most)
        try {
          return await open(cost);
        } catch (error) {
          // The host allows fewer at once than the plan thinks: go on with those there are.
          if (logIns.size === 0 || !isNakatError(error) || error.code === 'WEB_CERTIFICATE_REFUSED') throw error;
          most = logIns.size;
        } finally {
          next();
        }
      else await new Promise<void>((called) => (asked ? waiting.unshift(called) : waiting.push(called)));
    }
  }
  const next = (): void => waiting.shift()?.();

  return {
    first,
    manners,
    get lanes() {
      return pipelines ? most * all : most;
    },
    use: async (share, doing, work) => {
      const cost = costOf(share);
      const logIn = await take(cost);
      const { session } = logIn;
      next();
      let taken: number = cost;
      const over = (): void => {
        logIn.free += taken;
        taken = 0;
        next();
      };
      try {
        return await work(session, pipelines ? over : () => {});
      } catch (error) {
        if (isNakatError(error)) {
          // In the middle of something, perhaps.
          session.control.close();
          throw error;
        }
        const vendor = error instanceof Error ? error.message : String(error);
        if (error instanceof FtpRefusal && !isBroken(error))
          throw new NakatError('WEB_REFUSED', { where, values: { doing }, vendor, cause: error });
        session.control.close();
        throw new NakatError('WEB_CONNECTION_LOST', { where, values: { doing }, vendor, cause: error });
      } finally {
        if (session.control.closed) logIns.delete(logIn);
        over();
      }
    },
    close: async () => {
      for (const { session } of logIns) session.control.close();
      logIns.clear();
    },
  };
}
