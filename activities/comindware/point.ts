/** A restore point of an instance: all that belongs together, in one folder with one manifest that is written last. */
import canonicalize from 'canonicalize';
import { NakatError } from '../../runbook/errors/index.ts';
import { proofLine } from '../../runbook/messages/proof.ts';
import type { Backup, ProofLine } from '../../runbook/results.ts';
import { follow, putTree } from '../generic/trees.ts';
import type { Link } from '../machines/machine.ts';
import { differences, manifestOf, someOf, type FileHashes } from '../site/fingerprint.ts';
import { nameFor, type StepContext } from '../step.ts';
import { putIis, readIis, type IisPart } from './iis.ts';
import {
  mustBeStopped,
  readConfig,
  readMain,
  readText,
  samePath,
  sha256,
  versionOf,
  type ConfigTree,
  type Instance,
} from './instance.ts';

type Files = Readonly<Record<string, { readonly size: number; readonly sha256: string }>>;

/** No contents: configuration files hold passwords. */
export interface RestorePoint {
  readonly instance: string;
  readonly version: string;
  readonly database: Files;
  readonly streams: Files | null;
  readonly config: Files;
  readonly links: readonly Link[];
  readonly main: string;
  readonly iis: IisPart;
}

const mapOf = (files: Files): FileHashes => new Map(Object.entries(files));
export const filesOf = (tree: ConfigTree): Files =>
  Object.fromEntries(
    [...tree.files].map(([path, content]) => [path, { size: content.length, sha256: sha256(content) }]),
  );

/** Parts of a restore point by their place in its folder. */
const parts = (instance: Instance): { name: 'database' | 'streams'; folder: string }[] => [
  { name: 'database', folder: instance.target.database },
  ...(instance.target.streams === undefined ? [] : [{ name: 'streams' as const, folder: instance.target.streams }]),
];

export async function backUp(instance: Instance, context: StepContext): Promise<Backup> {
  const { target, machine } = instance;
  const id = nameFor(context, 'instance');
  const place = machine.join(target.backups, id);
  const manifest = machine.join(place, 'point.json');
  if ((await machine.stat(manifest)) !== null) {
    const text = await readText(machine, manifest);
    const point = JSON.parse(text) as RestorePoint;
    await verify(instance, place, point);
    return backupOf(instance, id, place, text, point);
  }
  await mustBeStopped(instance);
  // Without its manifest a copy may be half of one.
  await machine.remove(place);
  await machine.makeFolder(place);
  const copied: Record<string, Files> = {};
  for (const { name, folder } of parts(instance)) {
    context.progress({ note: folder });
    const job = nameFor(context, name);
    await machine.forgetJob(job);
    await machine.copyFolder(folder, machine.join(place, name), job, follow(context));
    await machine.forgetJob(job);
    const [original, copy] = [await machine.hash(folder), await machine.hash(machine.join(place, name))];
    const changed = differences(original, copy);
    if (changed.length > 0)
      throw new NakatError('FILES_CHANGED_DURING_BACKUP', {
        values: { folder, files: someOf(changed) },
        where: machine.name,
      });
    copied[name] = Object.fromEntries(copy);
  }
  const config = await readConfig(machine, target.config);
  for (const [path, content] of config.files) await writeBelow(instance, machine.join(place, 'config'), path, content);
  const main = await readText(machine, target.main);
  await machine.writeFile(machine.join(place, 'main.yml'), main);
  const point: RestorePoint = {
    instance: target.name,
    version: versionOf(await readMain(instance)),
    database: copied['database'] ?? {},
    streams: copied['streams'] ?? null,
    config: filesOf(config),
    links: config.links,
    main: sha256(main),
    iis: await readIis(instance),
  };
  const text = canonicalize(point) ?? '';
  await verify(instance, place, point);
  await machine.writeFile(manifest, text);
  return backupOf(instance, id, place, text, point);
}

/** The manifest of a finished restore point. @throws FILES_BACKUP_DAMAGED when it is not the one of that backup. */
export async function readPoint({ machine }: Instance, backup: Backup): Promise<RestorePoint> {
  const file = machine.join(backup.place, 'point.json');
  const text = (await machine.stat(file)) === null ? '' : await readText(machine, file);
  if (sha256(text) !== backup.sha256) throw damaged(backup.place, machine.name, ['point.json']);
  return JSON.parse(text) as RestorePoint;
}

/** Configuration files as they were, by path. */
export async function readOldConfig(
  instance: Instance,
  backup: Backup,
): Promise<{ point: RestorePoint; files: ReadonlyMap<string, Buffer>; main: string }> {
  const { machine } = instance;
  const point = await readPoint(instance, backup);
  await verifyConfig(instance, backup.place, point);
  const { files } = await readConfig(machine, machine.join(backup.place, 'config'));
  return { point, files, main: await readText(machine, machine.join(backup.place, 'main.yml')) };
}

export async function restore(instance: Instance, backup: Backup, context: StepContext): Promise<void> {
  const { target, machine } = instance;
  await mustBeStopped(instance);
  const point = await readPoint(instance, backup);
  await verifyConfig(instance, backup.place, point);
  for (const { name, folder } of parts(instance)) {
    const wanted = point[name];
    if (wanted === null) continue;
    context.progress({ note: folder });
    const from = machine.join(backup.place, name);
    await putTree(machine, {
      from,
      to: folder,
      wanted: mapOf(wanted),
      job: nameFor(context, `restore-${name}`),
      check: () => verifyTree(instance, from, wanted),
      context,
    });
  }
  await restoreConfig(instance, backup, point);
  const main = await machine.readFile(machine.join(backup.place, 'main.yml'));
  await machine.writeFile(target.main, main);
  await putIis(instance, point.iis);
}

/** Links first, or what is written would go through them into the binaries. */
async function restoreConfig(instance: Instance, backup: Backup, point: RestorePoint): Promise<void> {
  const { target, machine } = instance;
  const at = (path: string): string => machine.join(target.config, ...path.split('/'));
  const now = await readConfig(machine, target.config);
  for (const link of now.links)
    if (!point.links.some((old) => sameLink(old, link))) await machine.removeLink(at(link.name));
  for (const path of now.files.keys()) if (!Object.hasOwn(point.config, path)) await machine.remove(at(path));
  const { files } = await readConfig(machine, machine.join(backup.place, 'config'));
  for (const [path, content] of files) {
    const there = now.files.get(path);
    if (!there || !there.equals(content)) await writeBelow(instance, target.config, path, content);
  }
  for (const link of point.links) await machine.makeLink(at(link.name), link.target, link.kind);
}

/** Every part now, beside the restore point. */
export async function compare(instance: Instance, backup: Backup): Promise<ProofLine[]> {
  const { target, machine } = instance;
  const point = await readPoint(instance, backup);
  const config = await readConfig(machine, target.config);
  const iis = await readIis(instance);
  const lines = [proofLine({ kind: 'version' }, point.version, versionOf(await readMain(instance)))];
  for (const { name, folder } of parts(instance)) {
    const wanted = point[name];
    const now = (await machine.stat(folder)) === null ? new Map() : await machine.hash(folder);
    if (wanted !== null)
      lines.push(
        proofLine(
          { kind: name === 'database' ? 'databaseFiles' : 'uploadedFiles' },
          summary(mapOf(wanted)),
          summary(now),
        ),
      );
  }
  lines.push(proofLine({ kind: 'configurationFiles' }, summary(mapOf(point.config)), summary(mapOf(filesOf(config)))));
  lines.push(proofLine({ kind: 'instanceFile' }, point.main, sha256(await readText(machine, target.main))));
  lines.push(proofLine({ kind: 'links' }, linkText(point.links), linkText(config.links)));
  for (const part of ['bindings', 'pools', 'applications'] as const)
    lines.push(proofLine({ kind: part }, canonicalize(point.iis[part]) ?? '', canonicalize(iis[part]) ?? ''));
  return lines;
}

const summary = (files: FileHashes): string => {
  const bytes = [...files.values()].reduce((sum, one) => sum + one.size, 0);
  return `${files.size}, ${bytes}, ${sha256(manifestOf(files)).slice(0, 16)}`;
};
export const linkText = (links: readonly Link[]): string =>
  links.map(({ name, target, kind }) => `${name} → ${target} (${kind})`).join('; ') || '–';

export const sameLink = (a: Link, b: Link): boolean =>
  a.name === b.name && a.kind === b.kind && samePath(a.target, b.target);

export async function writeBelow(
  { machine }: Instance,
  folder: string,
  path: string,
  content: Buffer | string,
): Promise<void> {
  const names = path.split('/');
  await machine.makeFolder(machine.join(folder, ...names.slice(0, -1)));
  await machine.writeFile(machine.join(folder, ...names), content);
}

async function verify(instance: Instance, place: string, point: RestorePoint): Promise<void> {
  for (const { name } of parts(instance)) {
    const wanted = point[name];
    if (wanted !== null) await verifyTree(instance, instance.machine.join(place, name), wanted);
  }
  await verifyConfig(instance, place, point);
}

async function verifyTree({ machine }: Instance, place: string, wanted: Files): Promise<void> {
  const found = (await machine.stat(place)) === null ? new Map() : await machine.hash(place);
  const bad = differences(mapOf(wanted), found);
  if (bad.length > 0) throw damaged(place, machine.name, bad);
}

async function verifyConfig({ machine }: Instance, place: string, point: RestorePoint): Promise<void> {
  const { files } = await readConfig(machine, machine.join(place, 'config'));
  const bad = differences(mapOf(point.config), mapOf(filesOf({ files, links: [] })));
  const main =
    (await machine.stat(machine.join(place, 'main.yml'))) === null
      ? ''
      : await readText(machine, machine.join(place, 'main.yml'));
  if (sha256(main) !== point.main) bad.push('main.yml');
  if (bad.length > 0) throw damaged(place, machine.name, bad);
}

const damaged = (place: string, where: string, files: readonly string[]): NakatError =>
  new NakatError('FILES_BACKUP_DAMAGED', { values: { place, files: someOf(files) }, where });

function backupOf(
  { target, machine }: Instance,
  id: string,
  place: string,
  manifest: string,
  point: RestorePoint,
): Backup {
  const sizes = [point.database, point.streams ?? {}, point.config].flatMap((files) =>
    Object.values(files).map(({ size }) => size),
  );
  return {
    id,
    system: 'files',
    engine: `Comindware ${target.name} ${point.version}`,
    place,
    machine: machine.name,
    bytes: sizes.reduce((sum, one) => sum + one, 0),
    sha256: sha256(manifest),
    verified: 'manifest',
  };
}
