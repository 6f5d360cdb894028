import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import canonicalize from 'canonicalize';
import { NakatError } from '../../runbook/errors/index.ts';
import type { DriftState, SettingsState } from '../../runbook/results.ts';
import type { ParamsOf } from '../../runbook/steps/index.ts';
import { bpmsoft } from '../bpmsoft/client.ts';
import { factsOf } from '../comindware/check.ts';
import { connectDatabase } from '../databases/connect.ts';
import { readSettingsOf } from '../databases/settings.ts';
import { infobaseGeneration } from '../onec/fingerprint.ts';
import type { StepActivity, StepContext } from '../step.ts';
import { webVersion } from '../website/version.ts';

async function stateOf(params: ParamsOf<'readState'>, context: StepContext): Promise<DriftState> {
  const facts: Record<string, string> = {};
  for (const site of params.sites) {
    const { core, packages } = await bpmsoft(site, context).versions();
    facts[`${site.name}: core`] = core;
    for (const [name, version] of Object.entries(packages)) facts[`${site.name}: package ${name}`] = version;
  }
  for (const site of params.webSites) facts[`${site.name}: version`] = await webVersion(site, context);
  for (const instance of params.instances ?? []) Object.assign(facts, await factsOf(instance, context));
  for (const infobase of params.infobases)
    facts[`${infobase.name}: configuration`] = await infobaseGeneration(infobase, context);
  for (const { database: target, settings } of params.databases) {
    const database = await connectDatabase(target, context);
    facts[`${target.name}: schema`] = await database.schemaFingerprint();
    if (settings.length > 0) facts[`${target.name}: settings`] = digestOf(await readSettingsOf(database, settings));
  }
  for (const file of params.files) facts[`file ${file}`] = await fileDigest(file);
  return { facts };
}

export const readState: StepActivity<'readState'> = (params, _uses, context) => stateOf(params, context);

export const checkDrift: StepActivity<'checkDrift'> = async (params, { before }, context) => {
  const now = await stateOf(params, context);
  const differences = driftBetween(before, now);
  if (differences.length === 0) return now;
  throw new NakatError('DRIFT', {
    where: [...params.sites, ...params.webSites, ...(params.instances ?? []), ...params.infobases][0]?.name,
    values: { differences: differences.join('; ') },
  });
};

/** What changed, in words; digests are named, not shown: they say nothing to anybody. */
export function driftBetween(before: DriftState, now: DriftState): string[] {
  const names = new Set([...Object.keys(before.facts), ...Object.keys(now.facts)]);
  return [...names].sort().flatMap((name) => {
    const [then, today] = [before.facts[name], now.facts[name]];
    if (then === today) return [];
    return [isDigest(then) && isDigest(today) ? name : `${name} ${then ?? '—'} → ${today ?? '—'}`];
  });
}

const isDigest = (value: string | undefined): boolean => value === undefined || /^[0-9a-f]{32,}$/.test(value);

const digestOf = (state: SettingsState): string =>
  createHash('sha256')
    .update(canonicalize(state) ?? '')
    .digest('hex');

async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
