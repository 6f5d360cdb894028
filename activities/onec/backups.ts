/**
 * Backups of an infobase as files on its machine: `<id>.dt.partial` while it is made, then verified, hashed and renamed to
 * `<id>.dt`; `<id>.json`, the manifest, comes last. Without a manifest there is no backup.
 */
import type { Backup } from '../../runbook/results.ts';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Onec } from './onec.ts';

export interface Manifest {
  readonly format: 1;
  readonly id: string;
  /** Which infobase it was taken from; see `identity`. */
  readonly source: string;
  readonly engine: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The configuration's generation; a restore must bring it back. */
  readonly generation: string;
}

/** What a restore leaves behind on the machine: which step put what there. */
export interface RestoreMark {
  readonly id: string;
  readonly backup: string;
  readonly state: 'started' | 'done';
  readonly generation: string;
}

/** All versions of the .dt format begin so (seen in tool_1cd and other public readers). */
const magic = Buffer.from('1CIBDmpF', 'latin1');

/** The same infobase has the same identity under whatever name a plan speaks of it. */
export const identity = ({ target }: Onec): string =>
  (target.at.kind === 'file'
    ? `file:${target.machine.name}:${target.at.folder.replace(/[\\/]+$/, '')}`
    : `server:${target.at.server}:${target.at.ref}`
  ).toLowerCase();

export const places = ({ machine, target }: Onec, id: string) => ({
  partial: machine.join(target.backups, `${id}.dt.partial`),
  file: machine.join(target.backups, `${id}.dt`),
  manifest: machine.join(target.backups, `${id}.json`),
  mark: machine.join(target.backups, `restored-${target.name.replace(/[^\p{L}\p{N}._-]/gu, '_')}.json`),
});

export async function readJson<T>({ machine }: Onec, path: string): Promise<T | null> {
  if ((await machine.stat(path)) === null) return null;
  try {
    return JSON.parse((await machine.readFile(path)).toString('utf8')) as T;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new NakatError('INFOBASE_BACKUP_DAMAGED', {
      values: { place: path, reason: 'not JSON' },
      where: machine.name,
      cause,
    });
  }
}

export const writeJson = ({ machine }: Onec, path: string, value: Manifest | RestoreMark): Promise<void> =>
  machine.writeFile(path, `${JSON.stringify(value, null, 2)}\n`);

/** The finished backup of that id, read and hashed again; null when there is none. Throws INFOBASE_BACKUP_DAMAGED. */
export async function finished(onec: Onec, id: string): Promise<Backup | null> {
  const { file, manifest } = places(onec, id);
  const known = await readJson<Manifest>(onec, manifest);
  if (known === null) return null;
  await compare(onec, file, known);
  return asBackup(onec, known);
}

/** Checks the new dump, gives it its name and writes the manifest. */
export async function finish(onec: Onec, id: string, engine: string, generation: string): Promise<Backup> {
  const { partial, file, manifest } = places(onec, id);
  await checkMagic(onec, partial);
  const { size, sha256 } = await digest(onec, partial);
  await onec.machine.rename(partial, file);
  const made: Manifest = { format: 1, id, source: identity(onec), engine, bytes: size, sha256, generation };
  await writeJson(onec, manifest, made);
  return asBackup(onec, made);
}

/** Reads the whole backup and its manifest. Throws INFOBASE_BACKUP_DAMAGED. */
export async function verified(onec: Onec, backup: Backup): Promise<Manifest> {
  if (!backup.place.endsWith('.dt')) throw damaged(onec, backup.place, 'it is not an infobase dump');
  const known = await readJson<Manifest>(onec, backup.place.replace(/\.dt$/, '.json'));
  if (known === null || known.sha256 !== backup.sha256)
    throw damaged(onec, backup.place, known === null ? 'its manifest is missing' : 'its manifest is of another file');
  await checkMagic(onec, backup.place);
  await compare(onec, backup.place, known);
  return known;
}

async function compare(onec: Onec, file: string, known: Manifest): Promise<void> {
  const { size, sha256 } = await digest(onec, file);
  if (size !== known.bytes) throw damaged(onec, file, `${size} bytes instead of ${known.bytes}`);
  if (sha256 !== known.sha256) throw damaged(onec, file, 'its checksum has changed');
}

async function digest(onec: Onec, file: string): Promise<{ size: number; sha256: string }> {
  const entry = (await onec.machine.stat(file))?.kind === 'file' ? (await onec.machine.hash(file)).get('') : undefined;
  if (entry === undefined) throw damaged(onec, file, 'the file is missing');
  return entry;
}

async function checkMagic(onec: Onec, file: string): Promise<void> {
  const stat = await onec.machine.stat(file);
  if (stat === null || stat.size === 0)
    throw damaged(onec, file, stat === null ? 'the file is missing' : 'the file is empty');
  const start = await onec.machine.readFile(file, magic.length);
  if (!start.subarray(0, magic.length).equals(magic)) throw damaged(onec, file, 'it is not an infobase dump');
}

const damaged = ({ machine }: Onec, place: string, reason: string): NakatError =>
  new NakatError('INFOBASE_BACKUP_DAMAGED', { values: { place, reason }, where: machine.name });

const asBackup = (onec: Onec, { id, engine, bytes, sha256 }: Manifest): Backup => ({
  id,
  system: 'infobase',
  engine,
  place: places(onec, id).file,
  machine: onec.machine.name,
  bytes,
  sha256,
  verified: 'dt + manifest',
});
