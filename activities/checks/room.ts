import { NakatError } from '../../runbook/errors/index.ts';
import type { Room } from '../../runbook/results.ts';
import type { ParamsOf } from '../../runbook/steps/index.ts';
import type { DatabaseTarget, InfobaseTarget, MachineTarget, SiteTarget } from '../../runbook/targets/index.ts';
import { connectDatabase } from '../databases/connect.ts';
import type { Machine } from '../machines/machine.ts';
import { machineFor } from '../machines/pool.ts';
import { infobaseSize } from '../onec/fingerprint.ts';
import type { StepActivity, StepContext } from '../step.ts';
import { walkFiles } from './walk.ts';

/** What one copy takes at one place; null: not known. */
export interface Need {
  readonly host: string;
  readonly place: string;
  readonly bytes: number | null;
  readonly free: number | null;
}

interface Sized {
  /** Null: not known. */
  readonly size: number | null;
  /** Where a backup of it and where a second copy of it would lie. */
  readonly places: readonly Omit<Need, 'bytes'>[];
}

const factor = 1.2;
/** Two disks of one machine are hardly as equal as this; one disk, measured twice while it is used, is. */
const sameDisk = 16 * 1024 * 1024;

/** Room for a backup and a second copy of everything. What is not known is listed with null, never taken for enough. */
export const checkRoom: StepActivity<'checkRoom'> = async (params, _uses, context) => {
  const places = sumNeeds(await needsOf(params, context));
  const missing = places.filter(({ free, needed }) => free !== null && needed !== null && free < needed);
  if (missing.length === 0) return { places };
  throw new NakatError('ROOM_MISSING', {
    values: {
      places: missing
        .map(({ place, free, needed }) => `${place}: ${inGigabytes(free ?? 0)} of ${inGigabytes(needed ?? 0)} GB`)
        .join('; '),
    },
  });
};

async function needsOf({ databases, infobases, sites }: ParamsOf<'checkRoom'>, context: StepContext): Promise<Need[]> {
  const kinds: Sized[][] = [[], [], []];
  for (const target of databases) kinds[0]?.push(await ofDatabase(target, context));
  for (const target of infobases) kinds[1]?.push(await ofInfobase(target, context));
  for (const target of sites) kinds[2]?.push(await ofSite(target, context));
  return kinds.flatMap(asCopies);
}

/** All of one kind are one original and its copies: each will be as large as the largest, also where it is not made yet. */
function asCopies(kind: readonly Sized[]): Need[] {
  const known = kind.map(({ size }) => size).filter((size) => size !== null);
  const bytes = known.length === kind.length ? Math.max(0, ...known) : null;
  return kind.flatMap(({ places }) => places.map((place) => ({ ...place, bytes })));
}

/** Places on one disk are one line: their needs add up. */
export function sumNeeds(needs: readonly Need[]): Room[] {
  const disks: { host: string; places: Set<string>; free: number | null; needed: number | null }[] = [];
  for (const { host, place, bytes, free } of needs) {
    const disk = disks.find(
      (other) =>
        other.host === host &&
        (other.places.has(place) || (free !== null && other.free !== null && Math.abs(other.free - free) < sameDisk)),
    );
    const needed = bytes === null ? null : Math.ceil(bytes * factor);
    if (disk === undefined) disks.push({ host, places: new Set([place]), free, needed });
    else {
      disk.places.add(place);
      disk.needed = disk.needed === null || needed === null ? null : disk.needed + needed;
    }
  }
  return disks.map(({ host, places, free, needed }) => ({ place: `${host}: ${[...places].join(', ')}`, free, needed }));
}

async function ofDatabase(target: DatabaseTarget, context: StepContext): Promise<Sized> {
  const database = await connectDatabase(target, context);
  const { backups, data } = await database.room();
  return {
    size: (await database.exists()) ? await database.size() : 0,
    places: [
      target.engine === 'sqlserver'
        ? { host: plain(target.host), place: target.backups, free: backups }
        : await placeOn(target.machine, target.backups, context),
      { host: plain(target.host), place: `data of ${target.engine}`, free: data },
    ],
  };
}

async function ofInfobase(target: InfobaseTarget, context: StepContext): Promise<Sized> {
  const backups = await placeOn(target.machine, target.backups, context);
  if (target.at.kind === 'file') {
    const data = await placeOn(target.machine, target.at.folder, context);
    return { size: await infobaseSize(target, context), places: [backups, data] };
  }
  if (target.database === undefined) return { size: null, places: [backups] };
  const { size, places } = await ofDatabase(target.database, context);
  return { size, places: [backups, ...places.slice(1)] };
}

async function ofSite(target: SiteTarget, context: StepContext): Promise<Sized> {
  const machine = await machineFor(target.machine, context);
  const places = [
    await placeOn(target.machine, target.backups, context),
    await placeOn(target.machine, target.folder, context),
  ];
  return { size: await folderSize(machine, target.folder), places };
}

async function placeOn(target: MachineTarget, folder: string, context: StepContext): Promise<Omit<Need, 'bytes'>> {
  const free = await freeAt(await machineFor(target, context), folder);
  return { host: plain(target.via === 'ssh' ? target.host : 'localhost'), place: folder, free };
}

async function folderSize(machine: Machine, folder: string): Promise<number> {
  let bytes = 0;
  for await (const { stat } of walkFiles(machine, folder)) bytes += stat.size;
  return bytes;
}

/** A folder that is not there yet will be made: its nearest parent says how much room it has. */
async function freeAt(machine: Machine, folder: string): Promise<number | null> {
  for (let path = folder; ;) {
    if ((await machine.stat(path)) !== null) return machine.freeSpace(path);
    const parent = path.replace(/[\\/][^\\/]*$/, '') || '/';
    if (parent === path) return null;
    path = parent;
  }
}

const plain = (host: string): string => (['127.0.0.1', '::1'].includes(host) ? 'localhost' : host.toLowerCase());
const inGigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
