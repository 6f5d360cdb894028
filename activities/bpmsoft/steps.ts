import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import { note } from '../../runbook/messages/progress.ts';
import type { bpmsoftSteps as catalogue } from '../../runbook/steps/bpmsoft.ts';
import type { Connector, SiteTarget } from '../../runbook/targets/index.ts';
import { sameVersion } from '../../runbook/versions.ts';
import type { StepActivities, StepContext } from '../step.ts';
import { orderOf } from '../versions.ts';
import { bpmsoft, type Bpmsoft } from './client.ts';
import { installOnce } from './install.ts';
import { runOnce } from './integration.ts';
import { defaultLimits, poll, type Limits } from './wait.ts';

/** The steps with limits of one's own; tests wait less. */
export const bpmsoftStepsWithin = (limits: Limits): StepActivities<keyof typeof catalogue> => ({
  async checkSite({ site, minimum }, _uses, context) {
    const versions = await bpmsoft(site, context).versions();
    if (orderOf(versions.core, minimum, site.name) < 0)
      throw new NakatError('SITE_TOO_OLD', {
        values: { site: site.name, version: versions.core, minimum },
        where: site.name,
      });
    return versions;
  },

  async checkInstalledPackage({ site, archive }, _uses, context) {
    const installed = await bpmsoft(site, context).packageVersion(archive.name);
    const order = installed ? orderOf(installed, archive.version, site.name) : -1;
    const values = { site: site.name, package: archive.name, version: archive.version, installed: installed ?? '' };
    if (order === 0) throw new NakatError('UPDATE_INSTALLED_ALREADY', { values, where: site.name });
    if (order > 0) throw new NakatError('UPDATE_OLDER_THAN_INSTALLED', { values, where: site.name });
    return { package: archive.name, installed: installed ?? '–', update: archive.version };
  },

  async generateSources({ site }, _uses, context) {
    await bpmsoft(site, context, limits).generateSources();
    return null;
  },

  compileAll: ({ site }, _uses, context) => bpmsoft(site, context, limits).compileAll(),

  installPackage: ({ site, archive }, _uses, context) =>
    installOnce(bpmsoft(site, context, limits), site, archive, context, limits),

  async checkVersions({ site, expected }, { before }, context) {
    const versions = await bpmsoft(site, context).versions();
    const wanted = { ...before?.packages, ...expected };
    const names = new Set([...Object.keys(wanted), ...(before ? Object.keys(versions.packages) : [])]);
    const differences = [...names]
      .filter(
        (name) =>
          versions.packages[name] === undefined ||
          wanted[name] === undefined ||
          !sameVersion(versions.packages[name], wanted[name]),
      )
      .map((name) => `${name} ${versions.packages[name] ?? '–'} (${wanted[name] ?? '–'})`);
    if (before && before.core !== versions.core) differences.push(`BPMSoft ${versions.core} (${before.core})`);
    if (differences.length > 0)
      throw new NakatError('VERSIONS_DIFFER', {
        values: { site: site.name, differences: differences.slice(0, 20).join(', ') },
        where: site.name,
      });
    return versions;
  },

  async waitUntilReady({ site }, _uses, context) {
    return waitUntilReady(bpmsoft(site, context, limits), site, context, limits);
  },

  async restartApplication({ site }, _uses, context) {
    const client = bpmsoft(site, context, limits);
    await client.restart();
    // It goes on answering for a moment before it goes down: wait for that, then for its return.
    await poll(limits.settle, context.signal, () =>
      client.health().then(
        () => undefined,
        () => true,
      ),
    );
    await waitUntilReady(client, site, context, limits);
    return null;
  },

  async checkStartPage({ site }, _uses, context) {
    return { ...(await bpmsoft(site, context).startPage()) };
  },

  async setDeduplication({ site, objects }, _uses, context) {
    const client = bpmsoft(site, context);
    const before = await deduplication(client, site, objects);
    for (const [done, key] of before.unset.entries()) {
      context.progress({ done, total: before.unset.length, note: key });
      await client.update(objects.entity, { [objects.deduplicate]: true }, { [objects.key]: key });
    }
    const after = await deduplication(client, site, objects);
    demandAll(after.unset, site);
    return { objects: after.count, changed: before.unset.length };
  },

  async checkDeduplication({ site, objects }, _uses, context) {
    const { count, unset } = await deduplication(bpmsoft(site, context), site, objects);
    demandAll(unset, site);
    return { objects: count };
  },

  runIntegration: ({ site, integration, results }, _uses, context) =>
    runOnce(bpmsoft(site, context, limits), site, integration, results, context, limits),
});

export const bpmsoftSteps = bpmsoftStepsWithin(defaultLimits);

async function waitUntilReady(client: Bpmsoft, site: SiteTarget, context: StepContext, limits: Limits) {
  const start = performance.now();
  let [refusals, last]: [number, unknown] = [0, undefined];
  const health = await poll(limits.ready, context.signal, async (elapsed) => {
    context.progress({ note: note('waitingFor', { name: site.name, seconds: Math.round(elapsed) }) });
    try {
      const page = await client.health();
      // The page answers before the configuration is loaded: only a query behind the log-in proves that.
      await client.select('SysSettings', ['Id'], {}, 1);
      return page;
    } catch (error) {
      if (!isNakatError(error)) throw error;
      // While it starts one refusal means nothing; a second one would lead towards a locked account.
      if (error.code === 'SITE_LOGIN_REFUSED' && ++refusals === 2) throw error;
      last = error;
      return undefined;
    }
  });
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  if (health === undefined) {
    throw new NakatError('SITE_NOT_READY', {
      values: { site: site.name, seconds: Math.round(seconds) },
      vendor: last instanceof Error ? last.message : '',
      where: site.name,
      cause: last,
    });
  }
  return { health, seconds };
}

async function deduplication(
  client: Bpmsoft,
  site: SiteTarget,
  objects: Connector['objects'],
): Promise<{ count: number; unset: string[] }> {
  const rows = await client.select(objects.entity, [objects.key, objects.deduplicate]);
  if (rows.length === 0)
    throw new NakatError('INTEGRATION_OBJECTS_NOT_FOUND', {
      values: { site: site.name, entity: objects.entity },
      where: site.name,
    });
  return {
    count: rows.length,
    unset: rows
      .filter((row) => ![true, 1, 'true', 'True'].includes(row[objects.deduplicate] ?? false))
      .map((row) => String(row[objects.key])),
  };
}

function demandAll(unset: readonly string[], site: SiteTarget): void {
  if (unset.length > 0)
    throw new NakatError('DEDUPLICATION_NOT_SET', {
      values: { site: site.name, objects: unset.join(', ') },
      where: site.name,
    });
}
