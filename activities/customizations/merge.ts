import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { FileTree } from '../../runbook/results.ts';
import { nameFor, type StepActivity } from '../step.ts';
import { bytesOf, filesOf, readList, sha256Of } from '../web/manifest.ts';
import { prepare } from './desk.ts';
import { openMemory } from './memory.ts';
import { openListed } from './trees.ts';

export const mergeCustomizations: StepActivity<'mergeCustomizations'> = async (
  { desk, part, encoding, keep = [] },
  { base, ours, theirs },
  context,
) => {
  const trees = {
    base: base ? await openListed('base', base, part, keep) : null,
    ours: await openListed('ours', ours, '', keep),
    theirs: await openListed('theirs', theirs, part, keep),
  };
  const place = join(desk.folder, nameFor(context, 'merge'));
  await prepare(trees, place, {
    legacy: encoding,
    memory: await openMemory(desk.remembered),
    inputs: digest(
      JSON.stringify([
        base?.sha256 ?? null,
        ours.sha256,
        theirs.sha256,
        part,
        encoding,
        ...(keep.length > 0 ? [keep] : []),
      ]),
    ),
    where: desk.machine.name,
    time: () => new Date(),
    beat: (done, total) => {
      context.signal.throwIfAborted();
      context.progress({ done, total });
    },
  });
  return preparedTree(place, desk.machine.name);
};

/** What `uploadTree` and `applyCustomizations` take. */
async function preparedTree(place: string, machine: string): Promise<FileTree> {
  const files = join(place, 'files');
  const list = (await readList(`${files}.json`)) ?? new Map();
  return {
    id: place.split('/').at(-1) ?? '',
    place: files,
    machine,
    files: filesOf(list).length,
    bytes: bytesOf(list),
    sha256: sha256Of(list),
  };
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
