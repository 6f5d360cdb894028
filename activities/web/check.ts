/** Before anything is planned on it: what the account may do on the server, and what the server can. */
import { stat, statfs } from 'node:fs/promises';
import { NakatError } from '../../runbook/errors/index.ts';
import type { WebTree } from '../../runbook/targets/index.ts';
import { nameFor, type StepActivity } from '../step.ts';
import { withRemote } from './open.ts';
import type { Remote } from './remote.ts';
import { removeStaging, takeStaging } from './staging.ts';
import { storeOf } from './store.ts';
import { ownPrefix, walk } from './walk.ts';

const megabyte = 2 ** 20;
/**
 * What one run keeps in the store: the backup of the rehearsal, that of production, that of the test copy (mostly on the same disk, and as
 * large once production was copied to it), and what is smaller: releases unpacked, pages saved, zipped and merged, files that appeared.
 */
const copiesInStore = 4;
/** All that is sent waits beside the site until it is whole: at worst every file of it. */
const copiesOnHost = 1;

export const checkTree: StepActivity<'checkTree'> = async ({ tree }, _uses, context) => {
  const store = await storeOf(tree);
  return await withRemote(tree, context, async (remote) => {
    const found = await walk(remote, tree.keep, (count) => context.progress({ note: `${count}` }));
    const kinds = (kind: string): number => [...found.values()].filter((entry) => entry.kind === kind).length;
    const bytes = [...found.values()].reduce((sum, { kind, size }) => sum + (kind === 'file' ? size : 0), 0);
    const { bavail, bsize } = await statfs(store);
    checkRoom(store, bavail * bsize, bytes * copiesInStore);
    const abilities = await tryOut(remote, nameFor(context, ownPrefix.slice(0, -1)));
    const free = await remote.freeSpace();
    // What was just written had room: some servers say 0 when they do not know.
    if (free !== null && free > 0)
      checkRoom(tree.name, free, bytes * (copiesOnHost + ((await onOneDisk(tree, store)) ? copiesInStore : 0)));
    const facts = {
      protocol: remote.protocol,
      files: kinds('file'),
      folders: kinds('folder'),
      links: kinds('link'),
      bytes,
      rightsKept: remote.modes,
      ...abilities,
    };
    return free === null ? facts : { ...facts, free };
  });
};

/** A site on the worker's own disk: what is kept and what waits share the room. */
const onOneDisk = async (tree: WebTree, store: string): Promise<boolean> =>
  tree.via === 'machine' && tree.machine.via === 'local' && (await stat(tree.folder)).dev === (await stat(store)).dev;

/** Throws WEB_NO_ROOM. */
function checkRoom(place: string, free: number, needed: number): void {
  if (free >= needed) return;
  const values = { place, free: Math.floor(free / megabyte), needed: Math.ceil(needed / megabyte) };
  throw new NakatError('WEB_NO_ROOM', { values });
}

/** In nakat's own folder, which is gone afterwards: everything that an upload will ask of the server. */
async function tryOut(remote: Remote, name: string): Promise<{ hashedByServer: boolean; russianNames: boolean }> {
  // All bytes there are: a server that takes them for text changes some.
  const content = Buffer.from(Array.from({ length: 1024 }, (_, index) => index % 256));
  const { staging } = await takeStaging(remote, name);
  const at = (one: string): string => `${staging}/${one}`;
  try {
    await remote.write(at('first'), { content: Buffer.from('old') });
    await remote.write(at('second'), { content });
    await remote.rename(at('second'), at('first'));
    const back: Buffer[] = [];
    await remote.read(at('first'), (piece) => void back.push(piece));
    if (!Buffer.concat(back).equals(content)) throw refused(remote, 'read back what was written');
    const entry = (await remote.look([at('first')])).get(at('first'));
    if (entry?.size !== content.length) throw refused(remote, 'list a file with its size');
    const hashedByServer = ((await remote.hash([at('first')]))?.size ?? 0) > 0;
    const russian = 'проверка имени.txt';
    await remote.write(at(russian), { content: Buffer.from('x') });
    const russianNames = (await remote.list(staging)).some((one) => one.name === russian);
    await remote.makeFolder(at('folder'));
    await remote.removeFolder(at('folder'));
    return { hashedByServer, russianNames };
  } finally {
    await removeStaging(remote, staging);
  }
}

const refused = (remote: Remote, doing: string): NakatError =>
  new NakatError('WEB_REFUSED', { where: remote.name, values: { doing } });
