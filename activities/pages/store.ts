/** Pictures in a folder, listed in its `index.json` with their digests: there under its name only when whole. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { NakatError } from '../../runbook/errors/index.ts';
import type { PagesState } from '../../runbook/results.ts';

const pictureSchema = z.object({
  path: z.string(),
  width: z.number(),
  file: z.string(),
  sha256: z.string(),
  /** Pixels of the whole page, where the picture ends before. */
  height: z.number().optional(),
  status: z.number(),
  problems: z.array(z.string()),
});
export type Picture = z.infer<typeof pictureSchema>;

const indexSchema = z.object({
  format: z.literal(1),
  site: z.string(),
  browser: z.string(),
  pictures: z.array(pictureSchema),
  /** Of a comparison: one line per picture. Files are absolute, since those before lie elsewhere. */
  compared: z
    .array(
      z.object({
        path: z.string(),
        width: z.number(),
        share: z.number(),
        findings: z.array(z.string()),
        /** Findings that a person let pass in the rehearsal. */
        accepted: z.array(z.string()).optional(),
        before: z.object({ file: z.string(), sha256: z.string() }).nullable(),
        after: z.object({ file: z.string(), sha256: z.string() }).nullable(),
        difference: z.object({ file: z.string(), sha256: z.string() }).nullable(),
      }),
    )
    .optional(),
});
export type PictureIndex = z.infer<typeof indexSchema>;
export type Compared = NonNullable<PictureIndex['compared']>[number];

export const indexFile = 'index.json';
export const sha256 = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');

/** Writes into `<folder>.partial`; `finish` puts it in place of what was there. */
export interface PictureFolder {
  /** Where the file will lie when all is done. */
  add(name: string, content: Buffer): Promise<{ readonly file: string; readonly sha256: string }>;
  /** Digest of the list. */
  finish(index: PictureIndex): Promise<string>;
}

/** @throws PICTURES_NOT_WRITABLE */
export const openFolder = async (folder: string): Promise<PictureFolder> => {
  const partial = `${folder}.partial`;
  await guarded(folder, async () => {
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
  });
  return {
    add: (name, content) =>
      guarded(folder, async () => {
        await writeFile(join(partial, name), content);
        return { file: join(folder, name), sha256: sha256(content) };
      }),
    finish: (index) =>
      guarded(folder, async () => {
        const text = JSON.stringify(index, null, 1);
        await writeFile(join(partial, indexFile), text);
        await rm(folder, { recursive: true, force: true });
        await rename(partial, folder);
        return sha256(text);
      }),
  };
};

const guarded = async <T>(folder: string, act: () => Promise<T>): Promise<T> => {
  try {
    return await act();
  } catch (error) {
    const vendor = error instanceof Error ? error.message : String(error);
    throw new NakatError('PICTURES_NOT_WRITABLE', { where: hostname(), values: { folder }, vendor, cause: error });
  }
};

/** Null: there is no such folder, or it is not whole. */
export const readFolder = async (folder: string): Promise<{ index: PictureIndex; sha256: string } | null> => {
  try {
    const text = await readFile(join(folder, indexFile), 'utf8');
    return { index: indexSchema.parse(JSON.parse(text)), sha256: sha256(text) };
  } catch {
    return null;
  }
};

export interface Before {
  readonly folder: string;
  readonly index: PictureIndex;
  /** @throws PICTURES_LOST when it is not as it was. */
  png(picture: Picture): Promise<Buffer>;
}

/** The pictures of an earlier step. @throws PICTURES_LOST */
export const readBefore = async (state: PagesState): Promise<Before> => {
  const lost = (reason: string): NakatError =>
    new NakatError('PICTURES_LOST', { where: hostname(), values: { folder: state.folder, reason } });
  const found = await readFolder(state.folder);
  if (!found) throw lost(indexFile);
  if (found.sha256 !== state.sha256) throw lost(`${indexFile}: SHA-256`);
  return {
    folder: state.folder,
    index: found.index,
    png: async (picture) => {
      const content = await readFile(join(state.folder, picture.file)).catch(() => null);
      if (content === null || sha256(content) !== picture.sha256) throw lost(picture.file);
      return content;
    },
  };
};
