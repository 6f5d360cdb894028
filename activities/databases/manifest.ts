/** A finished backup is a folder with `manifest.json` in it, which lists every file with size and digest. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Backup } from '../../runbook/results.ts';
import type { Machine } from '../machines/machine.ts';

const file = 'manifest.json';

/** What a manifest of one kind of server holds; `database` is that server's own. */
export const manifestOf = <D extends z.ZodType>(database: D) =>
  z.object({
    format: z.literal(1),
    /** Version of the server that was dumped. */
    server: z.string(),
    database,
    /** Tables with data, for progress bars. */
    tables: z.number(),
    files: z.array(z.object({ path: z.string(), size: z.number(), sha256: z.string() })),
  });

interface AnyManifest {
  readonly format: 1;
  readonly files: readonly { readonly path: string; readonly size: number; readonly sha256: string }[];
}

/** One kind of server's backups: its name, and how its manifests read. */
export interface BackupKind<M extends AnyManifest> {
  readonly engine: string;
  readonly manifest: z.ZodType<M>;
}

/** Hashes all files of the folder and writes the manifest into it. */
export const writeManifest = async <M extends AnyManifest>(
  machine: Machine,
  folder: string,
  head: Omit<M, 'format' | 'files'>,
): Promise<void> => {
  const files = [...(await machine.hash(folder))]
    .map(([path, { size, sha256 }]) => ({ path, size, sha256 }))
    .filter(({ path }) => path !== file);
  const manifest = { format: 1, ...head, files };
  await machine.writeFile(machine.join(folder, file), JSON.stringify(manifest, null, 1));
};

/** What the folder says of itself. @throws BACKUP_NOT_FOUND, BACKUP_DAMAGED */
export const readBackup = async <M extends AnyManifest>(
  kind: BackupKind<M>,
  machine: Machine,
  id: string,
  place: string,
): Promise<{ backup: Backup; manifest: M }> => {
  const found = await machine.stat(place);
  if (!found) throw new NakatError('BACKUP_NOT_FOUND', { where: machine.name, values: { backup: id, place } });
  if (found.kind !== 'folder' || !(await machine.stat(machine.join(place, file))))
    throw damaged(machine, id, `${file}: 0 B`);
  const content = await machine.readFile(machine.join(place, file));
  const manifest = parsed(kind, content.toString('utf8'));
  if (!manifest) throw damaged(machine, id, `${file}: JSON`);
  const backup: Backup = {
    id,
    system: 'database',
    engine: kind.engine,
    place,
    machine: machine.name,
    bytes: manifest.files.reduce((sum, { size }) => sum + size, 0),
    sha256: createHash('sha256').update(content).digest('hex'),
    verified: 'manifest',
  };
  return { backup, manifest };
};

/** Reads every byte. @throws BACKUP_NOT_FOUND, BACKUP_DAMAGED */
export const verifyBackup = async <M extends AnyManifest>(
  kind: BackupKind<M>,
  machine: Machine,
  backup: Backup,
): Promise<M> => {
  const { backup: now, manifest } = await readBackup(kind, machine, backup.id, backup.place);
  if (now.sha256 !== backup.sha256)
    throw damaged(machine, backup.id, `${file}: SHA-256 ${now.sha256} ≠ ${backup.sha256}`);
  const there = await machine.hash(backup.place);
  there.delete(file);
  for (const { path, size, sha256 } of manifest.files) {
    const actual = there.get(path);
    if (actual?.size !== size) throw damaged(machine, backup.id, `${path}: ${actual?.size ?? 0} B ≠ ${size} B`);
    if (actual.sha256 !== sha256) throw damaged(machine, backup.id, `${path}: SHA-256 ${actual.sha256} ≠ ${sha256}`);
    there.delete(path);
  }
  const [extra] = there.keys();
  if (extra !== undefined) throw damaged(machine, backup.id, `+ ${extra}`);
  return manifest;
};

export const damaged = (machine: Machine, id: string, reason: string, vendor?: string): NakatError =>
  new NakatError('BACKUP_DAMAGED', { where: machine.name, values: { backup: id, reason }, vendor });

const parsed = <M extends AnyManifest>(kind: BackupKind<M>, text: string): M | null => {
  try {
    return kind.manifest.parse(JSON.parse(text));
  } catch {
    return null;
  }
};
