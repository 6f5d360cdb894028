/** What a look means: pure, so that every order of answers, refusals and lies can be tried. */
import { NakatError } from '../errors/index.ts';
import type { Failure } from '../types.ts';
import { compareVersions, hopPath, isVersion, matchesRule } from '../versions.ts';
import type { Checksum, Offer, Release, Seen, ServiceLook, WatchMemory } from './state.ts';

const strength = { sha256: 3, sha1: 2, md5: 1 } as const;
const strengthOf = (checksum: Checksum | null): number => (checksum ? strength[checksum.algorithm] : 0);

/** Times that the same version is offered while its runs stop for other reasons than a person’s word. */
const offersPerVersion = 3;

/** Newest first; of the same version that with the better checksum. */
export const byPreference = (left: Release, right: Release): number =>
  compareVersions(right.version, left.version) || strengthOf(right.checksum) - strengthOf(left.checksum);

/**
 * What to install next over `installed` (empty: nothing is installed): the newest, or the first hop on the shortest way to
 * it. Throws NO_WAY_TO_VERSION when something newer is there and nothing leads to it.
 */
export function nextRelease(releases: readonly Release[], installed: string): Release | null {
  const newer = releases
    .filter((one) => installed === '' || compareVersions(one.version, installed) > 0)
    .toSorted(byPreference);
  const [newest] = newer;
  if (!newest || installed === '') return newest ?? null;
  const leadsUp = (one: Release): boolean => withRules(one).from.some((rule) => matchesRule(installed, rule));
  const path = hopPath(newer.map(withRules), installed, newest.version);
  const hop = path.found ? path.hops[0]?.version : undefined;
  // One version may be offered twice, for different versions before it.
  const first = hop === undefined ? undefined : newer.find((one) => one.version === hop && leadsUp(one));
  const direct = first ?? newer.find(leadsUp);
  if (direct) return direct;
  throw new NakatError('NO_WAY_TO_VERSION', {
    values: { installed, version: newest.version, from: newest.from.join(', ') },
  });
}

const withRules = (release: Release): Release => (release.from.length > 0 ? release : { ...release, from: ['>=0'] });

/** Throws SERVICE_OLDER and SERVICE_FILE_CHANGED: what was seen once must not be taken back in silence. */
export function heldAgainst(service: string, newest: Release, seen: Seen | undefined, installed: string): void {
  const before = [seen?.version, installed].filter((one) => one !== undefined && isVersion(one));
  const highest = before.toSorted((a, b) => compareVersions(b ?? '', a ?? ''))[0];
  if (highest !== undefined && compareVersions(newest.version, highest) < 0)
    throw new NakatError('SERVICE_OLDER', { values: { service, version: newest.version, before: highest } });
  const was = seen?.checksum;
  const is = newest.checksum;
  if (!seen || compareVersions(seen.version, newest.version) !== 0 || !was) return;
  // Another algorithm for the same file is no change; none at all any more is one.
  if (is === null || (is.algorithm === was.algorithm && is.value !== was.value))
    throw new NakatError('SERVICE_FILE_CHANGED', { values: { service, version: newest.version } });
}

/** Services to fetch the update from, the best first; empty: nothing to offer now. */
export function candidates(
  looks: readonly ServiceLook[],
  offer: Offer | null,
): { service: string; release: Release }[] {
  const found = looks
    .flatMap(({ service, next, failure }) => (next && !failure ? [{ service, release: next }] : []))
    .toSorted((left, right) => byPreference(left.release, right.release));
  return found.filter(({ release }) => mayBeOffered(release.version, offer));
}

/** Refused once, or failed: only the next version is offered. Stopped for another reason: again, but not for ever. */
export function mayBeOffered(version: string, offer: Offer | null): boolean {
  if (offer === null) return true;
  if (offer.end === 'going') return false;
  if (compareVersions(version, offer.version) > 0) return true;
  return offer.end === 'stopped' && version === offer.version && offer.times < offersPerVersion;
}

/** What is known of the services after this look: nothing of one that failed is believed. */
export const seenAfter = (seen: WatchMemory['seen'], looks: readonly ServiceLook[]): WatchMemory['seen'] => ({
  ...seen,
  ...Object.fromEntries(
    looks.flatMap(({ service, newest, failure }) =>
      newest && !failure ? [[service, { version: newest.version, checksum: newest.checksum }]] : [],
    ),
  ),
});

/** Failures that people have not heard of since they came up; and what is remembered as told. */
export function toTell(
  told: readonly string[],
  failures: readonly { readonly service: string; readonly failure: Failure }[],
): { fresh: Failure[]; told: string[] } {
  const key = (one: { service: string; failure: Failure }): string => `${one.service} ${one.failure.code}`;
  return {
    fresh: failures.filter((one) => !told.includes(key(one))).map((one) => one.failure),
    told: [...new Set(failures.map(key))],
  };
}
