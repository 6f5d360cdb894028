/**
 * Versions of many parts (`8.3.24.1439`, `4.7`), and the shortest way from one to another over the releases that a vendor
 * supports: 1C lists every version a release may be installed over (`FromVersions`), Comindware names lines of releases
 * (3.5 → 4.2 → 4.7), others a lowest version. Hops only go up.
 */

/** Numbers between dots, at most eight of them; `1.9` equals `1.9.0`. */
export type Version = readonly number[];

/** A text that is no version, or no rule for versions. The message says what was expected. */
export class VersionMistake extends Error {
  readonly text: string;
  constructor(text: string, expected: string) {
    super(`"${text.slice(0, 60)}" is no ${expected}`);
    this.text = text;
  }
}

const wellFormed = /^\d{1,9}(\.\d{1,9}){0,7}$/;

/** @throws VersionMistake */
export function parseVersion(text: string): Version {
  if (!wellFormed.test(text)) throw new VersionMistake(text, 'version: expected numbers between dots, as 8.3.24.1439');
  return text.split('.').map(Number);
}

export const isVersion = (text: string): boolean => wellFormed.test(text);

/** Less than, equal to or greater than 0, as for `sort`. @throws VersionMistake */
export const compareVersions = (left: string, right: string): number =>
  compare(parseVersion(left), parseVersion(right));

/** Texts that are no versions (a package may have none) are the same only when they are the same text. */
export const sameVersion = (left: string, right: string): boolean =>
  left === right || (isVersion(left) && isVersion(right) && compareVersions(left, right) === 0);

function compare(left: Version, right: Version): number {
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `low` ≤ version < `high`, or ≤ `high` with `highIncluded`; `lowExcluded`: < instead of ≤. No bound: open. */
interface Range {
  readonly low?: Version;
  readonly lowExcluded?: boolean;
  readonly high?: Version;
  readonly highIncluded?: boolean;
}

const ruleShape = 'rule for versions: expected 4.2.1 (that one), 4.2.* (the whole line), or bounds as in ">=4.2 <4.7"';

/** @throws VersionMistake */
function parseRule(text: string): Range {
  const trimmed = text.trim();
  const line = /^(\d[\d.]*)\.\*$/.exec(trimmed)?.[1];
  if (line !== undefined && isVersion(line)) {
    const low = parseVersion(line);
    return { low, high: [...low.slice(0, -1), low[low.length - 1]! + 1] };
  }
  if (isVersion(trimmed)) return { low: parseVersion(trimmed), high: parseVersion(trimmed), highIncluded: true };
  const bounds = trimmed.split(/\s+/).map((word) => /^(>=|>|<=|<)(.+)$/.exec(word));
  const [lower, upper] = [
    bounds.filter((one) => one?.[1]?.startsWith('>')),
    bounds.filter((one) => one?.[1]?.startsWith('<')),
  ];
  if (bounds.some((one) => !one || !isVersion(one[2] ?? '')) || lower.length > 1 || upper.length > 1)
    throw new VersionMistake(text, ruleShape);
  return {
    ...(lower[0] ? { low: parseVersion(lower[0][2] ?? ''), lowExcluded: lower[0][1] === '>' } : {}),
    ...(upper[0] ? { high: parseVersion(upper[0][2] ?? ''), highIncluded: upper[0][1] === '<=' } : {}),
  };
}

/** Whether a version is meant by a rule (`4.2.1`, `4.2.*`, `>=4.2 <4.7`). @throws VersionMistake */
export function matchesRule(version: string, rule: string): boolean {
  const [parsed, range] = [parseVersion(version), parseRule(rule)];
  return aboveLow(parsed, range) && belowHigh(parsed, range);
}

const aboveLow = (version: Version, { low, lowExcluded }: Range): boolean =>
  low === undefined || compare(version, low) > (lowExcluded ? 0 : -1);
const belowHigh = (version: Version, { high, highIncluded }: Range): boolean =>
  high === undefined || compare(version, high) < (highIncluded ? 1 : 0);

/** What is wrong with a rule, or null. */
export function ruleMistake(rule: string): string | null {
  try {
    parseRule(rule);
    return null;
  } catch (error) {
    return (error as VersionMistake).message;
  }
}

/** 1C's `FromVersions`: versions between semicolons, which may also stand at both ends. */
export const fromVersions = (list: string): string[] =>
  list
    .split(';')
    .map((one) => one.trim())
    .filter((one) => one !== '');

export interface Release {
  readonly version: string;
  /** Rules for the versions over which the vendor lets it be installed: exact ones, lines (`4.2.*`), bounds (`>=4.2 <4.7`). */
  readonly from: readonly string[];
}

export interface NoPath {
  readonly found: false;
  /** `unknown`: no such release; `older`: the target is below what is installed; `unsupported`: no supported way leads there. */
  readonly why: 'unknown' | 'older' | 'unsupported';
  /** Releases that can be reached from what is installed, oldest first. */
  readonly reachable: readonly string[];
  /** The releases on supported ways to the target, oldest first, with what each may be installed over: one of these is missing. */
  readonly needed: readonly { readonly version: string; readonly from: readonly string[] }[];
}

export type HopPath<R extends Release> = { readonly found: true; readonly hops: readonly R[] } | NoPath;

/** A version of the list, with its releases: a vendor may deliver the same version in several ways. */
interface Node<R> {
  readonly version: Version;
  readonly releases: { readonly release: R; readonly from: readonly Range[] }[];
}

/**
 * The shortest supported way; of equally short ones that with the newer release in every hop. Nothing to do: no hops.
 * @throws VersionMistake for any version or rule that cannot be read.
 */
export function hopPath<R extends Release>(releases: readonly R[], installed: string, target: string): HopPath<R> {
  const nodes = nodesOf(releases, parseVersion(installed));
  const start = lowest(nodes, { low: parseVersion(installed) });
  const wanted = parseVersion(target);
  const goal = lowest(nodes, { low: wanted });
  if (compare(wanted, nodes[start]!.version) === 0) return { found: true, hops: [] };
  const reachable = (): string[] => reachableFrom(nodes, start).map((at) => nodes[at]!.releases[0]!.release.version);
  if (compare(wanted, nodes[start]!.version) < 0)
    return { found: false, why: 'older', reachable: reachable(), needed: [] };
  if (nodes[goal] === undefined || compare(nodes[goal].version, wanted) !== 0)
    return { found: false, why: 'unknown', reachable: reachable(), needed: [] };

  const next = waysTo(nodes, goal);
  if (next[start] === undefined) {
    const needed = nodes.flatMap((node, at) => (at === goal || next[at] !== undefined ? node.releases : []));
    return {
      found: false,
      why: 'unsupported',
      reachable: reachable(),
      needed: needed.map(({ release }) => ({ version: release.version, from: release.from })),
    };
  }
  const hops: R[] = [];
  for (let at = start; at !== goal; at = next[at]!.node) hops.push(next[at]!.release);
  return { found: true, hops };
}

/** Oldest first, each version once, the installed one among them. */
function nodesOf<R extends Release>(releases: readonly R[], installed: Version): Node<R>[] {
  const all = [
    ...releases.map((release) => ({
      version: parseVersion(release.version),
      releases: [{ release, from: release.from.map(parseRule) }],
    })),
    { version: installed, releases: [] },
  ].sort((a, b) => compare(a.version, b.version));
  const nodes: Node<R>[] = [];
  for (const one of all) {
    const last = nodes.at(-1);
    if (last && compare(last.version, one.version) === 0) last.releases.push(...one.releases);
    else nodes.push(one);
  }
  return nodes;
}

/** The first node at or above a range's lower bound. */
function lowest(nodes: readonly Node<unknown>[], range: Range): number {
  return firstThat(nodes.length, (at) => aboveLow(nodes[at]!.version, range));
}

/** Of numbers below `size`, the first of which it holds, given that it then holds for all that follow. */
function firstThat(size: number, holds: (at: number) => boolean): number {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Nodes that a range means, as [first, behind the last), all below `limit`. */
function span(nodes: readonly Node<unknown>[], range: Range, limit: number): [number, number] {
  const behind = firstThat(nodes.length, (at) => !belowHigh(nodes[at]!.version, range));
  return [lowest(nodes, range), Math.min(behind, limit)];
}

/** For every node from which the goal can be reached: the next hop of a shortest way. Breadth first, backwards from the goal. */
function waysTo<R extends Release>(
  nodes: readonly Node<R>[],
  goal: number,
): ({ node: number; release: R } | undefined)[] {
  const next = new Array<{ node: number; release: R } | undefined>(nodes.length);
  // Each node is entered once: `free` leads past those that were.
  const free = Array.from({ length: nodes.length + 1 }, (_, at) => at);
  const nextFree = (at: number): number => {
    let root = at;
    while (free[root] !== root) root = free[root]!;
    while (free[at] !== root) [free[at], at] = [root, free[at]!];
    return root;
  };
  for (let level = [goal]; level.length > 0;) {
    const entered: number[] = [];
    // The newest first, so that it is the one kept where several lead on.
    for (const to of level.sort((a, b) => b - a)) {
      for (const { release, from } of nodes[to]!.releases) {
        for (const range of from) {
          const [first, behind] = span(nodes, range, to);
          for (let at = nextFree(first); at < behind; at = nextFree(at)) {
            free[at] = at + 1;
            next[at] = { node: to, release };
            entered.push(at);
          }
        }
      }
    }
    level = entered;
  }
  return next;
}

/** Nodes that can be reached by hops, oldest first. Since hops only go up, one pass upwards finds them all. */
function reachableFrom(nodes: readonly Node<Release>[], start: number): number[] {
  const reached = [start];
  for (let at = start + 1; at < nodes.length; at++) {
    const leadsHere = nodes[at]!.releases.some(({ from }) =>
      from.some((range) => {
        const [first, behind] = span(nodes, range, at);
        const found = reached[firstThat(reached.length, (one) => reached[one]! >= first)];
        return found !== undefined && found < behind;
      }),
    );
    if (leadsHere) reached.push(at);
  }
  return reached.slice(1);
}

/** In one sentence, for a plan's mistake. */
export function explainNoPath(installed: string, target: string, { why, reachable, needed }: NoPath): string {
  const list = (versions: readonly string[]): string =>
    versions.length === 0
      ? 'nothing'
      : versions.length > 8
        ? `${versions.slice(-8).join(', ')} (the newest of ${versions.length})`
        : versions.join(', ');
  const can = `from ${installed} can be reached: ${list(reachable)}`;
  if (why === 'older') return `${target} is older than what is installed (${installed}); ${can}`;
  if (why === 'unknown') return `${target} is not in the list of releases; ${can}`;
  const needs = needed.slice(0, 3).map((one) => `${one.version} is installed over ${one.from.join(', ') || 'nothing'}`);
  return `no supported way leads from ${installed} to ${target}; ${can}; ${needs.join('; ')}`;
}
