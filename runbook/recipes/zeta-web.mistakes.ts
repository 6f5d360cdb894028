/** What is wrong in a plan of this product although every entry alone is right. */
import type { ZetaWebPlan } from '../plan/zeta-web.ts';
import { explainNoPath, hopPath, VersionMistake, type HopPath } from '../versions.ts';
import { agreementMistakes } from './agreement.ts';
import { infobaseMistakes } from './apart.ts';

type Mistake = { path: PropertyKey[]; message: string };
type Release = ZetaWebPlan['update']['configuration']['releases'][number];

export function mistakesOf(plan: ZetaWebPlan): Mistake[] {
  const { production, test, update, site } = plan;
  const found: Mistake[] = [];
  const add = (path: PropertyKey[], message: string): void => void found.push({ path, message });
  found.push(...infobaseMistakes(production.infobase, test.infobase));
  const [live, copy] = [production.web, test.web];
  const same = (a: { host: string; port: number; name: string }, b: typeof a): boolean =>
    a.host === b.host && a.port === b.port && a.name === b.name;
  if (same(live.database, copy.database))
    add(['test', 'web', 'database', 'name'], 'the database of the test site is production’s own');
  if (new URL(live.url).origin === new URL(copy.url).origin)
    add(['test', 'web', 'url'], 'the address of the test site is production’s own');
  if (copy.files.via === 'manual')
    add(['test', 'web', 'files', 'via'], 'expected "machine" or "ftp": the rehearsal is carried out without people');
  else if (placeOf(live.files) === placeOf(copy.files))
    add(['test', 'web', 'files', 'folder'], 'the files of the test site are production’s own');
  for (const [side, { store }] of [
    ['production', live.files],
    ['test', copy.files],
  ] as const)
    if ((plan.machines[store.machine]?.via ?? 'local') !== 'local')
      add([side, 'web', 'files', 'store', 'machine'], 'expected a machine with `via: local`: where the worker runs');
  if (plan.customizations && live.files.via === 'manual')
    add(['customizations'], 'needs a site whose files nakat reaches by itself');
  if (site.door === undefined && plan.fingerprint.tables.length === 0)
    add(
      ['fingerprint', 'tables'],
      'expected tables that visitors do not write: without "site.door" they work all the time, and after a restore all others differ',
    );
  const pages = plan.customizations?.folder;
  for (const [side, { keep }] of [
    ['production', live.files],
    ['test', copy.files],
  ] as const)
    // Else its edits would be neither saved nor merged, and nobody would hear of it.
    if (pages !== undefined && keep.some((kept) => pages === kept || pages.startsWith(`${kept}/`)))
      add(
        [side, 'web', 'files', 'keep'],
        `holds the folder of "customizations" (${pages}): nothing in it would be merged`,
      );
  if (test.exchange.length > 0 && (site.exchange.path === undefined || copy.exchange === undefined))
    add(['test', 'exchange'], 'expected also "site.exchange.path" and the account "test.web.exchange"');
  // The maintenance page would be compared with itself: the pictures before are taken behind the door too.
  if (site.door && site.letIn === 'account' && plan.pages && live.user === '')
    add(
      ['production', 'web', 'user'],
      'expected the account with which nakat comes in while `site.door` is closed, else `pages` shows nothing but the maintenance page; or `site.letIn: address`',
    );
  for (const [at, { way, kind }] of update.configuration.releases.entries())
    if (way === 'load' && kind !== 'cf')
      add(
        ['update', 'configuration', 'releases', at, 'way'],
        '"load" takes a whole configuration: expected `kind: cf` and its file, or "update"',
      );
  if (update.configuration.releases.length > 0) {
    const way = wayOf(plan);
    if (way instanceof VersionMistake) add(['update', 'configuration'], way.message);
    else if (!way.found)
      add(['update', 'configuration', 'to'], explainNoPath(update.configuration.from, update.configuration.to, way));
    else if (way.hops.length === 0) add(['update', 'configuration', 'to'], 'is what is installed: nothing to update');
  }
  found.push(...agreementMistakes(plan));
  for (const name of Object.keys(plan.machines))
    if (!/^[\w.-]+$/u.test(name)) add(['machines', name], 'expected a name of letters, digits, dots, hyphens');
  return found;
}

/** The shortest supported way of releases, or why there is none. */
export function wayOf({ update }: ZetaWebPlan): HopPath<Release> | VersionMistake {
  const { releases, from, to } = update.configuration;
  try {
    return hopPath(releases, from, to);
  } catch (error) {
    if (error instanceof VersionMistake) return error;
    throw error;
  }
}

const placeOf = (tree: ZetaWebPlan['production']['web']['files']): string =>
  tree.via === 'machine'
    ? `${tree.machine} ${tree.folder}`
    : tree.via === 'ftp'
      ? `${tree.host}:${tree.port} ${tree.user} ${tree.folder}`
      : tree.name;
