/** The person at a host that neither SFTP nor FTP reaches: saves the site's files, unpacks nakat's archive there, puts the saved files back. */
import { createWriteStream } from 'node:fs';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';

export interface Person {
  /** What is asked, by the name of the decision; false: nothing that this person knows. */
  does(decision: string): Promise<boolean>;
}

interface Desk {
  /** Real folder of the site. */
  readonly site: string;
  /** Where nakat keeps the archive. */
  readonly store: string;
  /** Where the person saves the site's files. */
  readonly saved: string;
}

export function startPerson({ site, store, saved }: Desk): Person {
  const works: Readonly<Record<string, () => Promise<void>>> = {
    'save-by-hand': () => cp(site, saved, { recursive: true, preserveTimestamps: true }),
    'upload-by-hand': async () => unpack(join(store, await archiveIn(store)), site),
    'restore-by-hand': async () => {
      for (const name of await readdir(site)) await rm(join(site, name), { recursive: true });
      await cp(saved, site, { recursive: true, preserveTimestamps: true });
    },
  };
  return {
    does: async (decision) => {
      const work = Object.entries(works).find(([name]) => decision.includes(name))?.[1];
      await work?.();
      return work !== undefined;
    },
  };
}

async function archiveIn(store: string): Promise<string> {
  const [name] = (await readdir(store)).filter((one) => one.endsWith('.zip'));
  if (name === undefined) throw new Error(`no archive in ${store}`);
  return name;
}

async function unpack(file: string, into: string): Promise<void> {
  const zip = await yauzl.openPromise(file);
  for await (const entry of zip.eachEntry()) {
    const path = join(into, entry.fileName);
    await mkdir(dirname(path), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path));
  }
}
