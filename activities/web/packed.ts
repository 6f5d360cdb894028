/**
 * All new files of a job in one tar, where the host can unpack it: the quickest way for many small files, above all over slow lines.
 * It is unpacked in a folder of its own inside nakat's folder, and what came out of it is moved to where it would wait otherwise: a `tar`
 * that still runs after its worker is gone writes to nothing that a later attempt relies on.
 */
import { randomBytes } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import { atOnce } from './lanes.ts';
import type { NewFolder, Staged } from './staged.ts';
import type { Work } from './work.ts';

/** Fewer files arrive as quickly one by one. */
const worthPacking = 200;
const unpacked = 'tar-';
/** Bytes; such files are read in one go, which is quicker than to wait for each, and larger ones in such pieces. */
const small = 1 << 18;

/**
 * Into a new folder of nakat's. True when the host unpacked all of it; false when it did not, for whatever reason: then what came out of
 * it is there, and the rest can be sent as usual. Null when it was not tried.
 */
export async function sendPacked(work: Work, staging: string, staged: Staged): Promise<boolean | null> {
  const { remote, job } = work;
  if (!remote.unpack || job.sends.length < worthPacking) return null;
  const archive = pack();
  // Whoever reads or fills it hears of it; without a listener it would end the process.
  archive.on('error', () => {});
  const filled = fill(archive, work, staged).then(
    () => true,
    (error: unknown) => {
      archive.destroy(error as Error);
      return false;
    },
  );
  const bytes: AsyncIterable<unknown> = archive;
  const into = `${staging}/${unpacked}${randomBytes(8).toString('hex')}`;
  let whole: boolean;
  try {
    whole = await remote.unpack(into, bytes as AsyncIterable<Buffer>);
  } finally {
    archive.destroy();
  }
  // GNU's tar takes some archives that are cut for whole ones.
  if (!(await filled)) whole = false;
  if (!whole) await takeUnpacked(work, staging);
  return whole;
}

/**
 * What came out of an archive that was not unpacked as a whole comes to where the files of a job wait. Its own folder goes at the end with
 * all the rest: a `tar` may still write there.
 */
export async function takeUnpacked({ remote, moved }: Work, staging: string): Promise<void> {
  const there = new Set((await remote.list(staging)).map(({ name }) => name));
  for (const folder of [...there].filter((name) => name.startsWith(unpacked))) {
    const at = `${staging}/${folder}`;
    await atOnce(remote.lanes, await remote.list(at), async ({ name }) => {
      if (there.has(name)) return;
      await remote.rename(`${at}/${name}`, `${staging}/${name}`);
      moved();
    });
  }
}

async function fill(archive: Pack, { job, context, moved }: Work, staged: Staged): Promise<void> {
  const folders = (list: readonly NewFolder[]): void => {
    for (const folder of list) {
      // Rights that keep its own account out would keep later files out; the wanted ones are set at the end.
      archive.entry({ name: staged.folderAt(folder), type: 'directory', mode: (folder.mode ?? 0o755) | 0o700 });
      folders(folder.folders);
    }
  };
  folders(staged.trees);
  const total = job.sends.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  for (const send of job.sends) {
    context.signal.throwIfAborted();
    await add(archive, { name: staged.fileAt(send), size: send.size, mode: send.mode ?? 0o644 }, send.file);
    done += send.size;
    moved();
    context.progress({ done, total, note: send.path.slice(-80) });
  }
  archive.finalize();
}

async function add(archive: Pack, header: { name: string; size: number; mode: number }, file: string): Promise<void> {
  const content = header.size <= small ? readFileSync(file) : undefined;
  // The head says how much follows.
  if (content && content.length !== header.size) throw new Error(`${file} has ${content.length} bytes`);
  if (content) {
    await new Promise<void>((resolve, reject) => {
      archive.entry(header, content, (error) => (error ? reject(error) : resolve()));
    });
    return;
  }
  const into = archive.entry(header);
  into.on('error', () => {});
  // No byte more than was approved: it would be read as the next entry's head.
  const from = createReadStream(file, { highWaterMark: small, end: header.size - 1 });
  await pipeline(from, into as unknown as Writable);
}
