/**
 * What people decided about conflicts of one customer: a folder with one file for each, named by the contents that met there. So it is
 * found again in the next attempt, on the test copy, and in the next update, wherever exactly the same conflict comes back.
 */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceLocal } from '../machines/local-files.ts';
import { writeWhole } from '../web/manifest.ts';
import { writeFile } from 'node:fs/promises';

export const sides = ['ours', 'theirs', 'edited'] as const;
/** `edited`: the file as the person made it, which may be: removed. */
export type Choice = (typeof sides)[number];

const entry = z.strictObject({
  format: z.literal(1),
  /** Where it was decided, for people who look into the folder. */
  path: z.string(),
  by: z.string(),
  /** ISO time. */
  at: z.string(),
  decided: z.union([
    z.strictObject({ choice: z.enum(['ours', 'theirs']) }),
    /** The file's content lies beside, in `<key>.content`; false: the file was removed. */
    z.strictObject({ choice: z.literal('edited'), content: z.boolean() }),
    z.strictObject({ lines: z.array(z.string()) }),
  ]),
});
export type Remembered = z.infer<typeof entry>;

export interface Memory {
  get(key: string): Remembered | undefined;
  /** Of a file that was edited; null: it was removed. */
  content(key: string): Promise<Buffer | null>;
  remember(key: string, what: Omit<Remembered, 'format'>, content?: Buffer): Promise<void>;
}

/** A folder that is missing remembers nothing yet. What is no memory of nakat's in it is left alone. */
export async function openMemory(folder: string): Promise<Memory> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const known = new Map<string, Remembered>();
  for (const name of names) {
    const key = /^([0-9a-f]{64})\.json$/.exec(name)?.[1];
    if (key === undefined) continue;
    const parsed = entry.safeParse(jsonOf(await readFile(join(folder, name), 'utf8')));
    if (parsed.success) known.set(key, parsed.data);
  }
  return {
    get: (key) => known.get(key),
    content: (key) => {
      const decided = known.get(key)?.decided;
      return decided && 'content' in decided && decided.content
        ? readFile(join(folder, `${key}.content`))
        : Promise.resolve(null);
    },
    remember: async (key, what, content) => {
      await mkdir(folder, { recursive: true });
      // The content first: an entry never names one that is not there.
      if (content) await replaceLocal(join(folder, `${key}.content`), (beside) => writeFile(beside, content));
      const whole: Remembered = { format: 1, ...what };
      await writeWhole(join(folder, `${key}.json`), `${JSON.stringify(whole, null, 2)}\n`);
      known.set(key, whole);
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
