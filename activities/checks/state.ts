import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import canonicalize from 'canonicalize';
import { NakatError } from '../../runbook/errors/index.ts';
import type { DriftState, SettingsState } from '../../runbook/results.ts';
import type { ParamsOf } from '../../runbook/steps/index.ts';
import { bpmsoft } from '../bpmsoft/client.ts';
import { connectDatabase } from '../databases/connect.ts';
import { readSettingsOf } from '../databases/settings.ts';
import type { StepActivity, StepContext } from '../step.ts';

async function stateOf(params: ParamsOf<'readState'>, context: StepContext): Promise<DriftState> {
  const database = await connectDatabase(params.database, context);
  return {
    versions: await bpmsoft(params.site, context).versions(),
    schema: await database.schemaFingerprint(),
    package: await fileDigest(params.archive.path),
    settings: digestOf(await readSettingsOf(database, params.settings)),
  };
}

export const readState: StepActivity<'readState'> = (params, _uses, context) => stateOf(params, context);

export const checkDrift: StepActivity<'checkDrift'> = async (params, { before }, context) => {
  const now = await stateOf(params, context);
  const differences = driftBetween(before, now);
  if (differences.length === 0) return now;
  throw new NakatError('DRIFT', { where: params.site.name, values: { differences: differences.join('; ') } });
};

/** What changed, in words; digests are named, not shown: they say nothing to anybody. */
export function driftBetween(before: DriftState, now: DriftState): string[] {
  const differences: string[] = [];
  if (before.versions.core !== now.versions.core)
    differences.push(`core ${before.versions.core} → ${now.versions.core}`);
  const names = new Set([...Object.keys(before.versions.packages), ...Object.keys(now.versions.packages)]);
  for (const name of [...names].sort()) {
    const [then, today] = [before.versions.packages[name], now.versions.packages[name]];
    if (then !== today) differences.push(`package ${name} ${then ?? '—'} → ${today ?? '—'}`);
  }
  if (before.schema !== now.schema) differences.push('schema');
  if (before.package !== now.package) differences.push('archive');
  if (before.settings !== now.settings) differences.push('settings');
  return differences;
}

const digestOf = (state: SettingsState): string =>
  createHash('sha256')
    .update(canonicalize(state) ?? '')
    .digest('hex');

async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
