/** What is looked at before anything is touched. */
import { win32 } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Facts, Room } from '../../runbook/results.ts';
import type { InstanceTarget } from '../../runbook/targets/index.ts';
import { sameVersion } from '../../runbook/versions.ts';
import { walkFiles } from '../checks/walk.ts';
import type { StepContext } from '../step.ts';
import { readIis } from './iis.ts';
import {
  belowBinaries,
  binariesOf,
  openInstance,
  readConfig,
  readMain,
  readText,
  samePath,
  sha256,
  tidy,
  versionOf,
  type Instance,
} from './instance.ts';
import { filesOf, linkText } from './point.ts';
import { hasValues, readValues, valueOf, type Values } from './values.ts';

export async function checkInstance(
  instance: Instance,
  version: string,
  hops: readonly { version: string; script: string | null }[],
): Promise<Facts> {
  const { target, machine, iis } = instance;
  const where = machine.name;
  const differs = (what: string, actual: string, planned: string): NakatError =>
    new NakatError('INSTANCE_NOT_AS_PLANNED', { values: { instance: target.name, what, actual, planned }, where });
  const site = await iis.site(target.site);
  if (!site) throw new NakatError('SITE_NOT_IN_IIS', { values: { site: target.site }, where });
  if (site.bindings.toLowerCase() !== target.binding.toLowerCase())
    throw differs('binding', site.bindings, target.binding);
  if (site.state !== 'Started') throw differs('state of the site', site.state, 'Started');
  for (const pool of target.pools) {
    const state = await iis.poolState(pool);
    if (state === null) throw new NakatError('POOL_NOT_IN_IIS', { values: { pool }, where });
    if (state !== 'Started') throw differs(`state of pool ${pool}`, state, 'Started');
  }
  for (const { path, pool } of await iis.applications(target.site))
    if (!target.pools.some((one) => one.toLowerCase() === pool.toLowerCase()))
      throw differs(`pool of application ${path}`, pool, target.pools.join(', '));
  const main = await readMain(instance);
  for (const [key, planned] of [
    ['db.workDir', target.database],
    ['userStorage.localDisk.path', target.streams],
    ['configPath', target.config],
  ] as const) {
    const actual = valueOf(main, key);
    if (typeof actual !== 'string') continue;
    // Files that the plan does not name would be in no restore point.
    if (planned === undefined || !samePath(actual, planned)) throw differs(key, actual, planned ?? '–');
  }
  for (const folder of [target.database, target.streams, target.config])
    if (folder !== undefined && (await machine.stat(folder))?.kind !== 'folder')
      throw differs(folder, 'missing', 'a folder');
  const found = versionOf(main);
  if (!sameVersion(found, version))
    throw new NakatError('INSTANCE_VERSION_DIFFERS', {
      values: { instance: target.name, version: found, expected: version },
      where,
    });
  const { links } = await readConfig(machine, target.config);
  for (const link of links)
    if (belowBinaries(link, target.binaries) !== null && belowBinaries(link, binariesOf(instance, found)) === null)
      throw differs(`link ${link.name}`, link.target, binariesOf(instance, found));
  for (const hop of hops) await checkVersion(instance, hop);
  return { version: found, links: links.length, site: site.name, pools: target.pools.length };
}

async function checkVersion(
  instance: Instance,
  { version, script }: { version: string; script: string | null },
): Promise<void> {
  for (const path of [binariesOf(instance, version), ...(script === null ? [] : [script])])
    if ((await instance.machine.stat(path)) === null)
      throw new NakatError('INSTANCE_VERSION_MISSING', { values: { version, path }, where: instance.machine.name });
}

const factor = 1.2;

/** Points where they lie, and the database once more beside itself for a restore. Folders of one drive share its room. */
export async function roomOf(instance: Instance, points: number): Promise<Room[]> {
  const { target, machine } = instance;
  const size = async (folder: string | undefined): Promise<number> => {
    let bytes = 0;
    if (folder !== undefined) for await (const { stat } of walkFiles(machine, folder)) bytes += stat.size;
    return bytes;
  };
  const [database, streams] = [await size(target.database), await size(target.streams)];
  const needs = new Map<string, number>();
  const add = (place: string, bytes: number): void => {
    const drive = win32.parse(place).root.toUpperCase();
    needs.set(drive, (needs.get(drive) ?? 0) + Math.ceil(bytes * factor));
  };
  add(target.backups, (database + streams) * points);
  add(target.database, database);
  if (target.streams !== undefined) add(target.streams, streams);
  const rooms: Room[] = [];
  for (const [place, needed] of needs) rooms.push({ place, free: await machine.freeSpace(place), needed });
  const missing = rooms.filter(({ free, needed }) => (free ?? 0) < (needed ?? 0));
  if (missing.length === 0) return rooms;
  const gigabytes = (bytes: number | null): string => ((bytes ?? 0) / 2 ** 30).toFixed(1);
  throw new NakatError('ROOM_MISSING', {
    values: {
      places: missing
        .map(({ place, free, needed }) => `${place}: ${gigabytes(free)} of ${gigabytes(needed)} GB`)
        .join('; '),
    },
    where: machine.name,
  });
}

/** Keys that name an instance to others: queues, indices, cluster. The database keeps its name, or a copy could not read it. */
const identities = ['clusterName', 'instanceName', 'nodeName', 'mq.group', 'mq.name', 'journal.name', 'port'];

/** Whatever could lead the copy to production. */
export async function proveHarmless(
  instance: Instance,
  production: InstanceTarget,
  forbidden: readonly string[],
  context: StepContext,
): Promise<Facts> {
  const { target, machine, iis } = instance;
  const findings: string[] = [];
  const original = await openInstance(production, context);
  const theirs = await allValues(original);
  const folders = [production.config, production.database, production.streams, production.main, production.logs]
    .filter((one) => one !== undefined)
    .map((one) => tidy(one));
  for (const [file, text] of await allTexts(instance)) {
    for (const folder of folders)
      if (tidy(text).replaceAll('//', '/').includes(folder)) findings.push(`${file}: ${folder}`);
    for (const word of forbidden)
      if (text.toLowerCase().includes(word.toLowerCase())) findings.push(`${file}: ${word}`);
  }
  for (const [file, values] of await allValues(instance))
    for (const key of identities) {
      const [own, other] = [values.get(key), theirs.get(file)?.get(key)];
      if (own !== undefined && (own === other || String(own) === production.name)) findings.push(`${file}: ${key}`);
    }
  const shared = target.pools.filter((pool) => production.pools.includes(pool));
  if (shared.length > 0) findings.push(`pools ${shared.join(', ')}`);
  for (const pool of target.idle) if ((await iis.poolState(pool)) === 'Started') findings.push(`pool ${pool} runs`);
  const bindings = (await iis.site(target.site))?.bindings.toLowerCase().split(',') ?? [];
  if ([production.binding, production.maintenanceBinding].some((one) => bindings.includes(one.toLowerCase())))
    findings.push(`bindings ${bindings.join(', ')}`);
  if (findings.length > 0)
    throw new NakatError('INSTANCE_NOT_HARMLESS', {
      values: { instance: target.name, findings: [...new Set(findings)].slice(0, 20).join('; ') },
      where: machine.name,
    });
  return { instance: target.name, files: (await allTexts(instance)).size };
}

/** Configuration files by name; the instance's own as `main`. */
async function allTexts({ target, machine }: Instance): Promise<Map<string, string>> {
  const { files } = await readConfig(machine, target.config);
  return new Map([
    ['main', await readText(machine, target.main)],
    ...[...files].map(([path, content]): [string, string] => [path, content.toString('utf8')]),
  ]);
}

async function allValues(instance: Instance): Promise<Map<string, Values>> {
  const yaml = [...(await allTexts(instance))].filter(([name]) => name === 'main' || hasValues(name));
  return new Map(yaml.map(([name, text]) => [name, readValues(text)]));
}

/** For the approval: version, configuration, links, bindings; digests, for values may be secret. */
export async function factsOf(target: InstanceTarget, context: StepContext): Promise<Record<string, string>> {
  const instance = await openInstance(target, context);
  const config = await readConfig(instance.machine, target.config);
  return {
    [`${target.name}: version`]: versionOf(await readMain(instance)),
    [`${target.name}: configuration`]: sha256(
      JSON.stringify([filesOf(config), sha256(await readText(instance.machine, target.main))]),
    ),
    [`${target.name}: links`]: sha256(linkText(config.links)),
    [`${target.name}: web server`]: sha256(JSON.stringify(await readIis(instance))),
  };
}
