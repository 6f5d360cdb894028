/** Saving the edited pages, and putting the merged ones in their place: the site's files are moved as any other files of a site are. */
import { createWriteStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';
import { NakatError } from '../../runbook/errors/index.ts';
import type { StepActivity } from '../step.ts';
import { replaceLocal } from '../machines/local-files.ts';
import { backUpTree } from '../web/backup.ts';
import { differences, filesOf, someOf, verifyLocal, type TreeList } from '../web/manifest.ts';
import { backupList } from '../web/store.ts';
import { partOf, uploadTree } from '../web/upload.ts';

export const captureCustomizations: StepActivity<'captureCustomizations'> = async ({ tree }, _uses, context) => {
  const backup = await backUpTree({ tree }, {}, context);
  const list = await backupList(backup);
  if (filesOf(list).length === 0)
    throw new NakatError('MERGE_SIDE_EMPTY', { values: { side: 'ours', place: tree.name } });
  await zipBeside(backup.place, list);
  return backup;
};

/** For people: what they know as "the zip of the personal account". Dates are left out, so equal pages make an equal zip. */
async function zipBeside(place: string, list: TreeList): Promise<void> {
  const file = `${place}.zip`;
  const there = await lstat(file).catch(() => null);
  if (there) return;
  await replaceLocal(file, async (beside) => {
    const zip = new yazl.ZipFile();
    const written = pipeline(zip.outputStream, createWriteStream(beside, { mode: 0o600 }));
    for (const [path, { mode }] of filesOf(list))
      zip.addFile(join(place, path), path, { mtime: new Date(1980, 0, 1), mode: 0o100000 | (mode ?? 0o644) });
    zip.end();
    await written;
  });
}

export const checkStillMerged: StepActivity<'checkStillMerged'> = async ({ tree }, { merged, now }) => {
  const changed = differences(await backupList(merged), await backupList(now));
  if (changed.length > 0)
    throw new NakatError('PAGES_EDITED_SINCE', { where: tree.name, values: { files: someOf(changed) } });
  return null;
};

/** What was saved is what the site has, so of it everything goes that the merged tree does not have. Throws WEB_TREE_DAMAGED before anything is sent. */
export const applyCustomizations: StepActivity<'applyCustomizations'> = async (
  { tree },
  { merged, backup },
  context,
) => {
  await verifyLocal(merged.place, (await partOf(merged, '')).list);
  const { id, place, machine, bytes, sha256 } = backup;
  const owned = { id, place, machine, bytes, files: filesOf(await backupList(backup)).length, sha256: sha256 ?? '' };
  return uploadTree({ tree, part: '' }, { update: merged, owned, backup }, context);
};
