/** From a plan's entry to the files of a site, and what to do when the connection breaks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { WebTree } from '../../runbook/targets/index.ts';
import type { StepContext } from '../step.ts';
import { ftpRemote } from './ftp.ts';
import { localRemote } from './local.ts';
import type { Remote } from './remote.ts';
import { sftpRemote } from './sftp.ts';
import type { Work } from './work.ts';

export type ReachedTree = Exclude<WebTree, { via: 'manual' }>;

/** Throws WEB_TREE_MANUAL for a site that only a person reaches. */
export function reached(tree: WebTree): ReachedTree {
  if (tree.via === 'manual') throw new NakatError('WEB_TREE_MANUAL', { where: tree.name });
  return tree;
}

export async function openRemote(tree: ReachedTree, context: StepContext): Promise<Remote> {
  if (tree.via === 'ftp') return await ftpRemote(tree, context.secret);
  return tree.machine.via === 'ssh' ? await sftpRemote(tree, tree.machine, context.secret) : localRemote(tree);
}

/** New connections without any progress between them, until the attempt is given up. */
const fruitless = 5;

/** Also just refused: a host that has not yet noticed the end of the last connections says that there are too many. */
const isBroken = (error: unknown): error is NakatError =>
  isNakatError(error) &&
  error.failure.passing &&
  ['WEB_CONNECTION_LOST', 'WEB_UNREACHABLE', 'WEB_LOGIN_REFUSED', 'MACHINE_UNREACHABLE'].includes(error.code);

/**
 * Does the work on a connection of its own; when that breaks, again on a new one, as long as work gets further each time. `work` may
 * begin anew at any moment and looks at what is there; it tells its progress by `moved`, see `Work`.
 */
export async function withRemote<T>(
  tree: WebTree,
  context: StepContext,
  work: (remote: Remote, moved: Work['moved']) => Promise<T>,
): Promise<T> {
  const target = reached(tree);
  let [failures, furthest] = [0, 0];
  for (;;) {
    context.signal.throwIfAborted();
    let remote: Remote | undefined;
    try {
      remote = await openRemote(target, context);
      return await work(remote, (count) => {
        if (count !== undefined && count <= furthest) return;
        furthest = count ?? furthest;
        failures = 0;
      });
    } catch (error) {
      if (!isBroken(error) || ++failures >= fruitless) throw error;
      context.log('connection lost, trying again', {
        site: tree.name,
        doing: String(error.failure.values['doing'] ?? error.code),
      });
      await sleep(200 * failures, undefined, { signal: context.signal });
    } finally {
      await remote?.close().catch(() => {});
    }
  }
}
