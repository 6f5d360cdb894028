/** The site's files seen from outside nakat. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Names and contents of every file; without `upload`, where the exchange leaves its own. */
export async function siteFiles(folder: string): Promise<string> {
  const lines: string[] = [];
  const walk = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const path = join(below, entry.name);
      if (path === 'upload') continue;
      if (entry.isDirectory()) await walk(path);
      else
        lines.push(
          `${path} ${createHash('sha256')
            .update(await readFile(join(folder, path)))
            .digest('hex')}`,
        );
    }
  };
  await walk('');
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}
