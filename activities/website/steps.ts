import { fill, NakatError } from '../../runbook/errors/index.ts';
import type { websiteSteps as catalogue } from '../../runbook/steps/website.ts';
import type { Said } from '../../runbook/types.ts';
import { connectDatabase } from '../databases/connect.ts';
import { shortened } from '../findings.ts';
import type { StepActivities, StepContext } from '../step.ts';
import { evenIfDead } from './dead.ts';
import { proveWebHarmless } from './harmless.ts';
import { awaitMigration } from './migration.ts';
import { bounded, differencesFrom } from './schema.ts';
import { setSwitch } from './switch.ts';
import { readValue, webVersion } from './version.ts';

export const websiteSteps: StepActivities<keyof typeof catalogue> = {
  checkWebSite: async ({ site }, _uses, context) => ({ version: await webVersion(site, context) }),

  async checkWebVersion({ site, expected }, { before }, context) {
    const version = await webVersion(site, context);
    if (version === expected) return { version };
    throw new NakatError('WEB_VERSION_WRONG', {
      values: { site: site.name, found: version, expected, before: before?.version ?? '—' },
      where: site.name,
    });
  },

  async readSchema({ database: target, version }, _uses, context) {
    const database = await connectDatabase(target, context);
    return {
      version: await readValue(database, version),
      schema: await database.schemaFingerprint(),
      columns: bounded(await database.columns()),
    };
  },

  async compareSchema({ database, reference }, _uses, context) {
    return { lines: shortened(differencesFrom(reference, await (await connectDatabase(database, context)).columns())) };
  },

  awaitMigration,

  checkAsRehearsed({ where }, { rehearsed, now }) {
    const text = (line: Said): string => fill(line, line.values ?? {}, 'en');
    const [accepted, found] = [rehearsed.lines.map(text), now.lines.map(text)];
    const differences = [
      ...found.filter((line) => !accepted.includes(line)).map((line) => `+ ${line}`),
      ...accepted.filter((line) => !found.includes(line)).map((line) => `− ${line}`),
    ];
    if (differences.length === 0) return Promise.resolve(null);
    throw new NakatError('DIFFERS_FROM_REHEARSAL', {
      values: { count: differences.length, differences: differences.slice(0, 10).join('; ') },
      where,
    });
  },

  proveWebHarmless,

  async closeWebSite({ door, mayBeDead, ...at }, _uses, context) {
    const close = (within: StepContext): Promise<void> => setSwitch(at, door, false, within);
    if (mayBeDead) return evenIfDead(context, close);
    await close(context);
    return {};
  },
  async openWebSite({ door, ...at }, _uses, context) {
    await setSwitch(at, door, true, context);
    return null;
  },
};
