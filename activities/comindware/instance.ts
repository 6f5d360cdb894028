/** What an instance is made of, as it lies on its machine. Layout: the vendor's page "Пути и содержимое папок экземпляра ПО". */
import { createHash } from 'node:crypto';
import { NakatError } from '../../runbook/errors/index.ts';
import type { InstanceTarget } from '../../runbook/targets/index.ts';
import type { Link, Machine } from '../machines/machine.ts';
import { machineFor } from '../machines/pool.ts';
import { Iis } from '../site/iis.ts';
import type { StepContext } from '../step.ts';
import { readValues, valueOf, type Values } from './values.ts';

/** An instance with its machine and its web server. */
export interface Instance {
  readonly target: InstanceTarget;
  readonly machine: Machine;
  readonly iis: Iis;
}

export async function openInstance(target: InstanceTarget, context: StepContext): Promise<Instance> {
  const machine = await machineFor(target.machine, context);
  return { target, machine, iis: new Iis(machine, target.appcmd) };
}

/** The configuration folder: files by path with `/`, and links, which are never followed. */
export interface ConfigTree {
  readonly files: ReadonlyMap<string, Buffer>;
  /** `name` is the path below the folder, with `/`. */
  readonly links: readonly Link[];
}

/** Bytes of all configuration files together: more is no configuration. */
const configLimit = 64 * 2 ** 20;

export async function readConfig(machine: Machine, folder: string): Promise<ConfigTree> {
  const files = new Map<string, Buffer>();
  const links: Link[] = [];
  let left = configLimit;
  const walk = async (at: string, prefix: string): Promise<void> => {
    const own = await machine.links(at);
    const linked = new Set(own.map(({ name }) => name));
    links.push(...own.map((link) => ({ ...link, name: prefix + link.name })));
    for (const { name, stat } of await machine.list(at)) {
      const path = machine.join(at, name);
      if (linked.has(name)) continue;
      if (stat.kind === 'folder') await walk(path, `${prefix}${name}/`);
      if (stat.kind !== 'file') continue;
      left -= stat.size;
      if (left < 0) throw unreadable(machine, path, 'more than 64 MiB of configuration');
      files.set(prefix + name, await machine.readFile(path));
    }
  };
  if ((await machine.stat(folder)) !== null) await walk(folder, '');
  return {
    files: new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1))),
    links: links.sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** What the product writes; all else in the folder is somebody's own and stays. */
export const isConfiguration = (path: string): boolean => /\.(ya?ml|config|json)$/i.test(path);

/** Of the instance's own file. @throws INSTANCE_CONFIG_UNREADABLE */
export async function readMain({ target, machine }: Instance): Promise<Values> {
  return parsed(machine, target.main, await readText(machine, target.main));
}

export async function readText(machine: Machine, file: string): Promise<string> {
  if ((await machine.stat(file)) === null) throw unreadable(machine, file, 'there is none');
  return (await machine.readFile(file, 4 * 2 ** 20)).toString('utf8');
}

export function parsed(machine: Machine, file: string, text: string): Values {
  try {
    return readValues(text);
  } catch (error) {
    throw unreadable(machine, file, error instanceof Error ? error.message : String(error));
  }
}

export const unreadable = (machine: Machine, file: string, problem: string): NakatError =>
  new NakatError('INSTANCE_CONFIG_UNREADABLE', { values: { file, problem }, where: machine.name });

export const versionOf = (main: Values): string => String(valueOf(main, 'version') ?? '');

/** The folder of a version's binaries. */
export const binariesOf = ({ target, machine }: Pick<Instance, 'target' | 'machine'>, version: string): string =>
  machine.join(target.binaries, version);

/** A link's target below a version's binaries, as a path with `\` or `/` of its own; null: it leads elsewhere. */
export function belowBinaries(link: Link, binaries: string): string | null {
  const [target, root] = [tidy(link.target), tidy(binaries)];
  if (target === root) return '';
  return target.startsWith(`${root}/`) ? tidy(link.target, false).slice(root.length + 1) : null;
}

/** Windows compares paths without case, and takes both slashes. */
export const tidy = (path: string, fold = true): string => {
  const text = path.replaceAll('\\', '/').replace(/\/+$/, '');
  return fold ? text.toLowerCase() : text;
};

export const samePath = (a: string, b: string): boolean => tidy(a) === tidy(b);

export const sha256 = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');

/** Site and every pool stopped, no worker left: only then may files be copied or replaced. */
export async function mustBeStopped({ target, machine, iis }: Instance): Promise<void> {
  const running = (await iis.site(target.site))?.state === 'Started';
  const workers = (await Promise.all(target.pools.map((pool) => iis.workers(pool)))).flat();
  if (running || workers.length > 0)
    throw new NakatError('SITE_RUNNING', { values: { site: target.site }, where: machine.name });
}
