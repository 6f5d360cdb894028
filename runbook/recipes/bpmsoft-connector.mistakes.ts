/** What is wrong in a plan of this product although every entry alone is right. */
import type { BpmsoftConnectorPlan } from '../plan/bpmsoft-connector.ts';
import { agreementMistakes } from './agreement.ts';
import { infobaseMistakes } from './apart.ts';

/** Production used as its own test, a missing way in for nakat, more approvals than approvers. */
export function mistakesOf(plan: BpmsoftConnectorPlan): { path: string[]; message: string }[] {
  const found: { path: string[]; message: string }[] = [];
  const { production, test } = plan;
  const add = (path: string[], message: string): void => void found.push({ path, message });
  if (production.site.maintenance === undefined)
    found.push({
      path: ['production', 'site'],
      message: 'expected "maintenance": url and binding for the time when users are kept out',
    });
  if (
    production.database.host === test.database.host &&
    production.database.port === test.database.port &&
    production.database.name === test.database.name
  )
    add(['test', 'database', 'name'], 'the database of the test system is production’s own');
  if (production.site.name === test.site.name && production.site.machine === test.site.machine)
    add(['test', 'site', 'name'], 'the site of the test system is production’s own');
  if (
    production.site.folder.toLowerCase() === test.site.folder.toLowerCase() &&
    production.site.machine === test.site.machine
  )
    add(['test', 'site', 'folder'], 'the folder of the test system is production’s own');
  if (production.site.redisDb === test.site.redisDb)
    add(['test', 'site', 'redisDb'], 'the Redis database of the test system is production’s own');
  found.push(...infobaseMistakes(production.infobase, test.infobase));
  found.push(...agreementMistakes(plan));
  for (const name of Object.keys(plan.machines))
    if (!/^[\w.-]+$/u.test(name))
      found.push({ path: ['machines', name], message: 'expected a name of letters, digits, dots, hyphens' });
  return found;
}
