import type { FileStat, Machine } from '../machines/machine.ts';

export interface FoundFile {
  readonly path: string;
  readonly name: string;
  readonly stat: FileStat;
}

/** Every file below a folder; links are not followed. Absent folder: none. */
export async function* walkFiles(machine: Machine, folder: string): AsyncGenerator<FoundFile> {
  if ((await machine.stat(folder))?.kind !== 'folder') return;
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const { name, stat } of await machine.list(next)) {
      const path = machine.join(next, name);
      if (stat.kind === 'folder') folders.push(path);
      else if (stat.kind === 'file') yield { path, name, stat };
    }
  }
}
