/**
 * One extension of an infobase: read, saved, installed, put back. By the Designer and the COM connector, or all by ibcmd where
 * the infobase’s backups are made with it. ibcmd goes past the cluster: whoever installs with it has ended the sessions before.
 * Sources: kb.1ci.com Administrator guide (commands of the Designer), oscript-library/ibcmdrunner (commands of ibcmd), measured
 * runs of 8.3.27 in IngvarConsulting/v8-runner-rust (records of `extension info`).
 */
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import { differencesOf, proofLine } from '../../runbook/messages/proof.ts';
import type { Backup, ProofLine } from '../../runbook/results.ts';
import type { OnecFile } from '../../runbook/targets/index.ts';
import { nameFor } from '../step.ts';
import { viaDesigner } from './configuration.ts';
import { designer } from './designer.ts';
import { bring, putFileAway } from './files.ts';
import { ibcmd } from './ibcmd.ts';
import { askInside, type ExtensionState } from './inside.ts';
import { putAway, type Onec } from './onec.ts';
import { parseRecords } from './text.ts';

export interface Flags {
  readonly safeMode: boolean;
  readonly unsafeActionProtection: boolean;
}

/** Of a saved extension; `file` is null where there was none. */
interface Manifest {
  readonly format: 1;
  readonly id: string;
  readonly infobase: string;
  readonly extension: string;
  readonly state: ExtensionState | null;
  readonly file: { readonly place: string; readonly bytes: number; readonly sha256: string } | null;
}

/** Null: not installed. */
export async function readExtension(onec: Onec, name: string): Promise<ExtensionState | null> {
  if (viaDesigner(onec)) return (await askInside(onec, { do: 'extension', name }))[0];
  const job = nameFor(onec.context, 'inside');
  await putAway(onec, job);
  // The list, not one by name: what ibcmd answers for a name that is not there differs between its versions.
  const text = await ibcmd(onec, job, ['infobase', 'config', 'extension', 'list']);
  await putAway(onec, job);
  const found = parseRecords(text).find((record) => record['name'] === name);
  if (found === undefined) return null;
  return {
    version: found['version'] ?? '', active: found['active'] === 'yes', safeMode: found['safe-mode'] !== 'no',
    unsafeActionProtection: found['unsafe-action-protection'] !== 'no', hash: found['hash-sum'] ?? '',
  }; // prettier-ignore
}

/** Loaded into the infobase, not applied to its database. Throws EXTENSION_FILE_WRONG. */
async function load(onec: Onec, name: string, path: string, shown: string): Promise<void> {
  const job = nameFor(onec.context, 'extension-load');
  await putAway(onec, job);
  try {
    if (viaDesigner(onec)) await designer(onec, job, ['/LoadCfg', path, '-Extension', name]);
    else await ibcmd(onec, job, ['infobase', 'config', 'load'], [`--extension=${name}`, path]);
  } catch (error) {
    const about = /файл|file/i;
    if (!isNakatError(error) || error.code !== 'ONEC_FAILED' || !about.test(error.failure.vendor ?? '')) throw error;
    throw new NakatError('EXTENSION_FILE_WRONG', {
      values: { file: shown },
      where: onec.machine.name,
      vendor: error.failure.vendor,
      cause: error,
    });
  }
  await putAway(onec, job);
}

async function apply(onec: Onec, name: string): Promise<void> {
  const job = nameFor(onec.context, 'extension-apply');
  await putAway(onec, job);
  if (viaDesigner(onec)) await designer(onec, job, ['/UpdateDBCfg', '-Dynamic-', '-Extension', name]);
  else
    await ibcmd(
      onec,
      job,
      ['infobase', 'config', 'apply'],
      [`--extension=${name}`, '--force', '--dynamic=disable', '--session-terminate=disable'],
    );
  await putAway(onec, job);
}

async function setFlags(onec: Onec, name: string, flags: Flags): Promise<void> {
  if (viaDesigner(onec)) return void (await askInside(onec, { do: 'flags', name, ...flags }));
  const job = nameFor(onec.context, 'flags');
  await putAway(onec, job);
  const word = (on: boolean): string => (on ? 'yes' : 'no');
  await ibcmd(
    onec,
    job,
    ['infobase', 'config', 'extension', 'update'],
    [
      `--name=${name}`,
      `--safe-mode=${word(flags.safeMode)}`,
      `--unsafe-action-protection=${word(flags.unsafeActionProtection)}`,
    ],
  );
  await putAway(onec, job);
}

async function remove(onec: Onec, name: string): Promise<void> {
  const job = nameFor(onec.context, 'extension-delete');
  await putAway(onec, job);
  if (viaDesigner(onec)) await designer(onec, job, ['/DeleteCfg', '-Extension', name]);
  else await ibcmd(onec, job, ['infobase', 'config', 'extension', 'delete'], [`--name=${name}`]);
  await putAway(onec, job);
}

/** On a copy. 1C answers nothing at all where there is no extension, so it is loaded first. Throws EXTENSION_DOES_NOT_APPLY. */
export async function checkApplies(onec: Onec, name: string, file: OnecFile): Promise<void> {
  const place = await bring(onec, file);
  await load(onec, name, place, file.path);
  const job = nameFor(onec.context, 'applies');
  await putAway(onec, job);
  try {
    const said = await designer(onec, job, ['/CheckCanApplyConfigurationExtensions', '-Extension', name]);
    await putAway(onec, job);
    if (/не найден|невозможно|ошибк(?!.*не обнаружено)|cannot|not found/i.test(said)) throw refused(onec, name, said);
  } catch (error) {
    if (isNakatError(error) && error.code === 'ONEC_FAILED') throw refused(onec, name, error.failure.vendor ?? '');
    throw error;
  }
  await putFileAway(onec, file, place);
}

const refused = ({ target, machine }: Onec, extension: string, vendor: string): NakatError =>
  new NakatError('EXTENSION_DOES_NOT_APPLY', {
    values: { infobase: target.name, extension },
    where: machine.name,
    vendor,
  });

/** Loads, applies and sets the flags; all of it may be done again from the start. Throws EXTENSION_OTHER. */
export async function install(
  onec: Onec,
  name: string,
  file: OnecFile,
  version: string,
  flags: Flags,
): Promise<ExtensionState> {
  const place = await bring(onec, file);
  await load(onec, name, place, file.path);
  await apply(onec, name);
  await setFlags(onec, name, flags);
  await putFileAway(onec, file, place);
  return demand(onec, name, version, flags);
}

/** Reads the extension back. Throws EXTENSION_OTHER, EXTENSION_NOT_ACTIVE. */
export async function demand(onec: Onec, name: string, version: string, flags: Flags | null): Promise<ExtensionState> {
  const state = await readExtension(onec, name);
  const values = { infobase: onec.target.name, extension: name, version: state?.version ?? '—' };
  const where = onec.machine.name;
  if (state?.version !== version)
    throw new NakatError('EXTENSION_OTHER', { values: { ...values, wanted: version }, where });
  const wanted = { active: true, ...flags };
  for (const [flag, value] of Object.entries(wanted)) {
    const now = state[flag as keyof typeof wanted];
    if (now !== value)
      throw new NakatError('EXTENSION_NOT_ACTIVE', {
        values: { ...values, flag, value: String(now), wanted: String(value) },
        where,
      });
  }
  return state;
}

const placesOf = ({ machine, target }: Onec, id: string) => ({
  partial: machine.join(target.backups, `${id}.cfe.partial`),
  file: machine.join(target.backups, `${id}.cfe`),
  manifest: machine.join(target.backups, `${id}.json`),
});

/** The manifest comes last and is the backup: that there was no extension is remembered in it too. */
export async function save(onec: Onec, name: string): Promise<Backup> {
  const { machine, target, context } = onec;
  const id = nameFor(context, 'extension');
  const { partial, file, manifest } = placesOf(onec, id);
  if ((await machine.stat(manifest)) !== null) {
    const made = await asBackup(onec, id, manifest);
    await savedState(onec, made);
    return made;
  }
  await machine.makeFolder(target.backups);
  const state = await readExtension(onec, name);
  let saved: Manifest['file'] = null;
  if (state !== null) {
    const job = `${id}-save`;
    await putAway(onec, job);
    await machine.remove(partial);
    if (viaDesigner(onec)) await designer(onec, job, ['/DumpDBCfg', partial, '-Extension', name]);
    else await ibcmd(onec, job, ['infobase', 'config', 'save'], ['--db', `--extension=${name}`, partial]);
    await putAway(onec, job);
    const digest = (await machine.hash(partial)).get('');
    if (digest === undefined || digest.size === 0) throw damaged(onec, partial, 'the file is empty');
    await machine.rename(partial, file);
    saved = { place: file, bytes: digest.size, sha256: digest.sha256 };
  }
  const made: Manifest = { format: 1, id, infobase: target.name, extension: name, state, file: saved };
  await machine.writeFile(manifest, `${JSON.stringify(made, null, 2)}\n`);
  return asBackup(onec, id, manifest);
}

async function asBackup({ machine }: Onec, id: string, manifest: string): Promise<Backup> {
  const { size, sha256 } = (await machine.hash(manifest)).get('')!;
  return {
    id,
    system: 'infobase',
    engine: '1c-extension',
    place: manifest,
    machine: machine.name,
    bytes: size,
    sha256,
    verified: 'manifest',
  };
}

/** The manifest and the file behind it, both read whole. Throws EXTENSION_BACKUP_DAMAGED. */
export async function savedState(onec: Onec, backup: Backup): Promise<Manifest> {
  const { machine } = onec;
  const known = (await machine.stat(backup.place)) === null ? undefined : (await machine.hash(backup.place)).get('');
  if (known?.sha256 !== backup.sha256)
    throw damaged(onec, backup.place, known === undefined ? 'its manifest is missing' : 'its manifest has changed');
  const manifest = JSON.parse((await machine.readFile(backup.place)).toString('utf8')) as Manifest;
  if (manifest.file !== null) {
    const { place, sha256 } = manifest.file;
    const found = (await machine.stat(place)) === null ? undefined : (await machine.hash(place)).get('');
    if (found?.sha256 !== sha256)
      throw damaged(onec, place, found === undefined ? 'the file is missing' : 'its checksum has changed');
  }
  return manifest;
}

const damaged = ({ machine }: Onec, place: string, reason: string): NakatError =>
  new NakatError('EXTENSION_BACKUP_DAMAGED', { values: { place, reason }, where: machine.name });

export async function putBack(onec: Onec, name: string, backup: Backup): Promise<void> {
  const { state, file } = await savedState(onec, backup);
  if (state === null || file === null) {
    // It may be loaded and not applied: then nothing lists it, but it is there to be removed.
    await remove(onec, name).catch((error: unknown) => {
      if (!isNakatError(error) || !/не найден|not found/i.test(error.failure.vendor ?? '')) throw error;
    });
    return;
  }
  await load(onec, name, file.place, file.place);
  await apply(onec, name);
  await setFlags(onec, name, state);
}

const proofKinds = {
  version: 'extensionVersion',
  active: 'extensionActive',
  safeMode: 'extensionSafeMode',
  unsafeActionProtection: 'extensionProtection',
  hash: 'extensionHash',
} as const;

/** Line by line; what differs is thrown as EXTENSION_RESTORE_DIFFERS. */
export async function proveBack(onec: Onec, name: string, backup: Backup): Promise<ProofLine[]> {
  const { state: before } = await savedState(onec, backup);
  const after = await readExtension(onec, name);
  const lines = Object.entries(proofKinds).map(([field, kind]) => {
    const [then, now] = [before, after].map((state) => state?.[field as keyof typeof proofKinds]?.toString());
    return proofLine({ kind, name }, then, now);
  });
  if (lines.every(({ equal }) => equal)) return lines;
  throw new NakatError('EXTENSION_RESTORE_DIFFERS', {
    values: { infobase: onec.target.name, extension: name, differences: differencesOf(lines, 'en') },
    where: onec.machine.name,
    proof: lines,
  });
}
