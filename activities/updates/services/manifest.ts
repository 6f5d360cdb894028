/** A list of releases of one’s own: `{"nakat": 1, "product": "…", "releases": [{version, file, sha256, size?, changes?, from?}]}`. */
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { z } from 'zod';
import { NakatError } from '../../../runbook/errors/index.ts';
import type { Release } from '../../../runbook/watch/state.ts';
import { ask } from '../http.ts';
import { checksumOf, plain, rulesOf, unreadable, versionOf } from '../text.ts';
import { answerLimit, type Adapter, type Of } from './service.ts';

const manifest = z.object({
  nakat: z.literal(1),
  product: z.string(),
  releases: z
    .array(
      z.object({
        version: z.string(),
        file: z.string().min(1).max(2000),
        size: z.int().min(1).nullable().default(null),
        sha256: z.string().optional(),
        md5: z.string().optional(),
        changes: z.string().default(''),
        from: z.array(z.string()).default([]),
      }),
    )
    .max(20_000),
});

export const webManifest: Adapter<Of<'manifest'>> = {
  releases: async (service, _installed, { secret, signal }) => {
    const text = await ask(
      service,
      { url: new URL(service.url), accept: 'application/json' },
      answerLimit,
      secret,
      signal,
    );
    return read(text, service.name, service.product, (file) => {
      if (!URL.canParse(file, service.url)) throw unreadable(service.name, `"${plain(file, 100)}" is no address`);
      return new URL(file, service.url).href;
    });
  },
};

export const folderManifest: Adapter<Of<'folder'>> = {
  releases: async (service, _installed) => {
    const text = await readBounded(join(service.folder, 'manifest.json'), service.name);
    return read(text, service.name, service.product, (file) => file);
  },
};

function read(text: string, service: string, product: string, place: (file: string) => string): Release[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw unreadable(service, 'no JSON');
  }
  const parsed = manifest.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable(service, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  if (parsed.data.product !== product)
    throw new NakatError('SERVICE_OTHER_PRODUCT', {
      values: { service, offered: plain(parsed.data.product, 100), wanted: product },
    });
  return parsed.data.releases.map((one) => ({
    version: versionOf(one.version, service),
    changes: plain(one.changes),
    file: place(one.file),
    size: one.size,
    // MD5 only where there is nothing better.
    checksum: checksumOf(one.sha256, service, 'sha256') ?? checksumOf(one.md5, service, 'md5'),
    from: rulesOf(one.from, service),
  }));
}

async function readBounded(path: string, service: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY).catch((error: unknown) => {
    throw new NakatError('SERVICE_UNREACHABLE', { values: { service }, where: path, vendor: (error as Error).message });
  });
  try {
    if ((await file.stat()).size > answerLimit)
      throw new NakatError('SERVICE_TOO_BIG', { values: { service, limit: answerLimit }, where: path });
    return (await file.readFile('utf8')).replace(/^\uFEFF/, '');
  } finally {
    await file.close();
  }
}

/** The real path of a file in the folder of a service; a name that leads out of it, by `..` or by a link, is refused. */
export async function inFolder(service: Of<'folder'>, file: string): Promise<string> {
  const [home, path] = await Promise.all([realpath(service.folder), realpath(join(service.folder, file))]).catch(
    (error: unknown) => {
      throw new NakatError('SERVICE_UNREACHABLE', {
        values: { service: service.name },
        where: service.folder,
        vendor: (error as Error).message,
      });
    },
  );
  if (!path.startsWith(home.endsWith(sep) ? home : home + sep))
    throw new NakatError('SERVICE_LEADS_AWAY', { values: { service: service.name, to: path } });
  return path;
}
