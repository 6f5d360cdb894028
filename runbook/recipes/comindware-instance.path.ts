/** From the plan's list of releases to the way over them. */
import { LineCounter, parseDocument } from 'yaml';
import {
  comindwareReleases,
  type ComindwareInstancePlan,
  type ComindwareRelease,
} from '../plan/comindware-instance.ts';
import { explain } from '../plan/explain.ts';
import { sayingWhere } from '../plan/parse.ts';
import { PlanMistakeAt, type PlanFile } from '../recipe.ts';
import { explainNoPath, hopPath, sameVersion } from '../versions.ts';

/** @throws PlanMistakeAt: a list that cannot be read, a version that no supported way leads to, a preparation for a version beside the way. */
export function hopsOf(plan: ComindwareInstancePlan, file: PlanFile): readonly ComindwareRelease[] {
  const { from, to } = plan.update;
  const path = hopPath(releasesOf(file), from, to);
  if (!path.found) throw new PlanMistakeAt(['update', 'to'], explainNoPath(from, to, path));
  if (path.hops.length === 0) throw new PlanMistakeAt(['update', 'to'], `${to} is what is installed already`);
  for (const [at, { before }] of plan.prepare.entries())
    if (!path.hops.some(({ version }) => sameVersion(version, before)))
      throw new PlanMistakeAt(
        ['prepare', at, 'before'],
        `${before} is not on the way ${[from, ...path.hops.map(({ version }) => version)].join(' → ')}`,
      );
  return path.hops;
}

function releasesOf({ path, text }: PlanFile): readonly ComindwareRelease[] {
  const refuse = (offset: number, message: string): PlanMistakeAt =>
    new PlanMistakeAt(
      ['update', 'releases'],
      `${path.replace(/^.*[\\/]/, '')}, line ${lines.linePos(offset).line || 1}: ${message}`,
    );
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, merge: false });
  const error = document.errors[0];
  if (error) throw refuse(error.pos[0], sayingWhere.exec(error.message)?.[1] ?? error.code);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch {
    throw refuse(0, 'aliases are not allowed');
  }
  const parsed = comindwareReleases.safeParse(value);
  // Of what is missing, where it should stand.
  const offsetOf = (at: readonly PropertyKey[]): number =>
    at
      .map((_, length): unknown => document.getIn(at.slice(0, at.length - length) as unknown[], true))
      .map(startOf)
      .find((start) => start !== null) ?? 0;
  if (!parsed.success) {
    const [mistake] = parsed.error.issues.flatMap(explain);
    const where = mistake?.path.map(String).join('.') ?? '';
    throw refuse(offsetOf(mistake?.path ?? []), `${where === '' ? '' : `${where}: `}${mistake?.message ?? ''}`);
  }
  const { releases } = parsed.data;
  for (const [at, { version }] of releases.entries())
    if (releases.findIndex((one) => sameVersion(one.version, version)) < at)
      throw refuse(offsetOf(['releases', at]), `release ${version} is listed twice`);
  return releases;
}

const startOf = (node: unknown): number | null =>
  typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
    ? Number(node.range[0])
    : null;
