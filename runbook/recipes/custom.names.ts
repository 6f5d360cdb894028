/** The names of a custom plan and what they stand for; `$name` in a step's parameters is replaced by the whole target. */
import type { CustomPlan } from '../plan/custom.ts';
import { resolver } from '../plan/resolve.ts';
import { PlanMistakeAt, type PlanFile, type PlanPath } from '../recipe.ts';
import type { Json } from '../types.ts';

export interface Mistake {
  readonly path: PlanPath;
  readonly message: string;
}

/** `holds`: names in it are replaced in turn; a dollar in the text of a file is a dollar. */
export type Names = ReadonlyMap<string, { readonly value: Json; readonly holds: boolean }>;

/** `text:<name>` and `update`: as `files` of the recipe calls them. */
export type CustomFiles = Readonly<Record<string, PlanFile>>;

const sections = ['machines', 'databases', 'services', 'sites', 'infobases', 'texts', 'values'] as const;

/** @param files null: only the plan is looked at; a text and a digest are then stand-ins of the right shape. */
export function namesOf(plan: CustomPlan, files: CustomFiles | null, mistakes: Mistake[]): Names {
  const names = new Map<string, { value: Json; holds: boolean }>();
  const resolve = resolver(plan.machines);
  const targetOf = (section: (typeof sections)[number], name: string, path: string[]): unknown => {
    if (section === 'machines') return { ...plan.machines[name], name };
    if (section === 'databases') return resolve.database(plan.databases[name]!, path);
    if (section === 'sites') return resolve.site(plan.sites[name]!, path);
    if (section === 'infobases') return resolve.infobase(plan.infobases[name]!, path);
    if (section === 'services') {
      const service = plan.services[name]!;
      return { name, ...service, machine: resolve.machine(service.machine, path) };
    }
    if (section === 'texts') return files === null ? 'text' : files[`text:${name}`]?.text;
    return plan.values[name];
  };
  for (const section of sections) {
    for (const name of Object.keys(plan[section])) {
      const path = [section, name];
      if (names.has(name) || (name === 'update' && plan.update?.file !== undefined))
        mistakes.push({ path, message: `the name "${name}" is used twice` });
      try {
        names.set(name, { value: targetOf(section, name, path) as Json, holds: section === 'values' });
      } catch (error) {
        if (!(error instanceof PlanMistakeAt)) throw error;
        mistakes.push({ path: error.path, message: error.message });
        // Known, so that its uses are no mistakes of their own.
        names.set(name, { value: null, holds: false });
      }
    }
  }
  if (plan.update?.file !== undefined) {
    const { name, version } = plan.update;
    names.set('update', {
      holds: false,
      value: {
        path: files?.['update']?.path ?? 'file',
        sha256: files?.['update']?.sha256 ?? '0'.repeat(64),
        name,
        version,
      },
    });
  }
  return names;
}

const reference = /^\$([A-Za-z_][\w-]*)$/;

/** Every `$name` replaced, however deep; `$$name` is the text `$name`. */
export function withNames(
  value: Json,
  names: Names,
  path: PlanPath,
  mistakes: Mistake[],
  inside: readonly string[] = [],
): Json {
  if (Array.isArray(value)) return value.map((one, at) => withNames(one, names, [...path, at], mistakes, inside));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, withNames(one, names, [...path, key], mistakes, inside)]),
    );
  if (typeof value !== 'string') return value;
  if (value.startsWith('$$')) return value.slice(1);
  const name = reference.exec(value)?.[1];
  if (name === undefined) return value;
  const found = names.get(name);
  if (found === undefined) {
    mistakes.push({
      path,
      message: `unknown name "$${name}"; names of this plan: ${[...names.keys()].join(', ')}. The text itself is written $$${name}`,
    });
    return null;
  }
  if (inside.includes(name)) {
    mistakes.push({ path, message: `"$${name}" stands for itself` });
    return null;
  }
  return found.holds ? withNames(found.value, names, path, mistakes, [...inside, name]) : found.value;
}
