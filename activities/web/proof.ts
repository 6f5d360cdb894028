/** What a site's files are, every one read, and whether they are those of a backup. */
import { NakatError } from '../../runbook/errors/index.ts';
import { proofSubject } from '../../runbook/messages/proof.ts';
import type { ProofLine } from '../../runbook/results.ts';
import type { WebTree } from '../../runbook/targets/index.ts';
import type { StepActivity, StepContext } from '../step.ts';
import { bytesOf, differences, filesOf, sha256Of, someOf, textOf, type TreeList } from './manifest.ts';
import { withRemote } from './open.ts';
import { stagingsOf } from './staging.ts';
import { backupList } from './store.ts';
import { listTree, ownPrefix } from './walk.ts';

const read = (tree: WebTree, context: StepContext): Promise<TreeList> =>
  withRemote(tree, context, (remote, moved) =>
    listTree(remote, tree.keep, (done, total) => {
      moved(done);
      context.progress({ done, total });
    }),
  );

export const takeTreeFingerprint: StepActivity<'takeTreeFingerprint'> = async ({ tree }, _uses, context) => {
  const list = await read(tree, context);
  const count = (kind: string): number => [...list.values()].filter((one) => one.kind === kind).length;
  return {
    files: count('file'),
    folders: count('folder'),
    links: count('link'),
    bytes: bytesOf(list),
    sha256: sha256Of(list),
  };
};

/** One line for what is equal, and one for each path that differs. */
export const proveTree: StepActivity<'proveTree'> = async ({ tree }, { backup }, context) => {
  const before = await backupList(backup);
  const after = await read(tree, context);
  const left = await withRemote(tree, context, (remote) => stagingsOf(remote, `${ownPrefix}${context.run}-`));
  const bad = [...differences(before, after), ...left];
  const text = (list: TreeList): string => `${filesOf(list).length}, ${bytesOf(list)}, ${sha256Of(list)}`;
  const all: ProofLine = {
    ...proofSubject({ kind: 'filesOf', name: tree.name }),
    before: text(before),
    after: text(after),
    equal: bad.length === 0,
  };
  if (all.equal) return { lines: [all] };
  for (const path of bad.slice(0, 20))
    context.log('differs from the backup', { path, before: textOf(before.get(path)), after: textOf(after.get(path)) });
  throw new NakatError('WEB_RESTORE_NOT_PROVED', { where: tree.name, proof: [all], values: { files: someOf(bad) } });
};
