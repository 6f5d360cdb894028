/** A test instance made of a restore point of production: own folders, own configuration, own site and pools. */
import { win32 } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Backup, Facts } from '../../runbook/results.ts';
import type { InstanceTarget } from '../../runbook/targets/index.ts';
import { putTree } from '../generic/trees.ts';
import { nameFor, type StepContext } from '../step.ts';
import { putIis } from './iis.ts';
import { isConfiguration, mustBeStopped, parsed, readConfig, tidy, type Instance } from './instance.ts';
import { readOldConfig, writeBelow } from './point.ts';
import { hasValues, setValues, type Value, type Values } from './values.ts';

/** Beside the configuration folder of every instance that nakat made: only those are ever replaced. */
const markFile = '.nakat-instance.json';
/** A copied database is bound to the name under which it was made (the vendor's page on restoring to another instance). */
const keepsItsName = ['db.name', 'databaseName'];

export async function create(
  instance: Instance,
  from: InstanceTarget,
  set: Readonly<Record<string, Value>>,
  backup: Backup,
  context: StepContext,
): Promise<Facts> {
  const { target, machine, iis } = instance;
  await mustBeOurs(instance);
  await machine.makeFolder(win32.dirname(target.config));
  await machine.writeFile(
    machine.join(win32.dirname(target.config), markFile),
    JSON.stringify({ instance: target.name }),
  );
  if (await iis.site(target.site)) await iis.stop(target.site, ...target.pools);
  const { point, files, main } = await readOldConfig(instance, backup);
  for (const [name, to] of [
    ['database', target.database],
    ['streams', target.streams],
  ] as const) {
    const wanted = point[name];
    if (to === undefined || wanted === null) continue;
    context.progress({ note: to });
    await putTree(machine, {
      from: machine.join(backup.place, name),
      to,
      wanted: new Map(Object.entries(wanted)),
      job: nameFor(context, `create-${name}`),
      check: async () => {},
      context,
    });
  }
  for (const folder of [target.logs, target.config]) await machine.makeFolder(folder);
  const at = (path: string): string => machine.join(target.config, ...path.split('/'));
  const old = await readConfig(machine, target.config);
  for (const link of old.links) await machine.removeLink(at(link.name));
  for (const path of old.files.keys()) if (!files.has(path)) await machine.remove(at(path));
  const repointed = (text: string, file: string, values: (has: Values) => Readonly<Record<string, Value>>): string => {
    if (!hasValues(file)) return renamedIn(text, from, target);
    const found = parsed(machine, file, text);
    return setValues(text, (key, value) => repoint(key, value, from, target), values(found));
  };
  // Values of the copy's own are for the files that have them; the instance's own file gets them all.
  const known = (found: Values): Record<string, Value> =>
    Object.fromEntries(Object.entries(set).filter(([key]) => found.has(key)));
  for (const [path, content] of files) {
    const text = isConfiguration(path) ? repointed(content.toString('utf8'), path, known) : content;
    await writeBelow(instance, target.config, path, text);
  }
  await machine.makeFolder(win32.dirname(target.main));
  await machine.writeFile(
    target.main,
    repointed(main, target.main, () => set),
  );
  for (const link of point.links) await machine.makeLink(at(link.name), link.target, link.kind);
  const pool = (name: string): string =>
    target.pools[from.pools.findIndex((one) => one.toLowerCase() === name.toLowerCase())] ?? name;
  await putIis(instance, {
    bindings: target.binding,
    pools: point.iis.pools.map(({ name, runtime }) => ({ name: pool(name), runtime })),
    applications: point.iis.applications.map((one) => ({
      ...one,
      pool: pool(one.pool),
      folder: movedPath(one.folder, from, target),
    })),
  });
  await iis.stop(target.site, ...target.pools);
  await mustBeStopped(instance);
  return { instance: target.name, version: point.version, folder: target.config, binding: target.binding };
}

async function mustBeOurs({ target, machine, iis }: Instance): Promise<void> {
  const refuse = (found: string): NakatError =>
    new NakatError('INSTANCE_NOT_OURS', { values: { instance: target.name, found }, where: machine.name });
  if ((await machine.stat(machine.join(win32.dirname(target.config), markFile))) !== null) return;
  for (const path of [target.config, target.database, target.streams, target.main])
    if (path !== undefined && (await machine.stat(path)) !== null) throw refuse(path);
  if (await iis.site(target.site)) throw refuse(`site ${target.site}`);
  for (const name of target.pools) if ((await iis.poolState(name)) !== null) throw refuse(`pool ${name}`);
}

/** Folders and names of production become the copy's own. */
function repoint(key: string, value: Value, from: InstanceTarget, to: InstanceTarget): Value {
  if (typeof value !== 'string' || keepsItsName.includes(key)) return value;
  return value.toLowerCase() === from.name.toLowerCase() ? to.name : movedPath(value, from, to);
}

const folders = (from: InstanceTarget, to: InstanceTarget): [string, string][] => {
  const pairs: [string | undefined, string | undefined][] = [
    [from.config, to.config],
    [from.database, to.database],
    [from.streams, to.streams],
    [from.logs, to.logs],
    [from.main, to.main],
    // The rest of the instance's folder: `Temp`, `LocalTemp`.
    [win32.dirname(from.config), win32.dirname(to.config)],
  ];
  return pairs.filter((pair): pair is [string, string] => pair[0] !== undefined && pair[1] !== undefined);
};

function movedPath(path: string, from: InstanceTarget, to: InstanceTarget): string {
  for (const [old, fresh] of folders(from, to)) {
    if (tidy(path) === tidy(old)) return fresh;
    if (tidy(path).startsWith(`${tidy(old)}/`)) return fresh + path.slice(old.length);
  }
  return path;
}

/** In files whose shape is not known: paths in either spelling. */
function renamedIn(text: string, from: InstanceTarget, to: InstanceTarget): string {
  const spelled = (path: string): string[] => [path, path.replaceAll('\\', '/'), path.replaceAll('\\', '\\\\')];
  return folders(from, to).reduce(
    (result, [old, fresh]) =>
      spelled(old).reduce(
        (one, spelling, at) =>
          one.replaceAll(
            new RegExp(spelling.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi'),
            () => spelled(fresh)[at] ?? '',
          ),
        result,
      ),
    text,
  );
}
